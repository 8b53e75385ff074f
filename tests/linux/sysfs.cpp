// What a module's directory in sysfs would show, and /proc/modules: against what two real kernels
// printed of the same parameters, where they had put the sections of Debian's modules, and what the
// C library prints.
#include <relo/linux/watch/sysfs.hpp>

#include "bench.hpp"
#include "record.hpp"

#include <nlohmann/json.hpp>

#include <random>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using relo::errc;
using relo::module_state;
using namespace bench;

template <kmod::generation G>
struct test {
  static constexpr auto list = pipeline_of<G>;
  memory mem;
  kernel_symbols symbols;
  relo::loader<kmod::x86_64, memory&, const kernel_symbols&, kmod::prel32_exports,
               relo::host::heap_scratch<address>, relo::dont_run, kernel_log, kmod::kernel<G>,
               kmod::modules<4>, layout_of<G>, std::remove_cvref_t<decltype(list)>>
      loader{kmod::x86_64{},
             mem,
             symbols,
             kmod::prel32_exports{},
             relo::host::heap_scratch<address>{},
             relo::dont_run{},
             kernel_log{},
             kmod::kernel<G>{config_of(G)},
             kmod::modules<4>{},
             layout_of<G>{},
             std::remove_cvref_t<decltype(list)>{}};
  using module_type = typename decltype(loader)::module_type;

  module_type& load(const bytes& file, const char* args = "") {
    const auto loaded = loader.load(file, {.args = args});
    CAPTURE(loader.diagnostics().describe().c_str());
    REQUIRE(loaded);
    return *loaded;
  }

  struct shown {
    kmod::sysfs_entry entry;
    errc error;
    std::string text;
  };
  /// By path below the module's, with all that can be read.
  std::map<std::string, shown> tree(module_type& m, strings* order = nullptr) {
    std::map<std::string, shown> out;
    kmod::for_each_entry(loader, m, [&](const kmod::sysfs_entry& e) {
      std::string path = e.path(m).c_str();
      path.erase(0, std::strlen(m.name.c_str()));
      if (!path.empty()) path.erase(0, 1);
      char buffer[8192];
      const auto read = kmod::read(loader, m, e, std::span<char>{buffer});
      if (order != nullptr) order->push_back(path);
      CHECK(out.emplace(path, shown{e, read.error, {buffer, read.size}}).second);
    });
    return out;
  }
  std::string text(module_type& m, const std::string& path) {
    const auto all = tree(m);
    const auto found = all.find(path);
    return found == all.end() ? "-" : found->second.text;
  }
  std::string proc() {
    std::string out;
    char buffer[512];
    kmod::proc_modules(loader, std::span<char>{buffer},
                       [&](std::span<const char> line) { out.append(line.data(), line.size()); });
    return out;
  }
};

bytes module_file(kmod::generation g, const char* name) {
  return contents(record::faults_of(record_of(g))[name].string());
}

