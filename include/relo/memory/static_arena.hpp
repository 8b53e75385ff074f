// An arena within the program's own memory.
#pragma once

#include <relo/memory/arena.hpp>
#include <relo/memory/own_bytes.hpp>

namespace relo {

/// Module memory of Size bytes within the program's own, for machines without an MMU. Static
/// storage duration is what it is made for; it cannot be moved.
template <std::size_t Size, std::size_t Align = 16, std::size_t MaxBlocks = 32>
struct static_arena : arena<detail::own_bytes<Size, Align>, MaxBlocks> {};

}  // namespace relo
