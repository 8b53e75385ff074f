// expect: relo: a stage has void undo
#define UNDO                                                                                       \
  template <class Loader, class Module>                                                            \
  constexpr int undo(Loader&, Module&) const noexcept {                                            \
    return 0;                                                                                      \
  }
#include "careless.hpp"
