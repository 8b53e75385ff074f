// expect: relo: a stage has void undo
#define UNDO                                                                                       \
  template <class Module>                                                                          \
  constexpr void undo(Module&) const noexcept {}
#include "careless.hpp"
