// Its constructor runs and its init function fails: the object is destroyed.
#include <linux/module.h>
struct loud {
  loud() { printk("made\n"); }
  ~loud() { printk("gone\n"); }
};
static loud one;
extern "C" int init_module() {
  printk("init\n");
  return -ENODEV;
}
extern "C" void cleanup_module() {}
