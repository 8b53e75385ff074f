// Broken plugins on a microcontroller: whatever is wrong with one, a load ends, with an error or
// with a module, and everything is as it was before once that is gone. COMPOSITION names the
// loader.
#include "fence.hpp"
#include "mutations.hpp"

#include COMPOSITION

namespace {

using console::print;
using namespace under_test;
using bytes = std::span<const unsigned char>;
using module = decltype(loader)::module_type;

extern "C" {
extern const struct flash_entry {
  const char* name;
  const unsigned char* bytes;
  std::size_t size;
} plugins_in_flash[];
extern const unsigned char edges_begin[], edges_end[];
}

// --- what is going on, for whoever wants to know why it stopped

struct {
  const char *plugin = "none", *source = "none", *what = "nothing";
  const robust::mutation* mutation = nullptr;
  std::uint32_t number = 0;
} now;

void print_now() {
  print("%s, %s, %s, number %u", now.plugin, now.source, now.what,
        static_cast<unsigned>(now.number));
  if (const robust::mutation* const m = now.mutation)
    print(": %s %u, %u: %s at 0x%x was 0x%x, is 0x%x", m->record, static_cast<unsigned>(m->section),
          static_cast<unsigned>(m->index), m->field, static_cast<unsigned>(m->at),
          static_cast<unsigned>(m->was), static_cast<unsigned>(m->value));
  print("\n");
}

void check(bool ok, const char* what, int line) {
  if (ok) return;
  print("\nline %d: not %s\n", line, what);
  print_now();
  board::exit(1);
}
#define CHECK(...) check((__VA_ARGS__), #__VA_ARGS__, __LINE__)

// --- everything but what a load may change

constexpr unsigned char untouched = 0xa5;
constexpr std::size_t margin = 64;  ///< before the image; after it, to the window's end

struct state {
  std::uint32_t data = 0, modules = 0, loader = 0, image = 0;
  std::size_t in_use = 0, scratch = 0, destructors = 0;
  const module* first = nullptr;
  bool operator==(const state&) const = default;
};
state expected;
bytes image;  ///< in the window, mutated

/// Of words, by their order too.
std::uint32_t sum(const unsigned char* begin, const unsigned char* end, std::uint32_t h = 0) {
#pragma GCC unroll 8
  for (; begin < end; begin += 4) {
    std::uint32_t w;
    std::memcpy(&w, __builtin_assume_aligned(begin, 4), 4);
    h = (h ^ w) * 0x9e37'79b1U;
  }
  return h;
}

/// The program's variables, but for what the loader's policies and this program keep.
std::uint32_t sum_of_data() {
  const bytes others[] = {bytes_of(memory),
                          bytes_of(loader),
                          bytes_of(firmware::scratch),
                          bytes_of(diagnostics),
                          bytes_of(debug::entries),
                          bytes_of(debug::reserve_section_list::offset),
                          bytes_of(now),
                          bytes_of(expected),
                          bytes_of(image),
                          bytes_of(allocated),
                          bytes_of(may_run),
                          bytes_of(messages),
                          bytes_of(firmware::destructors),
                          bytes_of(firmware::destructors_used)};
  const unsigned char* at = fence::data_begin;
  std::uint32_t h = 0;
  while (at < fence::modules_code) {
    const unsigned char *next = fence::modules_code, *after = next;
    for (const bytes& o : others) {
      const auto* const begin =
          relo::pointer_to<const unsigned char*>(relo::address_of(o.data()) & ~3U);
      if (begin >= at && begin < next) {
        next = begin;
        after = relo::pointer_to<const unsigned char*>((relo::address_of(o.data() + o.size()) + 3) &
                                                       ~3U);
      }
    }
    h = sum(at, next, h);
    at = after;
  }
  return h;
}

/// What was allocated is forgotten, and what it was written does not count.
void forget_allocated() {
  if (allocated.count == 0) return;
  write_code(true);
  for (std::size_t i = 0; i < allocated.count; ++i)
    std::memset(allocated.blocks[i].data(), untouched, allocated.blocks[i].size());
  write_code(false);
  allocated.count = 0;
}

state state_now() {
  const bytes l = bytes_of(loader);
  return {.data = sum_of_data(),
          .modules = sum(fence::modules_code, fence::modules_data_end),
          .loader = sum(l.data(), l.data() + l.size()),
          .image = sum(
              relo::pointer_to<const unsigned char*>(relo::address_of(image.data() - margin) & ~3U),
              fence::window_end),
          .in_use = memory.in_use(),
          .scratch = firmware::scratch.mark(),
          .destructors = firmware::destructors_used,
          .first = loader.registry().first()};
}

void check_state() {
  forget_allocated();
  const state s = state_now();
  if (s == expected) return;
  print("\nchanged:%s%s%s%s%s%s%s%s\n", s.data != expected.data ? " data" : "",
        s.modules != expected.modules ? " modules' memory" : "",
        s.loader != expected.loader ? " loader" : "", s.image != expected.image ? " image" : "",
        s.in_use != expected.in_use ? " memory in use" : "",
        s.scratch != expected.scratch ? " scratch" : "",
        s.destructors != expected.destructors ? " destructors" : "",
        s.first != expected.first ? " list of modules" : "");
  print_now();
  board::exit(1);
}

// --- objects

/// Its first `size` bytes, in memory that ends no more than three bytes after them.
unsigned char* place(bytes whole, std::size_t size) {
  unsigned char* const to =
      relo::pointer_to<unsigned char*>(relo::address_of(fence::window_end - size) & ~3U);
  std::memset(fence::window_end - 4, untouched, 4);
  std::memcpy(to, whole.data(), size);
  image = {to, size};
  return to;
}

/// A device that is read 64 bytes at a time, and has no others than it has.
struct reader {
  bytes of;
  bool read(std::size_t offset, std::span<unsigned char> to) const {
    CHECK(offset <= of.size() && to.size() <= of.size() - offset);
    for (std::size_t n = 0; n < to.size(); n += 64)
      std::memcpy(to.data() + n, of.data() + offset + n, to.size() - n < 64 ? to.size() - n : 64);
    return true;
  }
  std::size_t size() const { return of.size(); }
};

constexpr struct use {
  const char *name, *needs, *args, *function;
  int a, b, result;
  bool least;  ///< wants nothing that only modules with names have
} uses[] = {
    {"hello", nullptr, "whom=plugin count=2 polite=0", "greet", 3, 0, 3, false},
    {"maths", nullptr, "", "square_root", 50, 0, 7, true},
    {"user", "maths", "", "hypotenuse", 3, 4, 5, false},
    {"shapes", nullptr, "", "largest_area", 0, 0, 85 * 54, false},
    {"sections", nullptr, "", "prime", 4, 0, 11, true},
};
constexpr bool is_used(const use& u) { return names || u.least; }

bytes in_flash(const char* name) {
  for (const flash_entry* e = plugins_in_flash;; ++e) {
    CHECK(e->name != nullptr);
    if (std::strcmp(e->name, name) == 0) return {e->bytes, e->size};
  }
}

constexpr bool is_one_of_sources(source s) {
  for (const source t : sources)
    if (s == t) return true;
  return false;
}

relo::load_result<module> load(source s, bytes object, const use& u) {
  now.source = name_of(s);
  fence::pet();
  const relo::load_options options{.name = u.name, .args = u.args};
  if constexpr (is_one_of_sources(streamed))
    if (s == streamed) {
      reader r{object};
      return loader.load(relo::elf::streamed<reader, 64>{r}, options);
    }
  if constexpr (is_one_of_sources(in_place))
    if (s == in_place) return loader.load(relo::in_place<unsigned char, 4>{object}, options);
  return loader.load(relo::elf::contiguous<unsigned char, 4>{object}, options);
}

void unload(auto& m) {
  // A module without an exit function is there to stay. Not here: nothing of it ran.
  if constexpr (requires { m.exit; })
    if (!may_run && m.exit == 0) m.init = 0;
  CHECK(loader.unload(m) == relo::errc::ok);
}

struct tally {
  std::uint32_t objects = 0, refused = 0, loaded = 0;
};

/// A load of what may be anything.
relo::errc attempt(source s, const use& u, tally& t) {
  const auto m = load(s, image, u);
  ++t.objects;
  ++(m ? t.loaded : t.refused);
  if (m) {
    for (const auto& r : m->regions)
      CHECK(r.bytes.empty() || (r.bytes.data() >= fence::modules_code &&
                                r.bytes.data() + r.bytes.size() <= fence::modules_data_end));
    // Tables of exports may be broken, too.
    (void)loader.template find<int(int)>(*m, u.function);
    if constexpr (names) (void)loader.template find<int(int)>("no_such_name");
    unload(*m);
  }
  return m.error();
}

/// Loads a plugin as its compiler wrote it, runs it, and leaves it there.
module& run_whole(source s, const use& u) {
  const auto m = load(s, in_flash(u.name), u);
  CHECK(m.error() == relo::errc::ok);
  const auto f = loader.template find<int(int, int)>(*m, u.function);
  CHECK(f != nullptr);
  CHECK(f(u.a, u.b) == u.result);
  return *m;
}

void run_all() {
  const auto was = now;
  now.what = "as it is";
  may_run = true;
  for (const source s : sources)
    for (const use& u : uses) {
      if (!is_used(u)) continue;
      // What is there already for a broken module to use is not loaded again.
      if constexpr (names)
        if (loader.registry().find(relo::elf::name{u.name}) != nullptr) continue;
      module* needed = nullptr;
      if (u.needs != nullptr && loader.registry().first() == nullptr)
        for (const use& n : uses)
          if (std::strcmp(n.name, u.needs) == 0) needed = &run_whole(s, n);
      now.plugin = u.name;
      unload(run_whole(s, u));
      if (needed != nullptr) unload(*needed);
      forget_allocated();
      // user counts its calls in maths.
      if (needed == nullptr && u.needs != nullptr) expected.modules = state_now().modules;
      check_state();
    }
  may_run = false;
  now = was;
}

// --- the tests

void print_tally(const char* kind, const tally& t) {
  print("%s, %s, %s: %u objects, %u refused, %u loaded\n", now.plugin, now.source, kind,
        static_cast<unsigned>(t.objects), static_cast<unsigned>(t.refused),
        static_cast<unsigned>(t.loaded));
}

void change_fields(source s, const use& u, bytes whole) {
  now.what = "changed field";
  now.number = 0;
  tally t;
  unsigned char* const to = place(whole, whole.size());
  expected.image = state_now().image;
  robust::for_each_mutation({whole}, 24, 4, [&](const robust::mutation& m) {
    now.mutation = &m;
    ++now.number;
    robust::set_word(to + m.at, m.bytes, m.value);
    (void)attempt(s, u, t);
    robust::set_word(to + m.at, m.bytes, m.was);
    check_state();
    now.mutation = nullptr;
    if (now.number % 1000 == 0) run_all();
  });
  CHECK(t.objects >= 200 && t.refused != 0 && t.loaded != 0);
  print_tally("changed fields", t);
}

/// Every symbol anywhere in the module and a little beyond: parameters, tables and entry points
/// that begin in it and end after it.
void move_symbols(source s, const use& u, bytes whole) {
  now.what = "moved symbol";
  now.number = 0;
  tally t;
  const robust::object o{whole};
  unsigned char* const to = place(whole, whole.size());
  expected.image = state_now().image;
  for (std::uint32_t i = 1; i < o.sections(); ++i)
    for (std::uint32_t k = 1; o.is_symbols(i) && k < o.size(i) / o.entry(i); ++k) {
      robust::mutation m{"symbol in section", "st_value", i, k, o.offset(i) + k * 16 + 4, 4, 0, 0};
      if ((to[m.at + 8] & 15) == 0) continue;  // STT_NOTYPE: a label
      m.was = robust::word(to + m.at);
      now.mutation = &m;
      for (m.value = 0; m.value < 1024; m.value += 2) {
        ++now.number;
        robust::set_word(to + m.at, 4, m.value);
        (void)attempt(s, u, t);
        robust::set_word(to + m.at, 4, m.was);
        check_state();
      }
      now.mutation = nullptr;
    }
  print_tally("moved symbols", t);
}

void cut(source s, const use& u, bytes whole) {
  now.what = "cut to";
  tally t;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    now.number = size;
    place(whole, size);
    expected.image = state_now().image;
    CHECK(attempt(s, u, t) != relo::errc::ok);
    check_state();
  }
  CHECK(t.objects == whole.size() && t.loaded == 0);
  print_tally("every length", t);
}

