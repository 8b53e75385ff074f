// What a kernel's module costs, in steps: no more than a multiple of what there is of it, where the
// kernel itself takes longer, too.
#include "kernel_object.hpp"

#include <relo/linux/watch/sysfs.hpp>

#include <doctest/doctest.h>

namespace {

using namespace kernel_test;

/// Looks at a byte of a name in the file.
std::size_t steps = 0;

/// A pointer to a name that counts the bytes that are looked at.
struct counted_bytes {
  const unsigned char* bytes = nullptr;
  constexpr counted_bytes() = default;
  constexpr counted_bytes(const unsigned char* b) : bytes(b) {}
  const unsigned char& operator[](std::size_t i) const { return ++steps, bytes[i]; }
};
struct counting_memory : elf::contiguous<unsigned char> {
  using elf::contiguous<unsigned char>::contiguous;
  using name_type = elf::name<counted_bytes>;
  using kept_name = name_type;
  name_type name_at(position p) const { return name_type{p}; }
};

/// A kernel of which every symbol is in a namespace: "symbol_7" in "SPACE_7".
struct symbols_in_namespaces {
  using role = relo::role::symbols;
  std::vector<std::string> spaces{};

  template <class Name, class Symbol>
  bool find(const Name& name, bool, Symbol& out) const {
    if (!name.starts_with("symbol_")) return false;
    std::size_t number = 0;
    for (std::size_t i = 7; name[i] != '\0'; ++i)
      number = 10 * number + static_cast<std::size_t>(name[i] - '0');
    out.address = 0xffff'ffff'8100'0000 + 16 * number;
    out.name_space = spaces[number].c_str();
    return true;
  }
};

/// As much of a loader as tells of its modules, and counts those that are walked over.
struct kernel_of_many {
  using layout = core_and_init;
  using addr = address;
  struct wants {
    static constexpr bool entry_points = true, parameters = true, destructors = false;
  };
  using module_type = relo::module<addr, layout, kmod::modules<4096>,
                                   kmod::prel32_exports::state<kmod::x86_64>, wants>;
  struct counting : relo::registry<module_type, 4096> {
    static module_type* next(const module_type& m) { return ++steps, registry::next(m); }
  } list{};
  const auto& registry() const { return list; }
};

/// As much of a load as parameters need, with scratch memory to sort in or without: constants are
/// its records and their names, data is its variables. Looks at a name or a symbol are counted.
template <bool Sorts>
struct load_with_parameters {
  using addr = address;
  static constexpr std::endian byte_order = std::endian::little;
  static constexpr auto release = kmod::generation::v6_12;
  using traits = kmod::release_traits<release>;
  static constexpr addr constants = 0x1'0000'0000, data = 0x2'0000'0000, ops = 0x3'0000'0000,
                        theirs = 0x4'0000'0000;

  struct module {
    bytes constant{}, variables{};
    relo::text<8> name{};
    relo::extent<addr> parameters{constants, 0};
    bool async_probe_requested = false;

    auto bytes_at(addr at, addr size) {
      return relo::bytes_in(std::array{relo::block<addr>{constant, constants}}, at, size);
    }
    auto data_at(addr at, addr size) {
      return relo::bytes_in(std::array{relo::block<addr>{variables, data}}, at, size);
    }
    auto bytes_of(const relo::extent<addr>& e) { return bytes_at(e.address, e.size); }
    const unsigned char* name_at(addr at) {
      return ++steps, relo::name_in<addr>(constant, constants, at);
    }
  } m{};
  module* mod = &m;
  relo::kmod::kernel<release> state{};
  struct {
    struct record {
      std::uint32_t st_shndx() const { return 0; }
    };
    std::uint32_t count = 1;
    std::uint32_t symbols() const { return count; }
    record symbol(std::uint32_t) const { return ++steps, record{}; }
  } image{};
  std::vector<addr> values{0};
  std::array<addr, relo::param_types> param_ops{};
  host::heap_scratch<addr> scratch{};
  std::string unknown{};