template <kmod::generation G>
void tree() {
  test<G> t;
  auto& m = t.load(module_file(G, "kt_param.ko"));
  strings order;
  const auto all = t.tree(m, &order);
  const strings first{"",
                      "holders",
                      "parameters",
                      "parameters/sec",
                      "parameters/with_dash",
                      "parameters/inv",
                      "parameters/st",
                      "parameters/ul",
                      "parameters/by",
                      "parameters/arr",
                      "parameters/s",
                      "parameters/b",
                      "parameters/n",
                      "uevent",
                      "initstate",
                      "coresize",
                      "initsize",
                      "taint",
                      "refcnt",
                      "sections"};
  REQUIRE(order.size() > first.size());
  order.resize(first.size());
  CHECK(order == first);
  using type = kmod::sysfs_entry::type;
  for (const auto& each : all) {
    const std::string& path = each.first;
    const auto& is = each.second;
    CAPTURE(path);
    const bool directory = is.entry.kind == type::directory;
    CHECK(directory == (path.empty() || path == "holders" || path == "parameters" ||
                        path == "sections" || path == "notes"));
    const bool section = path.rfind("sections/", 0) == 0;
    const unsigned mode = directory                ? 0755
                          : path == "uevent"       ? 0200
                          : section                ? 0400
                          : path == "parameters/n" ? 0644
                                                   : 0444;
    CHECK(is.entry.mode == mode);
    CHECK(is.error == (directory || path == "uevent" ? errc::read_failed : errc::ok));
    if (section) CHECK(is.text.size() == 19);
    if (section) CHECK(is.entry.size == 19);
  }
  CHECK(all.at("initstate").text == "live\n");
  CHECK(all.at("taint").text == "OE\n");
  CHECK(all.at("refcnt").text == "0\n");
  CHECK(all.at("initsize").text == "0\n");
  CHECK(all.count("sections/.init.text") == 1);  // init memory is gone, its address is told
  CHECK(all.count("sections/.symtab") == 1);
  CHECK(all.count("sections/.strtab") == 1);
  for (const char* none : {"sections/.text", "sections/.modinfo", "sections/__versions",
                           "sections/.debug_info", "version", "srcversion"})
    CHECK(all.count(none) == 0);
  // ELF notes: name, descriptor, type 3 is a build ID.
  const auto& note = all.at("notes/.note.gnu.build-id");
  CHECK(note.entry.size == 36);
  CHECK(note.text.substr(0, 16) == std::string("\4\0\0\0\24\0\0\0\3\0\0\0GNU\0", 16));
  CHECK(note.text.substr(16) == std::string(reinterpret_cast<const char*>(m.build_id.data()), 20));
  // A small buffer gets the beginning.
  char few[4];
  CHECK(kmod::read(t.loader, m, note.entry, few).size == 4);
  CHECK(kmod::read(t.loader, m, all.at("initstate").entry, few).size == 4);
  CHECK(std::string(few, 4) == "live");

  CHECK(kmod::delete_module(t.loader, "kt_param"));
  CHECK(t.mem.in_use() == 0);
}

template <kmod::generation G>
void version() {
  test<G> t;
  auto& m =
      t.load(replaced(replaced(module_file(G, "kt_param.ko"), std::string("license=GPL\0", 12),
                               std::string("srcversion=\0", 12)),
                      "depends=", "version="));
  CHECK(t.text(m, "version") == "\n");
  CHECK(t.text(m, "srcversion") == "\n");
  auto& other = t.load(replaced(module_file(G, "kt_exp.ko"), "description=ktruth",
                                std::string("version=1.0.0.7-k\0", 18)));
  CHECK(t.text(other, "version") == "1.0.0.7-k\n");
  CHECK(t.text(other, "srcversion") == "-");
}

/// What the module says of its parameters, in its own init function's words:
/// "kt_param n=%d b=%d s=%s na=%d arr=%d,%d,%d,%d by=%u ul=%lu st=%s inv=%d wd=%d".
template <kmod::generation G>
void parameters() {
  const char* const file =
      G == kmod::generation::v6_12 ? "verdicts-6.12.json" : "verdicts-6.1.json";
  std::ifstream in{record::truth(file)};
  std::size_t compared = 0;
  for (const auto& attempt : nlohmann::json::parse(in)) {
    const std::string command = attempt.at("cmd");
    if (command.rfind("ins kt_param.ko", 0) != 0 || attempt.value("rc", -1) != 0) continue;
    std::string said;
    for (const std::string line : attempt.at("dmesg"))
      if (line.rfind("kt_param n=", 0) == 0) said = line;
    if (said.empty()) continue;
    CAPTURE(command);
    test<G> t;
    auto& m = t.load(module_file(G, "kt_param.ko"), command.c_str() + sizeof "ins kt_param.ko" - 1);
    const auto value = [&](const char* name) {
      std::string text = t.text(m, std::string{"parameters/"} + name);
      // An empty array has not even a newline.
      if (text.empty()) return text;
      CHECK(text.back() == '\n');
      text.pop_back();
      return text;
    };
    const auto bit = [&](const char* name, const char* yes) { return value(name) == yes ? 1 : 0; };
    std::string array = value("arr");
    const auto given = array.empty() ? 0 : 1 + std::count(array.begin(), array.end(), ',');
    for (auto n = given; n < 4; ++n) array += n == 0 ? "0" : ",0";
    std::ostringstream line;
    line << "kt_param n=" << value("n") << " b=" << bit("b", "Y") << " s=" << value("s")
         << " na=" << given << " arr=" << array << " by=" << value("by") << " ul=" << value("ul")
         << " st=" << value("st") << " inv=" << bit("inv", "N") << " wd=" << value("with_dash");
    CHECK(line.str() == said);
    ++compared;
  }
  CHECK(compared > 10);
}

