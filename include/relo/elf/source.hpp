// Where an object's bytes come from: memory that can be addressed, or a reader that cannot.
//
// Both answer every request. Memory is what it was for as long as a load takes, as the private copy
// is that a kernel makes. A medium may fail, and may read differently each time: a streamed source
// then answers zeros and remembers, and the pipeline looks at failed() after each stage, so that no
// stage is cluttered with input errors. What is read again may be asked for outside the file, where
// there is nothing; and every write is bounded by what was laid out, not by what was read again.
#pragma once

#include <relo/base/name.hpp>

#include <array>

namespace relo::elf {

/// The tables of an object. A source that is not addressable keeps a piece of each, so that one is
/// read on while another is.
enum class table : unsigned char { sections, symbols, names, records, others };

/// What a loader reads an object through.
///  - size() is the file's length in bytes.
///  - truncate(n) makes the file end at offset n, which is at most size().
///  - position is the type of a place in the file, to which a number of bytes can be added;
///    position_of(offset) gives one.
///  - at(t, position, n) gives a pointer to n bytes there. They are all in the file, and n is at
///    most a record's size. They are good until table t is read somewhere else.
///  - name_at(position) gives the name there, a name_type. There is a NUL in the file after it. It
///    is good until the next one is asked for; a kept_name that is made from it is good for ever. A
///    source that says short_names has short_name_at(position), too, which gives a short_name: it
///    is for loaders that would rather not have long names than the code for them, see streamed.
///  - copy(offset, to) fills the span `to`.
///  - failed() says whether a medium could not be read, or was found to read differently. What is
///    asked for is then answered with zeros.
///  - alignment is what the first byte is aligned to, at least.
template <class S>
concept source = requires(S s, std::span<unsigned char> to) {
  { s.size() } -> std::convertible_to<std::size_t>;
  s.truncate(std::size_t{});
  { s.position_of(std::size_t{}) } -> std::same_as<typename S::position>;
  { s.at(table::sections, s.position_of(0), std::size_t{}) } -> std::same_as<typename S::pointer>;
  { s.name_at(s.position_of(0)) } -> std::same_as<typename S::name_type>;
  requires std::constructible_from<typename S::kept_name, typename S::name_type>;
  s.copy(std::size_t{}, to);
  { s.failed() } -> std::same_as<bool>;
  { S::alignment } -> std::convertible_to<std::size_t>;
};

/// An object in memory: a span, a mapped file, flash. Nothing is copied. Align is a promise
/// about `bytes`; a loader checks that the file's tables keep it.
template <byte_like Byte, std::size_t Align = 1>
class contiguous {
 public:
  static constexpr std::size_t alignment = Align;
  using pointer = const Byte*;
  using position = pointer;
  using name_type = name<const Byte*>;
  using kept_name = name_type;

  explicit constexpr contiguous(std::span<const Byte> bytes) noexcept : bytes_(bytes) {}

  constexpr std::size_t size() const noexcept { return bytes_.size(); }
  constexpr void truncate(std::size_t n) noexcept { bytes_ = bytes_.first(n); }
  constexpr bool failed() const noexcept { return false; }

  constexpr position position_of(std::size_t offset) const noexcept {
    return bytes_.data() + offset;
  }
  constexpr pointer at(table, position p, std::size_t) const noexcept { return p; }
  constexpr name_type name_at(position p) const noexcept { return name_type{p}; }
  constexpr void copy(std::size_t offset, std::span<unsigned char> to) const noexcept {
    copy_bytes(to.data(), bytes_.data() + offset, to.size());
  }
  constexpr const Byte* data() const noexcept { return bytes_.data(); }
  /// A hint that bytes `ahead` of p will be read soon, if the file has any there.
  constexpr void prefetch(position p, std::size_t ahead) const noexcept
    requires(sizeof(void*) == 8)
  {
    if (!std::is_constant_evaluated() &&
        ahead < static_cast<std::size_t>(bytes_.data() + bytes_.size() - p))
      __builtin_prefetch(p + ahead);
  }

