// A loader of kernel modules for the tests of searches.
#pragma once

#include <relo/host/file.hpp>
#include <relo/host/process.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/memory/arena.hpp>
#include <relo/relo.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

/// What the kernel would log.
struct kernel_log : relo::kmod::located<> {
  std::string text;
  void printk(const char* line) { (text += line) += '\n'; }
};

/// Where kernels have their modules.
struct test_memory : relo::buffer<std::uint64_t> {
  test_memory() : test_memory(std::make_unique<std::vector<unsigned char>>(1 << 20)) {}

 private:
  explicit test_memory(std::unique_ptr<std::vector<unsigned char>> s)
      : relo::buffer<std::uint64_t>{*s, 0xffff'ffff'c000'0000}, storage_(std::move(s)) {}
  std::unique_ptr<std::vector<unsigned char>> storage_;
};

inline relo::kmod::kernel<relo::kmod::generation::v5_11> old_kernel() {
  relo::kmod::config c;
  c.vermagic = "test SMP mod_unload ";
  c.modversions = c.module_sig = false;
  c.unused_symbols = true;
  return relo::kmod::kernel<relo::kmod::generation::v5_11>{c};
}

/// The policies that do not differ.
#define SEARCH_LOADER(memory, log)                                                                 \
  relo::kmod::x86_64{}, memory, log, relo::kmod::prel32_exports{},                                 \
      relo::host::heap_scratch<std::uint64_t>{}, relo::dont_run{}, relo::kmod::modules<8> {}
