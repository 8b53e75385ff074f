// Notifier chains: who is told that modules come and go. Kernel: kernel/notifier.c,
// register_module_notifier().
#pragma once

#include <relo/module.hpp>

namespace relo::kmod {

/// What a notifier answers: that it goes on, that nobody else shall be told, or what is wrong.
/// Kernel: include/linux/notifier.h.
namespace notify {
inline constexpr int done = 0, ok = 1, stop_mask = 0x8000, bad = stop_mask | 2,
                     stop = stop_mask | ok;
}
/// The answer for an error, a number of kmod::err.
constexpr int notifier_from_errno(int error) noexcept {
  return error == 0 ? notify::ok : notify::stop_mask | (notify::ok + error);
}
/// The error in an answer, 0 for none. notify::bad is err::perm.
constexpr int notifier_to_errno(int answer) noexcept {
  answer &= ~notify::stop_mask;
  return answer > notify::ok ? answer - notify::ok : 0;
}

/// The module that a notifier is told of. `module` is the loader's module_type.
struct notified_module {
  const char* name;
  void* module;
};

/// A link of a chain. Belongs to whoever registers it, and stays where it is until it is
/// unregistered; what else the callback needs is in a type derived from this one.
struct notifier_block {
  /// Told of a module that is coming, live or going. It may unregister itself, and load and unload
  /// other modules; the one that it is told of is not live yet, in use, or going, and refused. One
  /// that throws ends the load as if it had stopped it, but for a module that is going, which
  /// nothing stops.
  int (*notifier_call)(notifier_block& self, module_state action, const notified_module& who);
  int priority = 0;  ///< the highest is told first, among equals who came first
  notifier_block* next = nullptr;
};

/// Not to be changed by one thread while a loader that has it loads or unloads in another.
class notifier_chain {
 public:
  /// False, and nothing changes, if it is in the chain already.
  constexpr bool add(notifier_block& n) noexcept {
    notifier_block** at = &first_;
    for (; *at != nullptr && n.priority <= (*at)->priority; at = &(*at)->next)
      if (*at == &n) return false;
    n.next = *at;
    *at = &n;
    return true;
  }
  /// False if it is not in the chain.
  constexpr bool remove(notifier_block& n) noexcept {
    for (notifier_block** at = &first_; *at != nullptr; at = &(*at)->next)
      if (*at == &n) {
        *at = n.next;
        return true;
      }
    return false;
  }

  /// Tells all, or until one stops it; the last answer. Kernel: blocking_notifier_call_chain().
  constexpr int call(module_state action, const notified_module& who) const {
    std::size_t called = 0;
    return call(action, who, static_cast<std::size_t>(-1), called);
  }
  /// The same; if one stops it or throws, those told before are told `otherwise`, the first one
  /// first. Kernel: blocking_notifier_call_chain_robust().
  constexpr int call_robust(module_state action, module_state otherwise,
                            const notified_module& who) const {
    taken_back told{*this, otherwise, who};
    const int answer = call(action, who, static_cast<std::size_t>(-1), told.called);
    if ((answer & notify::stop_mask) == 0) told.called = 0;
    else --told.called;
    return answer;
  }

 private:
  /// Tells those that were called otherwise when it ends.
  struct taken_back {
    const notifier_chain& chain;
    module_state otherwise;
    const notified_module& who;
    std::size_t called = 0;

    constexpr ~taken_back() {
      std::size_t ignored = 0;
      if (called != 0) chain.call(otherwise, who, called, ignored);
    }
  };

  constexpr int call(module_state action, const notified_module& who, std::size_t most,
                     std::size_t& called) const {
    int answer = notify::done;
    for (notifier_block *n = first_, *next = nullptr; n != nullptr && called != most; n = next) {
      next = n->next;
      answer = n->notifier_call(*n, action, who);
      ++called;
      if ((answer & notify::stop_mask) != 0) break;
    }
    return answer;
  }

  notifier_block* first_ = nullptr;
};

}  // namespace relo::kmod
