// The tables within a module that the kernel runs it by, other than its exports and parameters.
// Kernel: find_module_sections().
#pragma once

#include <relo/module.hpp>

namespace relo::kmod {

/// The tables, in the order that the kernel looks for them in.
enum class module_table : unsigned char {
  ctors,
  noinstr_text,
  tracepoints_ptrs,
  srcu_struct_ptrs,
  bpf_raw_events,
  btf_data,
  btf_base_data,
  jump_entries,
  trace_events,
  trace_evals,
  trace_bprintk_fmt,
  ftrace_callsites,
  ei_funcs,
  kprobes_text,
  kprobe_blacklist,
  printk_index,
  static_call_sites,
  kunit_suites,
  kunit_init_suites,
  extable,
  dyndbg_descs,
  dyndbg_classes
};

/// Where a table is, and what it is of.
struct table_section {
  const char* name;
  unsigned char words;  ///< in an entry: of 32 bits, counted before the pointers, and of pointers
  unsigned char pointers;
  bool loaded;  ///< false: SHF_ALLOC is not asked for, and the table is gone after init
};

/// By module_table. Entries are those of 64-bit kernels with relative references
/// (CONFIG_HAVE_ARCH_PREL32_RELOCATIONS, CONFIG_HAVE_ARCH_JUMP_LABEL_RELATIVE); none: of bytes.
// clang-format off
inline constexpr table_section table_sections[] = {
    {".ctors", 0, 1, true},                       // ctor_fn_t; or .init_array
    {".noinstr.text", 0, 0, true},
    {"__tracepoints_ptrs", 1, 0, true},           // tracepoint_ptr_t
    {"___srcu_struct_ptrs", 0, 1, true},          // struct srcu_struct*
    {"__bpf_raw_tp_map", 0, 4, true},             // struct bpf_raw_event_map, aligned to 32
    {".BTF", 0, 0, false},
    {".BTF.base", 0, 0, false},
    {"__jump_table", 2, 1, true},                 // struct jump_entry
    {"_ftrace_events", 0, 1, true},               // struct trace_event_call*
    {"_ftrace_eval_map", 0, 1, true},             // struct trace_eval_map*
    {"__trace_printk_fmt", 0, 1, true},           // const char*
    {"__mcount_loc", 0, 1, true},                 // unsigned long
    {"_error_injection_whitelist", 0, 2, true},   // struct error_injection_entry
    {".kprobes.text", 0, 0, true},
    {"_kprobe_blacklist", 0, 1, true},            // unsigned long
    {".printk_index", 0, 1, true},                // struct pi_entry*
    {".static_call_sites", 2, 0, true},           // struct static_call_site
    {".kunit_test_suites", 0, 1, true},           // struct kunit_suite*
    {".kunit_init_test_suites", 0, 1, true},      // struct kunit_suite*
    {"__ex_table", 3, 0, true},                   // struct exception_table_entry
    {"__dyndbg", 0, 7, true},                     // struct _ddebug
    {"__dyndbg_classes", 0, 7, true},             // struct ddebug_class_map
};
// clang-format on
inline constexpr std::size_t module_tables = std::size(table_sections);
static_assert(module_tables == static_cast<std::size_t>(module_table::dyndbg_classes) + 1);

/// The objects of a table: `count` of `entry` bytes each. What follows the last whole one is none.
template <class Addr>
struct table_objects {
  Addr address = 0;
  std::size_t entry = 1, count = 0;
  std::span<unsigned char> bytes{};  ///< of all of them; none of what is not in module memory

  constexpr std::span<unsigned char> operator[](std::size_t i) const noexcept {
    return bytes.subspan(i * entry, entry);
  }
};

/// What is at an extent, seen of a module, as a table's objects.
template <class Seen, class Addr>
constexpr table_objects<Addr> objects_at(const Seen& m, module_table table,
                                         const extent<Addr>& at) noexcept {
  const auto& is = table_sections[static_cast<std::size_t>(table)];
  const std::size_t size = is.words * std::size_t{4} + is.pointers * sizeof(Addr);
  table_objects<Addr> out{at.address, size == 0 ? 1 : size};
  out.count = static_cast<std::size_t>(at.size) / out.entry;
  if (is.loaded) out.bytes = m.bytes_at(at.address, static_cast<Addr>(out.count * out.entry));
  return out;
}

/// What a module has of a table. That of .BTF and .BTF.base, until the module is live, has an
/// address in the file. Kernel: the members of struct module that are counted by num_*.
template <class Module>
constexpr auto objects(const Module& m, module_table table) noexcept {
  using addr = typename Module::addr;
  const auto t = static_cast<std::size_t>(table);
  const bool gone = !table_sections[t].loaded && m.state == module_state::live;
  return objects_at(m, table, gone ? extent<addr>{} : m.tables[t]);
}

}  // namespace relo::kmod
