// expect: relo: a stage's undo\(\) is noexcept
#include <relo/relo.hpp>

struct careless {
  static constexpr const char* name = "careless";
  template <class Load>
  relo::errc run(Load&) const {
    return relo::errc::ok;
  }
  template <class Loader, class Module>
  void undo(Loader&, Module&) const {}
};

int main() {
  relo::static_arena<64> memory;
  relo::loader loader{relo::arch::x86_64{}, memory,
                      relo::load_module | relo::insert_after<"move_module">(careless{})};
  loader.load(relo::elf::contiguous{std::span<const unsigned char>{}});
}
