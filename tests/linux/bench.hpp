// A kernel to load into, of which every step can be seen, and every allocation can fail.
#pragma once

#include <relo/host/process.hpp>
#include <relo/linux/call/delete_module.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/loader.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <new>
#include <set>
#include <string>
#include <vector>

namespace bench {

namespace kmod = relo::kmod;
using address = std::uint64_t;
using strings = std::vector<std::string>;
using bytes = std::vector<unsigned char>;

inline bytes contents(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The same with a section of another name. The names move to the end of the file, where there is
/// room for a longer one.
inline bytes renamed(bytes file, const std::string& from, const std::string& to) {
  const auto read = [&](std::size_t at, std::size_t size) {
    std::uint64_t v = 0;
    std::memcpy(&v, &file[at], size);
    return static_cast<std::size_t>(v);
  };
  const auto write = [&](std::size_t at, std::size_t v, std::size_t size) {
    std::memcpy(&file[at], &v, size);
  };
  const std::size_t headers = read(0x28, 8), table = headers + 64 * read(0x3e, 2);
  const std::size_t names = read(table + 24, 8), size = read(table + 32, 8), moved = file.size();
  file.resize(moved + size + to.size() + 1);
  std::copy_n(&file[names], size, &file[moved]);
  std::copy_n(to.c_str(), to.size() + 1, &file[moved + size]);
  write(table + 24, moved, 8);
  write(table + 32, size + to.size() + 1, 8);
  for (std::size_t h = headers; h != headers + 64 * read(0x3c, 2); h += 64)
    if (reinterpret_cast<const char*>(&file[moved + read(h, 4)]) == from) {
      write(h, size, 4);
      return file;
    }
  FAIL(from);
  return file;
}

/// The same with other bytes, as many, at the first place of the given ones.
inline bytes replaced(bytes file, const std::string& from, const std::string& to) {
  const auto at = std::search(file.begin(), file.end(), from.begin(), from.end());
  REQUIRE(at != file.end());
  REQUIRE(from.size() == to.size());
  std::copy(to.begin(), to.end(), at);
  return file;
}

/// What happened, in order. Each thing but once if it happens several times in a row.
struct journal {
  strings lines;
  void operator()(const std::string& line) {
    if (lines.empty() || lines.back() != line) lines.push_back(line);
  }
};

/// Pages; the kernel's own memory and per-CPU data apart from that.
class memory {
 public:
  using role = relo::role::memory;
  using addr = address;
  using block = relo::block<addr>;
  static constexpr addr granularity = 4096;

  journal* log = nullptr;
  std::size_t calls = 0;
  std::size_t fails_at = 0;                    ///< which of the calls for memory; 0: none
  bool throws = false;                         ///< if that is how it fails
  std::array<addr, relo::mem_types> places{};  ///< of regions, by their first type; 0: anywhere

  std::size_t in_use() const { return blocks_.size(); }

  block allocate(relo::mem_type type, addr size, addr align) {
    addr place = places[static_cast<std::size_t>(type)];
    return take("module memory", place != 0 ? place : module_, size, align);
  }
  void release(const block& b) noexcept { give("module memory", b); }
  block allocate_percpu(addr size, addr align, unsigned cpus) {
    return take("percpu", percpu_, relo::align_up(size, align) * cpus, align);
  }
  void release_percpu(const block& b) noexcept { give("percpu", b); }
  block kmalloc(addr size) { return take("kmalloc", kernel_, size, 8); }
  void kfree(const block& b) noexcept { give("kmalloc", b); }
  bool protect(const block&, relo::permission) { return true; }

 private:
  struct piece {
    bytes storage;
    std::string of;
  };
  std::map<addr, piece> blocks_;
  addr module_ = 0xffff'ffff'c000'0000, percpu_ = 0x3'5000, kernel_ = 0xffff'8880'0000'0000;

  block take(const char* of, addr& next, addr size, addr align) {
    if (++calls == fails_at && throws) throw std::bad_alloc{};
    if (calls == fails_at || size > addr{64} << 20) return {};
    const addr at = relo::align_up(next, align > 4096 ? align : addr{4096});
    next = at + relo::align_up(size, addr{4096});
    piece& p = blocks_[at];
    p = {bytes(size), of};
    return {std::span{p.storage}, at};
  }
  void give(const std::string& of, const block& b) noexcept {
    const auto found = blocks_.find(b.address);
    REQUIRE(found != blocks_.end());
    CHECK(found->second.of == of);
    CHECK(found->second.storage.size() == b.bytes.size());
    blocks_.erase(found);
    if (log != nullptr) (*log)("free " + of);
  }
};

/// Has every symbol, without a CRC, but those that the modules of the record export; or only some.
struct kernel_symbols {
  using role = relo::role::symbols;
  mutable std::map<std::string, address> given{};
  std::set<std::string> only{};

  template <class Name, class Symbol>
  bool find(const Name& name, bool, Symbol& out) const {
    std::string wanted;
    for (std::size_t i = 0; name[i] != '\0'; ++i) wanted += name[i];
    if (wanted.rfind("kt_", 0) == 0 || wanted == "module_layout") return false;
    if (!only.empty() && only.count(wanted) == 0) return false;
    const address next = 0xffff'ffff'8100'0000 + 16 * given.size();
    out.address = given.emplace(wanted, next).first->second;
    return true;
  }
};

struct kernel_log : relo::kmod::located<> {
  strings said;
  void printk(const char* line) { said.emplace_back(line); }
};

/// What the record's modules were built for.
inline kmod::config config_of(kmod::generation g) {
  kmod::config c;
  c.vermagic = g == kmod::generation::v6_12
                   ? "6.12.107+deb13-amd64 SMP preempt mod_unload modversions "
                   : "6.1.0-50-amd64 SMP preempt mod_unload modversions ";
  return c;
}

inline const char* record_of(kmod::generation g) {
  return g == kmod::generation::v6_12 ? "6.12" : "6.1";
}

template <kmod::generation G>
using layout_of =
    std::conditional_t<G == kmod::generation::v6_12, relo::region_per_type, relo::core_and_init>;

template <kmod::generation G>
inline constexpr auto pipeline_of = [] {
  if constexpr (G == kmod::generation::v6_12) return kmod::load_module_6_12;
  else if constexpr (G == kmod::generation::v6_1) return kmod::load_module_6_1;
  else return kmod::load_module_5_11;
}();

}  // namespace bench
