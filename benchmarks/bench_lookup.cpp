// Finding symbols by name in tables of several sizes: the library's searches next to the C and
// C++ libraries'.
#include "bench.hpp"

#include <relo/symbol/hashed_symbols.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>
#include <unordered_map>

namespace {

using addr = std::uint64_t;
using entry = relo::symbol_value<addr>;
using name = relo::elf::name<const char*>;

constexpr std::size_t query_count = 20'000;

/// Names one after another, as in an object's string table.
class string_table {
 public:
  void add(const std::string& s) {
    starts_.push_back(bytes_.size());
    bytes_.append(s.c_str(), s.size() + 1);
  }
  std::vector<const char*> names() const {
    std::vector<const char*> out;
    for (const std::size_t start : starts_) out.push_back(bytes_.data() + start);
    return out;
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> starts_;
};

/// A sorted table of a size, and names to look for in random order: some that it has, and some
/// that it has not.
struct question {
  std::vector<std::string> names;
  std::vector<entry> table;
  string_table present, absent;

  explicit question(std::size_t size) : names(bench::make_names(size + query_count)) {
    bench::random random{size};
    for (std::size_t i = 0; i < size; ++i) table.push_back({names[i].c_str(), 64 * i});
    for (std::size_t i = 0; i < query_count; ++i) {
      present.add(names[random.below(size)]);
      absent.add(names[size + i]);
    }
    std::sort(table.begin(), table.end(),
              [](auto& a, auto& b) { return std::strcmp(a.name, b.name) < 0; });
  }
};
const question& question_of(std::size_t size) {
  static std::map<std::size_t, question> all;
  return all.try_emplace(size, size).first->second;
}

// --- the searches: made of a table, they find names one by one or several at a time ---

struct by_bsearch {
  static constexpr const char* title = "bsearch(3)";
  const std::vector<entry>& table;
  bool find(const char* wanted) const {
    return std::bsearch(wanted, table.data(), table.size(), sizeof(entry),
                        [](const void* key, const void* element) {
                          return std::strcmp(static_cast<const char*>(key),
                                             static_cast<const entry*>(element)->name);
                        }) != nullptr;
  }
  std::size_t bytes() const { return table.size() * sizeof(entry); }
};

struct by_lower_bound {
  static constexpr const char* title = "std::lower_bound";
  const std::vector<entry>& table;
  bool find(const char* wanted) const {
    const auto at =
        std::lower_bound(table.begin(), table.end(), wanted, [](const entry& e, const char* key) {
          return std::strcmp(e.name, key) < 0;
        });
    return at != table.end() && std::strcmp(at->name, wanted) == 0;
  }
  std::size_t bytes() const { return table.size() * sizeof(entry); }
};

/// Counts what a container asks for.
template <class T>
struct counting_allocator : std::allocator<T> {
  std::size_t* bytes;
  explicit counting_allocator(std::size_t* b) : bytes(b) {}
  template <class U>
  counting_allocator(const counting_allocator<U>& other) : bytes(other.bytes) {}
  template <class U>
  struct rebind {
    using other = counting_allocator<U>;
  };
  T* allocate(std::size_t n) {
    *bytes += n * sizeof(T);
    return std::allocator<T>::allocate(n);
  }
};

class by_unordered_map {
 public:
  static constexpr const char* title = "std::unordered_map";
  explicit by_unordered_map(const std::vector<entry>& table) {
    map_.reserve(table.size());
    for (const entry& e : table) map_.emplace(e.name, e.value);
  }
  bool find(const char* wanted) const { return map_.find(wanted) != map_.end(); }
  std::size_t bytes() const { return bytes_; }

 private:
  using allocator = counting_allocator<std::pair<const std::string_view, addr>>;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string_view, addr, std::hash<std::string_view>, std::equal_to<>,
                     allocator>
      map_{allocator{&bytes_}};
};

class by_sorted_symbols {
 public:
  static constexpr const char* title = "relo::sorted_symbols";
  explicit by_sorted_symbols(const std::vector<entry>& table)
      : symbols_(table), bytes_(table.size() * sizeof(entry)) {}
  const auto& symbols() const { return symbols_; }
  std::size_t bytes() const { return bytes_; }

 private:
  relo::sorted_symbols<addr> symbols_;
  std::size_t bytes_;
};

class by_hashed_symbols {
 public:
  static constexpr const char* title = "relo::hashed_symbols";
  explicit by_hashed_symbols(const std::vector<entry>& table)
      : index_(relo::hashed_symbols<addr>::entries_for(table.size())),
        symbols_(table, index_),
        bytes_(table.size() * sizeof(entry) + index_.size() * sizeof(index_[0])) {}
  const auto& symbols() const { return symbols_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<relo::hashed_symbols<addr>::entry> index_;
  relo::hashed_symbols<addr> symbols_;
  std::size_t bytes_;
};

template <class Symbols>
struct one_by_one : Symbols {
  using Symbols::Symbols;
  bool find(const char* wanted) const {
    relo::symbol<addr> out;
    return this->symbols().find(name{wanted}, true, out);
  }
};

/// As a loader asks.
template <class Symbols>
struct batched : Symbols {
  static constexpr std::size_t at_a_time = 16;
  static inline const std::string title = std::string{Symbols::title} + ", 16 at a time";
  using Symbols::Symbols;
  std::size_t find_all(std::span<const char* const> wanted) const {
    std::size_t found = 0;
    std::array<relo::symbol_request<name, addr>, at_a_time> batch;
    while (!wanted.empty()) {
      const std::span requests{batch.data(), std::min(batch.size(), wanted.size())};
      for (std::size_t i = 0; i < requests.size(); ++i)
        requests[i] = {name{wanted[i]}, 0, false, {}};
      this->symbols().find_batch(requests, true);
      for (const auto& r : requests) found += r.found;
      wanted = wanted.subspan(requests.size());
    }
    return found;
  }
};

template <class Search>
void look_up(benchmark::State& state, std::size_t size, bool hit) {
  const question& q = question_of(size);
  const Search search{q.table};
  const auto names = (hit ? q.present : q.absent).names();
  std::size_t found = 0;
  for (auto _ : state) {
    found = 0;
    if constexpr (requires { search.find_all(names); }) found = search.find_all(names);
    else
      for (const char* const n : names) found += search.find(n);
  }
  if (found != (hit ? names.size() : 0)) state.SkipWithError("wrong answers");
  state.counters["ns"] = benchmark::Counter(static_cast<double>(names.size()) * 1e-9,
                                            benchmark::Counter::kIsIterationInvariantRate |
                                                benchmark::Counter::kInvert);
  if (hit)
    state.counters["bytes"] = static_cast<double>(search.bytes()) / static_cast<double>(size);
}

template <class... Searches>
void add_all() {
  for (const bool hit : {true, false})
    for (const std::size_t size : {16U, 256U, 4'096U, 50'000U, 200'000U}) {
      const auto add = [&]<class Search>(std::type_identity<Search>) {
        bench::cell(hit ? "names that are there" : "names that are not", Search::title,
                    std::to_string(size),
                    [=](benchmark::State& state) { look_up<Search>(state, size, hit); });
      };
      (add(std::type_identity<Searches>{}), ...);
    }
}

}  // namespace

void bench::register_all() {
  add_all<by_bsearch, by_lower_bound, by_unordered_map, one_by_one<by_sorted_symbols>,
          batched<by_sorted_symbols>, one_by_one<by_hashed_symbols>, batched<by_hashed_symbols>>();
}
