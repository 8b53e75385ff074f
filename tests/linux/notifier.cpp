// Notifier chains: their order, and what an answer does.
#include <relo/linux/watch/notifier.hpp>

#include <doctest/doctest.h>

namespace {

using namespace relo::kmod;
using relo::module_state;

/// Notes as a digit that it was told: n when the module comes, n + 5 when it goes.
struct noting : notifier_block {
  constexpr noting(long& t, int n, int of_priority, int a = notify::ok)
      : notifier_block{told, of_priority, nullptr}, log(&t), number(n), answer(a) {}
  static constexpr int told(notifier_block& self, module_state action, const notified_module&) {
    auto& n = static_cast<noting&>(self);
    *n.log = *n.log * 10 + n.number + (action == module_state::going ? 5 : 0);
    if (n.leaves != nullptr) n.leaves->remove(n);
    return n.answer;
  }
  long* log;
  int number, answer;
  notifier_chain* leaves = nullptr;
};

constexpr long order() {
  long log = 0;
  noting a{log, 1, 0}, b{log, 2, 7}, c{log, 3, 0}, d{log, 4, -1};
  notifier_chain chain;
  for (noting* n : {&d, &a, &b, &c}) chain.add(*n);
  if (chain.add(a) || chain.add(b)) return -1;
  chain.call(module_state::live, {"m", nullptr});
  if (!chain.remove(a) || chain.remove(a)) return -1;
  chain.call(module_state::live, {"m", nullptr});
  return log;
}
static_assert(order() == 2134'234);

/// The third of four answers so.
constexpr long robust(int answer, int& result) {
  long log = 0;
  noting a{log, 1, 0}, b{log, 2, 0}, c{log, 3, 0, answer}, d{log, 4, 0};
  notifier_chain chain;
  for (noting* n : {&a, &b, &c, &d}) chain.add(*n);
  result = chain.call_robust(module_state::coming, module_state::going, {"m", nullptr});
  return log;
}
constexpr bool robust_is(int answer, long log) {
  int result = 0;
  // The chain's answer is the last one's.
  return robust(answer, result) == log &&
         result == ((answer & notify::stop_mask) != 0 ? answer : notify::ok);
}
static_assert(robust_is(notify::done, 1234) && robust_is(notify::ok, 1234));
static_assert(robust_is(notify::bad, 12367) && robust_is(notify::stop, 12367));
static_assert(robust_is(notifier_from_errno(28), 12367));

constexpr long leaving() {
  long log = 0;
  noting a{log, 1, 0}, b{log, 2, 0};
  notifier_chain chain;
  chain.add(a), chain.add(b);
  a.leaves = &chain;
  chain.call(module_state::live, {"m", nullptr});
  chain.call(module_state::live, {"m", nullptr});
  return log;
}
static_assert(leaving() == 122);

static_assert(notifier_chain{}.call_robust(module_state::coming, module_state::going,
                                           {"m", nullptr}) == notify::done);
static_assert(notifier_to_errno(notifier_from_errno(0)) == 0);
static_assert(notifier_to_errno(notifier_from_errno(95)) == 95);
static_assert(notifier_to_errno(notify::bad) == 1 && notifier_to_errno(notify::stop) == 0);

}  // namespace

TEST_CASE("a chain at run time") {
  CHECK(order() == 2134'234);
  CHECK(leaving() == 122);
}
