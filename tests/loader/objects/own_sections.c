/* Sections of the program's own, whose names begin like those that a loader knows. */
#define IN(name) __attribute__((section(name), used))

IN(".initial_values") int initial[] = {1, 2, 3};
IN(".init_rodata_x") const int constants[] = {4, 5, 6};
IN(".initcall_table") int (*calls[1])(void);
IN(".init.text.mine") int seven(void) { return 7; }
IN(".data.rel.rodent") int rodent = 8;
IN(".data..ro_after_initial") int sealed = 9;
IN("__jump_table") int jumps = 10;
IN("__ksymtab_mine") int mine = 11;
IN("__versions") int version = 12;

/* Called after init: reads and writes all of them. */
int sum(void) {
  calls[0] = seven;
  ++initial[0], ++rodent, ++sealed, ++jumps, ++mine, ++version;
  return initial[0] + constants[1] + calls[0]() + rodent + sealed + jumps + mine + version;
}
