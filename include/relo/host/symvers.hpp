// Module.symvers: what a kernel and its modules export, as its build has written it down.
#pragma once

#include <relo/linux/record/version.hpp>
#include <relo/symbol/name_index.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace relo::host {

/// A line of Module.symvers. Its strings belong to the table that it is of.
struct symvers_entry {
  const char* name;
  const char* owner;       ///< a module, as it is called when it is loaded; "" for the kernel
  const char* name_space;  ///< "" for none
  std::uint32_t crc;
  export_kind kind;
  bool unused;  ///< EXPORT_UNUSED_SYMBOL
};

/// Module.symvers as a table of symbols (a policy of role symbols), found by a hash of the name. Of
/// lines that bear one name the first counts. Addresses are stand-ins: 16 bytes each, in the
/// kernel's text. Reading it costs an allocation a table, not one a line.
class symvers {
 public:
  using role = role::symbols;
  /// Where x86-64 has its kernel.
  static constexpr std::uint64_t text = 0xffff'ffff'8100'0000;

  /// Reads a file's contents, of columns divided by tabs: CRC, name, owner, kind, and perhaps a
  /// namespace; 5.4 and 5.5 have it third. False, and nothing is in the table: line bad_line() is
  /// none.
  bool read(std::span<const unsigned char> file) {
    text_.assign(file.begin(), file.end());
    text_.push_back('\n');
    entries_.clear();
    entries_.reserve(static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n')));
    line_ = 0;
    for (char *line = text_.data(), *const end = line + text_.size(); line != end;) {
      char* const stop =
          static_cast<char*>(std::memchr(line, '\n', static_cast<std::size_t>(end - line)));
      *stop = '\0';
      ++line_;
      if (line != stop && !add(line)) {
        entries_.clear();
        index();
        return false;
      }
      line = stop + 1;
    }
    index();
    return true;
  }
  std::size_t bad_line() const noexcept { return line_; }

  std::span<const symvers_entry> entries() const noexcept { return entries_; }

  /// Null: there is none of that name.
  template <class Name>
  const symvers_entry* entry(const Name& name) const noexcept {
    if (entries_.empty()) return nullptr;
    const std::uint32_t at = index_.find(name, hash_name(name), names{entries_});
    return at == name_index::none ? nullptr : &entries_[at];
  }

  template <class Name, class Symbol>
  bool find(const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    const symvers_entry* const e = entry(name);
    return e != nullptr && take(*e, gpl_ok, out);
  }
  /// What find() does once it has the entry.
  template <class Symbol>
  bool take(const symvers_entry& e, bool gpl_ok, Symbol& out) const noexcept {
    if (!visible(e.kind, gpl_ok)) return false;
    out.address = text + 16 * static_cast<std::uint64_t>(&e - entries_.data());
    out.kind = e.kind;
    if constexpr (requires { out.crc; }) {
      out.has_crc = true;
      out.crc = e.crc;
      out.owner = e.owner;
      out.name_space = e.name_space;
      out.unused = e.unused;
    }
    return true;
  }

 private:
  struct names {
    const std::vector<symvers_entry>& entries;
    const char* operator()(std::size_t i) const noexcept { return entries[i].name; }
  };

  static bool parse_crc(const char* s, std::uint32_t& out) noexcept {
    if (s[0] != '0' || s[1] != 'x') return false;
    out = 0;
    const char* digit = s + 2;
    for (; *digit != '\0'; ++digit) {
      const char c = static_cast<char>(*digit | 0x20);
      const int value = *digit >= '0' && *digit <= '9' ? *digit - '0'
                        : c >= 'a' && c <= 'f'         ? c - 'a' + 10
                                                       : -1;
      if (value < 0 || digit - s > 9) return false;
      out = out << 4 | static_cast<std::uint32_t>(value);
    }
    return digit != s + 2;
  }

  static bool parse_kind(std::string_view s, symvers_entry& out) noexcept {
    struct kind {
      std::string_view word;
      export_kind is;
      bool unused;
    };
    static constexpr kind kinds[] = {{"EXPORT_SYMBOL_GPL", export_kind::gpl, false},
                                     {"EXPORT_SYMBOL", export_kind::plain, false},
                                     {"EXPORT_SYMBOL_GPL_FUTURE", export_kind::gpl_future, false},
                                     {"EXPORT_UNUSED_SYMBOL", export_kind::plain, true},
                                     {"EXPORT_UNUSED_SYMBOL_GPL", export_kind::gpl, true}};
    for (const kind& k : kinds)
      if (s == k.word) {
        out.kind = k.is;
        out.unused = k.unused;
        return true;
      }
    return false;
  }

  /// "drivers/net/my-module" is my_module. The string is changed in place.
  static const char* module_name(char* path) noexcept {
    if (std::strcmp(path, "vmlinux") == 0) return "";
    if (char* const slash = std::strrchr(path, '/'); slash != nullptr) path = slash + 1;
    const std::size_t length = std::strlen(path);
    if (length > 3 && std::strcmp(path + length - 3, ".ko") == 0) path[length - 3] = '\0';
    std::replace(path, path + length, '-', '_');
    return path;
  }

  bool add(char* line) {
    constexpr std::size_t most = 5;
    char* column[most] = {line};
    std::size_t columns = 1;
    for (char* tab = line; (tab = std::strchr(tab, '\t')) != nullptr;) {
      if (columns == most) return false;
      *tab++ = '\0';
      column[columns++] = tab;
    }
    symvers_entry e{};
    if (columns < 4 || !parse_crc(column[0], e.crc) || column[1][0] == '\0') return false;
    e.name = column[1];
    e.name_space = "";
    if (parse_kind(column[3], e)) {
      e.owner = module_name(column[2]);
      if (columns == most) e.name_space = column[4];
    } else if (columns == most && parse_kind(column[4], e)) {
      e.name_space = column[2];
      e.owner = module_name(column[3]);
    } else {
      return false;
    }
    entries_.push_back(e);
    return true;
  }

  void index() {
    slots_.resize(name_index::entries_for(entries_.size()));
    index_ = name_index{entries_.size(), slots_, names{entries_}};
  }

  std::vector<char> text_;
  std::vector<symvers_entry> entries_;
  std::vector<name_index::entry> slots_;
  name_index index_{};
  std::size_t line_ = 0;
};

}  // namespace relo::host
