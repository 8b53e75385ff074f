// C++: objects that are constructed before init and destroyed when the plugin goes, a virtual
// function, and an inline function, which stands in a COMDAT group.
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Areas, in C++");

namespace {

struct shape {
  virtual int area() const = 0;
};

inline int made = 0;

class rectangle final : public shape {
 public:
  rectangle(const char* name, int a, int b) : name_(name), a_(a), b_(b) {
    ++made;
    printk("%s is made\n", name_);
  }
  ~rectangle() { printk("%s is gone\n", name_); }
  int area() const override { return a_ * b_; }

 private:
  const char* name_;
  int a_, b_;
};

}  // namespace

/// Not in an unnamed namespace: every object that calls it has a copy, in a group of its own.
template <class T>
[[gnu::noinline]] inline T largest(T a, T b) {
  return a > b ? a : b;
}

static rectangle square{"a square", 7, 7};
static rectangle card{"a card", 85, 54};

extern "C" {
int area_of(int which) {
  const shape* const shapes[] = {&square, &card};
  return which >= 0 && which < made ? shapes[which]->area() : -1;
}
EXPORT_SYMBOL(area_of);

int largest_area() { return largest(square.area(), card.area()); }
EXPORT_SYMBOL(largest_area);
}
