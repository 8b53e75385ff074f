// Threads that look for symbols and modules while another loads or unloads.
#pragma once

#include <relo/base/role.hpp>

#include <concepts>
#include <type_traits>

namespace relo {

/// What lets threads read a loader's modules without a turn (see lock.hpp), and tells the one that
/// changes them when nobody reads any more what it took out of their sight. Kernel: RCU.
///  - any says whether there may be such threads at all.
///  - enter() gives a ticket, and leave(ticket) takes it back. They enclose all that a reader does,
///    and never wait for anything.
///  - synchronize() waits until all who had entered before have left. One thread calls it at a
///    time.
///  - load(word) and store(word, value) are for words that readers and the writer share. Whoever
///    loads what was stored sees all that was written before it was stored.
/// A reader neither loads nor unloads modules, nor waits for who does. Examples are no_readers and
/// counted_readers.
template <class R>
concept readable = requires(R r, int& word, const int& shared) {
  { R::any } -> std::convertible_to<bool>;
  r.leave(r.enter());
  r.synchronize();
  { R::load(shared) } noexcept -> std::same_as<int>;
  { R::store(word, 0) } noexcept;
};

/// Whoever reads has the loader's lock, or is its only thread: costs nothing.
struct no_readers {
  using role = role::readers;
  static constexpr bool any = false;
  struct ticket {};

  constexpr ticket enter() const noexcept { return {}; }
  constexpr void leave(ticket) const noexcept {}
  constexpr void synchronize() const noexcept {}
  template <class T>
  static constexpr T load(const T& word) noexcept {
    return word;
  }
  template <class T>
  static constexpr void store(T& word, std::type_identity_t<T> value) noexcept {
    word = value;
  }
};

/// A reader, for as long as this lives. What it found stays as long.
template <readable R>
class [[nodiscard]] reading_turn {
 public:
  explicit constexpr reading_turn(R& r) noexcept : readers_(r), ticket_(r.enter()) {}
  constexpr ~reading_turn() { readers_.leave(ticket_); }
  reading_turn(const reading_turn&) = delete;
  reading_turn& operator=(const reading_turn&) = delete;

 private:
  R& readers_;
  decltype(readers_.enter()) ticket_;
};

}  // namespace relo
