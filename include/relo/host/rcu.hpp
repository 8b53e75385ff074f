// Readers among the threads of a process.
#pragma once

#include <relo/lock/counted_readers.hpp>

#include <thread>

namespace relo::host {

/// What a thread does that waits for others: it lets them run.
struct yield {
  void operator()() const noexcept { std::this_thread::yield(); }
};

/// Threads look for symbols and modules while others load and unload: with a lock for these.
///
///     relo::loader loader{machine, memory, relo::host::rcu{}, lock};
///     const auto here = loader.reading();
///     auto* const m = relo::kmod::module_address(loader, address);  // stays as long as `here`
using rcu = counted_readers<yield>;

}  // namespace relo::host