/// Relocations at all offsets around the ends of the section that they are for.
void relocate_at_edges(source s) {
  static constexpr use edges{"edges", nullptr, "", "", 0, 0, 0, true};
  constexpr std::uint32_t size = 16, before = 64;
  // From 12 bytes before the section, which is as far as an offset can be, to 28 after it; then
  // where the sign is.
  constexpr std::uint32_t close = 12 + size + 28;
  const bytes whole{edges_begin, edges_end};
  const robust::object o{whole};
  unsigned char* const to = place(whole, whole.size());
  expected.image = state_now().image;
  now.plugin = "edges";
  now.what = "relocation";
  now.number = 0;
  tally t;
  std::uint32_t outside = 0, within = 0;

  // Both sections' bytes of 0x5a, 16 others between them.
  const auto intact = [&](bytes in) {
    std::size_t found = 0;
    for (std::size_t i = 0; i + 2 * before + size <= in.size(); ++i) {
      std::size_t n = 0;
      while (n < 2 * before + size && (in[i + n] == 0x5a || (n >= before && n < before + size)))
        ++n;
      if (n == 2 * before + size) ++found, i += n - 1;
    }
    return found;
  };

  for (std::uint32_t i = 1; i < o.sections(); ++i) {
    if (!o.is_relocations(i)) continue;
    for (std::uint32_t k = 0; k < o.size(i) / o.entry(i); ++k) {
      unsigned char* const record = to + o.offset(i) + k * o.entry(i);
      const std::uint32_t was_offset = robust::word(record), was_type = record[4];
      for (const relo::howto& h : decltype(loader)::machine::howtos)
        for (std::uint32_t n = 0; n < close + 8; ++n) {
          const std::uint32_t offset = n < close ? n - 12 : 0x8000'0000 - 4 + (n - close);
          robust::set_word(record, 4, offset);
          record[4] = static_cast<unsigned char>(h.type);
          const robust::mutation m{h.name, "r_offset", i, k, o.offset(i), 4, offset, 0};
          now.mutation = &m;
          ++now.number;
          const relo::errc e = attempt(s, edges, t);
          std::size_t found = 0;
          for (std::size_t b = 0; b < allocated.count; ++b) found += intact(allocated.blocks[b]);
          CHECK(found == 2);
          const bool fits = offset <= size && h.where.bytes <= size - offset;
          if (h.kind == relo::howto_kind::apply) {
            CHECK(fits ? e != relo::errc::relocation_out_of_section
                       : e == relo::errc::relocation_out_of_section);
            ++(fits ? within : outside);
          }
          robust::set_word(record, 4, was_offset);
          record[4] = static_cast<unsigned char>(was_type);
          check_state();
          now.mutation = nullptr;
        }
    }
  }
  CHECK(within != 0 && outside != 0 && t.loaded != 0);
  print("edges, %s: %u relocations, %u of them out of the section, %u modules\n", now.source,
        static_cast<unsigned>(t.objects), static_cast<unsigned>(outside),
        static_cast<unsigned>(t.loaded));
}

