// mod_sysfs_setup: what /sys/module/NAME shows is gathered while the file is there. See
// watch/sysfs.hpp.
#pragma once

#include <relo/base/sort.hpp>
#include <relo/linux/policy/load_info.hpp>
#include <relo/memory/scratch.hpp>
#include <relo/module/param_records.hpp>

#include <utility>

namespace relo::kmod::stages {

/// Fails as the kernel does: where sysfs has that directory, or would get two files of one name
/// among the parameters. Two sections of one name, or no memory for their names, are an error since
/// 6.12; before, the module is without sections/ and notes/.
struct mod_sysfs_setup {
  static constexpr const char* name = "mod_sysfs_setup";
  using needs = facets<facet::formed>;
  static constexpr bool undoes_part = true;

  template <class Load>
  constexpr errc run(Load& load) const {
    auto& m = *load.mod;
    if constexpr (requires { load.kernel().hooks.kset_find_obj(m.name.c_str()); })
      if (load.kernel().hooks.kset_find_obj(m.name.c_str())) {
        load.printk(m.name, ": module is already loaded");
        return load.fail(error::already_in_sysfs, {}, elf::name{m.name.c_str()});
      }
    if (const errc e = check_parameters(load); e != errc::ok) return e;
    if (const errc e = add_sect_attrs(load); e != errc::ok) {
      kfree(load.loader, m.attributes.sections);
      m.attributes.section_count = 0;
      if constexpr (Load::traits::needs_section_attributes) return load.fail(e);
    }
    m.attributes.in_sysfs = true;
    return errc::ok;
  }

  /// Kernel: mod_sysfs_teardown(), and the part of destroy_params() that is about values stored in
  /// between.
  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    m.attributes.in_sysfs = false;
    m.attributes.section_count = 0;
    kfree(loader, m.attributes.sections);
    for (auto& value : m.attributes.stored) kfree(loader, value);
  }

 private:
  /// A file a parameter, unless its permissions are 0.
  template <class Load>
  static constexpr errc check_parameters(Load& load) {
    using addr = typename Load::addr;
    using layout = kernel_param<addr>;
    const auto table = load.mod->bytes_of(load.mod->parameters);
    const auto shown = [&](std::size_t p) {
      return relo::read_int<std::uint16_t, Load::byte_order>(table.data() + p + layout::perm) != 0;
    };
    std::size_t count = 0;
    for (std::size_t p = 0; p + layout::size <= table.size(); p += layout::size) {
      if (!shown(p)) continue;
      if (load.mod->name_at(load.read_word(table.data() + p + layout::name)) == nullptr)
        return load.fail(errc::bad_section_contents, in_section(load.find_sec("__param")));
      ++count;
    }
    std::size_t p = 0;
    const errc e = check_names(
        load, count, "parameters",
        [&] {
          while (!shown(p)) p += layout::size;
          return static_cast<addr>(std::exchange(p, p + layout::size));
        },
        [&](addr at) {
          return elf::name{load.mod->name_at(
              load.read_word(table.data() + static_cast<std::size_t>(at) + layout::name))};
        });
    return e == errc::ok ? e : load.fail(e);
  }

  /// Kernel: sect_empty(), of the flags as the kernel has changed them by now.
  template <class Load, class Section>
  static constexpr bool is_shown(const Load& load, std::uint32_t i, const Section& s) noexcept {
    const bool kept = (load.flags_of(i, s) & elf::shf::alloc) != 0;
    return (kept || i == load.index.sym || i == load.index.str) && i != 0 && s.sh_size() != 0;
  }

  /// Kernel: add_sect_attrs(), add_notes_attrs().
  template <class Load>
  static constexpr errc add_sect_attrs(Load& load) {
    using addr = typename Load::addr;
    using records = section_attributes<addr, Load::byte_order>;
    auto& to = load.mod->attributes;
    const std::uint32_t sections = load.image.sections();
    std::uint32_t count = 0;
    addr size = 0;
    for (std::uint32_t i = 1; i < sections; ++i) {
      const auto s = load.image.section(i);
      if (!is_shown(load, i, s)) continue;
      ++count;
      if (!checked_append(
              size, 1, static_cast<addr>(records::record + 1 + load.image.section_name(s).size())))
        return errc::out_of_memory;
    }
    if (count == 0) return errc::ok;
    to.sections = kmalloc(load.loader, size);
    if (!to.sections) return errc::out_of_memory;

    to.section_count = count;
    // The second time there may be others: no more, and in no more room, than were counted.
    const std::span<unsigned char> all = to.sections.bytes;
    std::uint32_t written = 0;
    std::size_t name_at = count * records::record;
    for (std::uint32_t i = 1; i < sections; ++i) {
      const auto s = load.image.section(i);
      if (!is_shown(load, i, s)) continue;
      const auto called = load.image.section_name(s);
      const std::size_t length = called.size();
      if (written == count || length >= all.size() - name_at)
        return errc::section_name_out_of_range;
      const bool note = s.sh_type() == elf::sht::note;
      unsigned char* const at = all.data() + written++ * records::record;
      write_int<Load::byte_order>(at, load.section_address(i));
      write_int<Load::byte_order>(at + sizeof(addr), note ? s.sh_size() : addr{0});
      for (std::size_t k = 0; k < length; ++k)
        all[name_at++] = static_cast<unsigned char>(called[k]);
      all[name_at++] = 0;
    }
    if (written != count) return errc::section_name_out_of_range;
    const auto name_of = [&](addr at) {
      return elf::name{all.data() + count * records::record + static_cast<std::size_t>(at)};
    };
    addr next = 0;
    return check_names(
        load, count, "sections",
        [&] { return std::exchange(next, static_cast<addr>(next + name_of(next).size() + 1)); },
        name_of);
  }

  /// No two of `count` names are equal. next() is the index of the next one, in order; name_of(i)
  /// its name.
  template <class Load, class Next, class NameOf>
  static constexpr errc check_names(Load& load, std::size_t count, const char* directory, Next next,
                                    NameOf name_of) {
    const scratch_use used{load.loader.scratch()};
    const auto all = load.loader.scratch().take(count);
    errc result = all.size() == count ? errc::ok : errc::out_of_scratch;
    for (auto& index : all) index = next();
    const auto less = [&](std::size_t i, std::size_t k) {
      const auto a = name_of(all[i]), b = name_of(all[k]);
      for (std::size_t n = 0;; ++n)
        if (a[n] != b[n] || a[n] == '\0')
          return static_cast<unsigned char>(a[n]) < static_cast<unsigned char>(b[n]);
    };
    heap_sort(all.size(), less, [&](std::size_t i, std::size_t k) { std::swap(all[i], all[k]); });
    for (std::size_t i = 1; i < all.size() && result == errc::ok; ++i)
      if (name_of(all[i - 1]) == name_of(all[i])) {
        load.printk("sysfs: cannot create duplicate filename '/module/", load.mod->name, "/",
                    directory, "/", name_of(all[i]), "'");
        result = error::duplicate_attribute;
      }
    return result;
  }
};

}  // namespace relo::kmod::stages
