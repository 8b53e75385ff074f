// What the kernel's stages know of a module while it is being loaded, and keep of it afterwards.
#pragma once

#include <relo/layout/regions.hpp>
#include <relo/linux/errno.hpp>
#include <relo/linux/policy/kernel.hpp>
#include <relo/linux/record/attributes.hpp>
#include <relo/linux/record/build_id.hpp>
#include <relo/linux/record/image.hpp>
#include <relo/linux/record/kallsyms.hpp>
#include <relo/linux/record/module_table.hpp>
#include <relo/module/param_type.hpp>

namespace relo::kmod {

template <class Loader, elf::source Source>
struct load_info;

/// How many modules a loader of kernel modules holds. Their names are as long as the kernel's are
/// at most (MODULE_NAME_LEN), which keeps them in struct module.
template <std::size_t Capacity>
struct modules : basic_modules<Capacity, 60> {
  static constexpr bool named_by_modinfo = false;  // the kernel's stages have their own way
  template <class Loader, elf::source Source>
  using load_info = kmod::load_info<Loader, Source>;

  /// What struct module has beside a plugin's.
  template <class Addr, class ExportState>
  struct extra {
    kmod::taints tainted{};
    bool sig_ok = false, using_gplonly_symbols = false, livepatch = false,
         async_probe_requested = false;
    std::array<extent<Addr>, module_tables> tables{};  ///< by module_table, see objects()
    extent<Addr> core_extable{};                       ///< without that of init
    extent<Addr> percpu{};                             ///< the first CPU's
    block<Addr> percpu_areas{};                        ///< all CPUs'
    Addr percpu_stride = 0;                            ///< from a CPU's to the next one's
    symbol_tables<Addr> kallsyms{};
    kmod::build_id build_id{};
    kmod::attributes<Addr> attributes{};
    block<Addr> args{};  ///< parse_args cuts them into strings
  };
};

/// A number without "0x". Kernel: %lx.
struct hex {
  std::uint64_t value;
};
/// Kernel: %d.
struct dec {
  std::int64_t value;
};

template <std::size_t N, class Part>
constexpr void append(text<N>& to, const Part& part) noexcept {
  if constexpr (std::is_same_v<Part, hex>) {
    bool leading = true;
    for (unsigned shift = 64; shift != 0;) {
      shift -= 4;
      const auto digit = part.value >> shift & 15;
      leading = leading && digit == 0 && shift != 0;
      if (!leading) to << "0123456789abcdef"[digit];
    }
  } else if constexpr (std::is_same_v<Part, dec>) {
    if (part.value < 0) to << '-' << -static_cast<std::uint64_t>(part.value);
    else to << static_cast<std::uint64_t>(part.value);
  } else if constexpr (requires { part.c_str(); }) {
    to << part.c_str();
  } else if constexpr (std::is_integral_v<Part> && !std::is_same_v<Part, char>) {
    to << static_cast<std::uint64_t>(part);
  } else {
    to << part;
  }
}

/// Says a line in the kernel's log, if the diagnostics policy has one: printk(const char*). The
/// line has no level and no newline.
template <class Loader, class... Parts>
constexpr void printk(Loader& loader, const Parts&... parts) {
  if constexpr (requires { loader.diagnostics().printk(""); }) {
    text<1024> line;
    (append(line, parts), ...);
    loader.diagnostics().printk(line.c_str());
  }
}

/// Notes that a module of that name comes or goes, if the diagnostics policy keeps an audit trail:
/// audit(const char*). Kernel: audit_log_kern_module().
template <class Loader>
constexpr void audit(Loader& loader, const char* name) {
  if constexpr (requires { loader.diagnostics().audit(name); }) loader.diagnostics().audit(name);
}

/// Kernel: add_taint(), with LOCKDEP_NOW_UNRELIABLE where `lock_debugging` is false.
template <class Loader>
constexpr void add_taint(Loader& loader, taint t, bool lock_debugging = true) {
  auto& kernel = loader.kernel();
  if (!lock_debugging && !kernel.told_lock_debugging) {
    kernel.told_lock_debugging = true;
    printk(loader, "Disabling lock debugging due to kernel taint");
  }
  kernel.tainted.add(t);
}

/// Kernel: struct load_info.
template <class Loader, elf::source Source>
struct load_info
    : relo::load_info<Loader, Source,
                      image<typename Loader::machine::format, Source, Loader::machine::rela>> {
  using image_type = image<typename Loader::machine::format, Source, Loader::machine::rela>;
  using base = relo::load_info<Loader, Source, image_type>;
  using base::base, base::loader, base::mod, base::options;
  using typename base::addr, typename base::wide, typename base::layout;
  using name_type = typename image_type::name_type;
  using section_header = typename image_type::section_header;
  static_assert(kernel_policy<typename Loader::kernel_type>,
                "relo: the kernel policy does not model relo::kmod::kernel_policy");
  static constexpr generation release = Loader::kernel_type::release;
  using traits = release_traits<release>;

  std::span<addr> versions_by_name{};  ///< see modversions
  /// The namespaces that .modinfo imports, once they were asked for.
  struct {
    bool known = false;
    std::size_t count = 0;
    std::span<addr> by_name{};  ///< where their names are, if there was scratch memory for it
  } imports{};

  /// Sections that have a meaning, 0: there is none.
  struct {
    std::uint32_t modinfo = 0, sym = 0, str = 0, mod = 0, vers = 0, pcpu = 0;
  } index{};
  /// What .modinfo says its name is (`named`), else struct module; for messages, and the blacklist.
  name_type name{};
  bool named = false;
  bool sig_ok = false;
  /// Of the types that the kernel has, where each one's param_ops object is; 0: nobody asked.
  std::array<addr, param_types> param_ops{};

  /// The name, for messages before there is a struct module to take it from.
  constexpr load_progress::name_text early_name() const noexcept {
    load_progress::name_text out;
    if (named) out << name;
    else out << "(missing .modinfo section or name field)";
    return out;
  }
  constexpr void find_name() {
    named = get_modinfo("name", name);
    if (named) note_name();
  }
  constexpr void note_name() noexcept {
    if (options.progress == nullptr) return;
    options.progress->name = {};
    options.progress->name << name;
  }

  constexpr auto& kernel() noexcept { return loader.kernel(); }
  constexpr const config& settings() noexcept { return loader.kernel().settings; }
  constexpr bool has_flag(unsigned flag) const noexcept { return (options.flags & flag) != 0; }

  template <class... Parts>
  constexpr void printk(const Parts&... parts) {
    kmod::printk(loader, parts...);
  }
  /// What the load is answered with, where this is not the errno of its error.
  constexpr void answer(int value) noexcept {
    if (options.progress != nullptr) options.progress->answer = value;
  }

  /// Where kallsyms' tables are reserved.
  struct {
    addr core_symbols = 0;
    place<addr> core_symtab{}, core_strtab{}, core_typetab{}, mod_kallsyms{}, typetab{};
  } kallsyms{};

  /// sh_flags, less SHF_ALLOC where the kernel takes it away; with what it adds.
  constexpr addr flags_of(std::uint32_t i, const section_header& s) const noexcept {
    const bool dropped = i != 0 && (i == index.modinfo || i == index.vers || i == index.pcpu);
    return s.sh_flags() & ~static_cast<addr>(dropped ? elf::shf::alloc : 0);
  }

  /// The first allocated section of that name, or 0. Kernel: find_sec().
  constexpr std::uint32_t find_sec(const char* called) const noexcept {
    for (std::uint32_t i = 1; i < this->image.sections(); ++i) {
      const section_header s = this->image.section(i);
      if ((s.sh_flags() & elf::shf::alloc) != 0 && this->image.section_name(s) == called) return i;
    }
    return 0;
  }

  /// Where the table in that section is; empty if there is no such section. Kernel: section_objs(),
  /// section_addr().
  constexpr extent<addr> section_objs(const char* called) noexcept {
    const std::uint32_t i = find_sec(called);
    return i == 0 ? extent<addr>{} : this->section_extent(i);
  }

  /// Calls f(value) for each "tag=value" of .modinfo with that tag until one returns true; whether
  /// one did. The first entry is looked at even in an empty section, and no byte outside the file.
  /// Kernel: get_next_modinfo(), next_string().
  template <class F>
  constexpr bool for_each_modinfo(const char* tag, F&& f) const {
    return for_each_modinfo_at(tag, [&](addr at) { return f(this->image.name_at(at, 0)); });
  }
  /// The same, with f(where the value is in the file).
  template <class F>
  constexpr bool for_each_modinfo_at(const char* tag, F&& f) const {
    if (index.modinfo == 0) return false;
    const section_header s = this->image.section(index.modinfo);
    const elf::name wanted{tag};
    const std::size_t length = wanted.size();
    addr at = s.sh_offset(), left = s.sh_size();
    if (!this->image.within_file(at, 0)) return false;
    // Whether a byte was skipped, and the section goes on.
    const auto byte = [&] { return this->image.name_at(at, 0)[0]; };
    const auto skip = [&] {
      ++at;
      return left-- > 1 && this->image.within_file(at, 1);
    };
    for (;;) {
      const name_type entry = this->image.name_at(at, 0);
      if (entry.starts_with(tag) && entry[length] == '=' && f(static_cast<addr>(at + length + 1)))
        return true;
      while (byte() != '\0')
        if (!skip()) return false;
      while (byte() == '\0')
        if (!skip()) return false;
    }
  }
  /// The first value of that tag; false if there is none. Kernel: get_modinfo().
  constexpr bool get_modinfo(const char* tag, name_type& out) const {
    return for_each_modinfo(tag, [&](const name_type& value) { return out = value, true; });
  }
  constexpr bool has_modinfo(const char* tag) const {
    return for_each_modinfo(tag, [](const name_type&) { return true; });
  }

  /// Room at the end of a memory type. Alignment is that in the region, whose earlier types end
  /// at page boundaries. Kernel: module_get_offset(), module_get_offset_and_type().
  constexpr errc reserve(mem_type type, addr size, addr align, place<addr>& out) noexcept {
    const auto t = static_cast<std::size_t>(type);
    const addr start = start_of(type);
    const addr at = align_up(static_cast<addr>(start + this->sizes[t]), align);
    if (at < start || at - start < this->sizes[t] || at - start > place<addr>::max_offset ||
        size > place<addr>::max_offset - (at - start))
      return errc::module_too_large;
    out = {type, static_cast<addr>(at - start)};
    this->sizes[t] = static_cast<addr>(out.offset + size);
    this->alignments[t] = 1;  // even an empty section has its place; none moves the region
    return errc::ok;
  }
  constexpr errc place_section(std::uint32_t i, mem_type type) {
    const section_header s = this->image.section(i);
    // The kernel has looked only at those that are not SHT_NULL.
    if (s.sh_type() != elf::sht::nobits && !this->image.within_file(s.sh_offset(), s.sh_size()))
      return this->fail(errc::section_out_of_file, in_section(i, s.sh_size()));
    place<addr> at;
    if (const errc e = reserve(type, s.sh_size(), s.sh_addralign(), at); e != errc::ok)
      return this->fail(e, in_section(i, s.sh_size()));
    this->places[i] = at.encode();
    return errc::ok;
  }
  /// The sections of a region are placed; its symbol tables follow.
  constexpr void finish_region(mem_type last) noexcept {
    if constexpr (traits::symtab_begins_a_page) {
      addr& size = this->sizes[static_cast<std::size_t>(last)];
      const addr start = start_of(last);
      size = static_cast<addr>(align_up(static_cast<addr>(start + size), page) - start);
    }
  }
  /// Whether kallsyms keeps a symbol after init. Kernel: is_core_symbol().
  constexpr bool is_core_symbol(std::uint32_t i) const noexcept {
    if (i == 0 || mod->livepatch) return true;
    const auto s = this->image.symbol(i);
    const std::uint32_t in = s.st_shndx();
    if (in == elf::shn::undef || in >= this->image.sections() || s.st_name() == 0) return false;
    const bool all = loader.kernel().settings.kallsyms_all;
    if (in == index.pcpu) return all;
    const place<addr> at = this->place_of(in);
    return at && in != index.sym && !is_init(at.type) &&
           (all || (this->image.section(in).sh_flags() & elf::shf::execinstr) != 0);
  }

  /// The module is what the kernel is tainted with from now on. Kernel: add_taint_module().
  constexpr void add_taint(taint t, bool lock_debugging = true) {
    kmod::add_taint(loader, t, lock_debugging);
    mod->tainted.add(t);
  }

  /// What the module lacks may be overlooked, if the kernel's configuration says so. Kernel:
  /// try_to_force_load().
  template <class Reason>
  constexpr bool try_to_force_load(const Reason& reason) {
    if (!settings().force_load) return false;
    if (!kernel().tainted.test(taint::forced_module))
      printk(mod->name.c_str(), ": ", reason, ": kernel tainted.");
    add_taint(taint::forced_module, false);
    return true;
  }

 private:
  static constexpr addr page = Loader::memory_type::granularity;

  /// Where in its region a memory type begins.
  constexpr addr start_of(mem_type type) const noexcept {
    addr start = 0;
    for (const mem_type t : layout_order) {
      if (t == type) break;
      if (layout::region_of(t) == layout::region_of(type))
        start = align_up(static_cast<addr>(start + this->sizes[static_cast<std::size_t>(t)]), page);
    }
    return start;
  }
};

}  // namespace relo::kmod
