#include <relo/linux/policy/symsearch.hpp>

#include "loader.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace {

using namespace relo;
using kmod::generation;

/// What exports.def says of the kernel.
struct declared {
  const char* name;
  std::string table;
  std::uint32_t crc;
  const char* name_space;
};
const declared all_declared[] = {
#define EXPORTED(sym, table, crc, ns) {#sym, table, crc, ns},
#include "objects/exports.def"
#undef EXPORTED
};

export_kind kind_of(const declared& d) {
  if (d.table == "_gpl_future") return export_kind::gpl_future;
  return d.table.ends_with("gpl") ? export_kind::gpl : export_kind::plain;
}
bool is_unused(const declared& d) { return d.table.starts_with("_unused"); }

/// An executable as ld made it: its sections, and by its symbol table where symbols are.
struct vmlinux {
  host::file file;
  std::vector<kmod::image_section<std::uint64_t>> sections;
  std::map<std::string, std::uint64_t> symbols;

  explicit vmlinux(const char* path) : file(path) {
    const auto bytes = file.bytes();
    const auto at = [&](std::size_t offset) { return bytes.data() + offset; };
    Elf64_Ehdr header;
    std::memcpy(&header, at(0), sizeof header);
    std::vector<Elf64_Shdr> s(header.e_shnum);
    std::memcpy(s.data(), at(header.e_shoff), s.size() * sizeof s[0]);
    const auto text = [&](std::size_t offset) {
      return static_cast<const char*>(static_cast<const void*>(at(offset)));
    };
    for (const auto& h : s) {
      if ((h.sh_flags & SHF_ALLOC) != 0 && h.sh_type != SHT_NOBITS)
        sections.push_back(
            {text(s[header.e_shstrndx].sh_offset + h.sh_name),
             h.sh_addr,
             {static_cast<const unsigned char*>(static_cast<const void*>(at(h.sh_offset))),
              h.sh_size}});
      if (h.sh_type != SHT_SYMTAB) continue;
      for (std::size_t i = 0; i < h.sh_size; i += sizeof(Elf64_Sym)) {
        Elf64_Sym symbol;
        std::memcpy(&symbol, at(h.sh_offset + i), sizeof symbol);
        symbols[text(s[h.sh_link].sh_offset + symbol.st_name)] = symbol.st_value;
      }
    }
  }
};

/// Five tables as bytes, each word as a kernel of some machine and age has it.
template <class Addr, std::endian Order, bool Relative, std::size_t Words>
struct tables {
  struct record {
    std::string name;
    Addr value;
    std::uint32_t crc;
    std::string name_space;
  };
  using bytes = std::vector<unsigned char>;
  static constexpr Addr base = static_cast<Addr>(0xffff'ffff'8100'0000);
  static constexpr std::size_t word = Relative ? 4 : sizeof(Addr);

  bytes strings{0};
  std::vector<std::pair<bytes, bytes>> made;  // records and CRCs, by export_sections
  std::vector<kmod::image_section<Addr>> sections;

  static void put(bytes& to, Addr value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t byte = Order == std::endian::little ? i : size - 1 - i;
      to.push_back(static_cast<unsigned char>(value >> 8 * byte));
    }
  }

  explicit tables(const std::vector<std::vector<record>>& wanted) {
    const auto string = [&](const std::string& s) {
      const auto at = static_cast<Addr>(strings_at + strings.size());
      strings.insert(strings.end(), s.c_str(), s.c_str() + s.size() + 1);
      return at;
    };
    for (std::size_t t = 0; t < wanted.size(); ++t) {
      auto& table = made.emplace_back();
      bytes &records = table.first, &crcs = table.second;
      for (const record& r : wanted[t]) {
        const auto field = [&](Addr value) {
          const auto here = static_cast<Addr>(table_at(t) + records.size());
          put(records, Relative && value != 0 ? static_cast<Addr>(value - here) : value, word);
        };
        field(r.value);
        field(string(r.name));
        if (Words == 3) field(r.name_space.empty() ? 0 : string(r.name_space));
        put(crcs, r.crc, 4);
      }
    }
    for (std::size_t t = 0; t < made.size(); ++t) {
      sections.push_back({kmod::export_sections[t].symbols, table_at(t), made[t].first});
      sections.push_back({kmod::export_sections[t].crcs, table_at(t) + 0x8000, made[t].second});
    }
    sections.push_back({"__ksymtab_strings", strings_at, strings});
  }
  static constexpr Addr table_at(std::size_t t) { return static_cast<Addr>(base + 0x10000 * t); }
  static constexpr Addr strings_at = base + 0x100000;
};

