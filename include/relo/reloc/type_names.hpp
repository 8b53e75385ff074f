// What is told of relocation types: their names, and why one is not applied. Where errors have
// words it is a small table of its own, so that the rows of a machine, which are large, are not
// there.
#pragma once

#include <relo/base/sort.hpp>
#include <relo/diagnostics.hpp>
#include <relo/reloc/machine.hpp>

namespace relo {

/// Those that a machine knows by name only.
template <class Machine>
inline constexpr std::array<refused_type, 0> refused_types{};
template <class Machine>
  requires requires { Machine::refused; }
inline constexpr auto& refused_types<Machine> = Machine::refused;

/// The types of a psABI, of which a machine may leave some out.
template <class Machine>
class told_types {
 public:
  struct told {
    type_name name{};                        ///< the psABI's; empty if it has none here
    errc reason = errc::unknown_relocation;  ///< why a machine that knows no such row refuses it
    const char* why = "";                    ///< with errc::relocation_not_supported
  };

  static constexpr told find(std::uint32_t type) noexcept {
    std::uint32_t at = 0;
    for (std::size_t n = common + 1; n != text.size(); ++n) {
      at += static_cast<unsigned char>(text[n]);
      const auto why = static_cast<unsigned char>(text[n + 1]);
      n += 2;
      if (at == type && text[n] != '\0')
        return {{text.data(), &text[n]}, whys[why].reason, whys[why].why};
      while (text[n] != '\0') ++n;
    }
    return {};
  }

 private:
  struct row {
    std::uint32_t type = 0;
    const char* name = "";
    told refusal{};
    constexpr bool refused_as(const told& t) const noexcept {
      return refusal.reason == t.reason && detail::same(refusal.why, t.why);
    }
  };

  static constexpr errc reason_of(const howto& h) noexcept {
    if (h.kind == howto_kind::tls) return errc::tls_relocation;
    if (h.kind == howto_kind::dynamic) return errc::dynamic_relocation;
    return h.value.g != 0 || h.value.got != 0 ? errc::relocation_needs_stub
                                              : errc::relocation_left_out;
  }
  /// All, by their numbers.
  static constexpr auto rows = [] {
    std::array<row, std::size(Machine::howtos) + std::size(refused_types<Machine>)> out{};
    std::size_t n = 0;
    for (const howto& h : Machine::howtos) out[n++] = {h.type, h.name, {{}, reason_of(h), ""}};
    for (const refused_type& r : refused_types<Machine>)
      out[n++] = {r.type, r.name, {{}, errc::relocation_not_supported, r.why}};
    sort_numbers(std::span{out}, [](const row& l, const row& r) { return l.type < r.type; });
    return out;
  }();
  /// How much all names begin with, and have more.
  static constexpr std::size_t common = [] {
    for (std::size_t n = 0;; ++n)
      for (const row& r : rows)
        if (r.name[n] == '\0' || r.name[n + 1] == '\0' || r.name[n] != rows[0].name[n]) return n;
  }();
  /// The reasons, each once.
  static constexpr auto whys = [] {
    std::array<told, 16> out{};
    std::size_t n = 0;
    for (const row& r : rows) {
      std::size_t i = 0;
      while (i < n && !r.refused_as(out[i])) ++i;
      if (i == n) out[n++] = r.refusal;
    }
    return out;
  }();

  /// Calls put(char) for each character of the text: what all names begin with, and a NUL; of each
  /// type how much greater it is than the one before, the number of its reason, and the rest of its
  /// name with a NUL. Where it is greater by more than 255, nameless ones come between.
  template <class Put>
  static constexpr void write(const Put& put) {
    for (std::size_t i = 0; i < common; ++i) put(rows[0].name[i]);
    put('\0');
    std::uint32_t at = 0;
    for (const row& r : rows) {
      for (; r.type - at > 255; at += 255)
        for (const char c : {'\xff', '\0', '\0'}) put(c);
      std::size_t why = 0;
      while (!r.refused_as(whys[why])) ++why;
      put(static_cast<char>(r.type - at));
      put(static_cast<char>(why));
      for (const char* c = r.name + common; *c != '\0'; ++c) put(*c);
      put('\0');
      at = r.type;
    }
  }
  static constexpr auto text = [] {
    constexpr std::size_t size = [] {
      std::size_t n = 0;
      write([&](char) { ++n; });
      return n;
    }();
    std::array<char, size> out{};
    std::size_t n = 0;
    write([&](char c) { out[n++] = c; });
    return out;
  }();
};

}  // namespace relo
