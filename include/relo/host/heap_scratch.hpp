// Scratch memory from the heap: what a load on a host takes unless it is given another.
#pragma once

#include <relo/host/enough_memory.hpp>
#include <relo/memory/scratch.hpp>

#include <memory>
#include <vector>

namespace relo::host {

/// Scratch memory from the heap: as much as the object at hand needs.
template <class Addr>
class heap_scratch {
 public:
  using role = role::scratch;

  std::span<Addr> take(std::size_t n) noexcept {
    if (!enough_memory([&] { pieces_.push_back(std::make_unique<Addr[]>(n)); })) return {};
    return {pieces_.back().get(), n};
  }
  std::size_t mark() const noexcept { return pieces_.size(); }
  void release(std::size_t mark) noexcept { pieces_.resize(mark); }

 private:
  std::vector<std::unique_ptr<Addr[]>> pieces_;
};

}  // namespace relo::host
