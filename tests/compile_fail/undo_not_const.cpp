// expect: relo: a stage has void undo
#define UNDO                                                                                       \
  template <class Loader, class Module>                                                            \
  constexpr void undo(Loader&, Module&) noexcept {}
#include "careless.hpp"
