#include <linux/module.h>

unsigned ticks(void);

static int rate = 1;
module_param(rate, int, 0);

unsigned measure(void) { return ticks(); }
EXPORT_SYMBOL(measure);

static int start(void) {
  printk("sensor: %d a second\n", rate);
  return 0;
}
static void stop(void) {}
module_init(start);
module_exit(stop);