/// Plugins that come and go in any order, and run.
void cycles() {
  now.what = "cycle";
  now.plugin = "any";
  may_run = true;
  module* there[std::size(uses)]{};
  std::uint32_t random = 1, loads = 0, unloads = 0, refused = 0;
  const auto at = [&](const char* name) -> module*& {
    for (std::size_t i = 0;; ++i)
      if (std::strcmp(uses[i].name, name) == 0) return there[i];
  };
  const auto leave = [&](module*& m) {
    unload(*m);
    m = nullptr;
    ++unloads;
  };
  while (loads < 10'000) {
    now.number = loads;
    random = random * 1'664'525 + 1'013'904'223;
    const std::size_t i = (random >> 16) % std::size(uses);
    const use& u = uses[i];
    const source s = sources[(random >> 24) % std::size(sources)];
    if (!is_used(u)) continue;
    now.plugin = u.name;
    if (there[i] != nullptr) {
      const bool needed = names && i == 1 && at("user") != nullptr;
      if (needed) {
        CHECK(loader.unload(*there[i]) == relo::errc::module_in_use);
        ++refused;
      } else {
        leave(there[i]);
      }
    } else if (u.needs != nullptr && at(u.needs) == nullptr) {
      CHECK(load(s, in_flash(u.name), u).error() == relo::errc::unknown_symbol);
      ++refused;
    } else {
      there[i] = &run_whole(s, u);
      ++loads;
    }
    // Blocks are noted for what is broken only; here they change hands.
    allocated.count = 0;
  }
  if (module*& m = at("user"); m != nullptr) leave(m);
  for (module*& m : there)
    if (m != nullptr) leave(m);
  allocated.blocks[0] = {fence::modules_code, fence::modules_data_end};
  allocated.count = 1;
  check_state();
  may_run = false;
  CHECK(loads == unloads);
  print("cycles: %u loads, %u unloads, %u refused, %u messages, %zu bytes in use\n",
        static_cast<unsigned>(loads), static_cast<unsigned>(unloads),
        static_cast<unsigned>(refused), static_cast<unsigned>(messages),
        static_cast<std::size_t>(memory.in_use()));
}

