// What a symbol search answers, and what is asked of a table of symbols.
#pragma once

#include <relo/base/name.hpp>
#include <relo/base/role.hpp>

namespace relo {

/// For whom a symbol is exported, as EXPORT_SYMBOL, _GPL and (up to Linux 5.11) _GPL_FUTURE.
enum class export_kind : unsigned char { plain, gpl, gpl_future };

/// A symbol as a search found it.
template <class Addr>
struct symbol {
  Addr address = 0;
  export_kind kind = export_kind::plain;
};

/// The gate every search applies (kernel: find_exported_symbol_in_section): a GPL-only symbol
/// does not exist for a module that is not GPL-compatible.
constexpr bool visible(export_kind kind, bool gpl_ok) noexcept {
  return gpl_ok || kind != export_kind::gpl;
}

/// A table of symbols.
///  - find(name, gpl_ok, out) sets `out` to the symbol of that name and returns true; or it returns
///    false, and leaves `out` as it is. Symbols for GPL-compatible modules only are not found
///    unless `gpl_ok`. `name` is an elf::name of any storage, and is not kept.
/// A table may have this, which hides the latency of memory; see hashed_symbols:
///  - find_batch(requests, gpl_ok) does the same for a span of symbol_request.
template <class T, class Addr>
concept symbol_table = requires(const T t, elf::name<const char*> name, symbol<Addr>& out) {
  { t.find(name, true, out) } -> std::same_as<bool>;
};

/// One of a batch of names: the search sets `found` and `result`, or leaves both.
template <class Name, class Addr>
struct symbol_request {
  Name name;
  std::uint32_t index = 0;  ///< the asker's
  bool found = false;
  symbol<Addr> result{};
};

/// The index, below `count`, of the thing sought among sorted ones, or `count`: order(i) is how
/// the thing sought compares to number i. Kernel: bsearch().
template <class Order>
constexpr std::size_t binary_search(std::size_t count, Order order) noexcept {
  for (std::size_t first = 0, last = count; first != last;) {
    const std::size_t middle = (first + last) / 2;
    const int o = order(middle);
    if (o == 0) return middle;
    if (o > 0) first = middle + 1;
    else last = middle;
  }
  return count;
}

/// The entry of a table sorted by name that bears `name`, or null. Kernel: cmp_name().
template <class Entry, class Name>
constexpr const Entry* binary_search(const Entry* first, std::size_t count,
                                     const Name& name) noexcept {
  const std::size_t at =
      binary_search(count, [&](std::size_t i) { return name.compare(first[i].name); });
  return at == count ? nullptr : first + at;
}

/// binary_search() for several names in step: each step's memory is fetched for all of them
/// before any is waited for. Calls found(i, entry) for the names of `batch` that are there.
template <class Entry, class Request, class Found>
constexpr void binary_search_batch(const Entry* table, std::size_t count, std::span<Request> batch,
                                   Found&& found) noexcept {
  constexpr std::size_t most = 16;
  for (; batch.size() > most; batch = batch.subspan(most))
    binary_search_batch(table, count, batch.first(most), found);
  const auto fetch = [](const void* p) {
    if (!std::is_constant_evaluated()) __builtin_prefetch(p);
  };
  if (count == 0) return;
  const Entry* first[most]{};
  for (auto& f : first) f = table;
  // All the way down, by conditional moves: how a comparison ends cannot be predicted.
  for (std::size_t left = count; left > 1;) {
    const std::size_t half = left / 2;
    left -= half;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      first[i] += batch[i].name.compare(first[i][half].name) >= 0 ? half : 0;
      fetch(first[i] + left / 2);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) fetch(first[i][left / 2].name);
  }
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (!batch[i].found && batch[i].name == first[i]->name) found(batch[i], *first[i]);
}

/// Looks up the names of a batch that are not found yet, by the table's own find_batch() if it
/// has one.
template <class Table, class Request>
constexpr void find_batch(const Table& table, std::span<Request> batch, bool gpl_ok) noexcept {
  if constexpr (requires { table.find_batch(batch, gpl_ok); }) {
    table.find_batch(batch, gpl_ok);
  } else {
    for (Request& r : batch)
      if (!r.found) r.found = table.find(r.name, gpl_ok, r.result);
  }
}

/// Host tables, asked in turn: the first that has the name answers; into a symbol, or what a table
/// derives from it. Refers to the tables, which outlive it.
template <class... Tables>
class symbols {
 public:
  using role = role::symbols;
  explicit constexpr symbols(const Tables&... tables) noexcept : tables_(tables...) {}
  explicit symbols(const Tables&&...)
    requires(sizeof...(Tables) > 0)
  = delete;  // a temporary would be gone

  template <class Name, class Symbol>
  constexpr bool find(const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    return tables_.find(name, gpl_ok, out);
  }
  template <class Request>
  constexpr void find_batch(std::span<Request> batch, bool gpl_ok) const noexcept {
    tables_.find_batch(batch, gpl_ok);
  }

 private:
  // A chain of references; ends in the empty one.
  template <class...>
  struct chain {
    template <class Name, class Symbol>
    constexpr bool find(const Name&, bool, Symbol&) const noexcept {
      return false;
    }
    template <class Request>
    constexpr void find_batch(std::span<Request>, bool) const noexcept {}
  };
  template <class First, class... Rest>
  struct chain<First, Rest...> {
    const First& first;
    [[no_unique_address]] chain<Rest...> rest;
    explicit constexpr chain(const First& f, const Rest&... r) noexcept : first(f), rest(r...) {}

    template <class Name, class Symbol>
    constexpr bool find(const Name& name, bool gpl_ok, Symbol& out) const noexcept {
      return first.find(name, gpl_ok, out) || rest.find(name, gpl_ok, out);
    }
    template <class Request>
    constexpr void find_batch(std::span<Request> batch, bool gpl_ok) const noexcept {
      relo::find_batch(first, batch, gpl_ok);
      rest.find_batch(batch, gpl_ok);
    }
  };
  chain<Tables...> tables_;
};

/// The same of tables with static storage duration: no pointer to them is kept.
template <const auto&... Tables>
struct static_symbols {
  using role = role::symbols;

  template <class Name, class Symbol>
  constexpr bool find(const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    return (Tables.find(name, gpl_ok, out) || ...);
  }
  template <class Request>
  constexpr void find_batch(std::span<Request> batch, bool gpl_ok) const noexcept {
    (relo::find_batch(Tables, batch, gpl_ok), ...);
  }
};

}  // namespace relo
