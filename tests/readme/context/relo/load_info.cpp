// A resolver that finds nothing.

#include <relo/relo.hpp>

template <class Load>
relo::errc resolve(Load& load, std::span<const std::uint32_t> unknown) {
  using relo::errc;
#include README_BLOCK
}
