// kallsyms: the symbols of modules by address and by name, all of a module's while it is
// initialized and then those that stay. Who looks them up has loader.reading() or the lock.
#pragma once

#include <relo/base/name.hpp>
#include <relo/elf/format.hpp>
#include <relo/linux/policy/kernel.hpp>
#include <relo/linux/record/extable.hpp>
#include <relo/symbol/symbol.hpp>

namespace relo::kmod {

/// A symbol table, its names, and a letter a symbol. Kernel: struct mod_kallsyms.
template <class Addr>
struct mod_kallsyms {
  extent<Addr> symtab{}, strtab{}, typetab{};
};

/// A module's: of all symbols, in init memory; and of those that stay, used once it is live.
template <class Addr>
struct symbol_tables {
  mod_kallsyms<Addr> all{}, core{};
};

/// One of a module's symbol tables, as far as the module has it. Names that do not end in their
/// table are "".
template <class Format>
class kallsyms_view {
  using record = elf::sym<Format, const unsigned char*>;

 public:
  using addr = typename Format::addr;
  using name_type = elf::name<const unsigned char*>;

  template <class Seen>
  constexpr kallsyms_view(const Seen& m, const mod_kallsyms<addr>& t) noexcept
      : symbols_(m.bytes_of(t.symtab)),
        strings_(m.bytes_of(t.strtab)),
        types_(m.bytes_of(t.typetab)) {}

  constexpr std::size_t size() const noexcept { return symbols_.size() / record::size; }
  constexpr record symbol(std::size_t i) const noexcept {
    return record{symbols_.data() + i * record::size};
  }
  constexpr name_type name(std::size_t i) const noexcept {
    const unsigned char* const s = name_in<addr>(strings_, 0, symbol(i).st_name());
    return name_type{s == nullptr ? nameless : s};
  }
  constexpr char type(std::size_t i) const noexcept {
    return i < types_.size() ? static_cast<char>(types_[i]) : '?';
  }

 private:
  static constexpr unsigned char nameless[] = {0};

