#include <linux/module.h>

static int period = 250;

const char* blink(int on) { return on ? "on" : "off"; }
EXPORT_SYMBOL(blink);

static int start(void) {
  printk("blink: every %d ticks\n", period);
  return 0;
}
static void stop(void) {}
module_init(start);
module_exit(stop);
