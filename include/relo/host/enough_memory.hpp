// The heap's one answer for host/, with exceptions and without.
#pragma once

#include <exception>

namespace relo::host {

/// Calls f, which takes memory from the heap, and says whether there was enough; f throws nothing
/// but what the standard library does for want of memory. Compiled without exceptions, there is
/// nobody to tell: operator new then ends the program, and what returns had enough.
template <class F>
bool enough_memory(F&& f) {
#ifdef __cpp_exceptions
  try {
    f();
  } catch (const std::exception&) {  // std::bad_alloc, std::length_error
    return false;
  }
#else
  f();
#endif
  return true;
}

}  // namespace relo::host