  std::span<const unsigned char> symbols_, strings_, types_;
};

/// A module's symbols, as they are now.
template <class Loader>
constexpr auto kallsyms_of(const Loader& loader, const typename Loader::module_type& m) noexcept {
  // In this order: who saw init memory may find that it is returned, and needs it no more.
  const auto& seen = loader.seen(m);
  const bool all = loader.registry().state(m) == module_state::coming;
  return kallsyms_view<typename Loader::machine::format>{seen,
                                                         all ? m.kallsyms.all : m.kallsyms.core};
}

/// What is known of a symbol.
template <class Module>
struct module_symbol {
  using addr = typename Module::addr;
  const Module* module = nullptr;
  elf::name<const unsigned char*> name{};
  addr address = 0;
  addr size = 0, offset = 0;  ///< up to the next symbol's address; of the address asked for
  char type = '?';            ///< nm(1)'s letter; upper case for what others than GPL may use
};

namespace detail {

/// Symbols that assemblers make. Kernel: is_arm_mapping_symbol(), is_mapping_symbol().
template <generation G, class Name>
constexpr bool is_mapping_symbol(const Name& n) noexcept {
  if (n[0] == '.' && n[1] == 'L') return true;
  if constexpr (release_traits<G>::any_dollar_is_mapping_symbol) {
    return n[0] == '$' || (n[0] == 'L' && n[1] == '0');
  } else {
    if (n[0] != '$' || n[1] == '\0') return false;
    for (const char kind : {'a', 'x', 't', 'd'})
      if (n[1] == kind) return n[2] == '\0' || n[2] == '.';
    return false;
  }
}

template <class Loader>
constexpr bool is_exported(const Loader& loader, const typename Loader::module_type& m,
                           const elf::name<const unsigned char*>& name,
                           typename Loader::addr value) noexcept {
  symbol<typename Loader::addr> s;
  return loader.find_in(m, name, false, s) && s.kind == export_kind::plain && s.address == value;
}

}  // namespace detail

/// The symbol at or before an address of a module; false: there is none. Kernel:
/// find_kallsyms_symbol().
template <class Loader>
constexpr bool find_kallsyms_symbol(const Loader& loader, const typename Loader::module_type& m,
                                    typename Loader::addr address,
                                    module_symbol<typename Loader::module_type>& out) noexcept {
  using addr = typename Loader::addr;
  const auto symbols = kallsyms_of(loader, m);
  if (symbols.size() == 0) return false;
  const bool in_init =
      loader.registry().state(m) == module_state::coming && within_module_init(m, address);
  const auto& text = m.memory(in_init ? mem_type::init_text : mem_type::text);
  addr next = static_cast<addr>(
      text.address + align_up(text.bytes.size(), std::size_t{Loader::memory_type::granularity}));
  std::size_t best = 0;
  addr best_value = symbols.symbol(0).st_value();
  for (std::size_t i = 1; i < symbols.size(); ++i) {
    const auto s = symbols.symbol(i);
    const addr value = s.st_value();
    const bool before = value <= address && value > best_value;
    if (s.st_shndx() == elf::shn::undef || (!before && (value <= address || value >= next)))
      continue;
    const auto name = symbols.name(i);
    if (name.empty() || detail::is_mapping_symbol<Loader::kernel_type::release>(name)) continue;
    if (before) best = i, best_value = value;
    else next = value;
  }
  if (best == 0) return false;
  out = {&m,
         symbols.name(best),
         best_value,
         static_cast<addr>(next - best_value),
         static_cast<addr>(address - best_value),
         symbols.type(best)};
  return true;
}

/// The symbol of whichever module an address is in. Kernel: module_address_lookup().
template <class Loader>
constexpr bool module_address_lookup(const Loader& loader, typename Loader::addr address,
                                     module_symbol<typename Loader::module_type>& out) noexcept {
  const auto* const m = module_address(loader, address);
  return m != nullptr && find_kallsyms_symbol(loader, *m, address, out);
}

/// The value of a module's symbol, 0: there is none. Kernel: find_kallsyms_symbol_value().
template <class Loader>
constexpr typename Loader::addr find_kallsyms_symbol_value(const Loader& loader,
                                                           const typename Loader::module_type& m,
                                                           const char* called) noexcept {
  const auto symbols = kallsyms_of(loader, m);
  for (std::size_t i = 0; i < symbols.size(); ++i)
    if (const auto s = symbols.symbol(i);
        s.st_shndx() != elf::shn::undef && symbols.name(i) == called)
      return s.st_value();
  return 0;
}

/// The value of a symbol called "name" in the module loaded first of those that have it, or of
/// "module:name"; 0: there is none. Kernel: module_kallsyms_lookup_name().
template <class Loader>
constexpr typename Loader::addr module_kallsyms_lookup_name(const Loader& loader,
                                                            const char* called) noexcept {
  std::size_t colon = 0;
  while (called[colon] != ':' && called[colon] != '\0') ++colon;
  const bool of_one = called[colon] == ':' && colon < Loader::module_type::name_size;
  const auto& registry = loader.registry();
  for (const auto* m = registry.first(); m != nullptr; m = registry.next(*m)) {
    if (registry.state(*m) == module_state::unformed) continue;
    if (of_one) {
      const char* const name = m->name.c_str();
      std::size_t i = 0;
      while (i < colon && name[i] == called[i]) ++i;
      if (i == colon && name[i] == '\0')
        return find_kallsyms_symbol_value(loader, *m, called + colon + 1);
    } else if (const auto value = find_kallsyms_symbol_value(loader, *m, called); value != 0) {
      return value;
    }
  }
  return 0;
}

/// Calls f(module_symbol) for each symbol that has a name, as /proc/kallsyms has them. Kernel:
/// module_get_kallsym().
template <class Loader, class F>
constexpr void for_each_kallsym(const Loader& loader, F&& f) {
  const auto& registry = loader.registry();
  for (const auto* m = registry.first(); m != nullptr; m = registry.next(*m)) {
    if (registry.state(*m) == module_state::unformed) continue;
    const auto symbols = kallsyms_of(loader, *m);
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const auto name = symbols.name(i);
      if (name.empty()) continue;
      const auto value = symbols.symbol(i).st_value();
      char type = symbols.type(i);
      if (type >= 'a' && type <= 'z' && detail::is_exported(loader, *m, name, value))
        type = static_cast<char>(type - 'a' + 'A');
      f(module_symbol<typename Loader::module_type>{m, name, value, 0, 0, type});
    }
  }
}

}  // namespace relo::kmod
