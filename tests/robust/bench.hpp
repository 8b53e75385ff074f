// A loader whose every load is checked: it ends in an error or a module, nothing is written that
// was not allocated, and nothing stays.
#pragma once

#include "guarded.hpp"

#include <relo/host/process.hpp>
#include <relo/loader.hpp>
#include <relo/symbol/symbol_values.hpp>

#include <doctest/doctest.h>

#include <string>

namespace robust {

/// Where modules are, and what they may refer to, within reach of any branch.
inline constexpr std::uint32_t module_space = 0x2000'0000, host_function = 0x2345'6780,
                               host_object = 0x2345'6700;

template <class Addr>
inline constexpr relo::symbol_values host{std::array<relo::symbol_value<Addr>, 2>{
    {{"host_add", host_function}, {"host_value", host_object}}}};

/// A load's end: the error and its text, or the module's memory.
struct outcome {
  relo::errc error = relo::errc::ok;
  std::string text{};
  std::vector<unsigned char> loaded{};

  bool operator==(const outcome&) const = default;
};

template <class Machine, template <class> class Memory, class... Policies>
class bench {
  using addr = typename Machine::format::addr;

 public:
  explicit bench(std::size_t memory) : memory_{memory, module_space} {}

  template <class Source>
  outcome load(const Source& source, const relo::load_options& options) {
    const auto m = loader_.load(source, options);
    outcome out{.error = m.error()};
    if (m) {
      for (const auto& region : m->regions)
        out.loaded.insert(out.loaded.end(), region.bytes.begin(), region.bytes.end());
      // A module without an exit function is there to stay. Not here.
      if (m->exit == 0) m->init = 0;
      REQUIRE(loader_.unload(*m) == relo::errc::ok);
    } else {
      out.text = loader_.diagnostics().describe().c_str();
      REQUIRE(out.text.find(": ?") == std::string::npos);  // the loader has words for all it meets
    }
    REQUIRE(loader_.registry().first() == nullptr);
    REQUIRE(memory_.in_use() == 0);
    REQUIRE(memory_.others_untouched());
    return out;
  }

  /// From memory and from a reader, which must make no difference.
  outcome load_both(std::span<const unsigned char> object,
                    const relo::load_options& options = {.name = "broken"}) {
    const outcome contiguous = load(relo::elf::contiguous{object}, options);
    checked_reader reader{object};
    const outcome streamed = load(relo::elf::streamed{reader}, options);
    REQUIRE(reader.in_bounds);
    REQUIRE(streamed == contiguous);
    return contiguous;
  }

 private:
  /// What Policies do not say otherwise.
  struct defaults {
    using role = relo::role::policies;
    relo::symbols<std::remove_const_t<decltype(host<addr>)>> symbols{host<addr>};
    relo::host::heap_scratch<addr> scratch{};
    // One slot: if a load left it taken, the next would fail where it should not.
    relo::modules<1> one_module{};
    relo::dont_run execution{};

    auto& part(std::type_identity<relo::role::symbols>) { return symbols; }
    auto& part(std::type_identity<relo::role::scratch>) { return scratch; }
    auto& part(std::type_identity<relo::role::modules>) { return one_module; }
    auto& part(std::type_identity<relo::role::execution>) { return execution; }
  };

  Memory<addr> memory_;
  defaults defaults_;
  relo::loader<Machine, Memory<addr>&, Policies..., defaults&> loader_{
      {}, memory_, Policies{}..., defaults_};
};

}  // namespace robust
