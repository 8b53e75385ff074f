#include <relo/layout/classify.hpp>
#include <relo/layout/regions.hpp>

#include <doctest/doctest.h>

namespace {

using relo::mem_type;
using namespace relo::elf;

constexpr mem_type classify(const char* name, std::uint64_t flags) {
  return relo::by_flags_and_name{}.classify(relo::elf::name{name}, flags, sht::progbits);
}

constexpr std::uint64_t text = shf::alloc | shf::execinstr, rodata = shf::alloc,
                        data = shf::alloc | shf::write;

static_assert(classify(".text", text) == mem_type::text);
static_assert(classify(".text.unlikely", text) == mem_type::text);
static_assert(classify(".exit.text", text) == mem_type::text);
static_assert(classify(".init.text", text) == mem_type::init_text);
static_assert(classify(".rodata", rodata) == mem_type::rodata);
static_assert(classify("__ksymtab", rodata) == mem_type::rodata);
static_assert(classify(".init.rodata", rodata) == mem_type::init_rodata);
static_assert(classify(".data", data) == mem_type::data);
static_assert(classify(".bss", data) == mem_type::data);
static_assert(classify(".init.data", data) == mem_type::init_data);
static_assert(classify(".fini_array", data) == mem_type::data);
static_assert(classify(".data..ro_after_init", data) == mem_type::ro_after_init);
static_assert(classify(".data.rel.ro", data) == mem_type::rodata);
static_assert(classify(".data.rel.ro.local", data) == mem_type::rodata);
// Constants with addresses in them, as compilers make them of position-independent code.
static_assert(classify(".init.rodata", data) == mem_type::init_rodata);
static_assert(classify("__param", data) == mem_type::rodata);
static_assert(classify("__ksymtab", data) == mem_type::rodata);
static_assert(classify("__ksymtab_gpl", data) == mem_type::rodata);
static_assert(classify(".modinfo", rodata) == mem_type::in_image);
static_assert(classify(".comment", 0) == mem_type::in_image);
static_assert(classify(".debug_info", 0) == mem_type::in_image);

// Names of the program's own that begin like one of the above: kept, and as their flags say.
static_assert(classify(".initial_values", data) == mem_type::data);
static_assert(classify(".initcall_table", data) == mem_type::data);
static_assert(classify(".init_rodata_x", rodata) == mem_type::rodata);
static_assert(classify(".init.text.mine", text) == mem_type::text);
static_assert(classify(".init.data.mine", data) == mem_type::data);
static_assert(classify(".init_array", data) == mem_type::data);
static_assert(classify(".data.rel.rodent", data) == mem_type::data);
static_assert(classify(".data..ro_after_initial", data) == mem_type::data);
static_assert(classify("__jump_table", data) == mem_type::data);
static_assert(classify("__ksymtab_mine", data) == mem_type::data);
static_assert(classify("__parameters", data) == mem_type::data);
static_assert(classify(".modinformation", rodata) == mem_type::rodata);
static_assert(classify("__versions", data) == mem_type::data);

template <class Layout>
constexpr bool covers_all_types() {
  for (const mem_type t : relo::layout_order)
    if (Layout::region_of(t) >= Layout::regions) return false;
  return true;
}
static_assert(covers_all_types<relo::one_region>() && covers_all_types<relo::core_and_init>() &&
              covers_all_types<relo::code_rodata_data>() &&
              covers_all_types<relo::region_per_type>());

/// Whether a region's first type is in it, and allows all that the others of it need.
template <class Layout>
constexpr bool first_stands_for_all() {
  for (const mem_type t : relo::layout_order) {
    const std::size_t r = Layout::region_of(t);
    if (Layout::region_of(Layout::first_of(r)) != r ||
        permission_of(Layout::first_of(r), false) != permission_of(t, false))
      return false;
  }
  return true;
}
static_assert(first_stands_for_all<relo::code_rodata_data>() &&
              first_stands_for_all<relo::region_per_type>());
static_assert(!first_stands_for_all<relo::core_and_init>());

}  // namespace

TEST_CASE("no memory type is ever writable and executable, and ro_after_init ends read-only") {
  for (const mem_type t : relo::layout_order)
    for (const bool live : {false, true}) {
      const bool executable = permission_of(t, live) == relo::permission::rx;
      CHECK(executable == (t == mem_type::text || t == mem_type::init_text));
    }
  CHECK(permission_of(mem_type::ro_after_init, false) == relo::permission::rw);
  CHECK(permission_of(mem_type::ro_after_init, true) == relo::permission::r);
}
