// Errors: what went wrong, and where. The policy decides how much of it is kept.
#pragma once

#include <relo/base/name.hpp>
#include <relo/base/role.hpp>
#include <relo/diagnostics/errc.hpp>
#include <relo/diagnostics/other_file.hpp>
#include <relo/diagnostics/words.hpp>

#include <array>

namespace relo {

/// Where it went wrong, as the place that noticed knows it. Indices are the file's.
struct where {
  static constexpr std::uint32_t none = 0xffffffff;
  const char* stage = "";           ///< filled in by load_info::fail()
  std::uint32_t section = none;     ///< section header index; for a relocation, of what it changes
  std::uint32_t symbol = none;      ///< symbol table index
  std::uint32_t relocation = none;  ///< record number within its relocation section
  std::uint32_t type = none;        ///< relocation type; of a relocation section: sh_type
  std::uint64_t offset = 0;         ///< r_offset; of what is no ELF file: its first eight bytes,
                                    ///< see elf::other_file()
  std::uint64_t value = 0;          ///< the number that was refused; of an amount, what was wanted
  std::uint64_t limit = unknown;    ///< of an amount, what there is
  const char* advice = "";          ///< what whoever compiled the object may do about it

  static constexpr std::uint64_t unknown = ~std::uint64_t{0};
};

/// What most faults know of their place: the index of a section or of a symbol, and the number that
/// was refused. It becomes a `where` where somebody is told, and costs nothing else.
template <std::uint32_t where::* Index>
struct known_place {
  std::uint32_t index;
  std::uint64_t value;
  constexpr explicit known_place(std::uint32_t i, std::uint64_t v = 0) noexcept
      : index(i), value(v) {}
  constexpr operator where() const noexcept {
    where out{.value = value};
    out.*Index = index;
    return out;
  }
};
using in_section = known_place<&where::section>;
using of_symbol = known_place<&where::symbol>;
constexpr in_section about(std::uint64_t value) noexcept { return in_section{where::none, value}; }

/// What the value and the limit of an error count; null where the value is no amount.
constexpr const char* unit(errc e) noexcept {
  switch (e) {
    case errc::name_too_long:
    case errc::symbol_name_too_long: return "characters";
    case errc::too_many_modules: return "modules";
    case errc::relocations_overlap:
    case errc::section_too_large:
    case errc::module_too_large:
    case errc::out_of_memory: return "bytes";
    case errc::out_of_scratch: return "words";
    case errc::too_many_stubs: return "slots";
    default: return nullptr;
  }
}

/// The name of a type, in two parts: those of a machine's relocation types begin all alike.
struct type_name {
  const char* prefix = "";
  const char* rest = "";
  constexpr bool empty() const noexcept { return *prefix == '\0' && *rest == '\0'; }
};

/// What went wrong, and where. The names are "" where unknown, and valid during the call that is
/// told of it; that of the type for ever.
struct problem {
  errc code = errc::ok;
  where at{};
  const char* section = "";
  const char* symbol = "";  ///< or another name that it is about
  type_name type{};         ///< of a relocation, or of a section of relocations
};

/// What is told which stage runs and what went wrong.
///  - keeps_location says whether it is told more than codes. If not, nothing else is in the
///    binary.
///  - enter(stage) says that a stage of that name begins.
///  - report(problem) says what went wrong, and where. Without keeps_location it is report(code).
///  - warn() has the argument of report(). It is about something that the load goes on in spite of.
/// It may have,
///  - also(symbol), to be told of all unknown symbols of an object instead of the first: what was
///    reported last is true of one more symbol, of that name. It is valid only during the call;
///  - name_size, how much of a name it keeps, the NUL included: it is told one character more, so
///    that it sees that there are more. Else names are told up to 1,024 characters, 80 where a
///    pointer has 32 bits.
template <class D>
concept diagnostics = requires(D d) {
  d.enter("stage");
  { D::keeps_location } -> std::convertible_to<bool>;
} && ((D::keeps_location && requires(D d, const problem& p) {
                        d.report(p);
                        d.warn(p);
                      }) || (!D::keeps_location && requires(D d, errc e) {
                        d.report(e);
                        d.warn(e);
                      }));

/// Keeps nothing: the code that load() returns is all there is. Costs no byte.
struct code_only {
  using role = role::diagnostics;
  static constexpr bool keeps_location = false;
  constexpr void enter(const char*) noexcept {}
  constexpr void report(errc) noexcept {}
  constexpr void warn(errc) noexcept {}
};

/// Whether a diagnostics policy is told of further symbols: see diagnostics.
template <class D>
concept names_all = requires(D d) { d.also("symbol"); };

/// Text in a fixed buffer; what does not fit is cut off. Always NUL-terminated.
template <std::size_t N>
class text {
 public:
  constexpr const char* c_str() const noexcept { return s_; }
  constexpr std::size_t size() const noexcept { return n_; }
  constexpr bool empty() const noexcept { return n_ == 0; }

