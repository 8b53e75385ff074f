#include "loaded_modules.hpp"

namespace kmodcheck {

std::size_t loaded_modules::add(loaded_module&& m) {
  const std::size_t i = all_.size();
  all_.push_back(std::make_unique<loaded_module>(std::move(m)));
  seen_.emplace_back();
  const loaded_module& kept = *all_.back();
  names_[kept.name].push_back(i);
  for (std::size_t s = 0; s < kept.exports.size(); ++s)
    exporters_[kept.exports[s].name].push_back({i, s});
  return i;
}

const loaded_symbol* loaded_modules::find(std::string_view name, bool gpl_ok,
                                          std::size_t& by) const {
  const auto exporters = exporters_.find(name);
  if (exporters == exporters_.end()) return nullptr;
  const loaded_symbol* found = nullptr;
  for (const exporter& e : exporters->second) {
    if (!is_there(e.module) || (found != nullptr && seen_[by].at <= seen_[e.module].at)) continue;
    const loaded_symbol& s = all_[e.module]->exports[e.symbol];
    if (!relo::visible(s.kind, gpl_ok)) continue;
    found = &s;
    by = e.module;
  }
  return found;
}

std::size_t loaded_modules::find_module(std::string_view name) const {
  if (const auto named = names_.find(name); named != names_.end())
    for (const std::size_t i : named->second)
      if (is_there(i)) return i;
  return size();
}

}  // namespace kmodcheck