  auto& kernel() { return state; }
  const auto& settings() { return state.settings; }
  addr read_word(const unsigned char* p) const { return relo::read_int<addr, byte_order>(p); }
  auto take_words(std::size_t n)
    requires Sorts
  {
    return scratch.take(n);
  }
  void printk(const auto&...) {}
  errc fail(errc e, const where&, const auto&...) { return e; }
  void warn(errc, const where&, const auto& called) {
    relo::text<64> name;
    name << called;
    unknown = unknown + name.c_str() + ' ';
  }

  /// Parameters of those names, which add to bytes; of which the ops are at those addresses.
  void add(const std::vector<std::string>& names, addr type) {
    for (std::size_t i = 0; i < names.size(); ++i)
      for (const addr word : {addr{0}, addr{0}, type, addr{0}, data + i})
        robust::object<format>::put(m.constant, word);
    m.parameters.size = m.constant.size();
    for (std::size_t i = 0; i < names.size(); ++i) {
      relo::write_int<byte_order>(&m.constant[40 * i], constants + m.constant.size());
      m.constant.insert(m.constant.end(), names[i].c_str(), names[i].c_str() + names[i].size() + 1);
    }
    m.variables.resize(names.size());
    param_ops[static_cast<std::size_t>(relo::param_type::byte)] = ops;
  }
  errc parse(const std::string& args) {
    bytes copy(args.c_str(), args.c_str() + args.size() + 1);
    steps = 0;
    return kmod::parse_args(*this, 0x1000, std::span{copy});
  }
};

}  // namespace

TEST_CASE("namespaces that are imported are found by halves") {
  constexpr std::size_t count = 2000;
  kernel_object o;
  symbols_in_namespaces host;
  bytes& modinfo = o.sections[o.text - 1].contents;
  for (std::size_t i = 0; i < count; ++i) {
    host.spaces.push_back("SPACE_" + std::to_string(i));
    o.add_symbol({.name = "symbol_" + std::to_string(i)});
  }
  for (std::size_t i = 0; i < count; ++i) {
    // One twice, and in no order.
    const std::string entry = "import_ns=" + host.spaces[i * 7919 % count] + '\0';
    for (std::size_t n = 0; n < (i == 5 ? 2 : 1); ++n)
      modinfo.insert(modinfo.end(), entry.begin(), entry.end());
  }
  const auto load = [&](const auto& symbols, auto scratch, kernel_log& said) {
    plain_memory memory;
    kmod::kernel<kmod::generation::v6_1> kernel{debian()};
    relo::loader loader{
        kmod::x86_64{},       memory, symbols, kmod::prel32_exports{}, scratch,
        dont_run{},           said,   kernel,  kmod::modules<1>{},     core_and_init{},
        kmod::load_module_6_1};
    const bytes file = o.finish();
    steps = 0;
    const auto loaded = loader.load(counting_memory{std::span<const unsigned char>{file}});
    const errc e = loaded.error();
    if (loaded) loader.remove(*loaded);
    return e;
  };
  kernel_log said;
  CHECK(load(host, host::heap_scratch<address>{}, said) == errc::ok);
  CHECK(steps <= 100 * modinfo.size());

  // One is missing, and an empty one is none.
  host.spaces[count - 1] = "SPACE_";
  host.spaces[0].clear();
  CHECK(load(host, host::heap_scratch<address>{}, said) ==
        relo::kmod::error::namespace_not_imported);
  CHECK(steps <= 100 * modinfo.size());
  CHECK(said.said("odd: module uses symbol (symbol_1999) from namespace SPACE_, but does not "
                  "import it."));

  // As many words as a load must have, and no more.
  kernel_log also;
  host.spaces[count - 1] = "SPACE_1999";
  CHECK(load(host, scratch<address, count + 20>{}, also) == errc::ok);
  host.spaces[count - 1] = "SPACE_";
  CHECK(load(host, scratch<address, count + 20>{}, also) ==
        relo::kmod::error::namespace_not_imported);
}

