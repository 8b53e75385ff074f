#include "kernel_object.hpp"

#include <doctest/doctest.h>

using namespace kernel_test;
using kmod::module_table;

TEST_CASE_TEMPLATE("a section that is written and executed is refused", Kernel, KERNELS) {
  Kernel kernel;
  kernel_object o;
  const std::uint32_t i = o.add(".both", elf::shf::write | elf::shf::execinstr, bytes(4));
  CHECK(kernel.load(o) == errc::writable_and_executable);
  CHECK(kernel.said.said("odd: section .both (index " + std::to_string(i) +
                         ") has invalid WRITE|EXEC flags"));
  kmod::config c = debian();
  c.strict_module_rwx = false;
  Kernel lax{c};
  CHECK(lax.load(o) == errc::ok);
}

TEST_CASE("an empty section stands where one that is not would") {
  linux_6_1 kernel;
  kernel_object o;
  o.add(".rodata", o.constant, bytes(5000), 8);
  const std::uint32_t sealed = o.add(".data..ro_after_init", o.data, {}, 8);
  o.add_symbol({"sealed", sealed, 0, elf::stb::local, elf::stt::object});
  REQUIRE(kernel.load(o) == errc::ok);
  // 64 bytes of code and 5000 of constants, each in pages of its own.
  CHECK(kmod::module_kallsyms_lookup_name(kernel.loader, "sealed") ==
        kernel.last->memory(mem_type::text).address + 4096 + 8192);
}

TEST_CASE_TEMPLATE("sections that no memory has room for", Kernel, KERNELS) {
  Kernel kernel;
  kernel_object o;
  o.add({".bss", elf::sht::nobits, o.data, {}, 8, 64});
  auto& bss = o.sections.back();
  SUBCASE("as large as the address space") { bss.size = ~address{0}; }
  SUBCASE("half as large") { bss.size = address{1} << 63; }
  SUBCASE("aligned beyond it") { bss.align = address{1} << 63; }
  SUBCASE("larger than the memory") { bss.size = address{1} << 40; }
  CHECK(kmod::errno_of(kernel.load(o)) == kmod::err::nomem);
  CHECK(kernel.memory.live == 0);
}