 private:
  std::span<const Byte> bytes_;
};

template <class Byte, std::size_t Extent>
contiguous(std::span<Byte, Extent>) -> contiguous<std::remove_const_t<Byte>>;

/// Random access to an object that is not in memory: a file system, SPI flash, a block device.
/// `read(offset, to)` fills the whole span and returns true, or returns false.
template <class R>
concept reader = requires(R r, std::size_t offset, std::span<unsigned char> to) {
  { r.read(offset, to) } -> std::convertible_to<bool>;
  { r.size() } -> std::convertible_to<std::size_t>;
};

/// The pieces that a streamed source keeps: one a table, of Window bytes. With ShortNames, loaders
/// of a plain_object have no code for names of more than Window - 2 characters, and refuse an
/// object that asks for such a symbol: 114 bytes of flash less on a Cortex-M3, and 64 of stack.
///
/// Between two section headers other tables are read, and contents. With Headers, the block size of
/// a medium behind a block_cache, headers are read a block at a time, and each once a pass.
template <std::size_t Window = 64, bool ShortNames = false, std::size_t Headers = 0>
class windows {
  static constexpr std::size_t largest_record = 64;  // an Elf64_Ehdr
  static_assert(Window >= largest_record && (Headers == 0 || Headers >= largest_record),
                "a window must hold the largest record, an Elf64_Ehdr");

 public:
  static constexpr bool short_names = ShortNames;
  /// Of a table that is read by blocks: a block, and what the one before has of a record in both.
  template <std::size_t Block>
  struct window {
    static constexpr std::size_t block = Block;
    std::size_t start = 0, length = 0;  ///< of what it holds, in the file
    std::array<unsigned char, Block == 0 ? Window : Block + largest_record> bytes{};
  };
  using piece = window<0>;
  /// That of a table, but of `sections` if there are Headers.
  constexpr piece& operator[](table t) noexcept {
    return pieces_[static_cast<std::size_t>(t) - (Headers != 0)];
  }
  /// f(the window of that table, whichever it is)
  template <class F>
  constexpr auto visit(table t, const F& f) noexcept {
    if constexpr (Headers != 0)
      if (t == table::sections) return f(headers_);
    return f((*this)[t]);
  }

 private:
  struct none {};
  [[no_unique_address]] std::conditional_t<Headers != 0, window<Headers>, none> headers_{};
  std::array<piece, Headers != 0 ? 4 : 5> pieces_{};
};

/// An object read in pieces of at most Window bytes (section contents go straight to their
/// place, in one piece). So is a name: its first Window bytes are at hand, and what is behind them
/// is read each time that it is asked for. A short_name longer than most_in_short_name bytes is
/// cut, and ends in a byte that no name has: it matches nothing, and is longer by that.
///
/// The windows are the source's own, and on the stack while it loads; or the caller's, who lends
/// them to one load at a time: streamed{reader, windows}.
template <reader Reader, std::size_t Window = 64, class Windows = windows<Window>>
class streamed {
 public:
  static constexpr std::size_t alignment = 1;
  static constexpr bool short_names = std::remove_reference_t<Windows>::short_names;
  using pointer = const unsigned char*;
  using position = std::size_t;

  /// The bytes of a name: of the first Window of them those up to its NUL, and where it is.
  template <class First>
  struct letters {
    First first;
    position at;
    streamed* source;

    constexpr unsigned char operator[](std::size_t i) const noexcept {
      return i < Window ? first[i] : source->byte(at + i);
    }
  };
  using name_type = name<letters<const unsigned char*>>;
  using short_name = name<const unsigned char*>;
  static constexpr std::size_t most_in_short_name = Window - 2;

  /// A copy of a name's first bytes.
  class kept_name : public name<letters<std::array<unsigned char, Window>>> {
    using base = name<letters<std::array<unsigned char, Window>>>;

   public:
    constexpr kept_name() noexcept = default;
    explicit constexpr kept_name(const name_type& n) noexcept : base{copy_of(n)} {}

   private:
    static constexpr auto copy_of(const name_type& n) noexcept {
      letters<std::array<unsigned char, Window>> out{{}, n.storage().at, n.storage().source};
      for (std::size_t i = 0; i < Window && n[i] != '\0'; ++i)
        out.first[i] = static_cast<unsigned char>(n[i]);
      return out;
    }
  };

  explicit constexpr streamed(Reader& reader) noexcept
    requires(!std::is_reference_v<Windows>)
      : reader_(&reader), size_(reader.size()), windows_{} {}
  /// What the windows held is forgotten: it may have been another file's.
  constexpr streamed(Reader& reader, Windows lent) noexcept
    requires std::is_reference_v<Windows>
      : reader_(&reader), size_(reader.size()), windows_(lent) {
    windows_ = {};
  }

