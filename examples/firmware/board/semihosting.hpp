// Files of the machine that runs the emulator or the debug probe.
// "Semihosting for AArch32 and AArch64" (Arm), "RISC-V Semihosting".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace semihosting {

enum class operation : std::uintptr_t {
  open = 0x01,
  close = 0x02,
  read = 0x06,
  seek = 0x0a,
  flen = 0x0c,
  exit_extended = 0x20,
};

inline std::intptr_t trap(operation op, const std::uintptr_t* arguments) {
#if defined(__arm__)
  register std::uintptr_t r0 asm("r0") = static_cast<std::uintptr_t>(op);
  register const std::uintptr_t* r1 asm("r1") = arguments;
  asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return static_cast<std::intptr_t>(r0);
#elif defined(__riscv)
  register std::uintptr_t a0 asm("a0") = static_cast<std::uintptr_t>(op);
  register const std::uintptr_t* a1 asm("a1") = arguments;
  // Three uncompressed instructions, which must lie in one page.
  asm volatile(".option push\n.option norvc\n.balign 16\n"
               "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
               : "+r"(a0)
               : "r"(a1)
               : "memory");
  return static_cast<std::intptr_t>(a0);
#endif
}

template <class... Words>
std::intptr_t call(operation op, Words... words) {
  const std::uintptr_t arguments[] = {(std::uintptr_t)words...};
  return trap(op, arguments);
}

[[noreturn]] inline void exit(int status) {
  constexpr std::uintptr_t application_exit = 0x20026;
  for (;;) call(operation::exit_extended, application_exit, status);
}

/// A file, read in pieces of at most Piece bytes, as from a small block device; a relo reader. What
/// is in an object decides how often a loader reads it, and none shall keep a loader busy: after
/// `times` as many pieces as the file has, reading fails.
template <std::size_t Piece>
class file {
 public:
  file(const char* path, std::size_t times)
      : handle_(call(operation::open, path, 1 /* rb */, __builtin_strlen(path))),
        size_(is_open() ? call(operation::flen, handle_) : 0),
        most_(times * (size() / Piece + 1)) {}
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() {
    if (is_open()) call(operation::close, handle_);
  }

  bool is_open() const { return handle_ >= 0; }
  std::size_t size() const { return size_ < 0 ? 0 : static_cast<std::size_t>(size_); }

  /// relo::elf::reader
  bool read(std::size_t offset, std::span<unsigned char> to) {
    if (!is_open() || (offset != at_ && call(operation::seek, handle_, offset) != 0)) return false;
    at_ = offset;
    while (!to.empty()) {
      const std::size_t n = to.size() < Piece ? to.size() : Piece;
      if (reads_ == most_) return false;
      // Answers how many bytes it did not read.
      if (call(operation::read, handle_, to.data(), n) != 0) return false;
      at_ += n;
      ++reads_;
      bytes_ += n;
      to = to.subspan(n);
    }
    return true;
  }

  std::size_t reads() const { return reads_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::intptr_t handle_;
  std::intptr_t size_;
  std::size_t most_;  ///< reads
  std::size_t at_ = 0, reads_ = 0, bytes_ = 0;
};

}  // namespace semihosting
