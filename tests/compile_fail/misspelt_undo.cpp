// expect: undo_of<careless
#define UNDO                                                                                       \
  template <class Loader, class Module>                                                            \
  constexpr void und0(Loader&, Module&) const noexcept {}
#include "careless.hpp"