using record64 = tables<std::uint64_t, std::endian::little, true, 3>::record;

template <class Tables, class Addr = std::uint64_t>
kmod::kernel_symbol<Addr> found(const Tables& in, const char* name, bool gpl_ok, bool& was) {
  kmod::kernel_symbol<Addr> out;
  was = in.find(elf::name{name}, gpl_ok, out);
  return out;
}

/// All of them, as ld placed and sorted them.
template <template <class, std::endian> class Format>
void check_kernel(const char* path, bool namespaces) {
  CAPTURE(std::string(path));
  const vmlinux image{path};
  const kmod::symsearch_tables<generation::v5_11, std::uint64_t, Format> tables{image.sections};
  bool was = false;
  for (const declared& d : all_declared) {
    CAPTURE(std::string(d.name));
    const auto s = found(tables, d.name, true, was);
    REQUIRE(was);
    CHECK(s.address == image.symbols.at(d.name));
    CHECK(s.kind == kind_of(d));
    CHECK(s.unused == is_unused(d));
    CHECK(s.has_crc);
    CHECK(s.crc == d.crc);
    CHECK(std::string(s.name_space) == (namespaces ? d.name_space : ""));
    CHECK(std::string(s.owner) == "");
    found(tables, d.name, false, was);
    CHECK(was == (kind_of(d) != export_kind::gpl));
    // From a name that is there to others that are not.
    for (const std::string& other : {std::string(d.name) + "x", std::string(d.name).substr(1)}) {
      if (std::ranges::any_of(all_declared, [&](const auto& e) { return other == e.name; }))
        continue;
      CHECK_FALSE((found(tables, other.c_str(), true, was), was));
    }
  }

  // From 5.12 on, the same sections would be two tables.
  const kmod::symsearch_tables<generation::v6_1, std::uint64_t, Format> two{image.sections};
  for (const declared& d : all_declared) {
    found(two, d.name, true, was);
    CHECK(was == (d.table.empty() || d.table == "_gpl"));
  }
}

template <class Addr, std::endian Order>
using relative_2 = relative_ksymtab<Addr, Order, 2>;
template <class Addr, std::endian Order>
using absolute_2 = absolute_ksymtab<Addr, Order, 2>;
template <class Addr, std::endian Order>
using absolute_3 = absolute_ksymtab<Addr, Order, 3>;

template <class Addr, std::endian Order, bool Relative, std::size_t Words,
          template <class, std::endian> class Format>
void check_built() {
  using built = tables<Addr, Order, Relative, Words>;
  std::vector<std::vector<typename built::record>> five(5);
  for (std::size_t t = 0; t < five.size(); ++t)
    for (const char* const tail : {"", "0", "A", "_", "a", "aa"})
      five[t].push_back({"table" + std::to_string(t) + tail,
                         static_cast<Addr>(built::base + 0x1000 + 16 * five[t].size()),
                         static_cast<std::uint32_t>(0x89ab'0000 + 16 * t + five[t].size()),
                         t % 2 == 0 ? "" : "SPACE"});
  const built image{five};
  const kmod::symsearch_tables<generation::v5_11, Addr, Format, Order> search{image.sections};
  static_assert(symbol_table<decltype(search), Addr>);
  bool was = false;
  for (std::size_t t = 0; t < five.size(); ++t)
    for (const auto& r : five[t]) {
      CAPTURE(r.name);
      const auto s = found<decltype(search), Addr>(search, r.name.c_str(), true, was);
      REQUIRE(was);
      CHECK(s.address == r.value);
      CHECK(s.crc == r.crc);
      CHECK(s.kind == kmod::export_sections[t].kind);
      CHECK(s.unused == kmod::export_sections[t].unused);
      CHECK(std::string(s.name_space) == (Words == 3 ? r.name_space : ""));
    }
  found<decltype(search), Addr>(search, "table0B", true, was);
  CHECK_FALSE(was);
}

}  // namespace

