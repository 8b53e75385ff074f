// What the benchmark programs share: names, random numbers, and fair races.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace bench {

/// Each program adds its benchmarks here.
void register_all();

/// A benchmark whose counters are a cell of a table: main.cpp prints such tables.
template <class Run>
benchmark::internal::Benchmark* cell(const std::string& table, const std::string& row,
                                     const std::string& column, Run&& run) {
  return benchmark::RegisterBenchmark((table + '/' + row + '/' + column).c_str(),
                                      std::forward<Run>(run));
}

/// Where a kernel has its text and puts modules: in reach of one another.
inline constexpr std::uint64_t kernel_text = 0xffff'ffff'8100'0000,
                               module_area = 0xffff'ffff'c000'0000;

/// The same numbers everywhere: splitmix64.
class random {
 public:
  explicit random(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t operator()() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t n) noexcept { return static_cast<std::size_t>((*this)() % n); }

 private:
  std::uint64_t state_;
};

/// Distinct names of 8 to 40 characters, as a kernel's or a C library's are: words that many
/// names share, so that comparing two of them takes a while.
inline std::vector<std::string> make_names(std::size_t count) {
  static const char* const words[] = {
      "alloc", "async",  "attr",    "bio",    "block",  "bus",    "cache", "clear",
      "clk",   "config", "copy",    "cpu",    "create", "crypto", "debug", "device",
      "dma",   "driver", "drm",     "entry",  "event",  "fence",  "file",  "find",
      "free",  "get",    "i2c",     "init",   "inode",  "irq",    "kmem",  "list",
      "lock",  "map",    "mutex",   "net",    "node",   "notify", "of",    "page",
      "pci",   "phy",    "pm",      "probe",  "put",    "queue",  "rcu",   "read",
      "ref",   "reg",    "release", "set",    "skb",    "snd",    "sync",  "task",
      "tcp",   "timer",  "unlock",  "update", "usb",    "user",   "wait",  "work"};
  random next{count};
  std::unordered_set<std::string> taken;
  std::vector<std::string> names;
  while (names.size() < count) {
    const std::size_t length = 8 + next.below(24);
    std::string name = words[next.below(std::size(words))];
    while (name.size() < length) (name += '_') += words[next.below(std::size(words))];
    if (taken.insert(name).second) names.push_back(name);
  }
  return names;
}

/// Seconds of this thread's processor time: what else the machine does is not in them, what the
/// kernel does for us is.
inline double now() {
  timespec t;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Seconds that f() takes.
template <class F>
double time_of(F&& f) {
  const double start = now();
  f();
  return now() - start;
}

inline double median(std::vector<double> v) {
  if (v.empty()) return 0;
  const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
  std::nth_element(v.begin(), middle, v.end());
  return *middle;
}

/// Two things measured in turn, so that a slow moment of the machine slows both: the medians of
/// their seconds, and of the ratio first to second.
struct race {
  double first, second, ratio;
};

/// first() and second() answer the seconds that they took; the benchmark's own time is first()'s.
template <class First, class Second>
race measure_in_turn(benchmark::State& state, First&& first, Second&& second) {
  std::vector<double> a, b, ratio;
  for (auto _ : state) {
    // Neither is always the one that finds the caches as the other left them.
    const bool first_leads = a.size() % 2 == 0;
    if (first_leads) a.push_back(first());
    b.push_back(second());
    if (!first_leads) a.push_back(first());
    ratio.push_back(a.back() / b.back());
    state.SetIterationTime(a.back());
  }
  return {median(a), median(b), median(ratio)};
}

}  // namespace bench
