/* Compiled with -ffunction-sections -fdata-sections: each function and variable has a section. */
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Many sections");

static int total;
static int history[8];
static unsigned next = 3;
static const int primes[] = {2, 3, 5, 7, 11, 13, 17, 19};

static void remember(int value) { history[next++ % ARRAY_SIZE(history)] = value; }

int add(int value) {
  total += value;
  remember(value);
  return total;
}
EXPORT_SYMBOL(add);

int last(int back) { return history[(next - 1 - (unsigned)back) % ARRAY_SIZE(history)]; }
EXPORT_SYMBOL(last);

int prime(int i) { return i >= 0 && i < (int)ARRAY_SIZE(primes) ? primes[i] : -1; }
EXPORT_SYMBOL(prime);

static void __exit sections_exit(void) { printk("the total was %d\n", total); }
module_exit(sections_exit);
