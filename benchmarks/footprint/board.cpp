// The names that are offered, and a program that uses all of a loader and does nothing.
#include "board.hpp"

constinit const decltype(make_offered()) offered = make_offered();

#ifndef REFERENCE
bool file::read(std::size_t, std::span<unsigned char>) const { return false; }
std::size_t file::size() const { return 0; }
file object;
void sync_code(unsigned char*, std::size_t) {}
void say(const char*) {}

int main() {
#ifdef STREAMED
  (void)load(object);
#endif
#ifdef CONTIGUOUS
  (void)load(nullptr, 0);
#endif
  (void)find("");
  (void)unload();
}
#endif