  constexpr text& operator<<(char c) noexcept {
    if (n_ + 1 < N) s_[n_++] = c;
    s_[n_] = '\0';
    return *this;
  }
  template <class Storage>
  constexpr text& operator<<(const elf::name<Storage>& n) noexcept {
    for (std::size_t i = 0; n[i] != '\0' && n_ + 1 < N; ++i) s_[n_++] = n[i];
    s_[n_] = '\0';
    return *this;
  }
  constexpr text& operator<<(const char* s) noexcept { return *this << elf::name{s}; }
  constexpr text& operator<<(const type_name& t) noexcept { return *this << t.prefix << t.rest; }
  /// A name that a file has, in which a terminal finds no commands: bytes but those of printable
  /// ASCII as \x1b.
  constexpr text& harmless(const char* s) noexcept {
    for (; *s != '\0'; ++s) {
      const auto byte = static_cast<unsigned char>(*s);
      if (byte >= ' ' && byte < 0x7f) *this << *s;
      else (*this << (byte < 16 ? "\\x0" : "\\x")).number(byte, 16);
    }
    return *this;
  }
  constexpr text& operator<<(std::uint64_t v) noexcept { return number(v, 10); }
  constexpr text& hex(std::uint64_t v) noexcept { return (*this << "0x").number(v, 16); }
  /// In decimal, a comma before every three digits: 1,129.
  constexpr text& amount(std::uint64_t v) noexcept { return number(v, 10, 3); }
  /// Says that it was cut: the last three characters become dots.
  constexpr text& cut() noexcept {
    for (std::size_t i = n_; i != 0 && n_ - i < 3;) s_[--i] = '.';
    return *this;
  }

 private:
  /// With a comma before every `group` digits, if that is not 0.
  constexpr text& number(std::uint64_t v, unsigned base, std::size_t group = 0) noexcept {
    char digits[20]{};
    std::size_t n = 0;
    do {
      digits[n++] = "0123456789abcdef"[v % base];
      v /= base;
    } while (v != 0);
    while (n != 0) {
      *this << digits[--n];
      if (n != 0 && group != 0 && n % group == 0) *this << ',';
    }
    return *this;
  }

  char s_[N]{};
  std::size_t n_ = 0;
};

/// The last error, in full: for tools, and for firmware with a console. Names are kept up to
/// NameSize - 1 characters, and end in "..." where they are longer; of unknown symbols the first
/// Symbols of an object, and how many more there are. Words::message(errc) is what errors are
/// called: kmod::words knows a kernel's, too. The default policy of a loader has the words of that
/// loader.
template <std::size_t NameSize = sizeof(void*) == 8 ? 256 : 80, std::size_t Symbols = 8,
          class Words = core_words>
class located {
  static_assert(Symbols != 0, "relo: located<> keeps the name of one symbol at least");

 public:
  using role = role::diagnostics;
  static constexpr bool keeps_location = true;
  static constexpr std::size_t name_size = NameSize, symbols_kept = Symbols,
                               description_size = 240 + NameSize * (1 + Symbols) + 4 * Symbols;

  constexpr void enter(const char*) noexcept {}

  constexpr void report(const problem& p) noexcept {
    code_ = p.code;
    at_ = p.at;
    keep(section_, p.section);
    keep(symbols_[0], p.symbol);
    others_ = 0;
    type_ = p.type;
  }

  constexpr void also(const char* symbol) noexcept {
    if (++others_ < Symbols) keep(symbols_[others_], symbol);
  }

  /// Warnings are dropped here: a policy that derives from this one may print them.
  constexpr void warn(const problem&) noexcept {}

  constexpr errc code() const noexcept { return code_; }
  constexpr const char* stage() const noexcept { return at().stage; }
  constexpr const where& at() const noexcept { return code_ == errc::ok ? nowhere : at_; }
  constexpr const char* section() const noexcept { return section_.c_str(); }
  constexpr type_name type() const noexcept { return code_ == errc::ok ? type_name{} : type_; }
  /// The symbol that the error is about, "" if about none; number n of symbols().
  constexpr const char* symbol(std::size_t n = 0) const noexcept { return symbols_[n].c_str(); }
  /// How many symbols are kept of those that the error is about: at most Symbols.
  constexpr std::size_t symbols() const noexcept {
    if (symbols_[0].empty()) return 0;
    return others_ < Symbols ? others_ + 1 : Symbols;
  }
  /// How many more it is about.
  constexpr std::size_t more_symbols() const noexcept {
    return others_ < Symbols ? 0 : others_ + 1 - Symbols;
  }

