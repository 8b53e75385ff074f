// A loaded module as under /sys/module/NAME, and its line in /proc/modules: data, to be mounted or
// printed by whoever has files or a terminal. Kernel: kernel/module/sysfs.c,
// kernel/module/procfs.c.
#pragma once

#include <relo/linux/call/delete_module.hpp>
#include <relo/linux/watch/params_get.hpp>

#include <utility>

namespace relo::kmod {

/// A file of /sys/module/NAME, or a directory, or a link, as stat says it. A link leads to
/// "../../" and its own name.
struct sysfs_entry {
  enum class type : unsigned char { directory, file, link };
  enum class content : unsigned char {
    none,
    uevent,
    version,
    srcversion,
    initstate,
    coresize,
    initsize,
    taint,
    refcnt,
    parameter,
    section,
    note
  };

  type kind = type::file;
  content of = content::none;
  std::uint16_t mode = 0444;
  const char* directory = "";  ///< below the module's: "", "holders", "parameters", ...
  text<256> name{};            ///< as long as a file's name may be
  std::uint64_t size = 4096;   ///< a page, where the kernel does not know it
  std::uint64_t address = 0;   ///< of a section, a note, or a parameter's record

  /// "NAME/sections/.text"
  template <class Module>
  constexpr text<384> path(const Module& m) const noexcept {
    text<384> out;
    out << m.name.c_str();
    if (directory[0] != '\0') out << '/' << directory;
    if (!name.empty()) out << '/' << name.c_str();
    return out;
  }
};

/// What a file has, how many bytes of it; or why it cannot be read.
struct sysfs_read {
  errc error = errc::ok;
  std::size_t size = 0;
};

namespace detail {

/// What stays of a module, or what is returned after init, in bytes.
template <class Loader, class Module>
constexpr std::uint64_t region_sizes(const Loader&, const Module& m, bool init) noexcept {
  using layout = typename Loader::layout;
  std::uint64_t size = 0;
  for (std::size_t r = 0; r < layout::regions; ++r) {
    bool only_init = true;
    for (const mem_type t : layout_order)
      only_init = only_init && (layout::region_of(t) != r || is_init(t));
    if (only_init == init) size += m.regions[r].bytes.size();
  }
  return size;
}

/// Kernel: module_refcount(). Its own load holds a module.
template <class Module>
constexpr std::uint64_t refcount(const Module& m) noexcept {
  const bool loading = m.state == module_state::unformed || m.state == module_state::coming;
  return m.references + std::uint64_t{loading ? 1U : 0U};
}

}  // namespace detail

namespace detail {

/// Calls f(module) for `count` listed modules, that which came last first: those of the second half
/// before those of the first, as the list leads one way only.
template <class Registry, class Module, class F>
constexpr void for_each_last_first(const Registry& modules, const Module* m, std::size_t count,
                                   F& f) {
  if (m == nullptr || count == 0) return;
  if (count == 1) return f(*m);
  const Module* middle = m;
  for (std::size_t i = 0; i < count / 2 && middle != nullptr; ++i) middle = modules.next(*middle);
  for_each_last_first(modules, middle, count - count / 2, f);
  for_each_last_first(modules, m, count / 2, f);
}
template <class Registry, class F>
constexpr void for_each_last_first(const Registry& modules, F f) {
  std::size_t count = 0;
  for (const auto* m = modules.first(); m != nullptr; m = modules.next(*m)) ++count;
  for_each_last_first(modules, modules.first(), count, f);
}

}  // namespace detail

/// Calls f(entry) for all there is of a module, directories before what is in them, in the order in
/// which the kernel makes them. Nothing before mod_sysfs_setup has run.
template <class Loader, class F>
constexpr void for_each_entry(Loader& loader, typename Loader::module_type& m, F&& f) {
  using addr = typename Loader::addr;
  using type = sysfs_entry::type;
  using content = sysfs_entry::content;
  constexpr std::endian order = Loader::machine::format::byte_order;
  if (!m.attributes.in_sysfs) return;
  const auto entry = [&](type kind, content of, std::uint16_t mode, const char* directory,
                         const auto& name, std::uint64_t size = 4096, std::uint64_t address = 0) {
    sysfs_entry e{kind, of, mode, directory, {}, size, address};
    e.name << name;
    f(std::as_const(e));
  };
  const auto directory = [&](const char* name) {
    entry(type::directory, content::none, 0755, name, "", 0);
  };
  const auto file = [&](content of, const char* name, std::uint16_t mode = 0444) {
    entry(type::file, of, mode, "", name);
  };

  directory("");
  directory("holders");
  auto& modules = loader.registry();
  for (auto* user = modules.first(); user != nullptr; user = modules.next(*user))
    if (user->attributes.in_sysfs && modules.uses(*user, m))
      entry(type::link, content::none, 0777, "holders", user->name.c_str(), 0);

  using layout = kernel_param<addr>;
  const auto table = m.bytes_of(m.parameters);
  bool parameters = false;
  for (std::size_t p = 0; p + layout::size <= table.size(); p += layout::size) {
    const auto perm = read_int<std::uint16_t, order>(table.data() + p + layout::perm);
    const auto* const name = m.name_at(read_int<addr, order>(table.data() + p + layout::name));
    if (perm == 0 || name == nullptr) continue;
    if (!std::exchange(parameters, true)) directory("parameters");
    // sysfs lets nobody but its owner and group write a file.
    entry(type::file, content::parameter, static_cast<std::uint16_t>(perm & 0664), "parameters",
          elf::name{name}, 4096, m.parameters.address + p);
  }

  file(content::uevent, "uevent", 0200);
  if (m.attributes.has_version) file(content::version, "version");
  if (m.attributes.has_srcversion) file(content::srcversion, "srcversion");
  file(content::initstate, "initstate");
  file(content::coresize, "coresize");
  file(content::initsize, "initsize");
  file(content::taint, "taint");
  file(content::refcnt, "refcnt");

  for (const bool notes : {false, true}) {
    bool any = false;
    section_attributes<addr, order> s{m.attributes};
    while (s.next()) {
      if (notes && s.note == 0) continue;
      if (!std::exchange(any, true)) directory(notes ? "notes" : "sections");
      if (notes) entry(type::file, content::note, 0444, "notes", s.name, s.note, s.address);
      else  // "0x", the digits and a newline
        entry(type::file, content::section, 0400, "sections", s.name, 3 + 2 * sizeof(addr),
              s.address);
    }
  }
}

/// What a file of for_each_entry() says, as its owner reads it, from its beginning: as much as
/// `buffer` holds; less than a page, but all of a note. errc::read_failed (EIO): it is none to be
/// read; else see show_parameter().
template <class Loader>
constexpr sysfs_read read(Loader& loader, typename Loader::module_type& m, const sysfs_entry& e,
                          std::span<char> buffer) {
  using addr = typename Loader::addr;
  using content = sysfs_entry::content;
  const auto& kept = m.attributes;
  const auto at = static_cast<addr>(e.address);
  if (e.of == content::note) {
    // Notes of init memory are gone with it.
    const auto from = m.bytes_at(at, static_cast<addr>(e.size));
    if (from.empty()) return {errc::read_failed};
    const std::size_t n = from.size() < buffer.size() ? from.size() : buffer.size();
    for (std::size_t i = 0; i < n; ++i) buffer[i] = static_cast<char>(from[i]);
    return {errc::ok, n};
  }
  constexpr std::size_t most = 4095;
  output out{buffer.first(buffer.size() < most ? buffer.size() : most)};
  switch (e.of) {
    case content::version: out << elf::name{kept.version()}; break;
    case content::srcversion: out << elf::name{kept.srcversion()}; break;
    case content::initstate:
      out << (m.state == module_state::live     ? "live"
              : m.state == module_state::coming ? "coming"
                                                : "going");
      break;
    case content::coresize: out << detail::region_sizes(loader, m, false); break;
    case content::initsize: out << detail::region_sizes(loader, m, true); break;
    case content::taint: out << letters(m.tainted); break;
    case content::refcnt: out << detail::refcount(m); break;
    case content::section: (out << "0x").hex(at, 2 * sizeof(addr)); break;
    case content::parameter: {
      const errc error = detail::show_parameter(detail::loaded_parameters<Loader>{loader, m},
                                                m.bytes_at(at, kernel_param<addr>::size), out);
      return {error, error == errc::ok ? out.size() : 0};
    }
    default: return {errc::read_failed};
  }
  out << '\n';
  return {errc::ok, out.size()};
}

/// A module's line in /proc/modules, with its newline, as root sees it; nothing of one that is not
/// formed.
template <class Loader>
constexpr void proc_modules_line(const Loader& loader, const typename Loader::module_type& m,
                                 output& out) {
  if (m.state == module_state::unformed) return;
  out << m.name.c_str() << ' '
      << detail::region_sizes(loader, m, false) + detail::region_sizes(loader, m, true) << ' '
      << detail::refcount(m) << ' ';
  // The one that came last is the first, and the list leads from the first to the last.
  const auto& modules = loader.registry();
  const auto for_each_user = [&](auto f) {
    std::size_t left = m.references;
    for (auto* user = modules.first(); user != nullptr && left != 0; user = modules.next(*user))
      if (modules.uses(*user, m)) f(user->name), --left;
  };
  std::size_t end = out.size();
  for_each_user([&](const auto& name) { end += name.size() + 1; });
  bool any = end != out.size();
  out.skip(end - out.size());
  for_each_user([&](const auto& name) {
    out.put(--end, ',');
    for (std::size_t i = name.size(); i-- != 0;) out.put(--end, name.c_str()[i]);
  });
  if (m.init != 0 && m.exit == 0) {
    out << "[permanent],";
    any = true;
  }
  if (!any) out << '-';
  out << ' ' << name_of(m.state) << " 0x";
  out.hex(m.memory(mem_type::text).address, 2 * sizeof(typename Loader::addr));
  if (m.tainted.bits() != 0) out << ' ' << module_flags(m, true);
  out << '\n';
}

/// All of /proc/modules: calls line(text) for each, the module that was loaded last first. A line
/// is in `buffer`, which is to hold the longest one.
template <class Loader, class F>
constexpr void proc_modules(const Loader& loader, std::span<char> buffer, F&& line) {
  detail::for_each_last_first(loader.registry(), [&](const auto& m) {
    output out{buffer};
    proc_modules_line(loader, m, out);
    if (out.size() != 0) line(std::span<const char>{buffer.first(out.size())});
  });
}

}  // namespace relo::kmod
