// What is loaded: something of each permission.
int sum = 1;
const int steps[4] = {2, 3, 5, 7};
int sealed __attribute__((section(".data..ro_after_init"))) = 4;

int init_module(void) {
  sealed = 9;
  return 0;
}
void cleanup_module(void) {}

int step(int i) {
  sum += steps[i];
  return sum;
}

// So that the text is more than one line of a cache.
__asm__(".text\n.space 64");
