// Hashes of a symbol's name.
#pragma once

#include <relo/base/name.hpp>

#include <bit>

namespace relo {

/// FNV-1a (draft-eastlake-fnv), 32 bits: the hash that tables without names are made of, on every
/// machine. A byte a step, and the smallest code on one without a 64-bit multiplication. With Most,
/// of that many bytes at most.
template <std::size_t Most = 0, class Storage>
constexpr std::uint32_t fnv1a(const elf::name<Storage>& name) noexcept {
  std::uint32_t h = 0x811c9dc5;
  for (std::size_t i = 0; (Most == 0 || i < Most) && name[i] != '\0'; ++i)
    h = (h ^ static_cast<unsigned char>(name[i])) * 0x01000193U;
  return h;
}

/// Hash of a NUL-terminated name for tables made and searched by one program: eight bytes a step
/// where the machine has the multiplication for it. The same in a constant expression. Of a longer
/// name it is that of its first elf::max_name bytes.
template <class Storage>
constexpr std::uint32_t hash_name(const elf::name<Storage>& name) noexcept {
  if constexpr (sizeof(std::size_t) < 8) return fnv1a<elf::max_name>(name);
  const std::size_t size = name.size(elf::max_name);
  std::uint64_t h = 0x9e3779b97f4a7c15U ^ size;
  const auto mix = [&h](std::uint64_t word) { h = (h ^ word) * 0xff51afd7ed558ccdU, h ^= h >> 32; };
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) mix(name.template word<std::uint64_t>(i));
  std::uint64_t rest = 0;
  for (unsigned shift = 0; i < size; ++i, shift += 8)
    rest |= std::uint64_t{static_cast<unsigned char>(name[i])} << shift;
  mix(rest);
  return static_cast<std::uint32_t>(h);
}

/// SipHash-1-3 (Aumasson, Bernstein: SipHash, a fast short-input PRF) of a name's first
/// elf::max_name bytes: who does not know the key finds no names that collide.
template <class Storage>
constexpr std::uint64_t keyed_hash(const elf::name<Storage>& name, std::uint64_t key0,
                                   std::uint64_t key1) noexcept {
  std::uint64_t v0 = key0 ^ 0x736f'6d65'7073'6575, v1 = key1 ^ 0x646f'7261'6e64'6f6d,
                v2 = key0 ^ 0x6c79'6765'6e65'7261, v3 = key1 ^ 0x7465'6462'7974'6573;
  const auto round = [&] {
    v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
  };
  const auto mix = [&](std::uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  };
  const std::size_t size = name.size(elf::max_name);
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) mix(name.template word<std::uint64_t>(i));
  std::uint64_t last = std::uint64_t{size & 0xff} << 56;
  for (unsigned shift = 0; i < size; ++i, shift += 8)
    last |= std::uint64_t{static_cast<unsigned char>(name[i])} << shift;
  mix(last);
  v2 ^= 0xff;
  for (int n = 0; n < 3; ++n) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

/// A name that is looked for in several tables: its hash is computed when it is asked for first.
template <class Name>
class hashed_name : public Name {
 public:
  constexpr hashed_name() noexcept = default;
  explicit constexpr hashed_name(const Name& n) noexcept : Name(n) {}

  constexpr std::uint32_t hash() const noexcept {
    if (!known_) hash_ = hash_name(static_cast<const Name&>(*this)), known_ = true;
    return hash_;
  }

 private:
  mutable std::uint32_t hash_ = 0;
  mutable bool known_ = false;
};

template <class Name>
constexpr std::uint32_t hash_name(const hashed_name<Name>& name) noexcept {
  return name.hash();
}

}  // namespace relo