/// Does itself what no load may do, for the test that it is noticed.
void misbehave(const char* how) {
  now.what = how;
  fence::pet();
  if (std::strcmp(how, "read") == 0) (void)*static_cast<volatile unsigned char*>(fence::window_end);
  if (std::strcmp(how, "write") == 0)
    *const_cast<volatile unsigned char*>(in_flash("hello").data()) = 0;
  if (std::strcmp(how, "below_stack") == 0)
    *static_cast<volatile unsigned char*>(fence::before(fence::stack_top, fence::stack_size + 1)) =
        0;
  if (std::strcmp(how, "run") == 0)
    relo::pointer_to<void (*)()>(relo::address_of(fence::window) | 1)();
  if (std::strcmp(how, "hang") == 0)
    for (;;) asm volatile("");
  if (std::strcmp(how, "change_memory") == 0)
    *static_cast<volatile unsigned char*>(fence::before(fence::modules_data_end, 1)) = 0;
  if (std::strcmp(how, "change_image") == 0) *const_cast<volatile unsigned char*>(image.data()) = 0;
  [[gnu::used]] static volatile std::uint32_t variable;
  if (std::strcmp(how, "change_data") == 0) variable = 1;
  if (std::strcmp(how, "leak") == 0) (void)memory.allocate(relo::mem_type::data, 4, 4);
  check_state();
}

