// The modules that are there when another is loaded: what it can see of them, and no more.
#pragma once

#include <relo/symbol/symbol.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kmodcheck {

/// What a module that was loaded exports.
struct loaded_symbol {
  std::string name, name_space;
  std::uint64_t address = 0;
  relo::export_kind kind{};
  bool has_crc = false, unused = false;
  std::uint32_t crc = 0;
};

/// All that others can tell of a module that was loaded.
struct loaded_module {
  std::string name;
  std::vector<loaded_symbol> exports;
  bool proprietary = false;
};

/// Modules that were loaded, of which some are there. A look-up takes as long as there are modules
/// that export the name: one, usually.
class loaded_modules {
 public:
  /// Adds one, which is not there yet. Its number.
  std::size_t add(loaded_module&& m);
  const loaded_module& operator[](std::size_t i) const noexcept { return *all_[i]; }
  std::size_t size() const noexcept { return all_.size(); }

  /// Nobody is there.
  void hide_all() noexcept { ++round_; }
  void hide(std::size_t i) noexcept { seen_[i].round = 0; }
  /// It is there, after those that are, unless it is already.
  void show(std::size_t i) noexcept {
    if (!is_there(i)) seen_[i] = {round_, ++last_};
  }
  bool is_there(std::size_t i) const noexcept { return seen_[i].round == round_; }

  /// Of those there, the first that exports the name for such a module; null: none.
  const loaded_symbol* find(std::string_view name, bool gpl_ok, std::size_t& by) const;
  /// One of that name that is there; size(): none.
  std::size_t find_module(std::string_view name) const;

 private:
  struct place_in_order {
    std::uint64_t round = 0, at = 0;
  };
  struct exporter {
    std::size_t module, symbol;
  };

  std::vector<std::unique_ptr<loaded_module>> all_;
  std::vector<place_in_order> seen_;
  std::unordered_map<std::string_view, std::vector<exporter>> exporters_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> names_;
  std::uint64_t round_ = 1, last_ = 0;
};

}  // namespace kmodcheck
