// A section of code and one of data that are relocated, each between two that must stay as they are.
#ifdef __arm__
#define WORD R_ARM_ABS32
#else
#define WORD R_RISCV_32
#endif

  .macro edges kind, flags
  .section .\kind\()_before, "\flags", %progbits
  .balign 4
  .fill 64, 1, 0x5a
  .section .\kind\()_target, "\flags", %progbits
  .balign 4
\kind:
  .word 0, 0, 0, 0
  .reloc 0, WORD, \kind
  .reloc 8, WORD, memcpy
  .section .\kind\()_after, "\flags", %progbits
  .balign 4
  .fill 64, 1, 0x5a
  .endm

  edges code, ax
  edges data, aw
