// What tests of small machines' loaders are made of: a machine of a few relocation types, its
// objects, and loaders of modules with names.
#pragma once

#include <relo/relo.hpp>
#include <relo/small_machine.hpp>

#include <doctest/doctest.h>

#include "../robust/object.hpp"
#include "../robust/toy.hpp"

#include <span>
#include <vector>

namespace small {

namespace elf = relo::elf;
using relo::errc;

template <class Format>
using toy_of = relo::only<robust::toy<Format, true>, "R_TOY_ADDRESS", "R_TOY_NONE">;

/// As wide as this machine.
using format = std::conditional_t<sizeof(void*) == 8, elf::elf64le, elf::elf32le>;
using toy = toy_of<format>;
using object = robust::object<format>;
using addr = relo::native_addr;
inline constexpr std::size_t word = sizeof(addr);

using stages = std::remove_cvref_t<decltype(relo::load_small_named_module)>;

/// What a loader of those stages says of an object that it has never seen.
template <class Source, class Stages = stages>
errc loaded(const Source& source, const Stages& with = relo::load_small_named_module) {
  relo::static_arena<4096> memory;
  relo::loader loader{toy{},
                      memory,
                      relo::one_region{},
                      relo::dont_run{},
                      relo::scratch<addr, 64>{},
                      relo::ksymtab_exports{},
                      relo::small_machine<2, 16>{},
                      with};
  return loader.load(source).error();
}

}  // namespace small