/// Every type's format as printf() has it, of the same bytes.
void formats() {
  constexpr auto G = kmod::generation::v6_12;
  test<G> t;
  auto& m = t.load(module_file(G, "kt_param.ko"));
  const kmod::detail::loaded_parameters<decltype(t.loader)> known{t.loader, m};
  const auto record = m.bytes_of(m.parameters).last(40);  // of n
  const address arg = relo::read_int<address, std::endian::little>(record.data() + 32);
  const auto variable = m.bytes_at(arg, 8);
  std::mt19937_64 random{1};
  for (int i = 0; i < 300; ++i) {
    std::uint64_t v = random() >> (random() % 64);
    if (i == 0) v = 0;
    std::memcpy(variable.data(), &v, 8);
    const auto check = [&](relo::param_type type, const char* format, auto as) {
      relo::write_int<std::endian::little>(record.data() + 16,
                                           known.param_ops[static_cast<std::size_t>(type)]);
      char expected[64];
      std::snprintf(expected, sizeof expected, format, as);
      CHECK(t.text(m, "parameters/n") == expected);
    };
    using type = relo::param_type;
    check(type::byte, "%hhu\n", static_cast<unsigned char>(v));
    check(type::short_int, "%hi\n", static_cast<short>(v));
    check(type::ushort, "%hu\n", static_cast<unsigned short>(v));
    check(type::integer, "%i\n", static_cast<int>(v));
    check(type::bint, "%i\n", static_cast<int>(v));
    check(type::uint, "%u\n", static_cast<unsigned>(v));
    check(type::hexint, "%#08x\n", static_cast<unsigned>(v));
    check(type::long_int, "%li\n", static_cast<long>(v));
    check(type::ulong, "%lu\n", static_cast<unsigned long>(v));
    check(type::ullong, "%llu\n", static_cast<unsigned long long>(v));
    check(type::boolean, "%c\n", (v & 255) != 0 ? 'Y' : 'N');
    check(type::bool_enable_only, "%c\n", (v & 255) != 0 ? 'Y' : 'N');
    check(type::invbool, "%c\n", (v & 255) != 0 ? 'N' : 'Y');
  }
  // A type of somebody else's: nobody here can call it.
  relo::write_int<std::endian::little>(record.data() + 16, address{0x1234});
  kmod::sysfs_entry n = t.tree(m).at("parameters/n").entry;
  char buffer[16];
  CHECK(kmod::read(t.loader, m, n, buffer).error == errc::unknown_parameter_type);
}

