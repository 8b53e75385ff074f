// Firmware with a console, to which plugins are loaded while it runs.
//
// Built with the other examples where the cross compilers are, and run by QEMU:
//
//     cmake --build build/gcc --target firmware
//     examples/firmware/run build/gcc/examples/firmware/mps2-an385
//
//     > measure hello                what that will take
//     > load hello whom=plugin       from flash, where what nobody writes stays
//     > load file:user.o             from a file of the host, in pieces of 64 bytes
//     > call user hypotenuse 3 4
//
// The name of a plugin is what is before ".o"; `help` lists the commands. To debug plugins with
// gdb, see relo.py.

#include "loader.hpp"

#include "board/semihosting.hpp"

#include <relo/plugin/linux/moduleparam.h>

#include <charconv>

namespace {

using console::print;
using firmware::loader;
using module = decltype(firmware::loader)::module_type;
using file = semihosting::file<64>;

/// The plugins that flash.S holds.
struct flash_entry {
  const char* name;  ///< null ends the table
  const unsigned char* bytes;
  std::size_t size;
};
extern "C" const flash_entry plugins_in_flash[];

const flash_entry* in_flash(const char* name) {
  for (const flash_entry* e = plugins_in_flash; e->name != nullptr; ++e)
    if (std::strcmp(e->name, name) == 0) return e;
  return nullptr;
}

using in_place = relo::in_place<unsigned char, 4>;
in_place source_of(const flash_entry& e) { return in_place{std::span{e.bytes, e.size}}; }

/// How a module came here.
struct origin {
  const module* m = nullptr;
  relo::text<96> path;
  const flash_entry* flash = nullptr;          ///< null: read in pieces
  std::size_t size = 0, reads = 0, bytes = 0;  ///< of the file, and how it was read
};
origin origins[decltype(firmware::loader)::modules_type::capacity];

const origin* origin_of(const module& m) {
  for (const origin& o : origins)
    if (o.m == &m) return &o;
  return nullptr;
}

const char* after(const char* prefix, const char* s) {
  const std::size_t n = std::strlen(prefix);
  return std::strncmp(prefix, s, n) == 0 ? s + n : nullptr;
}

/// The first word of `line`, which is then what follows it; "" if there is none.
char* word(char*& line) {
  while (*line == ' ') ++line;
  char* const begin = line;
  while (*line != ' ' && *line != '\0') ++line;
  if (*line != '\0') *line++ = '\0';
  return begin;
}

module* named(const char* name) {
  module* const m = loader.registry().find(relo::elf::name{name});
  if (m == nullptr) print("%s: %s\n", name, loader.message(relo::errc::not_loaded));
  return m;
}

// --- load, measure and unload

/// "dir/name.o" is name.
relo::text<56> module_name(const char* path) {
  const char* base = path;
  for (const char* c = path; *c != '\0'; ++c)
    if (*c == '/') base = c + 1;
  std::size_t length = std::strlen(base);
  if (length > 2 && std::strcmp(base + length - 2, ".o") == 0) length -= 2;
  relo::text<56> name;
  for (std::size_t i = 0; i < length; ++i) name << base[i];
  return name;
}

/// Looks for the object that `line` begins with; what follows are parameters. Calls
/// f(source, options, come), of which come() is the origin.
template <class F>
void with_object(char* line, F f) {
  // The plugins here need half of them, or less.
  constexpr std::size_t times = 16;
  const char* const what = word(line);
  const char* const flash = after("flash:", what);
  const char* const given = after("file:", what);
  const char* const plain = flash != nullptr ? flash : given != nullptr ? given : what;
  const auto name = module_name(plain);
  const relo::load_options options{.name = name.c_str(), .args = line};
  relo::text<96> path;
  path << plain << (given != nullptr ? "" : ".o");
  if (given == nullptr)
    if (const flash_entry* const e = in_flash(plain))
      return f(source_of(*e), options, [&] { return origin{nullptr, path, e, e->size, 0, 0}; });
  if (flash != nullptr) return print("%s: no such plugin in flash\n", flash);
  file from{path.c_str(), times};
  if (!from.is_open())
    return print("%s: no such file, and no such plugin in flash\n", path.c_str());
  f(relo::elf::streamed<file, 64>{from}, options,
    [&] { return origin{nullptr, path, nullptr, from.size(), from.reads(), from.bytes()}; });
}

void load(char* line) {
  with_object(line, [](const auto& source, const relo::load_options& options, auto come) {
    const auto result = loader.load(source, options);
    if (!result) return print("%s: %s\n", options.name, loader.describe().c_str());
    for (origin& o : origins)
      if (o.m == nullptr) {
        o = come();
        o.m = &*result;
        break;
      }
  });
}

void measure(char* line) {
  with_object(line, [](const auto& source, const relo::load_options& options, auto) {
    decltype(firmware::loader)::requirements needed;
    if (loader.measure(source, needed, options) != relo::errc::ok)
      return print("%s: %s\n", options.name, loader.describe().c_str());
    for (const auto& r : needed.regions)
      if (r.size != 0)
        print("%-14s %u bytes, aligned to %u\n", name_of(r.first), static_cast<unsigned>(r.size),
              static_cast<unsigned>(r.align));
    print("while it is loaded, %zu words\n", needed.scratch);
  });
}

void unload(char* line) {
  module* const m = named(word(line));
  if (m == nullptr) return;
  const auto name = m->name;
  if (const relo::errc e = loader.unload(*m); e != relo::errc::ok)
    return print("%s: %s\n", name.c_str(), loader.message(e));
  for (origin& o : origins)
    if (o.m == m) o = {};
}

// --- what there is

void list_users(const module& used) {
  const char* separator = ", used by ";
  for (const module* m = loader.registry().first(); m != nullptr; m = m->next) {
    if (!loader.registry().uses(*m, used)) continue;
    print("%s%s", separator, m->name.c_str());
    separator = ", ";
  }
}

/// Calls f(header) for each section that a module uses in flash.
template <class F>
void for_each_in_flash(const module& m, F f) {
  const origin* const o = origin_of(m);
  if (o == nullptr || o->flash == nullptr) return;
  using machine = firmware::machine;
  relo::elf::image<machine::format, in_place, machine::rela, relo::elf::numbering::plain> image{
      source_of(*o->flash)};
  const auto fail = [](relo::errc e, const relo::where&) { return e; };
  if (image.check_header(machine::machine, fail) != relo::errc::ok ||
      image.check_section_names(fail) != relo::errc::ok)
    return;
  for (std::uint32_t i = 1; i < image.sections(); ++i) {
    const auto s = image.section(i);
    const auto type =
        loader.classifier().classify(image.section_name(s), s.sh_flags(), s.sh_type());
    if (type != relo::mem_type::in_image && relo::stays(image, i, s)) f(s);
  }
}

std::size_t size_of(const module& m) {
  std::size_t n = 0;
  for (const auto& r : m.regions) n += r.bytes.size();
  return n;
}

void list(char*) {
  for (const module* m = loader.registry().first(); m != nullptr; m = m->next) {
    print("%s: %s, %u bytes at %p", m->name.c_str(), name_of(m->state),
          static_cast<unsigned>(size_of(*m)), relo::pointer_to<void*>(m->handle()));
    list_users(*m);
    print("\n");
  }
  print("%zu of %zu bytes in use\n", firmware::memory.in_use(), firmware::memory.size());
}

void info(char* line) {
  const module* const m = named(word(line));
  if (m == nullptr) return;
  for (std::size_t r = 0; r < m->regions.size(); ++r)
    if (const auto& region = m->regions[r])
      print("%-14s %p, %u bytes\n", name_of(firmware::code_and_data::first_of(r)),
            relo::pointer_to<void*>(region.address), static_cast<unsigned>(region.bytes.size()));
  std::size_t stayed = 0;
  for_each_in_flash(*m, [&](const auto& s) { stayed += s.sh_size(); });
  if (stayed != 0) print("%zu bytes are used in flash\n", stayed);
  for (const module* used = loader.registry().first(); used != nullptr; used = used->next)
    if (loader.registry().uses(*m, *used)) print("uses %s\n", used->name.c_str());
  if (const origin* const o = origin_of(*m)) {
    if (o->flash != nullptr)
      print("%s in flash, %zu bytes, read in place\n", o->path.c_str(), o->size);
    else
      print("%s, %zu bytes: %zu reads, %zu bytes\n", o->path.c_str(), o->size, o->reads, o->bytes);
    print("add-symbol-file %s%s\n", o->path.c_str(), debug::entry_of(m->name.c_str())->sections);
  }
}

void print_parameters(const module& m) {
  const auto table = m.bytes_of(m.parameters);
  const std::span records{reinterpret_cast<const kernel_param*>(table.data()),
                          table.size() / sizeof(kernel_param)};
  for (const kernel_param& p : records) {
    print("%s.%s = ", m.name.c_str(), p.name);
    // The loader wrote the type where the kernel has a pointer.
    using relo::param_type;
    switch (static_cast<param_type>(relo::address_of(p.ops))) {
      case param_type::boolean: print("%s\n", *static_cast<const bool*>(p.arg) ? "y" : "n"); break;
      case param_type::integer: print("%d\n", *static_cast<const int*>(p.arg)); break;
      case param_type::uint: print("%u\n", *static_cast<const unsigned*>(p.arg)); break;
      case param_type::charp: print("%s\n", *static_cast<const char* const*>(p.arg)); break;
      case param_type::string:
        print("%s\n", static_cast<const kparam_string*>(p.arg)->string);
        break;
      default: print("?\n"); break;
    }
  }
}

void params(char* line) {
  if (const char* const name = word(line); *name != '\0') {
    if (const module* const m = named(name)) print_parameters(*m);
    return;
  }
  for (const module* m = loader.registry().first(); m != nullptr; m = m->next) print_parameters(*m);
}

// --- call

bool is_code(const module& m, relo::native_addr address) {
  const auto& text = m.memory(relo::mem_type::text);
  bool found = address - text.address < text.bytes.size();
  for_each_in_flash(m, [&](const auto& s) {
    const auto start = m.image.address + s.sh_offset();
    found |= (s.sh_flags() & relo::elf::shf::execinstr) != 0 && address - start < s.sh_size();
  });
  return found;
}

void call(char* line) {
  const module* const m = named(word(line));
  if (m == nullptr) return;
  const char* const symbol = word(line);
  const auto function = loader.find<int(int, int, int, int)>(*m, symbol);
  if (function == nullptr) return print("%s exports no %s\n", m->name.c_str(), symbol);
  if (!is_code(*m, relo::address_of(reinterpret_cast<const void*>(function))))
    return print("%s is no function\n", symbol);

  int arguments[4]{};
  std::size_t count = 0;
  for (const char* a = word(line); *a != '\0'; a = word(line)) {
    const char* const end = a + std::strlen(a);
    if (count == std::size(arguments)) return print("too many arguments\n");
    const auto [rest, error] = std::from_chars(a, end, arguments[count++]);
    if (rest != end || error != std::errc{}) return print("%s is no int\n", a);
  }
  print("%d\n", function(arguments[0], arguments[1], arguments[2], arguments[3]));
}

// --- the console

void help(char*);
void quit(char*) { board::exit(0); }

constexpr struct {
  const char *name, *arguments, *purpose;
  void (*run)(char* line);
} commands[] = {
    {"load", "NAME [PARAM=VALUE...]", "load a plugin: flash:NAME, file:PATH, or where it is", load},
    {"measure", "NAME [PARAM=VALUE...]", "what loading it will take", measure},
    {"unload", "NAME", "remove it", unload},
    {"list", "", "the plugins and the memory they use", list},
    {"info", "NAME", "where it is, what it uses, and what gdb wants to know", info},
    {"params", "[NAME]", "parameters and their values", params},
    {"call", "NAME FUNCTION [INTEGER...]", "call a function that it exports", call},
    {"help", "", "this", help},
    {"quit", "", "end", quit},
};

void help(char*) {
  for (const auto& c : commands) print("%-7s %-27s %s\n", c.name, c.arguments, c.purpose);
}

void run(char* line) {
  const char* const name = word(line);
  while (*line == ' ') ++line;
  if (*name == '\0') return;
  for (const auto& c : commands) {
    if (std::strcmp(c.name, name) != 0) continue;
    const bool wanting = *line == '\0' && c.arguments[0] != '\0' && c.arguments[0] != '[';
    return wanting ? print("%s %s\n", c.name, c.arguments) : c.run(line);
  }
  print("%s: no such command; there is: help\n", name);
}

/// A line as it is typed; what does not fit is dropped.
void read_line(std::span<char> line) {
  constexpr char backspace = '\b', rubout = '\x7f';
  std::size_t n = 0;
  for (char c = board::get(); c != '\n' && c != '\r'; c = board::get()) {
    if (c == backspace || c == rubout) {
      if (n != 0) --n, print("\b \b");
    } else if (c >= ' ' && n + 1 < line.size()) {
      line[n++] = c;
      board::put(c);
    }
  }
  line[n] = '\0';
  board::put('\n');
}

}  // namespace

void board::fault(std::uint32_t cause, std::uint32_t address) {
  print("\nfault %u at 0x%x\n", static_cast<unsigned>(cause), static_cast<unsigned>(address));
  exit(1);
}

void board::program() {
  static char line[160];
  for (;;) {
    print("> ");
    read_line(line);
    run(line);
  }
}
