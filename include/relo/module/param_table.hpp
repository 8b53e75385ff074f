// A module's table of parameters.
#pragma once

#include <relo/base/sort.hpp>
#include <relo/module/param_records.hpp>

namespace relo {

/// How a name compares to another, 0: they are a parameter's. Kernel: dash2underscore(), parameq().
constexpr int compare_parameters(const unsigned char* given, const unsigned char* name) noexcept {
  const auto dash = [](unsigned char c) { return c == '-' ? static_cast<unsigned char>('_') : c; };
  for (std::size_t i = 0;; ++i) {
    const int order = dash(given[i]) - dash(name[i]);
    if (order != 0 || given[i] == 0) return order;
  }
}

/// A module's table of parameters, and what else is looked for while they are set.
template <class Load, class Dialect>
class param_table {
  using addr = typename Load::addr;
  using layout = kernel_param<addr>;

 public:
  explicit constexpr param_table(Load& l) noexcept
      : load(l), bytes(l.mod->bytes_of(l.mod->parameters)) {}

  constexpr std::size_t size() const noexcept { return bytes.size() / layout::size; }
  constexpr const unsigned char* record(std::size_t i) const noexcept {
    return bytes.data() + i * layout::size;
  }
  constexpr addr name_at(std::size_t i) const noexcept {
    return load.read_word(record(i) + layout::name);
  }
  /// Null: the kernel would look for it outside the module.
  constexpr const unsigned char* name(std::size_t i) const noexcept {
    return load.mod->name_at(name_at(i));
  }

  /// Has the records before the first without a name found by halves from now on, if they are many:
  /// their numbers, by name, are in scratch memory as long as that is taken. Not where a value may
  /// be stored over a record or a name.
  constexpr void sort() {
    if constexpr (sorts) {
      if (size() <= few || is_data(load.mod->parameters.address)) return;
      const auto numbers = load.take_words(size());
      std::size_t n = 0;
      for (; n < numbers.size() && name(n) != nullptr; ++n) {
        if (is_data(name_at(n))) return;
        numbers[n] = static_cast<addr>(n);
      }
      by_name = numbers.first(n);
      sort_numbers(by_name, [&](addr a, addr b) {
        const int order = compare_parameters(name_of(a), name_of(b));
        return order != 0 ? order < 0 : a < b;
      });
    }
  }
  /// The first that may have that name.
  constexpr std::size_t first(const unsigned char* given) const noexcept {
    if constexpr (sorts) {
      const auto order = [&](addr n) { return compare_parameters(given, name_of(n)); };
      const std::size_t i = count_before(by_name, [&](addr n) { return order(n) > 0; });
      return i != by_name.size() && order(by_name[i]) == 0 ? static_cast<std::size_t>(by_name[i])
                                                           : by_name.size();
    }
    return 0;
  }

  /// Whether something is there that the module refers to, and that is not its own.
  constexpr bool imported(addr at) {
    if (at == 0) return false;
    if constexpr (sorts && Dialect::has_imports) {
      if (imports_count == unknown) sort_imports();
      if (imports.size() == imports_count) {
        const std::size_t i = count_before(imports, [&](addr a) { return a < at; });
        return i != imports.size() && imports[i] == at;
      }
    }
    return any_import([&](addr a) { return a == at; });
  }

 private:
  static constexpr bool sorts = requires(Load& l) { l.take_words(std::size_t{}); };
  static constexpr std::size_t few = 64, unknown = ~std::size_t{0};

  constexpr const unsigned char* name_of(addr n) const noexcept {
    return name(static_cast<std::size_t>(n));
  }
  constexpr bool is_data(addr at) const noexcept { return !load.mod->data_at(at, 1).empty(); }

  template <class F>
  constexpr bool any_import([[maybe_unused]] F f) const {
    if constexpr (Dialect::has_imports) return Dialect::for_each_import(load, f);
    return false;
  }
  constexpr void sort_imports() {
    std::size_t n = imports_count = 0;
    any_import([&](addr) { return ++imports_count, false; });
    imports = load.take_words(imports_count);
    any_import([&](addr a) { return n == imports.size() || (imports[n++] = a, false); });
    sort_numbers(imports, [](addr a, addr b) { return a < b; });
  }

  Load& load;
  std::span<const unsigned char> bytes;
  std::span<addr> by_name{}, imports{};
  std::size_t imports_count = unknown;
};

}  // namespace relo
