// Firmware with a console, to which plugins are loaded while it runs.
//
// Built with the other examples where the cross compilers are, and run by QEMU:
//
//     cmake --build build/gcc --target firmware
//     examples/firmware/run build/gcc/examples/firmware/mps2-an385
//
//     > load hello whom=plugin       from flash, read in place
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

/// How a module came here.
struct origin {
  const module* m = nullptr;
  relo::text<96> path;
  std::size_t size = 0, reads = 0, bytes = 0;  ///< no reads: in place
};
origin origins[decltype(firmware::loader)::modules_type::capacity];

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
  if (m == nullptr) print("%s: %s\n", name, message(relo::errc::not_loaded));
  return m;
}

// --- load and unload

void loaded(const relo::load_result<module>& result, const char* name, const origin& from) {
  if (!result) {
    print("%s: %s\n", name, loader.diagnostics().describe().c_str());
    return;
  }
  for (origin& o : origins)
    if (o.m == nullptr) {
      o = from;
      o.m = &*result;
      break;
    }
}

void load_from_flash(const flash_entry& e, const relo::load_options& options) {
  const relo::elf::contiguous<unsigned char, 4> source{std::span{e.bytes, e.size}};
  const auto result = loader.load(source, options);
  relo::text<96> path;
  path << e.name << ".o";
  loaded(result, options.name, {nullptr, path, e.size, 0, 0});
}

void load_from_file(const char* path, const relo::load_options& options) {
  file f{path};
  if (!f.is_open()) return print("%s: no such file, and no such plugin in flash\n", path);
  const auto result = loader.load(relo::elf::streamed<file, 64>{f}, options);
  relo::text<96> name;
  name << path;
  loaded(result, options.name, {nullptr, name, f.size(), f.reads(), f.bytes()});
}

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

void load(char* line) {
  const char* const what = word(line);
  const char* const flash = after("flash:", what);
  const char* path = after("file:", what);
  const char* const plain = flash != nullptr ? flash : path != nullptr ? path : what;
  const auto name = module_name(plain);
  const relo::load_options options{.name = name.c_str(), .args = line};
  if (path == nullptr)
    if (const flash_entry* const e = in_flash(plain)) return load_from_flash(*e, options);
  if (flash != nullptr) return print("%s: no such plugin in flash\n", flash);
  relo::text<96> guess;
  guess << plain << ".o";
  load_from_file(path != nullptr ? path : guess.c_str(), options);
}

void unload(char* line) {
  module* const m = named(word(line));
  if (m == nullptr) return;
  const auto name = m->name;
  if (const relo::errc e = loader.unload(*m); e != relo::errc::ok)
    return print("%s: %s\n", name.c_str(), message(e));
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

void list(char*) {
  for (const module* m = loader.registry().first(); m != nullptr; m = m->next) {
    print("%s: %s, %u bytes at %p", m->name.c_str(), name_of(m->state),
          static_cast<unsigned>(m->size()), relo::pointer_to<void*>(m->handle()));
    list_users(*m);
    print("\n");
  }
  print("%zu of %zu bytes in use\n", firmware::memory.in_use(), firmware::memory.size());
}

void info(char* line) {
  const module* const m = named(word(line));
  if (m == nullptr) return;
  for (const auto type : relo::layout_order) {
    const auto& memory = m->memory(type);
    if (memory.bytes.empty()) continue;
    print("%-14s %p, %u bytes\n", name_of(type), relo::pointer_to<void*>(memory.address),
          static_cast<unsigned>(memory.bytes.size()));
  }
  for (const module* used = loader.registry().first(); used != nullptr; used = used->next)
    if (loader.registry().uses(*m, *used)) print("uses %s\n", used->name.c_str());
  for (const origin& o : origins) {
    if (o.m != m) continue;
    if (o.reads == 0) print("%s in flash, %zu bytes, read in place\n", o.path.c_str(), o.size);
    else print("%s, %zu bytes: %zu reads, %zu bytes\n", o.path.c_str(), o.size, o.reads, o.bytes);
    print("add-symbol-file %s%s\n", o.path.c_str(), debug::entry_of(m->name.c_str())->sections);
  }
}

void print_parameters(const module& m) {
  const auto table = m.bytes_of(m.parameters);
  const std::span records{reinterpret_cast<const kernel_param*>(table.data()),
                          table.size() / sizeof(kernel_param)};
  for (const kernel_param& p : records) {
    print("%s.%s = ", m.name.c_str(), p.name);
    // The loader wrote the type where the kernel has a pointer.
    switch (static_cast<relo::kmod::param_type>(relo::address_of(p.ops))) {
      case relo::kmod::param_type::boolean:
        print("%s\n", *static_cast<const bool*>(p.arg) ? "y" : "n");
        break;
      case relo::kmod::param_type::integer: print("%d\n", *static_cast<const int*>(p.arg)); break;
      case relo::kmod::param_type::charp:
        print("%s\n", *static_cast<const char* const*>(p.arg));
        break;
      case relo::kmod::param_type::unknown: print("?\n"); break;
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

void call(char* line) {
  const module* const m = named(word(line));
  if (m == nullptr) return;
  const char* const symbol = word(line);
  const auto function = loader.find<int(int, int, int, int)>(*m, symbol);
  if (function == nullptr) return print("%s exports no %s\n", m->name.c_str(), symbol);
  const auto& text = m->memory(relo::mem_type::text);
  if (relo::address_of(reinterpret_cast<const void*>(function)) - text.address >= text.bytes.size())
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
    {"unload", "NAME", "remove it", unload},
    {"list", "", "the plugins and the memory they use", list},
    {"info", "NAME", "where it is, what it uses, and what gdb wants to know", info},
    {"params", "[NAME]", "parameters and their values", params},
    {"call", "NAME FUNCTION [INTEGER...]", "call a function that it exports", call},
    {"help", "", "this", help},
    {"quit", "", "end", quit},
};

void help(char*) {
  for (const auto& c : commands) print("%-6s %-27s %s\n", c.name, c.arguments, c.purpose);
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
