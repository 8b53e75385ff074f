// What compilers for RISC-V call unasked, in families.
// See relo/symbol/runtime_exports.hpp.
// Written by tests/runtime/exports.py from the names in libgcc; what clang calls is among them.
#pragma once

#include <relo/symbol/runtime_exports.hpp>

namespace relo::runtime::riscv {

// clang-format off
/// Prologues and epilogues, by -msave-restore.
struct save_restore {
  static constexpr helper helpers[] = {
      RELO_HELPER(riscv_restore_0), RELO_HELPER(riscv_restore_1), RELO_HELPER(riscv_restore_2),
      RELO_HELPER(riscv_restore_3), RELO_HELPER(riscv_restore_4), RELO_HELPER(riscv_restore_5),
      RELO_HELPER(riscv_restore_6), RELO_HELPER(riscv_restore_7), RELO_HELPER(riscv_restore_8),
      RELO_HELPER(riscv_restore_9), RELO_HELPER(riscv_restore_10), RELO_HELPER(riscv_restore_11),
      RELO_HELPER(riscv_restore_12), RELO_HELPER(riscv_save_0), RELO_HELPER(riscv_save_1),
      RELO_HELPER(riscv_save_2), RELO_HELPER(riscv_save_3), RELO_HELPER(riscv_save_4),
      RELO_HELPER(riscv_save_5), RELO_HELPER(riscv_save_6), RELO_HELPER(riscv_save_7),
      RELO_HELPER(riscv_save_8), RELO_HELPER(riscv_save_9), RELO_HELPER(riscv_save_10),
      RELO_HELPER(riscv_save_11), RELO_HELPER(riscv_save_12),
  };
};
/// Of integers, and what multiplies them.
struct division {
  static constexpr helper helpers[] = {
      RELO_HELPER(divdi3), RELO_HELPER(divsi3), RELO_HELPER(moddi3), RELO_HELPER(modsi3),
      RELO_HELPER(muldi3), RELO_HELPER(udivdi3), RELO_HELPER(udivsi3), RELO_HELPER(umoddi3),
      RELO_HELPER(umodsi3),
#if __riscv_xlen == 32
      RELO_HELPER(divmoddi4), RELO_HELPER(mulsi3), RELO_HELPER(udivmoddi4),
#endif
#if __riscv_xlen == 64
      RELO_HELPER(divmodti4), RELO_HELPER(divti3), RELO_HELPER(modti3), RELO_HELPER(multi3),
      RELO_HELPER(udivmodti4), RELO_HELPER(udivti3), RELO_HELPER(umodti3),
#endif
  };
};
/// Shifts, comparisons, bits; words that are not aligned.
struct integers {
  static constexpr helper helpers[] = {
      RELO_HELPER(bswapdi2), RELO_HELPER(bswapsi2), RELO_HELPER(clrsbdi2), RELO_HELPER(clzdi2),
      RELO_HELPER(ctzdi2), RELO_HELPER(ffsdi2), RELO_HELPER(paritydi2), RELO_HELPER(popcountdi2),
#if __riscv_xlen == 32
      RELO_HELPER(ashldi3), RELO_HELPER(ashrdi3), RELO_HELPER(clrsbsi2), RELO_HELPER(clzsi2),
      RELO_HELPER(cmpdi2), RELO_HELPER(ctzsi2), RELO_HELPER(ffssi2), RELO_HELPER(lshrdi3),
      RELO_HELPER(negdi2), RELO_HELPER(paritysi2), RELO_HELPER(popcountsi2), RELO_HELPER(ucmpdi2),
#endif
#if __riscv_xlen == 64
      RELO_HELPER(ashlti3), RELO_HELPER(ashrti3), RELO_HELPER(clrsbti2), RELO_HELPER(clzti2),
      RELO_HELPER(cmpti2), RELO_HELPER(ctzti2), RELO_HELPER(ffsti2), RELO_HELPER(lshrti3),
      RELO_HELPER(negti2), RELO_HELPER(parityti2), RELO_HELPER(popcountti2), RELO_HELPER(ucmpti2),
#endif
  };
};
/// Arithmetic that ends the program if it overflows, by -ftrapv.
struct overflow {
  static constexpr helper helpers[] = {
      RELO_HELPER(absvdi2), RELO_HELPER(absvsi2), RELO_HELPER(addvdi3), RELO_HELPER(addvsi3),
      RELO_HELPER(mulvdi3), RELO_HELPER(mulvsi3), RELO_HELPER(negvdi2), RELO_HELPER(negvsi2),
      RELO_HELPER(subvdi3), RELO_HELPER(subvsi3),
  };
};
/// Floating point.
struct single_precision {
  static constexpr helper helpers[] = {
      RELO_HELPER(divsf3), RELO_HELPER(fixunssfdi), RELO_HELPER(powisf2),
#if !defined(__riscv_flen)
      RELO_HELPER(addsf3), RELO_HELPER(eqsf2), RELO_HELPER(fixsfsi), RELO_HELPER(floatsisf),
      RELO_HELPER(floatunsisf), RELO_HELPER(gesf2), RELO_HELPER(gtsf2), RELO_HELPER(lesf2),
      RELO_HELPER(ltsf2), RELO_HELPER(mulsf3), RELO_HELPER(negsf2), RELO_HELPER(nesf2),
      RELO_HELPER(subsf3), RELO_HELPER(unordsf2),
#endif
#if __riscv_xlen == 32
      RELO_HELPER(fixsfdi), RELO_HELPER(fixunssfsi), RELO_HELPER(floatdisf),
      RELO_HELPER(floatundisf),
#endif
#if __riscv_xlen == 64
      RELO_HELPER(fixsfti), RELO_HELPER(fixunssfti), RELO_HELPER(floattisf),
      RELO_HELPER(floatuntisf),
#endif
#if __riscv_xlen == 64 && !defined(__riscv_flen)
      RELO_HELPER(fixsfdi), RELO_HELPER(fixunssfsi), RELO_HELPER(floatdisf),
      RELO_HELPER(floatundisf),
#endif
  };
};
/// Floating point, and to and from single precision.
struct double_precision {
  static constexpr helper helpers[] = {
      RELO_HELPER(divdf3), RELO_HELPER(fixunsdfdi), RELO_HELPER(powidf2),
#if (!defined(__riscv_flen) || __riscv_flen < 64)
      RELO_HELPER(adddf3), RELO_HELPER(eqdf2), RELO_HELPER(extendsfdf2), RELO_HELPER(fixdfsi),
      RELO_HELPER(floatsidf), RELO_HELPER(floatunsidf), RELO_HELPER(gedf2), RELO_HELPER(gtdf2),
      RELO_HELPER(ledf2), RELO_HELPER(ltdf2), RELO_HELPER(muldf3), RELO_HELPER(nedf2),
      RELO_HELPER(negdf2), RELO_HELPER(subdf3), RELO_HELPER(truncdfsf2), RELO_HELPER(unorddf2),
#endif
#if __riscv_xlen == 32
      RELO_HELPER(fixdfdi), RELO_HELPER(fixunsdfsi), RELO_HELPER(floatdidf),
      RELO_HELPER(floatundidf),
#endif
#if __riscv_xlen == 64
      RELO_HELPER(fixdfti), RELO_HELPER(fixunsdfti), RELO_HELPER(floattidf),
      RELO_HELPER(floatuntidf),
#endif
#if __riscv_xlen == 64 && (!defined(__riscv_flen) || __riscv_flen < 64)
      RELO_HELPER(fixdfdi), RELO_HELPER(fixunsdfsi), RELO_HELPER(floatdidf),
      RELO_HELPER(floatundidf),
#endif
  };
};
/// Floating point: long double; to and from the others.
struct quadruple_precision {
  static constexpr helper helpers[] = {
      RELO_HELPER(addtf3), RELO_HELPER(divtf3), RELO_HELPER(eqtf2), RELO_HELPER(extenddftf2),
      RELO_HELPER(extendsftf2), RELO_HELPER(fixtfdi), RELO_HELPER(fixtfsi), RELO_HELPER(fixunstfdi),
      RELO_HELPER(fixunstfsi), RELO_HELPER(floatditf), RELO_HELPER(floatsitf),
      RELO_HELPER(floatunditf), RELO_HELPER(floatunsitf), RELO_HELPER(getf2), RELO_HELPER(gttf2),
      RELO_HELPER(letf2), RELO_HELPER(lttf2), RELO_HELPER(multf3), RELO_HELPER(negtf2),
      RELO_HELPER(netf2), RELO_HELPER(powitf2), RELO_HELPER(subtf3), RELO_HELPER(trunctfdf2),
      RELO_HELPER(trunctfsf2), RELO_HELPER(unordtf2),
#if __riscv_xlen == 64
      RELO_HELPER(fixtfti), RELO_HELPER(fixunstfti), RELO_HELPER(floattitf),
      RELO_HELPER(floatuntitf),
#endif
  };
};
/// Their product and quotient.
struct complex_numbers {
  static constexpr helper helpers[] = {
      RELO_HELPER(divdc3), RELO_HELPER(divsc3), RELO_HELPER(divtc3), RELO_HELPER(muldc3),
      RELO_HELPER(mulsc3), RELO_HELPER(multc3),
  };
};
#if defined(__riscv_atomic)
/// Of bytes and halves of words.
struct atomics {
  static constexpr helper helpers[] = {
      RELO_HELPER(sync_add_and_fetch_1), RELO_HELPER(sync_add_and_fetch_2),
      RELO_HELPER(sync_and_and_fetch_1), RELO_HELPER(sync_and_and_fetch_2),
      RELO_HELPER(sync_bool_compare_and_swap_1), RELO_HELPER(sync_bool_compare_and_swap_2),
      RELO_HELPER(sync_fetch_and_add_1), RELO_HELPER(sync_fetch_and_add_2),
      RELO_HELPER(sync_fetch_and_and_1), RELO_HELPER(sync_fetch_and_and_2),
      RELO_HELPER(sync_fetch_and_nand_1), RELO_HELPER(sync_fetch_and_nand_2),
      RELO_HELPER(sync_fetch_and_or_1), RELO_HELPER(sync_fetch_and_or_2),
      RELO_HELPER(sync_fetch_and_sub_1), RELO_HELPER(sync_fetch_and_sub_2),
      RELO_HELPER(sync_fetch_and_xor_1), RELO_HELPER(sync_fetch_and_xor_2),
      RELO_HELPER(sync_nand_and_fetch_1), RELO_HELPER(sync_nand_and_fetch_2),
      RELO_HELPER(sync_or_and_fetch_1), RELO_HELPER(sync_or_and_fetch_2),
      RELO_HELPER(sync_sub_and_fetch_1), RELO_HELPER(sync_sub_and_fetch_2),
      RELO_HELPER(sync_val_compare_and_swap_1), RELO_HELPER(sync_val_compare_and_swap_2),
      RELO_HELPER(sync_xor_and_fetch_1), RELO_HELPER(sync_xor_and_fetch_2),
  };
};
#endif
// clang-format on

}  // namespace relo::runtime::riscv
