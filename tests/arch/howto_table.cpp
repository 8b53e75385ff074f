// howto_table <architecture>: its relocation types, as include/relo/arch/README.md shows them.
#include <relo/arch/arm.hpp>
#include <relo/arch/riscv.hpp>
#include <relo/relo.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

using relo::howto, relo::howto_kind, relo::overflow;

/// As the psABIs write it: what is added, then what is taken away.
std::string expression(const relo::expression& e) {
  const struct {
    int sign;
    const char* name;
  } terms[] = {{e.s, "S"}, {e.l, "L"}, {e.z, "Z"},   {e.g, "G"}, {e.got, "GOT"},
               {e.a, "A"}, {e.p, "P"}, {e.pa, "Pa"}, {e.v, "V"}, {e.hi, "HI"}};
  std::string out;
  for (const auto& t : terms)
    if (t.sign > 0) out += (out.empty() ? "" : " + ") + std::string(t.name);
  for (const auto& t : terms)
    if (t.sign < 0) out += " - " + std::string(t.name);
  return out;
}

/// Of an instruction's field, the bits of the value that it holds.
std::string field(const relo::field& f) {
  const std::string place = "word" + std::to_string(8 * f.bytes);
  int last = -1, first = 64;
  for (const relo::part& p : f.parts)
    if (p.width != 0) {
      last = std::max(last, f.shift + p.value + p.width - 1);
      first = std::min(first, f.shift + p.value);
    }
  if (last < 0) return place;
  return "bits " + std::to_string(last) + "-" + std::to_string(first) + " in " + place +
         ((f.plus | f.minus) != 0 ? ", and a sign" : "");
}

const char* check(overflow o) {
  switch (o) {
    case overflow::dont: return "dont";
    case overflow::bitfield: return "bitfield";
    case overflow::signed_: return "signed";
    case overflow::unsigned_: return "unsigned";
    case overflow::magnitude: return "magnitude";
  }
  return "";
}

std::string remark(const howto& h) {
  switch (h.kind) {
    case howto_kind::none: return "nothing is done";
    case howto_kind::tls: return std::string("error: ") + message(relo::errc::tls_relocation);
    case howto_kind::dynamic:
      return std::string("error: ") + message(relo::errc::dynamic_relocation);
    case howto_kind::align:
      return std::string("A bytes of padding; or error: ") + message(relo::errc::code_not_aligned);
    case howto_kind::set_uleb128:
      return "S + A, less that of the R_RISCV_SUB_ULEB128 which follows, in a ULEB128 that keeps "
             "its "
             "length";
    case howto_kind::sub_uleb128: return "follows an R_RISCV_SET_ULEB128";
    case howto_kind::apply: break;
  }
  if (h.value.hi != 0) return "HI is the value of the upper part that S points at";
  if (h.value.pa != 0) return "Pa is P, rounded down to a multiple of 4";
  if (h.value.l != 0) return "L is S, or a veneer where S is out of reach";
  return "";
}

template <class Machine>
void print() {
  std::vector<howto> rows(std::begin(Machine::howtos), std::end(Machine::howtos));
  std::sort(rows.begin(), rows.end(),
            [](const howto& a, const howto& b) { return a.type < b.type; });
  std::puts("| Type | Name | Field | Value | Overflow | Remarks |\n| ---: | --- | --- | --- | --- "
            "| --- |");
  for (const howto& h : rows) {
    const bool applied = h.kind == howto_kind::apply;
    const std::string columns[] = {
        std::to_string(h.type),        "`" + std::string(h.name) + "`",
        applied ? field(h.where) : "", applied ? expression(h.value) : "",
        applied ? check(h.check) : "", remark(h)};
    for (const std::string& c : columns) std::printf(c.empty() ? "| " : "| %s ", c.c_str());
    std::puts("|");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view architecture = argc == 2 ? argv[1] : "";
  if (architecture == "x86-64") print<relo::arch::x86_64>();
  else if (architecture == "arm") print<relo::arch::armv7m>();
  else if (architecture == "riscv") print<relo::arch::rv64>();
  else return std::fputs("howto_table x86-64 | arm | riscv\n", stderr), 2;
}