TEST_CASE("the tables of a kernel that ld linked") {
  check_kernel<prel32_ksymtab>(OBJECT_kernel, true);
  check_kernel<relative_2>(OBJECT_kernel_5_3, false);
  check_kernel<absolute_3>(OBJECT_kernel_absolute, true);
  check_kernel<absolute_2>(OBJECT_kernel_absolute_5_3, false);
}

TEST_CASE("tables of any machine's words") {
  check_built<std::uint64_t, std::endian::little, true, 3, prel32_ksymtab>();
  check_built<std::uint64_t, std::endian::little, true, 2, relative_2>();
  check_built<std::uint64_t, std::endian::big, true, 3, prel32_ksymtab>();
  check_built<std::uint64_t, std::endian::big, false, 3, absolute_3>();
  check_built<std::uint32_t, std::endian::little, false, 3, absolute_3>();
  check_built<std::uint32_t, std::endian::big, false, 2, absolute_2>();
}

TEST_CASE("of two tables with a name, the first that the module may see has it") {
  // Plain, GPL, GPL-future, unused, unused-GPL; the value says which.
  const auto in = [](std::vector<std::size_t> which) {
    std::vector<std::vector<record64>> five(5);
    for (const std::size_t t : which) five[t].push_back({"name", t + 1, 0, ""});
    return five;
  };
  const auto value = [&](std::vector<std::size_t> which, bool gpl_ok) {
    const tables<std::uint64_t, std::endian::little, true, 3> image{in(which)};
    const kmod::symsearch_tables<generation::v5_11, std::uint64_t> search{image.sections};
    bool was = false;
    const auto s = found(search, "name", gpl_ok, was);
    return was ? s.address : 0;
  };
  CHECK(value({0, 1, 2, 3, 4}, true) == 1);
  CHECK(value({1, 2, 3, 4}, true) == 2);
  CHECK(value({1, 2, 3, 4}, false) == 3);
  CHECK(value({1, 3, 4}, false) == 4);
  CHECK(value({1, 4}, false) == 0);
  CHECK(value({4}, true) == 5);
}

TEST_CASE("a table that is not sorted finds what bsearch() finds") {
  // The kernel's lib/bsearch.c, over the names.
  const auto bsearch = [](const std::vector<record64>& in, const std::string& key) {
    std::size_t base = 0, num = in.size();
    while (num > 0) {
      const std::size_t pivot = base + (num >> 1);
      const int order = std::strcmp(key.c_str(), in[pivot].name.c_str());
      if (order == 0) return in[pivot].value;
      if (order > 0) {
        base = pivot + 1;
        --num;
      }
      num >>= 1;
    }
    return std::uint64_t{0};
  };
  std::uint32_t random = 1;
  std::size_t missed = 0, several = 0;
  for (std::size_t n = 1; n < 40; ++n) {
    std::vector<std::vector<record64>> one(1);
    for (std::size_t i = 0; i < n; ++i) {
      random = random * 1664525 + 1013904223;
      one[0].push_back({"s" + std::to_string(random >> 16 & 31), 0x1000 + i, 0, ""});
    }
    const tables<std::uint64_t, std::endian::little, true, 3> image{one};
    const kmod::symsearch_tables<generation::v5_11, std::uint64_t> search{image.sections};
    for (const auto& r : one[0]) {
      bool was = false;
      const auto s = found(search, r.name.c_str(), true, was);
      const std::uint64_t expected = bsearch(one[0], r.name);
      CHECK((was ? s.address : 0) == expected);
      missed += expected == 0 ? 1 : 0;
      several += expected != 0 && expected != r.value ? 1 : 0;
    }
  }
  CHECK(missed > 100);
  CHECK(several > 20);
}

