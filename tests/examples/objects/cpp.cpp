// A module in C++: objects with constructors and destructors, virtual functions, a heap.
#include <new>

#include <linux/module.h>

MODULE_LICENSE("GPL");

namespace {

struct shape {
  virtual ~shape() { pr_info("a shape is gone\n"); }
  virtual int corners() const = 0;
};
struct square final : shape {
  int corners() const override { return 4; }
};

struct at_start {
  at_start() { pr_info("constructed\n"); }
  ~at_start() { pr_info("destroyed\n"); }
} object;

int start() {
  const shape* const s = new square;
  static const at_start local;
  pr_info("%d corners\n", s->corners());
  delete s;
  return 0;
}
void stop() { pr_info("stopped\n"); }

}  // namespace

module_init(start);
module_exit(stop);