  constexpr std::size_t size() const noexcept { return size_; }
  constexpr void truncate(std::size_t n) noexcept { size_ = n; }
  constexpr bool failed() const noexcept { return failed_; }
  /// For who sees that what was read is not what it was before.
  constexpr void fail() noexcept { failed_ = true; }

  static constexpr position position_of(std::size_t offset) noexcept { return offset; }
  constexpr pointer at(table t, position offset, std::size_t n) noexcept {
    return windows_.visit(t, [&](auto& w) -> pointer {
      if (!holds(w, offset, n)) fill(w, offset, n);
      return &w.bytes[offset - w.start];
    });
  }

  /// As far as what at() gave last for that table is good.
  constexpr pointer end_of(table t) noexcept {
    return windows_.visit(t, [](auto& w) -> pointer { return &w.bytes[0] + w.length; });
  }

  constexpr name_type name_at(position offset) noexcept {
    piece& w = windows_[table::names];
    if (const pointer all = held_name(w, offset)) return name_type{{all, offset, this}};
    fill(w, offset, 1);
    if (w.length < Window) w.bytes[w.length] = 0;
    return name_type{{w.bytes.data(), offset, this}};
  }
  constexpr short_name short_name_at(position offset) noexcept
    requires short_names
  {
    piece& w = windows_[table::names];
    if (const pointer all = held_name(w, offset)) return short_name{all};
    fill(w, offset, 1);
    if (w.bytes[Window - 2] != 0) w.bytes[Window - 2] = 0xff;
    w.bytes[Window - 1] = 0;
    if (w.length > Window - 2) w.length = Window - 2;  // the rest is not what the file has
    return short_name{w.bytes.data()};
  }

  constexpr void copy(std::size_t offset, std::span<unsigned char> to) noexcept {
    if (!to.empty()) read(offset, to.data(), to.size());
  }

 private:
  using piece = typename std::remove_reference_t<Windows>::piece;

  /// The names of a table lie close together: what was read for one may hold the next. Null: not
  /// all of it.
  static constexpr pointer held_name(const piece& w, position offset) noexcept {
    for (std::size_t i = offset - w.start; i < w.length; ++i)
      if (w.bytes[i] == 0) return &w.bytes[offset - w.start];
    return nullptr;
  }
  /// One behind the first of a name. They have no window of their own: nobody holds what is in that
  /// of `others` while names are looked at. A name ends with the file, whatever a medium says.
  constexpr unsigned char byte(position offset) noexcept {
    if (offset < size_) return *at(table::others, offset, 1);
    failed_ = true;
    return 0;
  }
  /// Differences only: no sum here can wrap.
  template <class W>
  static constexpr bool holds(const W& w, std::size_t offset, std::size_t n) noexcept {
    return offset - w.start <= w.length && n <= w.length - (offset - w.start);
  }
  /// Of the n bytes that are wanted, the file has all if a medium can be believed.
  template <class W>
  constexpr void fill(W& w, std::size_t offset, std::size_t n) noexcept {
    std::size_t kept = 0, length = w.bytes.size();
    if constexpr (W::block != 0) {
      for (std::size_t i = offset - w.start; i < w.length; ++i) w.bytes[kept++] = w.bytes[i];
      length -= (offset + length) % W::block;
    }
    w.start = offset;
    w.length = offset > size_ ? 0 : size_ - offset < length ? size_ - offset : length;
    if (kept <= w.length) read(offset + kept, w.bytes.data() + kept, w.length - kept);
    if (w.length < n) failed_ = true;
  }
  constexpr void read(std::size_t offset, unsigned char* to, std::size_t n) noexcept {
    // A header that is read again was not checked: the reader is asked for no more than there is.
    // And it is not asked again once it has failed: it may take its time.
    if (!failed_ && offset <= size_ && n <= size_ - offset &&
        reader_->read(offset, std::span{to, n}))
      return;
    failed_ = true;
    zero_bytes(to, n);
  }

  Reader* reader_;
  std::size_t size_;
  bool failed_ = false;
  Windows windows_;
};

template <reader Reader, std::size_t Window, bool ShortNames, std::size_t Headers>
streamed(Reader&, windows<Window, ShortNames, Headers>&)
    -> streamed<Reader, Window, windows<Window, ShortNames, Headers>&>;

}  // namespace relo::elf
