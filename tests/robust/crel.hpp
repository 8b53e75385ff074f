// Compact relocations, written as the proposal's encoder writes them.
#pragma once

#include <cstdint>
#include <type_traits>
#include <vector>

namespace robust {

inline void put_uleb128(std::vector<unsigned char>& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) out.push_back(static_cast<unsigned char>(v | 0x80));
  out.push_back(static_cast<unsigned char>(v));
}
inline void put_sleb128(std::vector<unsigned char>& out, std::int64_t v) {
  for (; v < -0x40 || v >= 0x40; v >>= 7) out.push_back(static_cast<unsigned char>(v | 0x80));
  out.push_back(static_cast<unsigned char>(v & 0x7f));
}

/// The contents of an SHT_CREL section. A record has an offset, symbol, type, and addend.
template <class Addr, class Records>
std::vector<unsigned char> crel(const Records& records, bool addends) {
  Addr common = 8;
  for (const auto& r : records) common |= static_cast<Addr>(r.offset);
  unsigned shift = 0;
  while ((common >> shift & 1) == 0) ++shift;

  std::vector<unsigned char> out;
  put_uleb128(out, records.size() * 8 + (addends ? 4U : 0U) + shift);
  const unsigned flags = addends ? 3 : 2;
  Addr offset = 0, addend = 0;
  std::uint32_t symbol = 0, type = 0;
  for (const auto& r : records) {
    const auto further = static_cast<Addr>(static_cast<Addr>(r.offset - offset) >> shift);
    const auto first = static_cast<unsigned char>(further << flags | (r.symbol != symbol ? 1 : 0) |
                                                  (r.type != type ? 2 : 0) |
                                                  (addends && r.addend != addend ? 4 : 0));
    if (further < (0x80U >> flags)) {
      out.push_back(first);
    } else {
      out.push_back(first | 0x80);
      put_uleb128(out, further >> (7 - flags));
    }
    if ((first & 1) != 0) put_sleb128(out, static_cast<std::int32_t>(r.symbol - symbol));
    if ((first & 2) != 0) put_sleb128(out, static_cast<std::int32_t>(r.type - type));
    if (addends && (first & 4) != 0)
      put_sleb128(out, static_cast<std::make_signed_t<Addr>>(r.addend - addend));
    offset = static_cast<Addr>(r.offset), symbol = r.symbol, type = r.type;
    addend = static_cast<Addr>(r.addend);
  }
  return out;
}

}  // namespace robust
