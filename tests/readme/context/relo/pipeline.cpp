// An edit of the stages of a load.

#include <relo/relo.hpp>

struct print_sections {
  static constexpr const char* name = "print_sections";
  using undo = relo::nothing_to_undo;
  template <class Load>
  constexpr relo::errc run(Load&) const {
    return relo::errc::ok;
  }
};

#include README_BLOCK

static_assert(mine.size == relo::load_module.size);  // one went, one came
static_assert(mine.index_of("print_sections") == mine.index_of("move_module") + 1);
