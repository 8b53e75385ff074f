/* Does what memory protection is there for. */
#include <linux/module.h>

static int constant_code[] = {0x47702007}; /* Thumb: movs r0, #7; bx lr */

int writes_code(void) {
  volatile unsigned char* const code = (unsigned char*)((unsigned long)writes_code & ~1ul);
  code[0] = code[0];
  return 7;
}
EXPORT_SYMBOL(writes_code);

int runs_data(void) {
  int (*const function)(void) = (int (*)(void))((unsigned long)constant_code | 1);
  return function();
}
EXPORT_SYMBOL(runs_data);
