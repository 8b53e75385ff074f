// Each type that a psABI names is applied, or refused by that name: what the documents have, by
// number, and what this system's <elf.h> knows.
#include <relo/arch/arm.hpp>
#include <relo/arch/riscv.hpp>
#include <relo/arch/x86_64.hpp>
#include <relo/reloc/howto_table.hpp>
#include <relo/reloc/type_names.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

namespace {

using names = std::map<std::uint32_t, std::string>;

/// System V ABI, AMD64 Architecture Processor Supplement, "Relocation Types", with those of APX.
/// The first is number 0.
constexpr const char* x86_64 =
    "NONE 64 PC32 GOT32 PLT32 COPY GLOB_DAT JUMP_SLOT RELATIVE GOTPCREL 32 32S 16 PC16 8 "
    "PC8 DTPMOD64 DTPOFF64 TPOFF64 TLSGD TLSLD DTPOFF32 GOTTPOFF TPOFF32 PC64 GOTOFF64 "
    "GOTPC32 GOT64 GOTPCREL64 GOTPC64 GOTPLT64 PLTOFF64 SIZE32 SIZE64 GOTPC32_TLSDESC "
    "TLSDESC_CALL TLSDESC IRELATIVE RELATIVE64 PC32_BND PLT32_BND GOTPCRELX REX_GOTPCRELX "
    "CODE_4_GOTPCRELX CODE_4_GOTTPOFF CODE_4_GOTPC32_TLSDESC CODE_5_GOTPCRELX "
    "CODE_5_GOTTPOFF CODE_5_GOTPC32_TLSDESC CODE_6_GOTPCRELX CODE_6_GOTTPOFF "
    "CODE_6_GOTPC32_TLSDESC";
/// ELF for the Arm Architecture (AAELF32), "Relocation codes table".
constexpr const char* arm =
    "NONE PC24 ABS32 REL32 LDR_PC_G0 ABS16 ABS12 THM_ABS5 ABS8 SBREL32 THM_CALL THM_PC8 "
    "BREL_ADJ TLS_DESC THM_SWI8 XPC25 THM_XPC22 TLS_DTPMOD32 TLS_DTPOFF32 TLS_TPOFF32 COPY "
    "GLOB_DAT JUMP_SLOT RELATIVE GOTOFF32 BASE_PREL GOT_BREL PLT32 CALL JUMP24 THM_JUMP24 "
    "BASE_ABS ALU_PCREL_7_0 ALU_PCREL_15_8 ALU_PCREL_23_15 LDR_SBREL_11_0_NC "
    "ALU_SBREL_19_12_NC ALU_SBREL_27_20_CK TARGET1 SBREL31 V4BX TARGET2 PREL31 MOVW_ABS_NC "
    "MOVT_ABS MOVW_PREL_NC MOVT_PREL THM_MOVW_ABS_NC THM_MOVT_ABS THM_MOVW_PREL_NC "
    "THM_MOVT_PREL THM_JUMP19 THM_JUMP6 THM_ALU_PREL_11_0 THM_PC12 ABS32_NOI REL32_NOI "
    "ALU_PC_G0_NC ALU_PC_G0 ALU_PC_G1_NC ALU_PC_G1 ALU_PC_G2 LDR_PC_G1 LDR_PC_G2 LDRS_PC_G0 "
    "LDRS_PC_G1 LDRS_PC_G2 LDC_PC_G0 LDC_PC_G1 LDC_PC_G2 ALU_SB_G0_NC ALU_SB_G0 "
    "ALU_SB_G1_NC ALU_SB_G1 ALU_SB_G2 LDR_SB_G0 LDR_SB_G1 LDR_SB_G2 LDRS_SB_G0 LDRS_SB_G1 "
    "LDRS_SB_G2 LDC_SB_G0 LDC_SB_G1 LDC_SB_G2 MOVW_BREL_NC MOVT_BREL MOVW_BREL "
    "THM_MOVW_BREL_NC THM_MOVT_BREL THM_MOVW_BREL TLS_GOTDESC TLS_CALL TLS_DESCSEQ "
    "THM_TLS_CALL PLT32_ABS GOT_ABS GOT_PREL GOT_BREL12 GOTOFF12 GOTRELAX GNU_VTENTRY "
    "GNU_VTINHERIT THM_JUMP11 THM_JUMP8 TLS_GD32 TLS_LDM32 TLS_LDO32 TLS_IE32 TLS_LE32 "
    "TLS_LDO12 TLS_LE12 TLS_IE12GP PRIVATE_0 PRIVATE_1 PRIVATE_2 PRIVATE_3 PRIVATE_4 "
    "PRIVATE_5 PRIVATE_6 PRIVATE_7 PRIVATE_8 PRIVATE_9 PRIVATE_10 PRIVATE_11 PRIVATE_12 "
    "PRIVATE_13 PRIVATE_14 PRIVATE_15 ME_TOO THM_TLS_DESCSEQ16 THM_TLS_DESCSEQ32 "
    "THM_GOT_BREL12 THM_ALU_ABS_G0_NC THM_ALU_ABS_G1_NC THM_ALU_ABS_G2_NC THM_ALU_ABS_G3_NC "
    "THM_BF16 THM_BF12 THM_BF18";
/// RISC-V ELF psABI, "Relocations", and what reserved numbers were called before. "-" had no name.
constexpr const char* riscv =
    "NONE 32 64 RELATIVE COPY JUMP_SLOT TLS_DTPMOD32 TLS_DTPMOD64 TLS_DTPREL32 TLS_DTPREL64 "
    "TLS_TPREL32 TLS_TPREL64 TLSDESC - - - BRANCH JAL CALL CALL_PLT GOT_HI20 TLS_GOT_HI20 "
    "TLS_GD_HI20 PCREL_HI20 PCREL_LO12_I PCREL_LO12_S HI20 LO12_I LO12_S TPREL_HI20 "
    "TPREL_LO12_I TPREL_LO12_S TPREL_ADD ADD8 ADD16 ADD32 ADD64 SUB8 SUB16 SUB32 SUB64 "
    "GOT32_PCREL GNU_VTENTRY ALIGN RVC_BRANCH RVC_JUMP RVC_LUI GPREL_I GPREL_S TPREL_I "
    "TPREL_S RELAX SUB6 SET6 SET8 SET16 SET32 32_PCREL IRELATIVE PLT32 SET_ULEB128 "
    "SUB_ULEB128 TLSDESC_HI20 TLSDESC_LOAD_LO12 TLSDESC_ADD_LO12 TLSDESC_CALL";

names named(const std::string& prefix, const char* list, names more) {
  std::istringstream words{list};
  std::uint32_t type = 0;
  for (std::string word; words >> word; ++type)
    if (word != "-") more[type] = prefix + word;
  return more;
}

template <class Machine>
names those_of() {
  names out;
  for (const relo::howto& h : Machine::howtos) CHECK(out.emplace(h.type, h.name).second);
  if constexpr (requires { Machine::refused; })
    for (const relo::refused_type& r : Machine::refused) {
      CHECK(out.emplace(r.type, r.name).second);
      CHECK(*r.why != '\0');
    }
  for (const auto& each : out) {
    const auto name = relo::told_types<Machine>::find(each.first).name;
    CHECK(std::string(name.prefix) + name.rest == each.second);
  }
  CHECK(relo::told_types<Machine>::find(~std::uint32_t{0}).name.empty());
  return out;
}

/// The numbers of those that <elf.h> has.
names in_header(const std::string& prefix) {
  names out;
  std::ifstream in{"/usr/include/elf.h"};
  const std::regex define{"#define\\s+(" + prefix + "\\w+)\\s+([0-9]+).*"};
  for (std::string line; std::getline(in, line);)
    if (std::smatch m; std::regex_match(line, m, define) && m[1] != prefix + "NUM")
      out[static_cast<std::uint32_t>(std::stoul(m[2]))] = m[1];
  return out;
}

template <class Machine>
void check(const std::string& prefix, const names& expected, const names& obsolete = {}) {
  const names have = those_of<Machine>();
  for (const auto& type : expected) {
    const auto found = have.find(type.first);
    CHECK_MESSAGE(found != have.end(), type.second << " is missing");
    if (found != have.end()) CHECK(found->second == type.second);
  }
  for (const auto& type : have)
    CHECK_MESSAGE(expected.count(type.first) == 1, type.second << " is nobody's");
  for (const auto& type : in_header(prefix))
    CHECK_MESSAGE(have.count(type.first) + obsolete.count(type.first) != 0,
                  type.second << " is missing");
}

}  // namespace

