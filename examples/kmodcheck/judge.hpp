// Verdicts on modules, with the modules loaded that they need.
#pragma once

#include "tree.hpp"

#include <relo/linux/errno.hpp>

#include <algorithm>

namespace kmodcheck {

/// Judges modules of a tree in one kernel.
class judge {
 public:
  /// `flags` are those that modules are loaded with because others need them.
  judge(const module_tree& tree, simulated_kernel& kernel, unsigned flags)
      : tree_(&tree), kernel_(&kernel), flags_(flags), states_(tree.size()) {}

  /// What a kernel that was just booted says of module i once it has those loaded that i needs.
  verdict alone(std::size_t i, const request& how) {
    verdict v;
    if (is_usual(how)) {
      state& s = states_[i];
      if (s.is == state::unknown) load_alone(i);
      v = std::move(s.answer);
    } else {
      std::vector<std::size_t> before;
      for (const std::size_t need : (*tree_)[i].needs) prepare(need, before);
      module_id id = nullptr;
      v = load_after(before, how, id);
      if (id != nullptr) kernel_->remove(id);
    }
    if (v.error == unknown_symbol) explain(missing(i), v);
    return v;
  }

  /// What the kernel as it is says of a file; modules of the tree that it needs are loaded first
  /// and, as the file is, kept.
  verdict next(const std::vector<std::size_t>& needs, const request& how, module_id& id) {
    for (const std::size_t i : needs) keep(i);
    verdict v = kernel_->load(how, id);
    if (v.error == unknown_symbol) explain(refused(needs), v);
    return v;
  }

 private:
  struct state {
    enum { unknown, under_way, loaded, refused } is = unknown;
    module_id id = nullptr;
    memory_of_taints taints{};  ///< of a kernel that has it and what it needs
    int error = 0;
    verdict answer{};
  };

  /// Asked so, it is loaded as when others need it.
  bool is_usual(const request& how) const noexcept {
    return how.args[0] == '\0' && how.flags == flags_ && how.place == nullptr &&
           how.details == wanted::verdict;
  }
  request request_of(std::size_t i) const {
    return {.image = (*tree_)[i].file->bytes(), .flags = flags_};
  }

  /// Loads a module when no others are to be found than those of the list.
  verdict load_after(const std::vector<std::size_t>& before, const request& how, module_id& id) {
    memory_of_taints taints;
    for (const std::size_t b : before) {
      kernel_->show(states_[b].id);
      taints |= states_[b].taints;
    }
    kernel_->set_taints(taints);
    verdict v = kernel_->load(how, id);
    for (const std::size_t b : before) kernel_->hide(states_[b].id);
    return v;
  }

  /// A module that others need stays in memory, hidden.
  void load_alone(std::size_t i) {
    state& s = states_[i];
    s.is = state::under_way;
    std::vector<std::size_t> before;
    for (const std::size_t need : (*tree_)[i].needs) prepare(need, before);
    s.answer = load_after(before, request_of(i), s.id);
    s.taints = kernel_->taints();
    s.error = s.answer.error;
    s.is = s.error == 0 ? state::loaded : state::refused;
    if (s.is == state::refused) return;
    if (tree_->is_needed(i)) kernel_->hide(s.id);
    else kernel_->remove(s.id);
  }

  /// Loads a module, unless that was done, and what it needs; lists them all, each once.
  void prepare(std::size_t i, std::vector<std::size_t>& list) {
    state& s = states_[i];
    if (s.is == state::unknown) load_alone(i);
    if (s.is != state::loaded || std::ranges::find(list, i) != list.end()) return;
    for (const std::size_t need : (*tree_)[i].needs) prepare(need, list);
    list.push_back(i);
  }

  void keep(std::size_t i) {
    state& s = states_[i];
    if (s.is != state::unknown) return;
    s.is = state::under_way;
    for (const std::size_t need : (*tree_)[i].needs) keep(need);
    s.error = kernel_->load(request_of(i), s.id).error;
    s.is = s.error == 0 ? state::loaded : state::refused;
  }

  static constexpr int unknown_symbol = relo::kmod::err::noent;
  using reasons = std::vector<std::string>;

  /// Other modules may be why one does not load.
  static void explain(const reasons& all, verdict& v) {
    if (all.empty()) return;
    v.needs = true;
    v.reason.clear();
    for (const auto& r : all) v.reason += (v.reason.empty() ? "" : "; ") + r;
  }
  reasons refused(const std::vector<std::size_t>& needs) const {
    reasons out;
    for (const std::size_t need : needs)
      if (states_[need].is == state::refused)
        out.push_back("needs " + (*tree_)[need].name + ", which does not load (" +
                      relo::kmod::errno_name(states_[need].error) + ")");
    return out;
  }
  reasons missing(std::size_t i) const {
    reasons out;
    for (const auto& name : (*tree_)[i].missing)
      out.push_back("needs " + name + ", which is missing");
    const std::string cycle = tree_->cycle_through(i);
    if (!cycle.empty()) out.push_back("needs itself: " + cycle);
    else
      for (auto& r : refused((*tree_)[i].needs)) out.push_back(std::move(r));
    return out;
  }

  const module_tree* tree_;
  simulated_kernel* kernel_;
  unsigned flags_;
  std::vector<state> states_;
};

}  // namespace kmodcheck