void stores() {
  constexpr auto G = kmod::generation::v6_1;
  test<G> t;
  auto& m = t.load(module_file(G, "kt_param.ko"), "s=given arr=1,2");
  const std::size_t blocks = t.mem.in_use();
  const auto store = [&](const char* name, const char* value) {
    return kmod::write_parameter(t.loader, m, name, value);
  };
  CHECK(store("n", "17\n") == errc::ok);
  CHECK(t.text(m, "parameters/n") == "17\n");
  CHECK(store("n", "17 ") == errc::bad_parameter);
  CHECK(store("n", "99999999999") == errc::parameter_out_of_range);
  CHECK(t.text(m, "parameters/n") == "17\n");
  CHECK(store("b", "1") == relo::kmod::error::not_permitted);
  CHECK(store("nothing", "1") == errc::not_loaded);
  CHECK(t.mem.in_use() == blocks);

  const auto table = m.bytes_of(m.parameters);
  for (std::size_t p = 0; p < table.size(); p += 40) table[p + 24] |= 0200;
  CHECK(t.text(m, "parameters/s") == "given\n");
  CHECK(store("s", "echoed\n") == errc::ok);  // a newline stays, as in the kernel
  CHECK(t.text(m, "parameters/s") == "echoed\n\n");
  CHECK(store("s", "another") == errc::ok);
  CHECK(t.text(m, "parameters/s") == "another\n");
  CHECK(t.mem.in_use() == blocks + 1);
  CHECK(store("s", std::string(1025, 'x').c_str()) == errc::parameter_too_long);
  CHECK(t.text(m, "parameters/s") == "another\n");
  CHECK(store("arr", "3,4,5") == errc::ok);
  CHECK(t.text(m, "parameters/arr") == "3,4,5\n");
  CHECK(store("inv", "N\n") == errc::ok);
  CHECK(t.text(m, "parameters/inv") == "N\n");

  // Texts that an array points to stay, too, those of before as well: it may have fewer now.
  const kmod::detail::loaded_parameters<decltype(t.loader)> known{t.loader, m};
  const address arr = relo::read_int<address, std::endian::little>(known.record("arr").data() + 32);
  using array = relo::kparam_array<address>;
  const auto is = m.bytes_at(arr, array::size);
  REQUIRE(!is.empty());
  const auto charp = known.param_ops[static_cast<std::size_t>(relo::param_type::charp)];
  relo::write_int<std::endian::little>(is.data() + array::elemsize, std::uint32_t{8});
  relo::write_int<std::endian::little>(is.data() + array::ops, charp);
  CHECK(store("arr", "one,two") == errc::ok);
  CHECK(t.text(m, "parameters/arr") == "one,two\n");
  CHECK(t.mem.in_use() == blocks + 2);
  CHECK(store("arr", "three") == errc::ok);
  CHECK(t.text(m, "parameters/arr") == "three\n");
  CHECK(t.mem.in_use() == blocks + 3);
  CHECK(store("arr", (std::string(1025, 'x') + ",four").c_str()) == errc::parameter_too_long);
  CHECK(store("arr", ("four," + std::string(1025, 'x')).c_str()) == errc::parameter_too_long);
  CHECK(t.mem.in_use() == blocks + 4);

  t.mem.fails_at = t.mem.calls + 1;
  CHECK(store("n", "1") == errc::out_of_memory);
  CHECK(kmod::delete_module(t.loader, "kt_param"));
  CHECK(t.mem.in_use() == 0);
}

template <kmod::generation G>
void holders() {
  test<G> t;
  auto& used = t.load(module_file(G, "kt_exp.ko"));
  t.load(module_file(G, "kt_param.ko"));
  auto& user = t.load(module_file(G, "kt_user.ko"));
  const auto all = t.tree(used);
  REQUIRE(all.count("holders/kt_user") == 1);
  CHECK(all.at("holders/kt_user").entry.kind == kmod::sysfs_entry::type::link);
  CHECK(all.at("holders/kt_user").entry.mode == 0777);
  CHECK(all.at("refcnt").text == "1\n");
  CHECK(t.tree(user).count("holders/kt_exp") == 0);

  const auto line = [&](const char* name, const char* uses, auto& m) {
    char out[128];
    std::uint64_t size = 0;
    for (const auto& r : m.regions) size += r.bytes.size();
    std::snprintf(out, sizeof out, "%s %llu %s Live 0x%016llx (OE)\n", name,
                  static_cast<unsigned long long>(size), uses,
                  static_cast<unsigned long long>(m.memory(relo::mem_type::text).address));
    CHECK(size % 4096 == 0);
    return std::string{out};
  };
  auto& between = *used.next;
  CHECK(t.proc() == line("kt_user", "0 -", user) + line("kt_param", "0 -", between) +
                        line("kt_exp", "1 kt_user,", used));
  t.loader.hold(between);
  CHECK(t.text(between, "refcnt") == "1\n");
  t.loader.release(between);

  test<G> permanent;
  auto& stays = permanent.load(module_file(G, "kt_noexit.ko"));
  CHECK(permanent.proc() == line("kt_noexit", "0 [permanent],", stays));
}

