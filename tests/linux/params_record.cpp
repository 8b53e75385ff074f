// What two kernels of which there is a record stored into parameters, and said of them. The
// module's init function printed its variables there; here they are read from where its symbols
// are.
#include "record.hpp"

#include <relo/host/file.hpp>
#include <relo/host/process.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/loader.hpp>
#include <relo/memory/arena.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace {

using relo::errc;
using namespace relo::kmod;

/// The module of the record that has parameters of many types.
const std::string subject = "kt_param";

struct attempt {
  int step = 0, rc = 0;
  std::string args;
  std::vector<std::string> log;
};

std::vector<attempt> attempts(const std::string& version) {
  std::ifstream in{record::truth("verdicts-" + version + ".json")};
  const std::string command = "ins " + subject + ".ko ";
  std::vector<attempt> found;
  for (const auto& a : nlohmann::json::parse(in))
    if (const std::string cmd = a["cmd"]; cmd.starts_with(command))
      found.push_back({a["step"], a["rc"], cmd.substr(command.size()), a["dmesg"]});
  return found;
}

template <class Name>
std::string text_of(const Name& called) {
  std::string out;
  for (std::size_t i = 0; called[i] != '\0'; ++i) out += called[i];
  return out;
}

/// A kernel that has whatever is asked of it, without a CRC.
struct everything {
  using role = relo::role::symbols;
  mutable std::map<std::string, std::uint64_t> given;
  template <class Name, class Symbol>
  bool find(const Name& called, bool, Symbol& out) const {
    out.address =
        given.try_emplace(text_of(called), 0xffff'ffff'8100'0000 + 64 * given.size()).first->second;
    return true;
  }
};

struct listening : relo::kmod::located<> {
  std::vector<std::string>* lines;
  explicit listening(std::vector<std::string>& to) : lines(&to) {}
  void printk(const char* line) { lines->emplace_back(line); }
};

std::map<std::string, std::uint64_t> variables;

/// Where the module's variables are, by the names of its symbols.
struct find_variables {
  static constexpr const char* name = "find_variables";
  using undo = relo::nothing_to_undo;
  template <class Load>
  errc run(Load& load) const {
    variables.clear();
    for (std::uint32_t i = 1; i < load.image.symbols(); ++i) {
      const auto s = load.image.symbol(i);
      if (s.type() == relo::elf::stt::object)
        variables[text_of(load.image.symbol_name(s))] = load.values[i];
    }
    return errc::ok;
  }
};

/// What the module's init function prints of its variables.
template <class Module>
std::string printed(const Module& m) {
  const auto bytes = [&](std::uint64_t at, std::uint64_t size) {
    auto found = m.bytes_at(at, size);
    if (found.empty()) found = relo::bytes_in(std::array{m.args}, at, size);
    REQUIRE(found.size() == size);
    return found;
  };
  const auto number = [&](const char* called, std::uint64_t size, std::uint64_t offset = 0) {
    REQUIRE(variables.count(called) == 1);
    const auto b = bytes(variables[called] + offset, size);
    std::uint64_t v = 0;
    for (std::size_t i = size; i-- > 0;) v = v << 8 | b[i];
    return v;
  };
  const auto integer = [&](const char* called, std::uint64_t offset = 0) {
    return std::to_string(static_cast<std::int32_t>(number(called, 4, offset)));
  };
  const auto text = [&](std::uint64_t at) {
    std::string s;
    for (; bytes(at, 1)[0] != 0; ++at) s += static_cast<char>(bytes(at, 1)[0]);
    return s;
  };
  return subject + " n=" + integer("n") + " b=" + std::to_string(number("b", 1)) +
         " s=" + text(number("s", 8)) + " na=" + integer("na") + " arr=" + integer("arr") + "," +
         integer("arr", 4) + "," + integer("arr", 8) + "," + integer("arr", 12) +
         " by=" + std::to_string(number("by", 1)) + " ul=" + std::to_string(number("ul", 8)) +
         " st=" + text(variables["st"]) + " inv=" + std::to_string(number("inv", 1)) +
         " wd=" + integer("with_dash");
}

template <generation G, class Layout, class Pipeline>
void replay(const std::string& version, const char* vermagic, const Pipeline& pipeline) {
  const record::faults& files = record::faults_of(version);
  const relo::host::file file{files[subject + ".ko"].c_str()};
  REQUIRE(file.error() == 0);
  std::vector<unsigned char> storage(1 << 20);
  relo::buffer<std::uint64_t> memory{storage, 0xffff'ffff'c000'0000};
  std::vector<std::string> log;
  config c;
  c.vermagic = vermagic;
  relo::loader loader{x86_64{},
                      memory,
                      everything{},
                      prel32_exports{},
                      relo::host::heap_scratch<std::uint64_t>{},
                      relo::dont_run{},
                      listening{log},
                      relo::kmod::kernel<G>{c},
                      relo::kmod::modules<2>{},
                      Layout{},
                      pipeline | relo::insert_after<"apply_relocations">(find_variables{})};
  // What a kernel says once of modules that are not signed, it had said before.
  const auto first = loader.load(file.bytes());
  REQUIRE(first);
  REQUIRE(loader.unload(*first) == errc::ok);

  std::size_t loaded = 0, refused = 0;
  for (const attempt& a : attempts(version)) {
    CAPTURE(version);
    CAPTURE(a.step);
    CAPTURE(a.args);
    log.clear();
    const auto m = loader.load(file.bytes(), {.args = a.args.c_str()});
    CHECK(-errno_of(m.error()) == a.rc);
    if (m) {
      log.push_back(printed(*m));
      ++loaded;
      CHECK(loader.unload(*m) == errc::ok);
    } else {
      ++refused;
    }
    CHECK(log == a.log);
    CHECK(memory.in_use() == 0);
  }
  std::printf("%s: %zu loads as recorded, %zu refused\n", version.c_str(), loaded, refused);
  CHECK(loaded > 10);
  CHECK(refused > 5);
}

}  // namespace

TEST_CASE("the record of Linux 6.1") {
  replay<generation::v6_1, relo::core_and_init>(
      "6.1", "6.1.0-50-amd64 SMP preempt mod_unload modversions ", load_module_6_1);
}
TEST_CASE("the record of Linux 6.12") {
  replay<generation::v6_12, relo::region_per_type>(
      "6.12", "6.12.107+deb13-amd64 SMP preempt mod_unload modversions ", load_module_6_12);
}
