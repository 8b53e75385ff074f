// How many modules were loaded, and what those that were not have cost. Kernel:
// kernel/module/stats.c, since 6.5 (CONFIG_MODULE_STATS).
#pragma once

#include <relo/base/fixed_string.hpp>
#include <relo/diagnostics.hpp>

#include <array>

namespace relo::kmod {

/// When a module was found to be there already: before memory was taken for it, or after. Bits.
enum class duplicate : unsigned char { becoming = 1, load = 2 };

/// The kernel's counters, under its names. Duplicates is how many modules are told apart among
/// those that were there already; each takes about 72 bytes.
template <std::size_t Duplicates = 16>
struct module_statistics {
  std::uint64_t total_mod_size = 0;   ///< bytes of memory of all modules ever loaded
  std::uint64_t total_text_size = 0;  ///< of that, code
  std::uint64_t invalid_kread_bytes = 0, invalid_decompress_bytes = 0;
  std::uint64_t invalid_becoming_bytes = 0;  ///< of files refused before memory was taken
  std::uint64_t invalid_mod_bytes = 0;       ///< and after
  std::uint32_t modcount = 0;                ///< modules ever loaded
  std::uint32_t failed_kreads = 0, failed_decompress = 0, failed_becoming = 0,
                failed_load_modules = 0;

  struct failed_module {
    text<60> name{};
    std::uint64_t count = 0;
    unsigned reasons = 0;  ///< a set of `duplicate`
  };
  std::array<failed_module, Duplicates> dup_failed_modules{};
  std::size_t duplicates = 0;  ///< of them used, the first one first

  /// False if there is no room to note it. Kernel: try_add_failed_module().
  constexpr bool add_duplicate(const char* name, duplicate why) noexcept {
    std::size_t i = 0;
    while (i < duplicates && !relo::detail::same(dup_failed_modules[i].name.c_str(), name)) ++i;
    if (i == Duplicates) return false;
    failed_module& m = dup_failed_modules[i];
    if (i == duplicates) {
      m.name << name;
      ++duplicates;
    }
    ++m.count;
    m.reasons |= static_cast<unsigned>(why);
    return true;
  }

  /// Calls line(const char*) for each line of the kernel's file modules/stats in debugfs.
  template <class F>
  constexpr void print(F&& line) const {
    const auto say = [&](const char* what, std::uint64_t n) {
      text<96> out;
      right(out, what, 25);
      line((out << '\t' << n).c_str());
    };
    const auto average = [&](const char* what, std::uint64_t bytes, std::uint64_t n) {
      if (n != 0 && bytes != 0) say(what, bytes / n + (bytes % n != 0 ? 1 : 0));
    };
    say("Mods ever loaded", modcount);
    say("Mods failed on kread", failed_kreads);
    say("Mods failed on decompress", failed_decompress);
    say("Mods failed on becoming", failed_becoming);
    say("Mods failed on load", failed_load_modules);
    say("Total module size", total_mod_size);
    say("Total mod text size", total_text_size);
    say("Failed kread bytes", invalid_kread_bytes);
    say("Failed decompress bytes", invalid_decompress_bytes);
    say("Failed becoming bytes", invalid_becoming_bytes);
    say("Failed kmod bytes", invalid_mod_bytes);
    say("Virtual mem wasted bytes", invalid_kread_bytes + invalid_decompress_bytes +
                                        invalid_becoming_bytes + invalid_mod_bytes);
    average("Average mod size", total_mod_size, modcount);
    average("Average mod text size", total_text_size, modcount);
    average("Avg fail kread bytes", invalid_kread_bytes, failed_kreads);
    average("Avg fail becoming bytes", invalid_becoming_bytes, failed_becoming);
    average("Avg fail decomp bytes", invalid_decompress_bytes, failed_decompress);
    average("Average fail load bytes", invalid_mod_bytes, failed_load_modules);
    if (duplicates == 0) return;

    line("Duplicate failed modules:");
    row(line, "Module-name", "How-many-times", "Reason");
    for (std::size_t i = duplicates; i-- > 0;) {  // the last one comes first
      text<24> times;
      times << dup_failed_modules[i].count;
      row(line, dup_failed_modules[i].name.c_str(), times.c_str(),
          reason(dup_failed_modules[i].reasons));
    }
  }

 private:
  static constexpr const char* reason(unsigned reasons) noexcept {
    switch (reasons) {
      case 1: return "Becoming";
      case 2: return "Load";
      default: return "Becoming & Load";
    }
  }

  /// At the right of a column.
  template <std::size_t N>
  static constexpr void right(text<N>& out, const char* s, std::size_t width) noexcept {
    for (std::size_t n = elf::name{s}.size(); n < width; ++n) out << ' ';
    out << s;
  }

  template <class F>
  static constexpr void row(F& line, const char* name, const char* times, const char* why) {
    text<160> out;
    right(out, name, 25);
    right(out << '\t', times, 15);
    right(out << '\t', why, 25);
    line(out.c_str());
  }
};

}  // namespace relo::kmod
