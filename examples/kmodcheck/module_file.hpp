// A module's file: decompressed if need be, and what can be told of it without loading it.
#pragma once

#include "simulated_kernel.hpp"

#include <relo/elf/constants.hpp>
#include <relo/elf/format.hpp>
#include <relo/elf/source.hpp>
#include <relo/host/decompress.hpp>
#include <relo/host/file.hpp>
#include <relo/linux/errno.hpp>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kmodcheck {

/// What errno.h calls an errno of the kernel's, or of opening and reading a file.
inline const char* error_name(int error) noexcept {
  constexpr struct {
    int error;
    const char* name;
  } of_files[] = {{EACCES, "EACCES"}, {ELOOP, "ELOOP"},     {EFBIG, "EFBIG"},
                  {EISDIR, "EISDIR"}, {ENOTDIR, "ENOTDIR"}, {ENAMETOOLONG, "ENAMETOOLONG"},
                  {EMFILE, "EMFILE"}, {ENFILE, "ENFILE"},   {ESTALE, "ESTALE"}};
  for (const auto& e : of_files)
    if (e.error == error) return e.name;
  return relo::kmod::errno_name(error);
}

/// A file's contents, decompressed as its first bytes say, to at most that many bytes.
class contents {
 public:
  contents(const char* path, std::size_t max_size) {
    relo::host::file file{path, max_size};
    if (file.error() == EFBIG) refuse(EFBIG, "larger than " + limit(max_size));
    else if (file.error() != 0) refuse(file.error(), file.message());
    else if (relo::host::compression_of(file.bytes()) != relo::host::compression::none)
      unpack(file.bytes(), max_size);
    else view_ = file_.emplace(std::move(file)).bytes();
  }
  contents(contents&&) = default;

  /// An errno, and 0 if they are there: EINVAL for what is damaged, EFBIG for what is too large.
  int error() const noexcept { return error_; }
  const std::string& message() const noexcept { return why_; }
  bytes_view bytes() const noexcept { return view_; }

 private:
  void unpack(bytes_view packed, std::size_t max_size) {
    unpacked_ = relo::host::decompress(packed, relo::host::decompression::whole_file, max_size);
    if (unpacked_) view_ = unpacked_.bytes;
    else if (unpacked_.error == relo::errc::module_too_large)
      refuse(EFBIG, "decompressed larger than " + limit(max_size));
    else refuse(relo::kmod::errno_of(unpacked_.error), relo::kmod::words::message(unpacked_.error));
  }
  void refuse(int error, std::string why) {
    error_ = error;
    why_ = std::move(why);
  }
  static std::string limit(std::size_t max_size) {
    return std::to_string(max_size) + " bytes (--max-size)";
  }

  std::optional<relo::host::file> file_;
  relo::host::decompressed unpacked_;
  int error_ = 0;
  std::string why_;
  bytes_view view_;
};

/// The sections of a file that may be damaged: what is not within it is not there.
class sections_of {
  using format = relo::elf::elf64le;
  using header = relo::elf::ehdr<format, const unsigned char*, 1>;
  using section = relo::elf::shdr<format, const unsigned char*, 1>;

 public:
  using symbol = relo::elf::sym<format, const unsigned char*, 1>;

  explicit sections_of(bytes_view file) : file_(file) {
    if (file.size() < header::size || std::memcmp(file.data(), "\177ELF\2\1", 6) != 0) return;
    const header h{file.data()};
    const std::size_t count = h.e_shnum();
    if (h.e_shentsize() != section::size || h.e_shoff() > file.size() ||
        count * section::size > file.size() - h.e_shoff() || h.e_shstrndx() >= count)
      return;
    table_ = file.data() + h.e_shoff();
    count_ = count;
    names_ = contents_of(at(h.e_shstrndx()));
  }

  /// The first allocated one of that name; empty: there is none, or it has no contents.
  bytes_view find(std::string_view name) const {
    for (std::size_t i = 1; i < count_; ++i) {
      const section s = at(i);
      if ((s.sh_flags() & relo::elf::shf::alloc) != 0 && string(names_, s.sh_name()) == name)
        return contents_of(s);
    }
    return {};
  }

  /// The contents of the first one of that name, whatever its header says that it is; null: there
  /// is none, or it is not within the file.
  std::optional<bytes_view> find_any(std::string_view name) const {
    for (std::size_t i = 1; i < count_; ++i)
      if (const section s = at(i); string(names_, s.sh_name()) == name) return within_file(s);
    return {};
  }

  /// Calls f(name) for the names of undefined symbols; a NUL follows each.
  template <class F>
  void for_each_undefined(F&& f) const {
    for (std::size_t i = 1; i < count_; ++i) {
      const section s = at(i);
      if (s.sh_type() != relo::elf::sht::symtab || s.sh_link() >= count_) continue;
      const bytes_view symbols = contents_of(s), names = contents_of(at(s.sh_link()));
      for (std::size_t n = 1; n < symbols.size() / symbol::size; ++n) {
        const symbol one{symbols.data() + n * symbol::size};
        if (one.st_shndx() != relo::elf::shn::undef) continue;
        const auto name = string(names, one.st_name());
        if (!name.empty() && one.st_name() + name.size() < names.size()) f(name);
      }
      return;
    }
  }

  /// The string at that offset, which ends where the bytes do at last.
  static std::string_view string(bytes_view in, std::size_t at) noexcept {
    if (at >= in.size()) return {};
    const auto* const s = reinterpret_cast<const char*>(in.data()) + at;
    return {s, ::strnlen(s, in.size() - at)};
  }

  /// Calls f(string) for the strings of a section, which NULs divide.
  template <class F>
  static void for_each_string(bytes_view in, F&& f) {
    for (std::size_t at = 0; at < in.size();) {
      const auto s = string(in, at);
      if (!s.empty()) f(s);
      at += s.size() + 1;
    }
  }

 private:
  section at(std::size_t i) const noexcept { return section{table_ + i * section::size}; }
  std::optional<bytes_view> within_file(const section& s) const noexcept {
    if (s.sh_offset() > file_.size() || s.sh_size() > file_.size() - s.sh_offset()) return {};
    return file_.subspan(s.sh_offset(), s.sh_size());
  }
  bytes_view contents_of(const section& s) const noexcept {
    return s.sh_type() == relo::elf::sht::nobits ? bytes_view{}
                                                 : within_file(s).value_or(bytes_view{});
  }

  bytes_view file_;
  const unsigned char* table_ = nullptr;
  std::size_t count_ = 0;
  bytes_view names_;
};

/// struct module as it is in the file: its name; "" if there is none.
inline std::string_view module_name(const sections_of& file) {
  // enum module_state state; struct list_head list; char name[MODULE_NAME_LEN];
  constexpr std::size_t name_at = 24, name_size = 56;
  const bytes_view mod = file.find(".gnu.linkonce.this_module");
  if (mod.size() < name_at + name_size) return {};
  return sections_of::string(mod.subspan(name_at, name_size), 0);
}

/// The value of that tag in .modinfo; null if there is none.
inline std::optional<std::string_view> modinfo(const sections_of& file, std::string_view tag) {
  std::optional<std::string_view> out;
  sections_of::for_each_string(file.find(".modinfo"), [&](std::string_view s) {
    if (!out && s.size() > tag.size() && s.substr(0, tag.size()) == tag && s[tag.size()] == '=')
      out = s.substr(tag.size() + 1);
  });
  return out;
}

}  // namespace kmodcheck