TEST_CASE_TEMPLATE("relocations of kinds that the kernel does not know are passed over", Kernel,
                   KERNELS) {
  Kernel kernel;
  kernel_object o;
  o.add_symbol({"unknown"});
  o.symbols.back().bind = elf::stb::weak;
  // Whole ones and such as end too soon: SHT_CREL, SHT_RELR, and one of a processor's.
  o.relocate_crel(o.text, {{0, 1, 1, 7}, {8, 99, 1, 7}, {4096, 1, 200, 7}}, true);
  o.relocate_crel(o.text, bytes{0xff});
  for (const std::uint32_t type : {19U, 0x7000'0001U})
    o.add({".others", type, 0, bytes(48, 1), 8, 0, o.symtab, o.text, 24});
  REQUIRE(kernel.load(o) == errc::ok);
  const auto code = kernel.last->memory(mem_type::text).bytes.first(64);
  CHECK(std::equal(code.begin(), code.end(), bytes(64, 0x90).begin()));
  // The kernel knows Elf_Rel, too, and says that it is not for this machine.
  o.relocate<false>(o.text, {{0, 1, 1}});
  CHECK(Kernel{}.load(o) == errc::wrong_relocation_kind);
}

TEST_CASE_TEMPLATE("contents that are outside of the file and were not asked about", Kernel,
                   KERNELS) {
  Kernel kernel;
  kernel_object o;
  o.add({".nothing", elf::sht::null, o.data, bytes(8), 8, 1'000'000});
  CHECK(kernel.load(o) == errc::section_out_of_file);
  CHECK(kernel.memory.live == 0);
}

TEST_CASE_TEMPLATE("tables have whole objects only", Kernel, KERNELS) {
  Kernel kernel;
  kernel_object o;
  o.add("__jump_table", o.data, bytes(40), 8);
  o.add(".static_call_sites", o.data, bytes(24), 8);
  o.add(".noinstr.text", o.code, bytes(5), 1);
  o.add("__mcount_loc", o.constant, bytes(7), 1);
  o.add("__tracepoints_ptrs", 0, bytes(8), 4);
  o.add(".BTF", 0, bytes(9), 1);
  REQUIRE(kernel.load(o) == errc::ok);
  const auto& m = *kernel.last;
  const auto jumps = kmod::objects(m, module_table::jump_entries);
  CHECK(jumps.count == 2);
  CHECK(jumps.entry == 16);
  CHECK(jumps.bytes.size() == 32);
  CHECK(jumps[1].size() == 16);
  CHECK(kmod::objects(m, module_table::static_call_sites).count == 3);
  CHECK(kmod::objects(m, module_table::noinstr_text).count == 5);
  CHECK(kmod::objects(m, module_table::ftrace_callsites).count == 0);
  CHECK(kmod::objects(m, module_table::tracepoints_ptrs).count == 0);  // not loaded
  CHECK(kmod::objects(m, module_table::btf_data).count == 0);          // gone with init
  CHECK(m.tables[static_cast<std::size_t>(module_table::btf_data)].size == 9);
}

TEST_CASE_TEMPLATE("constructors", Kernel, KERNELS) {
  kmod::config c = debian();
  kernel_object o;
  o.add(".ctors", o.data, bytes(16), 8);
  {
    Kernel without{c};
    REQUIRE(without.load(o) == errc::ok);
    CHECK(kmod::objects(*without.last, module_table::ctors).count == 0);
  }
  c.constructors = true;
  Kernel kernel{c};
  SUBCASE("old ones") {
    REQUIRE(kernel.load(o) == errc::ok);
    CHECK(kmod::objects(*kernel.last, module_table::ctors).count == 2);
  }
  SUBCASE("new ones, in memory that is returned") {
    o.sections.back().name = ".init_array";
    REQUIRE(kernel.load(o) == errc::ok);
    CHECK(kmod::objects(*kernel.last, module_table::ctors).bytes.empty());
  }
  SUBCASE("both") {
    o.add(".init_array", o.data, bytes(8), 8);
    CHECK(kernel.load(o) == relo::kmod::error::several_constructor_tables);
    CHECK(kernel.said.said("odd: has both .ctors and .init_array."));
    CHECK(kernel.memory.live == 0);
  }
}

TEST_CASE_TEMPLATE("parameters of old are ignored", Kernel, KERNELS) {
  Kernel kernel;
  kernel_object o;
  o.add("__obsparm", o.constant, {});
  CHECK(kernel.load(o) == errc::ok);
  CHECK(kernel.said.said("odd: Ignoring obsolete parameters"));
}

namespace {
/// A machine that has something to do with sections before and after.
struct frobbing : kmod::x86_64 {
  static inline std::string seen;
  template <class Load>
  static errc module_frob_arch_sections(Load& load) {
    seen += load.mod->regions[0] ? "late " : "early ";
    return errc::ok;
  }
  template <class Load>
  static errc module_finalize(Load& load) {
    seen += load.mod->kallsyms.all.symtab.empty() ? "early " : "late ";
    return load.fail(errc::unknown_relocation);
  }
};
}  // namespace

TEST_CASE("a machine may look at sections before they have a place, and at the module in the end") {
  plain_memory memory;
  relo::loader loader{frobbing{},
                      memory,
                      no_symbols{},
                      kmod::prel32_exports{},
                      host::heap_scratch<address>{},
                      dont_run{},
                      kmod::kernel<kmod::generation::v6_1>{debian()},
                      kmod::modules<1>{},
                      kmod::load_module_6_1};
  const bytes file = kernel_object{}.finish();
  CHECK(loader.load(std::span{file}).error() == errc::unknown_relocation);
  CHECK(frobbing::seen == "early late ");
  CHECK(memory.live == 0);
}