  /// "apply_relocations: value does not fit the relocated field: .text+0x12, relocation 3,
  ///  R_X86_64_PC32, symbol 'far', value 0x123456789"
  /// "simplify_symbols: unknown symbol: symbols 'sin', 'cos' and 12 more"
  /// "rewrite_section_headers: out of scratch memory: 3,200 words wanted, 2,048 there"
  /// In N characters, the NUL included; what is longer ends in "...". One line: names of the file
  /// are made harmless().
  template <std::size_t N = description_size>
  constexpr text<N> describe() const noexcept {
    return describe_in<Words, N>();
  }
  /// The same in other words.
  template <class Others, std::size_t N = description_size>
  constexpr text<N> describe_in() const noexcept {
    text<N> out;
    if (code_ == errc::ok) return out << Others::message(code_);
    out << at_.stage << ": " << Others::message(code_);
    const char* const other = code_ == errc::not_relocatable ? elf::other_elf_file(at_.value)
                              : code_ == errc::bad_magic || code_ == errc::truncated_header
                                  ? elf::other_file(at_.offset)
                                  : "";
    if (other[0] != '\0') out << ": " << other;
    const char* separator = ": ";
    const auto next = [&] {
      out << separator;
      separator = ", ";
    };
    if (at_.section != where::none) {
      next();
      if (section_.empty()) out << "section " << std::uint64_t{at_.section};
      else out.harmless(section_.c_str());
      if (at_.relocation != where::none)
        (out << '+').hex(at_.offset) << ", relocation " << std::uint64_t{at_.relocation};
    }
    if (at_.type != where::none) {
      next();
      if (!type_.empty()) out << type_;
      else out << "type " << std::uint64_t{at_.type};
    }
    if (at_.symbol != where::none || symbols() != 0) {
      next();
      describe_symbols(out);
    }
    if (at_.value != 0) {
      next();
      describe_value(out);
    }
    if (const char* const a = advice(); a[0] != '\0') out << ": " << a;
    return out.size() + 1 == N ? out.cut() : out;
  }

 private:
  /// A plugin cannot help it that picolibc's errno is thread-local, but its headers know a way out;
  /// nor that OpenMP's locks are common.
  constexpr const char* advice() const noexcept {
    const elf::name name{symbols_[0].c_str()};
    if (code_ == errc::thread_local_storage && name == "errno")
      return "with picolibc, compile with -D__PICOLIBC_ERRNO_FUNCTION=NAME, "
             "and let the program offer int *NAME(void)";
    if (code_ == errc::common_symbol && name.starts_with(".gomp_critical"))
      return "an OpenMP critical section's lock is common whatever -fno-common says: use another "
             "lock, or a loader with the stage layout_commons";
    return at_.advice;
  }
  template <std::size_t N>
  constexpr void describe_symbols(text<N>& out) const noexcept {
    if (at_.symbol != where::none) out << (others_ == 0 ? "symbol " : "symbols ");
    if (symbols() == 0) out << std::uint64_t{at_.symbol};
    for (std::size_t i = 0; i < symbols(); ++i)
      (out << (i == 0 ? "'" : ", '")).harmless(symbols_[i].c_str()) << '\'';
    if (more_symbols() != 0) (out << " and ").amount(more_symbols()) << " more";
  }
  template <std::size_t N>
  constexpr void describe_value(text<N>& out) const noexcept {
    if (code_ == errc::init_failed) {
      out << "it returned -" << at_.value;
    } else if (const char* const what = unit(code_)) {
      out.amount(at_.value) << ' ' << what << " wanted";
      // Where there was more than enough, it was refused for another reason.
      if (at_.limit < at_.value) (out << ", ").amount(at_.limit) << " there";
    } else {
      (out << "value ").hex(at_.value);
    }
  }

  static constexpr void keep(text<NameSize>& to, const char* name) noexcept {
    to = {};
    to << name;
    if (name[to.size()] != '\0') to.cut();
  }

  static constexpr where nowhere{};

  // As long as nothing was reported all is zero: a loader of static storage duration that says no
  // pointer is in .bss, and flash has no copy of it.
  errc code_ = errc::ok;
  type_name type_{nullptr, nullptr};
  where at_{nullptr, 0, 0, 0, 0, 0, 0, 0, nullptr};
  text<NameSize> section_{};
  std::array<text<NameSize>, Symbols> symbols_{};
  std::size_t others_ = 0;  ///< beside the first
};

}  // namespace relo
