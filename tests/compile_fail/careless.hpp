// A loader with a stage that is careless of what it takes back: its undo() is UNDO.
#include <relo/relo.hpp>

struct careless {
  static constexpr const char* name = "careless";
  template <class Load>
  relo::errc run(Load&) const {
    return relo::errc::ok;
  }
  UNDO
};

int main() {
  relo::static_arena<64> memory;
  relo::loader loader{relo::arch::x86_64{}, memory,
                      relo::load_module | relo::insert_after<"move_module">(careless{})};
  loader.load(relo::elf::contiguous{std::span<const unsigned char>{}});
}
