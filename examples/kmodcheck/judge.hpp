// Verdicts on modules, with the modules loaded that they need.
#pragma once

#include "read_ahead.hpp"
#include "tree.hpp"

#include <relo/linux/errno.hpp>

#include <algorithm>

namespace kmodcheck {

/// The verdict on a file that is not there, or damaged.
inline verdict unreadable(const contents& file) {
  verdict v;
  v.error = file.error();
  v.reason = file.message();
  return v;
}

/// Judges modules of a tree in one kernel. Each is read and loaded when it is its turn, and after
/// those that it needs; of one that was loaded that stays which others can tell of it.
class judge {
 public:
  /// `usual` is what modules are loaded with because others need them: request_of(i) without an
  /// image.
  judge(const module_tree& tree, simulated_kernel& kernel, std::size_t max_size,
        std::function<request(std::size_t)> usual)
      : tree_(&tree),
        kernel_(&kernel),
        max_size_(max_size),
        usual_(std::move(usual)),
        states_(tree.size()) {}

  /// Calls tell(i, verdict) for the first `count` modules, in their order, with what a kernel that
  /// was just booted says of each, asked as how(i) says, once it has those loaded that it needs;
  /// until tell() says false. `is_usual`: they are asked as if others needed them.
  template <class How, class Tell>
  void each_alone(std::size_t count, bool is_usual, How&& how, Tell&& tell) {
    const std::vector<step> steps = plan(count, is_usual);
    std::vector<const char*> paths;
    for (const step& s : steps)
      if (s.load || s.ask) paths.push_back((*tree_)[s.module].path.c_str());
    read_ahead files{std::move(paths), max_size_};
    for (const step& s : steps) {
      verdict v;
      if (s.load || s.ask) {
        const contents file = files.next();
        if (s.ask) v = ask(s.module, file, how(s.module));
        if (s.load) load(s.module, file);
      }
      if (!s.tell) continue;
      if (is_usual) v = std::move(states_[s.module].answer);
      if (v.error == unknown_symbol && !v.log.empty()) explain(missing(s.module), v);
      if (!tell(s.module, v)) return;
    }
  }

  /// What the kernel as it is says of a file; modules of the tree that it needs are loaded first
  /// and, as the file is, kept: `number` says under which of there() if it was loaded.
  verdict next(const std::vector<std::size_t>& needs, request how, std::size_t& number) {
    for (const std::size_t i : in_order(needs)) keep(i);
    loaded_module stays;
    how.there = &loaded_;
    verdict v = kernel_->load(how, &stays);
    if (v.error == 0) {
      number = loaded_.add(std::move(stays));
      loaded_.show(number);
    }
    if (v.error == unknown_symbol) explain(refused(needs), v);
    return v;
  }
  loaded_modules& there() noexcept { return loaded_; }

 private:
  struct state {
    enum { unknown, under_way, loaded, refused } is = unknown;
    std::size_t number = 0;     ///< among loaded_, if it is loaded and needed
    memory_of_taints taints{};  ///< of a kernel that has it and what it needs
    int error = 0;
    verdict answer{};
  };
  struct step {
    std::size_t module;
    bool load = false;  ///< as others need it
    bool ask = false, tell = false;
  };

  /// Modules that these need and that are not listed yet, and these, each after those that it
  /// needs. Without recursion, as there may be thousands that need one another in a row.
  std::vector<std::size_t> in_order(std::span<const std::size_t> wanted) {
    struct place {
      std::size_t module, need;
    };
    std::vector<std::size_t> out;
    std::vector<place> way;
    const auto visit = [&](std::size_t i) {
      if (states_[i].is != state::unknown) return;
      states_[i].is = state::under_way;
      way.push_back({i, 0});
    };
    for (const std::size_t i : wanted) {
      visit(i);
      while (!way.empty()) {
        const auto& needs = (*tree_)[way.back().module].needs;
        if (way.back().need < needs.size()) {
          visit(needs[way.back().need++]);
        } else {
          out.push_back(way.back().module);
          way.pop_back();
        }
      }
    }
    return out;
  }

  /// Whom to load and whom to ask, so that all are told of in their order.
  std::vector<step> plan(std::size_t count, bool is_usual) {
    std::vector<step> out;
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const std::size_t> wanted =
          is_usual ? std::span{&i, 1} : std::span{(*tree_)[i].needs};
      for (const std::size_t m : in_order(wanted)) out.push_back({m, true});
      if (!is_usual) out.push_back({i, false, true, true});
      else if (!out.empty() && out.back().module == i) out.back().tell = true;
      else out.push_back({i, false, false, true});
    }
    return out;
  }

  verdict ask(std::size_t i, const contents& file, request how) {
    if (file.error() != 0) return unreadable(file);
    show_needs_of(i);
    how.image = file.bytes();
    how.there = &loaded_;
    return kernel_->load(how, nullptr);
  }

  /// In a kernel that was just booted and has what it needs.
  void load(std::size_t i, const contents& file) {
    show_needs_of(i);
    load(i, file, tree_->is_needed(i));
  }
  /// In the kernel as it is.
  void keep(std::size_t i) {
    load(i, contents{(*tree_)[i].path.c_str(), max_size_}, true);
    if (states_[i].is == state::loaded) loaded_.show(states_[i].number);
  }
  void load(std::size_t i, const contents& file, bool stays) {
    state& s = states_[i];
    loaded_module known;
    request how = usual_(i);
    how.image = file.bytes();
    how.there = &loaded_;
    s.answer = file.error() != 0 ? unreadable(file) : kernel_->load(how, stays ? &known : nullptr);
    s.taints = kernel_->taints();
    s.error = s.answer.error;
    s.is = s.error == 0 ? state::loaded : state::refused;
    if (s.error == 0 && stays) s.number = loaded_.add(std::move(known));
  }

  /// No others are there than those that module i needs; and those that they need, if that may
  /// matter to it.
  void show_needs_of(std::size_t i) {
    memory_of_taints taints;
    loaded_.hide_all();
    const auto& needs = (*tree_)[i].needs;
    for (const std::size_t n : needs)
      if (states_[n].is == state::loaded) taints |= states_[n].taints;
    kernel_->set_taints(taints);
    if (!tree_->is_ambiguous(i)) {
      for (const std::size_t n : needs)
        if (states_[n].is == state::loaded) loaded_.show(states_[n].number);
      return;
    }
    struct place {
      std::size_t module, need;
    };
    std::vector<place> way{{i, 0}};
    seen_.resize(tree_->size());
    seen_[i] = ++looking_;
    while (!way.empty()) {
      const auto& its = (*tree_)[way.back().module].needs;
      if (way.back().need < its.size()) {
        const std::size_t n = its[way.back().need++];
        if (states_[n].is == state::loaded && std::exchange(seen_[n], looking_) != looking_)
          way.push_back({n, 0});
      } else {
        if (way.back().module != i) loaded_.show(states_[way.back().module].number);
        way.pop_back();
      }
    }
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
                      error_name(states_[need].error) + ")");
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
  std::size_t max_size_;
  std::function<request(std::size_t)> usual_;
  std::vector<state> states_;
  loaded_modules loaded_;
  std::vector<std::size_t> seen_;
  std::size_t looking_ = 0;
};

}  // namespace kmodcheck