/// The last word that the emulator was given for the program.
const char* argument() {
  static char line[64];
  const std::uintptr_t block[] = {relo::address_of(line), sizeof line};
  CHECK(semihosting::trap(static_cast<semihosting::operation>(0x15), block) == 0);
  const char* const last = std::strrchr(line, ' ');
  return last == nullptr ? line : last + 1;
}

}  // namespace

void board::fault(std::uint32_t cause, std::uint32_t address) {
  const std::uint32_t refused = fence::refused_address();
  if (cause == fence::watchdog) print("\nhangs at 0x%x\n", static_cast<unsigned>(address));
  else
    print("\nfault %u at 0x%x, of 0x%x\n", static_cast<unsigned>(cause),
          static_cast<unsigned>(address), static_cast<unsigned>(refused));
  print_now();
  exit(1);
}

void board::program() {
  const char* const how = argument();
  CHECK(fence::modules_data_end - fence::modules_code == modules_memory::size);
  fence::raise(modules_may);
  allocated.add({fence::modules_code, fence::modules_data_end});
  forget_allocated();
  std::memset(fence::window, untouched, fence::window_size);
  place(in_flash("hello"), in_flash("hello").size());
  expected = state_now();
  expected = state_now();
  if (std::strcmp(how, "all") != 0) misbehave(how);

  run_all();
  for (const use& u : uses) {
    if (!is_used(u)) continue;
    const bytes whole = in_flash(u.name);
    now.plugin = u.name;
    const state was = expected;
    module* needed = nullptr;
    if (u.needs != nullptr) {
      may_run = true;
      needed = &run_whole(contiguous, uses[1]);
      may_run = false;
      allocated.count = 0;
      expected = state_now();
    }
    for (const source s : sources) {
      now.plugin = u.name;
      change_fields(s, u, whole);
      cut(s, u, whole);
    }
    if (u.args[0] != '\0') move_symbols(contiguous, u, whole);
    if (needed != nullptr) {
      for (const auto& r : needed->regions)
        if (r) allocated.add(r.bytes);
      unload(*needed);
      const auto image_sum = expected.image;
      expected = was;
      expected.image = image_sum;
      check_state();
    }
    run_all();
  }
  // In place, the sections beside those that are relocated would not be beside them.
  for (const source s : sources)
    if (s != in_place) relocate_at_edges(s);
  run_all();
  cycles();
  print("done\n");
  exit(0);
}
