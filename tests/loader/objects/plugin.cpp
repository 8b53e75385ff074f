// What C++ plugins do: containers with destructors, exceptions of their own, and out of them.
#include <map>
#include <stdexcept>
#include <string>

extern "C" void event(const char*);

static std::map<std::string, int> known{{"one", 1}, {"two", 2}};
static struct last_word {
  ~last_word() { event("destroyed"); }
} last_word;

extern "C" int look_up(const char* name) {
  try {
    return known.at(name);
  } catch (const std::out_of_range&) {
    return -1;
  }
}
extern "C" void fail(const char* why) { throw std::runtime_error(why); }