TEST_CASE("tables that lie about where things are") {
  const std::vector<std::vector<record64>> one{{{"a", 1, 2, ""}, {"b", 3, 4, "NS"}}};
  const tables<std::uint64_t, std::endian::little, true, 3> image{one};
  bool was = false;
  const auto search = [&](const auto& sections) {
    return kmod::symsearch_tables<generation::v5_11, std::uint64_t>{sections};
  };

  // No CRCs, or too few: the kernel's question is then not asked.
  auto sections = image.sections;
  sections[1].bytes = sections[1].bytes.first(6);
  CHECK(found(search(sections), "a", true, was).has_crc);
  CHECK_FALSE(found(search(sections), "b", true, was).has_crc);
  CHECK(was);
  sections.erase(sections.begin() + 1);
  CHECK_FALSE(found(search(sections), "a", true, was).has_crc);
  CHECK(was);

  // Names that are nowhere, or whose end is; records that are cut.
  sections = image.sections;
  sections.pop_back();
  CHECK_FALSE((found(search(sections), "a", true, was), was));
  sections = image.sections;
  sections.back().bytes = sections.back().bytes.first(2);
  CHECK_FALSE((found(search(sections), "a", true, was), was));
  sections = image.sections;
  sections.front().bytes = sections.front().bytes.first(23);
  CHECK((found(search(sections), "a", true, was), was));
  CHECK_FALSE((found(search(sections), "b", true, was), was));
  sections.clear();
  CHECK_FALSE((found(search(sections), "a", true, was), was));
}