TEST_CASE("x86-64") {
  check<relo::arch::x86_64>(
      "R_X86_64_",
      named("R_X86_64_", x86_64, {{250, "R_X86_64_GNU_VTINHERIT"}, {251, "R_X86_64_GNU_VTENTRY"}}));
}

TEST_CASE_TEMPLATE("ARM", Machine, relo::arch::armv7m, relo::arch::armv6m) {
  // Of an ABI before AAELF32; nothing has them any more.
  const names obsolete{{249, ""}, {250, ""}, {251, ""}, {252, ""}, {253, ""}, {254, ""}, {255, ""}};
  check<Machine>("R_ARM_",
                 named("R_ARM_", arm,
                       {{160, "R_ARM_IRELATIVE"},
                        {161, "R_ARM_GOTFUNCDESC"},
                        {162, "R_ARM_GOTOFFFUNCDESC"},
                        {163, "R_ARM_FUNCDESC"},
                        {164, "R_ARM_FUNCDESC_VALUE"},
                        {165, "R_ARM_TLS_GD32_FDPIC"},
                        {166, "R_ARM_TLS_LDM32_FDPIC"},
                        {167, "R_ARM_TLS_IE32_FDPIC"}}),
                 obsolete);
}

TEST_CASE("RISC-V") {
  const names all = named("R_RISCV_", riscv, {{191, "R_RISCV_VENDOR"}});
  check<relo::arch::rv64>("R_RISCV_", all);
  // Without those that change 64 bits.
  names short_ones = all;
  for (const std::uint32_t type : {2U, 36U, 40U}) short_ones.erase(type);
  check<relo::arch::rv32>("R_RISCV_", short_ones, all);
}
