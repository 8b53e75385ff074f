// What is not the loader's: the names it offers, where streamed modules come from, and what is
// asked of the loader.
#pragma once

#include <offered.hpp>
#include <relo/diagnostics.hpp>

#include <span>

/// The module's file, behind a source that is read and not addressed, and how it was read.
struct file {
  static constexpr std::size_t block = 512;
  mutable std::size_t reads = 0, blocks = 0;
  bool read(std::size_t offset, std::span<unsigned char> to) const;
  std::size_t size() const;
};
extern file object;

/// Makes code that was written as data visible to instruction fetch.
void sync_code(unsigned char* code, std::size_t size);

/// A console.
void say(const char* line);

// A composition defines the first of these or the second, or both, and the others.
relo::errc load(const unsigned char* bytes, std::size_t size);
relo::errc load(file& from);  // of a cached one, if BLOCKS is defined
using entry = int(int);
entry* find(const char* name);
relo::errc unload();