TEST_CASE("/proc/modules") {
  // All use the first one and the one before, and who asks who uses the first holds that, too.
  constexpr std::size_t count = 4000;
  const auto loader = std::make_unique<kernel_of_many>();
  auto& modules = loader->list;
  std::vector<kernel_of_many::module_type*> all;
  std::string users, expected;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(modules.acquire());
    all[i]->name = elf::name{("m" + std::to_string(i)).c_str()};
    all[i]->state = module_state::live;
    modules.add(*all[i]);
    if (i != 0) modules.use(*all[i], *all[0]), modules.use(*all[i], *all[i - 1]);
    if (i != 0) users = "m" + std::to_string(i) + "," + users;
  }
  ++all[0]->references;
  for (std::size_t i = count; i-- != 0;) {
    const std::string by = i == 0           ? std::to_string(count) + " " + users
                           : i + 1 == count ? "0 -"
                                            : "1 m" + std::to_string(i + 1) + ",";
    expected += "m" + std::to_string(i) + " 0 " + by + " Live 0x0000000000000000\n";
  }
  std::string out;
  std::vector<char> buffer(1 << 16);
  const auto print = [&] {
    out.clear();
    kmod::proc_modules(*loader, std::span<char>{buffer},
                       [&](std::span<const char> line) { out.append(line.data(), line.size()); });
  };
  steps = 0;
  print();
  CHECK(out == expected);
  // Each line looks at who uses it: one bit of each that is listed, twice.
  CHECK(steps <= 2 * count * count);

  // What does not fit is cut off.
  buffer.resize(40);
  print();
  CHECK(out.substr(out.size() - 40) == "m0 0 4000 m3999,m3998,m3997,m3996,m3995,");
}

TEST_CASE("parameters are found by halves, and the first of a name") {
  constexpr std::size_t count = 1000;
  std::vector<std::string> names;
  std::string args;
  for (std::size_t i = 0; i < count; ++i) {
    // Each name twice, with one dash or the other.
    names.push_back((i % 3 == 0 ? "p-" : "p_") + std::to_string(i * 7919 % (count / 2)));
    args += (i % 2 == 0 ? "p-" : "p_") + std::to_string(i) + "=" + std::to_string(i % 251) + " ";
  }
  load_with_parameters<true> sorted;
  load_with_parameters<false> walked;
  sorted.add(names, sorted.ops), walked.add(names, walked.ops);
  CHECK(sorted.parse(args) == errc::ok);
  CHECK(steps <= 100 * count);
  CHECK(walked.parse(args) == errc::ok);
  CHECK(steps > 100 * count);
  CHECK(sorted.m.variables == walked.m.variables);
  CHECK(sorted.m.variables.front() == 0);
  CHECK(sorted.m.variables[1] == 7919 % (count / 2) % 251);
  CHECK(sorted.unknown == walked.unknown);
  CHECK(sorted.unknown.substr(0, 12) == "p-500 p_501 ");

  // Behind a name that is nowhere, there is none.
  relo::write_int<std::endian::little>(&sorted.m.constant[40 * 300], address{1});
  CHECK(sorted.parse(args) == errc::bad_section_contents);
  CHECK(sorted.parse("p_500=1") == errc::bad_section_contents);
  CHECK(sorted.parse(names[299] + "=1 " + names[0] + "=1") == errc::ok);
}

TEST_CASE("who has a parameter's functions or variable is found by halves") {
  constexpr std::uint32_t count = 2000;
  std::vector<std::string> names;
  std::string args;
  for (std::uint32_t i = 0; i < count; ++i) names.push_back("p"), args += "p=1 ";
  load_with_parameters<true> load;
  load.add(names, load.theirs + count / 2);
  load.image.count = count;
  for (std::uint32_t i = 1; i < count; ++i) load.values.push_back(load.theirs + i * 7919 % count);
  CHECK(load.parse(args) == errc::ok);
  CHECK(steps <= 100 * count);
  load.values.assign(count, 0);
  CHECK(load.parse(args) == errc::bad_section_contents);
}