namespace {

int printk_stands_here, gpl_stands_here, unused_stands_here;
void future_stands_here() {}
constexpr auto plain = kmod::exports(kmod::exported{"printk", &printk_stands_here, 0x92997ed8},
                                     kmod::exported{"apart", &printk_stands_here, 5, "SPACE"},
                                     kmod::exported{"no_crc", &future_stands_here});
constexpr auto gpl =
    kmod::exports<export_kind::gpl>(kmod::exported{"for_gpl", &gpl_stands_here, 0x11111111});
constexpr auto future = kmod::exports<export_kind::gpl_future>(
    kmod::exported{"soon_for_gpl", &future_stands_here, 0x33333333});
constexpr auto unused = kmod::exports<export_kind::plain, true>(
    kmod::exported{"nobody_uses", &unused_stands_here, 0x55555555});

// Of another machine's kernel, numbers; by the compiler itself.
constexpr auto numbers = kmod::exports<export_kind::gpl>(
    kmod::exported{"b", std::uint64_t{0xffff'ffff'8100'0010}, 2, "SPACE"},
    kmod::exported{"a", std::uint64_t{0xffff'ffff'8100'0000}, 1});
constexpr bool found_by_the_compiler = [] {
  kmod::kernel_symbol<std::uint64_t> s;
  return numbers.find(elf::name{"b"}, true, s) && s.address == 0xffff'ffff'8100'0010 &&
         s.crc == 2 && s.has_crc && s.kind == export_kind::gpl && !s.unused &&
         elf::name{s.name_space} == "SPACE" && !numbers.find(elf::name{"b"}, false, s) &&
         !numbers.find(elf::name{"c"}, true, s);
}();
static_assert(found_by_the_compiler);

}  // namespace

TEST_CASE("a program that stands in for the kernel") {
  const relo::symbols kernel{plain, gpl, future, unused};
  bool was = false;
  auto s = found<decltype(kernel), native_addr>(kernel, "apart", false, was);
  CHECK(was);
  CHECK(s.address == address_of(&printk_stands_here));
  CHECK(s.crc == 5);
  CHECK(std::string(s.name_space) == "SPACE");
  s = found<decltype(kernel), native_addr>(kernel, "no_crc", false, was);
  CHECK(was);
  CHECK_FALSE(s.has_crc);
  s = found<decltype(kernel), native_addr>(kernel, "for_gpl", true, was);
  CHECK(s.kind == export_kind::gpl);
  found<decltype(kernel), native_addr>(kernel, "for_gpl", false, was);
  CHECK_FALSE(was);
  CHECK(found<decltype(kernel), native_addr>(kernel, "soon_for_gpl", false, was).kind ==
        export_kind::gpl_future);
  CHECK(found<decltype(kernel), native_addr>(kernel, "nobody_uses", false, was).unused);
}

namespace {

using search_tables = kmod::symsearch_tables<generation::v5_11, std::uint64_t>;
const vmlinux& linked_kernel() {
  static const vmlinux image{OBJECT_kernel};
  return image;
}

/// The kernel's tables, or for a time none.
struct switched {
  using role = relo::role::symbols;
  search_tables tables{linked_kernel().sections};
  bool on = true;
  template <class Name, class Symbol>
  bool find(const Name& name, bool gpl_ok, Symbol& out) const {
    return on && tables.find(name, gpl_ok, out);
  }
};

/// Without asking whether others export the same.
struct form_anyway : relo::stages::complete_formation {
  template <class Load>
  errc run(Load& load) const {
    return form(load);
  }
};

const std::string evaluate =
    "Please evaluate if this is the right api to use and if it really is, submit a report to the "
    "linux kernel mailing list together with submitting your code for inclusion.\n";
std::string unused_lines(const std::string& name) {
  return "Symbol " + name + " is marked as UNUSED, however this module is using it.\n" +
         "This symbol will go away in the future.\n" + evaluate;
}
/// For two symbols, which the module names in an order of its compiler's.
bool says(const std::string& text, const std::string& one, const std::string& other) {
  return text == one + other || text == other + one;
}
std::string future_line(const std::string& name) {
  return "Symbol " + name +
         " is being used by a non-GPL module, which will not be allowed in the future\n";
}

}  // namespace

TEST_CASE("a load up to 5.11 says what symbols are to go") {
  search_tables tables{linked_kernel().sections};
  kernel_log log;
  auto k = old_kernel();
  test_memory memory;
  relo::loader loader{SEARCH_LOADER(memory, log), tables, k, core_and_init{},
                      kmod::load_module_5_11};
  const auto load = [&](const char* path) {
    log.text.clear();
    return loader.load(host::file{path}.bytes()).error();
  };

  CHECK(load(OBJECT_uses_all) == errc::ok);
  CHECK(says(log.text, unused_lines("nobody_uses"), unused_lines("no_gpl_uses")));
  CHECK(load(OBJECT_proprietary) == errc::ok);
  CHECK(log.text.starts_with("proprietary: module license 'Proprietary' taints kernel.\n"
                             "Disabling lock debugging due to kernel taint\n"));
  CHECK(says(log.text.substr(log.text.find("Symbol ")), future_line("soon_for_gpl"),
             unused_lines("nobody_uses")));
  // Each word of the module is where the kernel has the symbol.
  const auto& m = *loader.registry().find(elf::name{"proprietary"});
  std::vector<std::uint64_t> words;
  for (const auto& b : {m.memory(mem_type::data)})
    for (std::size_t i = 0; i + 8 <= b.bytes.size(); i += 8)
      words.push_back(relo::read_int<std::uint64_t, std::endian::little>(b.bytes.data() + i));
  for (const char* const used : {"printk", "soon_for_gpl", "nobody_uses"})
    CHECK(std::ranges::count(words, linked_kernel().symbols.at(used)) >= 1);

  // To a module that is not GPL-compatible, GPL-only symbols do not exist.
  CHECK(load(OBJECT_pretender) == errc::unknown_symbol);
  CHECK(log.text == "pretender: Unknown symbol for_gpl (err -2)\n");
  CHECK(load(OBJECT_pretender_unused) == errc::unknown_symbol);
  CHECK(log.text == "pretender_unused: Unknown symbol no_gpl_uses (err -2)\n");
}

TEST_CASE("a load from 5.12 on knows two tables") {
  const kmod::symsearch_tables<generation::v6_1, std::uint64_t> tables{linked_kernel().sections};
  kernel_log log;
  kmod::kernel<generation::v6_1> k{old_kernel().settings};
  test_memory memory;
  relo::loader loader{SEARCH_LOADER(memory, log), tables, k, core_and_init{},
                      kmod::load_module_6_1};
  CHECK(loader.load(host::file{OBJECT_uses_all}.bytes()).error() == errc::unknown_symbol);
  for (const char* const unknown : {"no_gpl_uses", "nobody_uses", "soon_for_gpl"})
    CHECK(log.text.find("uses_all: Unknown symbol " + std::string(unknown) + " (err -2)\n") !=
          std::string::npos);
}

TEST_CASE("modules export in five tables, too") {
  switched tables;
  kernel_log log;
  auto k = old_kernel();
  test_memory memory;
  relo::loader loader{SEARCH_LOADER(memory, log), tables, k, core_and_init{},
                      kmod::load_module_5_11};
  const auto load = [&](const char* path) {
    log.text.clear();
    return loader.load(host::file{path}.bytes()).error();
  };
  REQUIRE(load(OBJECT_exporter) == errc::ok);
  CHECK(load(OBJECT_uses_modules) == errc::ok);
  CHECK(says(log.text, unused_lines("of_unused"), unused_lines("of_unused_gpl")));
  CHECK(load(OBJECT_proprietary_uses_modules) == errc::ok);
  CHECK(
      log.text.starts_with("proprietary_uses_modules: module license 'Proprietary' taints kernel.\n"
                           "Disabling lock debugging due to kernel taint\n"));
  CHECK(says(log.text.substr(log.text.find("Symbol ")), future_line("of_future"),
             unused_lines("of_unused")));
  CHECK(load(OBJECT_pretender_to_modules) == errc::unknown_symbol);
  CHECK(log.text == "pretender_to_modules: Unknown symbol of_gpl (err -2)\n");
  CHECK(load(OBJECT_second) == errc::duplicate_export);
  // In the order of its own table.
  CHECK(log.text == "second: exports duplicate symbol of_plain (owned by exporter)\n");
}

TEST_CASE("without CONFIG_UNUSED_SYMBOLS there are no unused tables") {
  switched tables;
  kernel_log log;
  auto k = old_kernel();
  k.settings.unused_symbols = false;
  test_memory memory;
  relo::loader loader{SEARCH_LOADER(memory, log), tables, k, core_and_init{},
                      kmod::load_module_5_11};
  REQUIRE(loader.load(host::file{OBJECT_exporter}.bytes()));
  CHECK(loader.load(host::file{OBJECT_uses_unused_of_module}.bytes()).error() ==
        errc::unknown_symbol);
}

TEST_CASE("the kernel comes first, then modules as they were loaded") {
  switched tables;
  kernel_log log;
  auto k = old_kernel();
  test_memory memory;
  constexpr auto unchecked = kmod::load_module_5_11 | replace<"complete_formation">(form_anyway{});
  relo::loader loader{SEARCH_LOADER(memory, log), tables, k, core_and_init{}, unchecked};
  using loader_type = decltype(loader);
  REQUIRE(loader.load(host::file{OBJECT_exporter}.bytes()));
  REQUIRE(loader.load(host::file{OBJECT_third}.bytes()));
  REQUIRE(loader.load(host::file{OBJECT_second}.bytes()));

  kmod::kernel_symbol<std::uint64_t> s;
  const auto owner = [&](const char* name, bool gpl_ok) -> std::string {
    loader_type::module_type* m = nullptr;
    s = {};
    if (!kmod::find_symbol(loader, elf::name{name}, gpl_ok, s, m)) return "nobody";
    CHECK(std::string(s.owner) == (m == nullptr ? "" : m->name.c_str()));
    return m == nullptr ? "kernel" : m->name.c_str();
  };
  CHECK(owner("of_plain", true) == "exporter");
  CHECK(s.crc == 0x600d600d);
  CHECK(owner("of_unused_gpl", true) == "exporter");
  CHECK(s.kind == export_kind::gpl);
  CHECK(s.unused);
  // The first's is hidden, so the second's is found, although in a table that comes earlier.
  CHECK(owner("of_unused_gpl", false) == "second");
  CHECK(owner("of_third", false) == "third");
  CHECK(owner("printk", false) == "kernel");
  tables.on = false;
  CHECK(owner("printk", false) == "second");
  CHECK(owner("for_gpl", true) == "nobody");

  REQUIRE(loader.unload("exporter") == errc::ok);
  CHECK(owner("of_plain", true) == "second");
  CHECK(owner("of_gpl", true) == "nobody");
}

TEST_CASE("CRCs beside the kernel's tables") {
  search_tables tables{linked_kernel().sections};
  kernel_log log;
  auto k = old_kernel();
  k.settings.modversions = true;
  test_memory memory;
  relo::loader loader{SEARCH_LOADER(memory, log), tables, k, core_and_init{},
                      kmod::load_module_5_11};
  CHECK(loader.load(host::file{OBJECT_versioned}.bytes()).error() == errc::ok);
  CHECK(log.text == "");
  CHECK(loader.load(host::file{OBJECT_misversioned}.bytes()).error() ==
        relo::kmod::error::symbol_version);
  CHECK(log.text == "misversioned: disagrees about version of symbol for_gpl\n"
                    "misversioned: Unknown symbol for_gpl (err -22)\n");
}
