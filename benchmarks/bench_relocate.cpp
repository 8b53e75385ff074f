// The relocation loop alone, next to one written by hand for these four types: a switch, the
// overflow checks, and no other.
#include "object.hpp"

#include <relo/host/process.hpp>
#include <relo/relo.hpp>

namespace {

using addr = std::uint64_t;

template <class T>
void put(unsigned char* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

bool relocate_by_hand(const Elf64_Rela* r, std::size_t count, const addr* values,
                      unsigned char* bytes, addr address) {
  for (const Elf64_Rela* const end = r + count; r != end; ++r) {
    unsigned char* const place = bytes + r->r_offset;
    const addr value = values[ELF64_R_SYM(r->r_info)] + static_cast<addr>(r->r_addend);
    const addr from_here = value - (address + r->r_offset);
    switch (ELF64_R_TYPE(r->r_info)) {
      case R_X86_64_NONE: break;
      case R_X86_64_64: put(place, value); break;
      case R_X86_64_32S:
        if (static_cast<std::int64_t>(value) != static_cast<std::int32_t>(value)) return false;
        put(place, static_cast<std::uint32_t>(value));
        break;
      case R_X86_64_PC32:
      case R_X86_64_PLT32:
        if (static_cast<std::int64_t>(from_here) != static_cast<std::int32_t>(from_here))
          return false;
        put(place, static_cast<std::uint32_t>(from_here));
        break;
      default: return false;
    }
  }
  return true;
}

/// Takes the place of apply_relocations, and does it again and again: with RELA records the
/// result is the same each time.
struct both_loops {
  static constexpr const char* name = "apply_relocations";
  using needs = relo::stages::apply_relocations::needs;
  using gives = relo::stages::apply_relocations::gives;
  using undo = relo::nothing_to_undo;
  benchmark::State* state;
  std::size_t relocations;

  template <class Load>
  relo::errc run(Load& load) const {
    relo::errc e = relo::errc::ok;
    bool done = true;
    const auto text = load.image.section(1), rela_text = load.image.section(2);
    const auto place = load.place_of(1);
    const auto bytes = load.bytes_at(place, text.sh_size());
    const auto* const records =
        reinterpret_cast<const Elf64_Rela*>(load.image.source().data() + rela_text.sh_offset());
    const auto times = bench::measure_in_turn(
        *state,
        [&] { return bench::time_of([&] { e = relo::stages::apply_relocations{}.run(load); }); },
        [&] {
          return bench::time_of([&] {
            done = relocate_by_hand(records, relocations, load.values.data(), bytes.data(),
                                    load.address_of(place));
          });
        });
    if (!done) state->SkipWithError("the loop written by hand failed");
    const double ns = 1e9 / static_cast<double>(relocations);
    state->counters = {{"relo", times.first * ns}, {"by hand", times.second * ns}};
    return e;
  }
};

/// Has every symbol.
struct anything {
  template <class Name>
  bool find(const Name&, bool, relo::symbol<addr>& out) const noexcept {
    out = {bench::kernel_text, relo::export_kind::plain};
    return true;
  }
};

template <class Machine>
void relocate(benchmark::State& state, bench::relocation_mix mix) {
  static const auto names = bench::make_names(40'000);
  const bench::shape shape{.mix = mix};
  const bench::object object =
      make_object(shape, std::span{names}.first(20'000), std::span{names}.last(20'000));
  std::vector<unsigned char> bytes(16 << 20);
  relo::buffer<addr> memory{bytes, bench::module_area};
  const anything table;
  relo::loader loader{Machine{},
                      memory,
                      relo::symbols{table},
                      relo::ksymtab_exports{},
                      relo::dont_run{},
                      relo::host::heap_scratch<addr>{},
                      relo::load_module | relo::replace<"apply_relocations">(
                                              both_loops{&state, shape.relocations()})};
  if (!loader.load(object.bytes(), {.name = "large"}))
    state.SkipWithError(loader.diagnostics().describe().c_str());
}

template <class Machine>
void add(const char* machine) {
  const std::pair<const char*, bench::relocation_mix> mixes[] = {
      {"PC32", {.pc32 = 100, .plt32 = 0, .abs64 = 0}},
      {"PLT32", {.pc32 = 0, .plt32 = 100, .abs64 = 0}},
      {"64", {.pc32 = 0, .plt32 = 0, .abs64 = 100}},
      {"32S", {.pc32 = 0, .plt32 = 0, .abs64 = 0}},
      {"mixed", {}}};
  for (const auto& [row, mix] : mixes)
    bench::cell("ns a relocation", row, machine, [wanted = mix](benchmark::State& state) {
      relocate<Machine>(state, wanted);
    })->UseManualTime();
}

}  // namespace

void bench::register_all() {
  add<relo::arch::x86_64_kernel>("arch::x86_64_kernel");
  add<relo::arch::x86_64>("arch::x86_64");
}
