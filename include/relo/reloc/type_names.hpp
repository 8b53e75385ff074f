// What is told of relocation types: their names, and why one is not applied. Where errors have
// words it is a small table of its own, so that the rows of a machine, which are large, are not
// there.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/reloc/machine.hpp>

namespace relo {

/// The types of a psABI, of which a machine may leave some out.
template <class Machine>
class told_types {
 public:
  struct told {
    const char* name = "";                   ///< the psABI's; "" if it has none here
    errc reason = errc::unknown_relocation;  ///< why a machine that knows no such row refuses it
    const char* why = "";                    ///< with errc::relocation_not_supported
  };

  static constexpr told find(std::uint32_t type) noexcept {
    for (std::size_t n = 0; n != text.size(); ++n) {
      const auto byte = [&] { return std::uint32_t{static_cast<unsigned char>(text[n++])}; };
      const std::uint32_t low = byte(), high = byte(), reason = byte(), why = byte();
      if ((low | high << 8) == type) return {&text[n], static_cast<errc>(reason), whys[why]};
      while (text[n] != '\0') ++n;
    }
    return {};
  }

 private:
  static constexpr std::size_t most_whys = 16;

  /// Calls f(type, name, reason, why) for each.
  template <class F>
  static constexpr void for_each(F f) {
    for (const howto& h : Machine::howtos) f(h.type, h.name, reason_of(h), "");
    if constexpr (requires { Machine::refused; })
      for (const refused_type& r : Machine::refused)
        f(r.type, r.name, errc::relocation_not_supported, r.why);
  }
  static constexpr errc reason_of(const howto& h) noexcept {
    if (h.kind == howto_kind::tls) return errc::tls_relocation;
    if (h.kind == howto_kind::dynamic) return errc::dynamic_relocation;
    return h.value.g != 0 || h.value.got != 0 ? errc::relocation_needs_stub
                                              : errc::relocation_left_out;
  }

  /// The reasons, each once.
  static constexpr auto whys = [] {
    std::array<const char*, most_whys> out{};
    out.fill("");
    std::size_t n = 1;
    for_each([&](std::uint32_t, const char*, errc, const char* why) {
      for (std::size_t i = 0; i < n; ++i)
        if (detail::same(out[i], why)) return;
      out[n++] = why;
    });
    return out;
  }();
  static constexpr std::size_t size = [] {
    std::size_t n = 0;
    for_each([&](std::uint32_t, const char* name, errc, const char*) {
      for (n += 5; *name != '\0'; ++name) ++n;
    });
    return n;
  }();
  /// Of each type two bytes of it, its reason, the number of its why, and its name with a NUL.
  static constexpr auto text = [] {
    std::array<char, size> out{};
    std::size_t n = 0;
    for_each([&](std::uint32_t type, const char* name, errc reason, const char* why) {
      std::size_t w = 0;
      while (!detail::same(whys[w], why)) ++w;
      for (const auto byte : {type & 0xff, type >> 8, static_cast<std::uint32_t>(reason),
                              static_cast<std::uint32_t>(w)})
        out[n++] = static_cast<char>(byte);
      for (; *name != '\0'; ++name) out[n++] = *name;
      ++n;
    });
    return out;
  }();
};

/// The psABI's name of a type, "" if it has none here.
template <class Machine>
constexpr const char* type_name(std::uint32_t type) noexcept {
  return told_types<Machine>::find(type).name;
}

}  // namespace relo
