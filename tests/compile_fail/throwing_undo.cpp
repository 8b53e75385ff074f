// expect: relo: a stage's undo\(\) is noexcept
#define UNDO                                                                                       \
  template <class Loader, class Module>                                                            \
  void undo(Loader&, Module&) const {}
#include "careless.hpp"
