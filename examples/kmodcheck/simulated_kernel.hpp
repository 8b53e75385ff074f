// A kernel that modules are loaded into as insmod does, but for that none of their code runs.
#pragma once

#include "loaded_modules.hpp"

#include <relo/host/pkcs7.hpp>
#include <relo/host/symvers.hpp>
#include <relo/linux/policy/kernel.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace kmodcheck {

using bytes_view = std::span<const unsigned char>;

/// Where a kernel had a module, and what the symbols were that it asked for.
struct placement {
  struct region {
    std::string name;
    std::uint64_t base;
  };
  std::vector<region> regions;
  std::uint64_t percpu = 0;
  std::unordered_map<std::string, std::uint64_t> symbols;
};

/// A section as it was laid out and relocated.
struct placed_section {
  std::uint32_t index;
  std::string name;
  const char* region;
  std::uint64_t offset, size;
  bool has_contents;
  std::vector<unsigned char> contents;  ///< if they were asked for
};

/// A kernel's memory for a module, and its tables there.
struct memory_layout {
  struct region {
    const char* name;
    std::uint64_t base, size;
  };
  struct table {
    const char* name;
    const char* region;
    std::uint64_t offset, size, entries;
  };
  std::vector<region> regions;
  std::vector<placed_section> sections;
  std::vector<table> tables;
};

/// What a load is asked for besides the verdict.
enum class wanted : unsigned char { verdict, layout, contents };

struct request {
  bytes_view image;
  const loaded_modules* there = nullptr;  ///< null: no modules are loaded
  const char* args = "";
  unsigned flags = 0;
  const placement* place = nullptr;
  wanted details = wanted::verdict;
};

struct verdict {
  int error = 0;                    ///< errno
  std::vector<std::string> log;     ///< what the kernel logs
  std::size_t cause = 0;            ///< in the log, what the step says that failed
  std::string reason;               ///< relo's own words for an error
  bool needs = false;               ///< the reason is other modules
  std::string vermagic{};           ///< the module's, where it was not compared
  std::vector<std::size_t> uses{};  ///< numbers of loaded modules that it looked into, with repeats
  memory_layout layout;             ///< if it was asked for, of what was loaded
};

/// What a kernel remembers of the modules it had: taints, and what it has said once.
struct memory_of_taints {
  std::uint32_t bits = 0;
  bool told_unsigned = false, told_livepatch = false, told_lock_debugging = false;

  memory_of_taints& operator|=(const memory_of_taints& other) noexcept {
    bits |= other.bits;
    told_unsigned |= other.told_unsigned;
    told_livepatch |= other.told_livepatch;
    told_lock_debugging |= other.told_lock_debugging;
    return *this;
  }
};

/// What kernels of every generation are made with. All of it outlives the kernel.
struct kernel_setup {
  relo::kmod::config config;
  const relo::host::symvers* exports = nullptr;  ///< empty: a placement has all that is asked for
  /// By entry of exports: false if the module that has it is not loaded.
  const std::vector<bool>* present = nullptr;
  /// No certificates: whatever is a signature is a good one.
  const relo::host::certificates* certificates = nullptr;
  bool compare_vermagic = false;
};

class simulated_kernel {
 public:
  virtual ~simulated_kernel() = default;

  /// As finit_module(). Of a module that was loaded the kernel keeps its taints; and where `stays`
  /// is not null, the addresses, while the rest goes there.
  virtual verdict load(const request& what, loaded_module* stays) = 0;

  /// What the module was called that was loaded last, or was to be; "" if that was not known yet.
  virtual const std::string& last_name() const = 0;

  virtual memory_of_taints taints() const = 0;
  virtual void set_taints(const memory_of_taints& t) = 0;
};

std::unique_ptr<simulated_kernel> make_kernel_5_11(const kernel_setup& setup);
std::unique_ptr<simulated_kernel> make_kernel_6_1(const kernel_setup& setup);
std::unique_ptr<simulated_kernel> make_kernel_6_12(const kernel_setup& setup);

}  // namespace kmodcheck