template <kmod::generation G>
void duplicates() {
  const auto twice = renamed(module_file(G, "kt_param.ko"), ".orc_unwind", ".exit.text");
  test<G> t;
  const auto loaded = t.loader.load(twice);
  const std::string said =
      "sysfs: cannot create duplicate filename '/module/kt_param/sections/.exit.text'";
  CHECK(t.loader.diagnostics().said.back() == said);
  if (G == kmod::generation::v6_12) {
    CHECK(loaded.error() == relo::kmod::error::duplicate_attribute);
    CHECK(kmod::errno_of(loaded.error()) == kmod::err::exist);
  } else {
    REQUIRE(loaded);
    const auto all = t.tree(*loaded);
    CHECK(all.count("refcnt") == 1);
    CHECK(all.count("sections") == 0);
    CHECK(all.count("notes") == 0);
    CHECK(kmod::delete_module(t.loader, "kt_param"));
  }
  CHECK(t.mem.in_use() == 0);

  const auto parameters =
      replaced(module_file(G, "kt_param.ko"), std::string("\0ul\0", 4), std::string("\0by\0", 4));
  CHECK(t.loader.load(parameters).error() == relo::kmod::error::duplicate_attribute);
  CHECK(t.loader.diagnostics().said.back() ==
        "sysfs: cannot create duplicate filename '/module/kt_param/parameters/by'");
  CHECK(t.mem.in_use() == 0);
}

/// Tables that a module spoils while it is loaded: what is outside of it is not read.
void spoilt() {
  constexpr auto G = kmod::generation::v6_1;
  test<G> t;
  auto& m = t.load(module_file(G, "kt_param.ko"));
  std::mt19937_64 random{2};
  std::vector<bytes> was;
  for (const auto& block : m.mem) was.emplace_back(block.bytes.begin(), block.bytes.end());
  for (int i = 0; i < 400; ++i) {
    for (std::size_t k = 0; k < was.size(); ++k)
      std::copy(was[k].begin(), was[k].end(), m.mem[k].bytes.begin());
    for (int n = 0; n < 30; ++n) {
      const auto table = m.bytes_of(m.parameters);
      auto& block = m.mem[random() % 4];
      if (n % 2 == 0) table[random() % table.size()] ^= static_cast<unsigned char>(random());
      else if (!block.bytes.empty())
        block.bytes[random() % block.bytes.size()] = static_cast<unsigned char>(random());
    }
    std::size_t entries = 0;
    kmod::for_each_entry(t.loader, m, [&](const kmod::sysfs_entry& e) {
      char buffer[4096];
      const auto read = kmod::read(t.loader, m, e, std::span<char>{buffer});
      CHECK(read.size < sizeof buffer);
      if (e.of == kmod::sysfs_entry::content::parameter)
        (void)kmod::write_parameter(t.loader, m, e.name.c_str(), "1,2,3");
      ++entries;
    });
    CHECK(entries > 10);
  }
}

/// Where the modules of a Debian kernel are on this machine, by their file's name.
std::map<std::string, fs::path> debian_modules(const std::string& release) {
  const auto or_else = [](const char* variable, const fs::path& other) {
    const char* const value = std::getenv(variable);
    return value != nullptr ? fs::path{value} : other;
  };
  const fs::path cache = or_else("RELO_CACHE", or_else("HOME", "/") / ".cache/relo");
  std::map<std::string, fs::path> out;
  for (const fs::path& root : {fs::path{"/"}, cache / ("linux-image-" + release)})
    for (const char* modules : {"lib/modules", "usr/lib/modules"})
      if (const fs::path all = root / modules / release; fs::exists(all))
        for (const auto& file : fs::recursive_directory_iterator(all))
          out[file.path().filename().string()] = file.path();
  return out;
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[65536];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) != 0;) out.append(buffer, n);
  CHECK(::pclose(pipe) == 0);
  return out;
}

