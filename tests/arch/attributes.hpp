// Objects that have nothing but build attributes, and what loaders make of them.
#pragma once

#include <relo/memory/arena.hpp>
#include <relo/module/linear_ksymtab_exports.hpp>
#include <relo/relo.hpp>
#include <relo/small_machine.hpp>

#include "../robust/object.hpp"

#include <string>
#include <vector>

namespace attributes_test {

using bytes = std::vector<unsigned char>;

inline bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline bytes text(const char* s) {
  const std::string all = s;
  return bytes{all.begin(), all.end()} + bytes{0};
}
/// A length, that of itself and what is before it included, and what it is of.
inline bytes measured(const bytes& before, const bytes& of) {
  const std::size_t n = before.size() + 4 + of.size();
  bytes word;
  for (unsigned shift = 0; shift < 32; shift += 8)
    word.push_back(static_cast<unsigned char>(n >> shift));
  return before + word + of;
}
inline bytes file_scope(const bytes& attributes) { return measured({1}, attributes); }
inline bytes section_of(const char* vendor, const bytes& lists) {
  return bytes{'A'} + measured({}, text(vendor) + lists);
}

/// Ends a load that has come so far.
struct taken {
  static constexpr const char* name = "taken";
  using undo = relo::nothing_to_undo;
  template <class Load>
  constexpr relo::errc run(Load&) const {
    return relo::errc::not_live;
  }
};

/// What a loader says of an object, "" if it takes it: the stages up to the check of the general
/// loader and of the one for small machines, which say the same; of an object in memory, and of one
/// that is read in pieces.
template <class Machine>
class verdict_of {
 public:
  using addr = typename Machine::format::addr;
  template <class Bytes>
  std::string operator()(const Bytes& object) {
    using namespace relo;
    loader general{
        Machine{}, memory_, dont_run{}, scratch_,
        make_pipeline(stages::elf_validity_check{}, stages::module_elf_check_arch{}, taken{})};
    const std::string said = told(general, object);
    if constexpr (sizeof(addr) == 4) {
      loader small{Machine{},
                   memory_,
                   dont_run{},
                   scratch_,
                   one_region{},
                   small_machine<1, 8>{},
                   linear_ksymtab_exports{},
                   make_pipeline(stages::elf_validity_check{}, stages::check_section_names{},
                                 stages::setup_load_info{}, stages::rewrite_section_headers{},
                                 stages::layout_sections{}, stages::module_elf_check_arch{},
                                 taken{})};
      const std::string from_small = told(small, object);
      if (from_small != said) return "small: " + from_small + "; general: " + said;
    }
    return said;
  }

 private:
  struct pieces {
    std::span<const unsigned char> all;
    bool read(std::size_t offset, std::span<unsigned char> to) const {
      if (offset > all.size() || to.size() > all.size() - offset) return false;
      std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
      return true;
    }
    std::size_t size() const { return all.size(); }
  };

  template <class Loader, class Bytes>
  static std::string told(Loader& loader, const Bytes& object) {
    const auto tell = [&](const auto& source) -> std::string {
      const relo::errc e = loader.load(source, {.name = "one"}).error();
      return e == relo::errc::not_live ? "" : loader.diagnostics().describe().c_str();
    };
    const std::span all{reinterpret_cast<const unsigned char*>(object.data()), object.size()};
    pieces from{all};
    const std::string said = tell(relo::elf::contiguous{all}),
                      streamed = tell(relo::elf::streamed<pieces>{from});
    return said == streamed ? said : "streamed: " + streamed + "; contiguous: " + said;
  }

  static inline std::array<unsigned char, 4096> bytes_;
  relo::buffer<addr> memory_{bytes_, 0x20000000};
  relo::scratch<addr, 4096> scratch_{};
};

/// An object with that section of attributes.
template <class Machine>
bytes object_with(const char* name, const bytes& contents, std::uint32_t flags) {
  robust::object<typename Machine::format> o{Machine::machine};
  o.add_section({.name = ".text",
                 .flags = relo::elf::shf::alloc | relo::elf::shf::execinstr,
                 .contents = bytes(4),
                 .align = 4});
  o.add_section(
      {.name = name, .type = relo::elf::sht::attributes, .flags = 0, .contents = contents});
  bytes out = o.finish();
  for (std::size_t i = 0; i < 4; ++i)
    out[(Machine::format::is_64 ? 48 : 36) + i] = static_cast<unsigned char>(flags >> (8 * i));
  return out;
}

}  // namespace attributes_test
