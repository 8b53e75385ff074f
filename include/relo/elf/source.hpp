// Where an object's bytes come from: memory that can be addressed, or a reader that cannot.
//
// Both answer every request. Checked requests lie inside the file; when a medium fails all the
// same, a streamed source answers zeros and remembers, and the pipeline looks at failed()
// after each stage, so that no stage is cluttered with input errors and none can be misled:
// every write is bounded by what was laid out, not by what was read again.
#pragma once

#include <relo/elf/name.hpp>

#include <array>

namespace relo::elf {

/// What a loader reads an object through.
///  - size(): the file's length in bytes.
///  - position: a place in the file, to which a number of bytes can be added: position_of(offset).
///  - at<N>(w, position): N bytes there, as something indexable; they are all in the file.
///    `w` is the reader's place in the file: give each table its own, and sequential reads of
///    a streamed source are buffered.
///  - name_at(w, position): the name there, after which there is a NUL in the file. It is good
///    until the next name is read through `w`; a kept_name made from it is good for ever.
///  - copy(offset, to): fills `to`.
///  - truncate(n): the file ends at offset n <= size().
///  - alignment: what the first byte is aligned to, at least.
template <class S>
concept source = requires(S s, typename S::window w, std::span<unsigned char> to) {
  { s.size() } -> std::convertible_to<std::size_t>;
  s.template at<4>(w, s.position_of(std::size_t{}));
  { s.position_of(std::size_t{}) } -> std::same_as<typename S::position>;
  { s.name_at(w, s.position_of(std::size_t{})) } -> std::convertible_to<typename S::name_type>;
  requires std::constructible_from<typename S::kept_name, typename S::name_type>;
  s.copy(std::size_t{}, to);
  s.truncate(std::size_t{});
  { s.failed() } -> std::same_as<bool>;
  { S::alignment } -> std::convertible_to<std::size_t>;
};

/// An object in memory: a span, a mapped file, flash. Nothing is copied. Align is a promise
/// about `bytes`; a loader checks that the file's tables keep it.
template <byte_like Byte, std::size_t Align = 1>
class contiguous {
 public:
  struct window {};
  using position = const Byte*;
  static constexpr std::size_t alignment = Align;
  template <std::size_t>
  using storage = const Byte*;
  using name_type = name<const Byte*>;
  using kept_name = name_type;

  explicit constexpr contiguous(std::span<const Byte> bytes) noexcept : bytes_(bytes) {}

  constexpr std::size_t size() const noexcept { return bytes_.size(); }
  constexpr void truncate(std::size_t n) noexcept { bytes_ = bytes_.first(n); }
  constexpr bool failed() const noexcept { return false; }

  constexpr position position_of(std::size_t offset) const noexcept {
    return bytes_.data() + offset;
  }
  template <std::size_t N>
  constexpr storage<N> at(window&, position p) const noexcept {
    return p;
  }
  constexpr name_type name_at(window&, position p) const noexcept { return name_type{p}; }
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

/// An object read in pieces of at most Window bytes (section contents go straight to their
/// place, in one piece). A name longer than Window - 2 bytes is cut, and ends in a byte that no
/// name has: it can be printed, and matches nothing.
template <reader Reader, std::size_t Window = 64>
class streamed {
  static_assert(Window >= 64, "a window must hold the largest record, an Elf64_Ehdr");

 public:
  struct window {
    std::array<unsigned char, Window> bytes{};
    std::size_t start = 0;
    std::size_t length = 0;
  };
  using position = std::size_t;
  static constexpr std::size_t alignment = 1;
  template <std::size_t N>
  using storage = std::array<unsigned char, N>;
  using name_type = name<const unsigned char*>;

  /// A copy of a name.
  class kept_name : public name<std::array<unsigned char, Window>> {
   public:
    constexpr kept_name() noexcept = default;
    explicit constexpr kept_name(const name_type& n) noexcept
        : name<std::array<unsigned char, Window>>{copy_of(n)} {}

   private:
    static constexpr std::array<unsigned char, Window> copy_of(const name_type& n) noexcept {
      std::array<unsigned char, Window> out{};
      for (std::size_t i = 0; n[i] != '\0'; ++i) out[i] = static_cast<unsigned char>(n[i]);
      return out;
    }
  };

  explicit constexpr streamed(Reader& reader) noexcept : reader_(&reader), size_(reader.size()) {}

  constexpr std::size_t size() const noexcept { return size_; }
  constexpr void truncate(std::size_t n) noexcept { size_ = n; }
  constexpr bool failed() const noexcept { return failed_; }
  static constexpr position position_of(std::size_t offset) noexcept { return offset; }

  template <std::size_t N>
  constexpr storage<N> at(window& w, std::size_t offset) noexcept {
    if (!holds(w, offset, N)) fill(w, offset);
    storage<N> out{};
    if (holds(w, offset, N)) copy_bytes(out.data(), &w.bytes[offset - w.start], N);
    else failed_ = true;
    return out;
  }

  /// The names of a table lie close together: what was read for one may hold the next.
  constexpr name_type name_at(window& w, std::size_t offset) noexcept {
    if (!holds_name(w, offset)) {
      fill(w, offset);
      if (!holds_name(w, offset)) {
        w.bytes[Window - 2] = 0xff;
        w.bytes[Window - 1] = 0;
        w.length = 0;  // it holds nothing that the file has
        return name_type{w.bytes.data()};
      }
    }
    return name_type{&w.bytes[offset - w.start]};
  }

  constexpr void copy(std::size_t offset, std::span<unsigned char> to) noexcept {
    if (to.empty()) return;
    if (reader_->read(offset, to)) return;
    failed_ = true;
    zero_bytes(to.data(), to.size());
  }

 private:
  /// Differences only: no sum here can wrap.
  static constexpr bool holds(const window& w, std::size_t offset, std::size_t n) noexcept {
    return offset >= w.start && n <= w.length && offset - w.start <= w.length - n;
  }
  static constexpr bool holds_name(const window& w, std::size_t offset) noexcept {
    if (!holds(w, offset, 1)) return false;
    for (std::size_t i = offset - w.start; i < w.length; ++i)
      if (w.bytes[i] == 0) return true;
    return false;
  }
  constexpr void fill(window& w, std::size_t offset) noexcept {
    w.start = offset;
    w.length = offset > size_ ? 0 : size_ - offset < Window ? size_ - offset : Window;
    copy(offset, {w.bytes.data(), w.length});
  }

  Reader* reader_;
  std::size_t size_;
  bool failed_ = false;
};

}  // namespace relo::elf