/// sections/ says of each of Debian's modules what the kernel had there, and coresize what it took.
template <kmod::generation G>
void debian(const std::string& release, const char* file) {
  const fs::path recorded = record::truth(file);
  const auto modules = debian_modules(release);
  if (modules.empty()) {
    std::printf("left out: sections of the modules of %s, which are not here (./dev kernel %s)\n",
                release.c_str(), G == kmod::generation::v6_12 ? "trixie-amd64" : "amd64");
    return;
  }
  using relo::mem_type;
  std::size_t compared = 0, sections = 0;
  const auto record = nlohmann::json::parse(output_of("xz -dc '" + recorded.string() + "'"));
  for (const auto& each : record.items()) {
    const std::string name = each.key();
    const auto& is = each.value();
    CAPTURE(name);
    const std::string path = is.at("file");
    auto found = modules.find(path);
    if (found == modules.end()) found = modules.find(path + ".xz");
    if (found == modules.end()) continue;
    const std::string from = "'" + found->second.string() + "'";
    const std::string text =
        output_of((found->second.extension() == ".xz" ? "xz -dc " : "cat ") + from);

    test<G> t;
    std::map<std::string, address> bases;
    std::uint64_t core = 0;
    for (const auto& [region, at] : is.at("mem").items()) {
      bases[region] = std::stoull(at.at("base").template get<std::string>(), nullptr, 0);
      if (region.rfind("init", 0) != 0) core += at.at("size").template get<std::uint64_t>();
    }
    for (std::size_t i = 0; i < relo::mem_types; ++i) {
      const auto type = static_cast<mem_type>(i);
      t.mem.places[i] = G == kmod::generation::v6_12 ? bases.at(relo::name_of(type))
                                                     : bases.at(is_init(type) ? "init" : "core");
    }
    for (const auto& [symbol, at] : is.at("undef").items()) t.symbols.only.insert(symbol);
    t.symbols.only.insert("-");
    auto& m = t.load({text.begin(), text.end()});

    std::map<std::string, std::string> expected, listed;
    for (const auto& s : is.at("sections")) {
      if (s.at(4) == 0) continue;
      char address_text[32];
      std::snprintf(
          address_text, sizeof address_text, "0x%016llx\n",
          static_cast<unsigned long long>(bases.at(s.at(2)) + s.at(3).template get<address>()));
      expected["sections/" + s.at(1).template get<std::string>()] = address_text;
      if (s.at(6) == 7) expected["notes/" + s.at(1).template get<std::string>()] = "";
    }
    const auto all = t.tree(m);
    for (const auto& [entry, shown] : all) {
      if (entry.rfind("sections/", 0) == 0) listed[entry] = shown.text;
      if (entry.rfind("notes/", 0) == 0) listed[entry] = "";
    }
    CHECK(listed == expected);
    CHECK(all.at("coresize").text == std::to_string(core) + "\n");
    ++compared;
    sections += expected.size();
  }
  CHECK(compared > 20);
  CHECK(sections > 20 * compared);
}

}  // namespace

#define RELO_KERNELS(name)                                                                         \
  TEST_CASE(#name) {                                                                               \
    SUBCASE("6.1") { name<kmod::generation::v6_1>(); }                                             \
    SUBCASE("6.12") { name<kmod::generation::v6_12>(); }                                           \
  }
RELO_KERNELS(tree)
RELO_KERNELS(version)
RELO_KERNELS(parameters)
RELO_KERNELS(holders)
RELO_KERNELS(duplicates)
TEST_CASE("formats") { formats(); }
TEST_CASE("parameters that are written") { stores(); }
TEST_CASE("tables that a module spoilt") { spoilt(); }
TEST_CASE("sections of Debian's modules") {
  debian<kmod::generation::v6_1>("6.1.0-50-amd64", "relocated-amd64.json.xz");
  debian<kmod::generation::v6_12>("6.12.107+deb13-amd64", "relocated-trixie-amd64.json.xz");
}
