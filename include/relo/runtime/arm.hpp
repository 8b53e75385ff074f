// What compilers for Cortex-M call unasked, in families.
// See relo/symbol/runtime_exports.hpp.
// Written by tests/runtime/exports.py from the names in libgcc; what clang calls is among them.
#pragma once

#include <relo/symbol/runtime_exports.hpp>

namespace relo::runtime::arm {

// clang-format off
/// Of the cases of a switch, in Thumb-1 code at -Os.
struct switches {
  static constexpr helper helpers[] = {
      RELO_HELPER(gnu_thumb1_case_shi), RELO_HELPER(gnu_thumb1_case_si),
      RELO_HELPER(gnu_thumb1_case_sqi), RELO_HELPER(gnu_thumb1_case_uhi),
      RELO_HELPER(gnu_thumb1_case_uqi),
  };
};
/// Of integers, and what multiplies them.
struct division {
  static constexpr helper helpers[] = {
      RELO_HELPER(aeabi_idiv), RELO_HELPER(aeabi_idivmod), RELO_HELPER(aeabi_ldivmod),
      RELO_HELPER(aeabi_lmul), RELO_HELPER(aeabi_uidiv), RELO_HELPER(aeabi_uidivmod),
      RELO_HELPER(aeabi_uldivmod), RELO_HELPER(divdi3), RELO_HELPER(divmoddi4), RELO_HELPER(divsi3),
      RELO_HELPER(moddi3), RELO_HELPER(modsi3), RELO_HELPER(muldi3), RELO_HELPER(udivdi3),
      RELO_HELPER(udivmoddi4), RELO_HELPER(udivsi3), RELO_HELPER(umoddi3), RELO_HELPER(umodsi3),
  };
};
/// Shifts, comparisons, bits; words that are not aligned.
struct integers {
  static constexpr helper helpers[] = {
      RELO_HELPER(aeabi_lasr), RELO_HELPER(aeabi_lcmp), RELO_HELPER(aeabi_llsl),
      RELO_HELPER(aeabi_llsr), RELO_HELPER(aeabi_ulcmp), RELO_HELPER(aeabi_uread4),
      RELO_HELPER(aeabi_uread8), RELO_HELPER(aeabi_uwrite4), RELO_HELPER(aeabi_uwrite8),
      RELO_HELPER(ashldi3), RELO_HELPER(ashrdi3), RELO_HELPER(bswapdi2), RELO_HELPER(bswapsi2),
      RELO_HELPER(clrsbdi2), RELO_HELPER(clrsbsi2), RELO_HELPER(clzdi2), RELO_HELPER(clzsi2),
      RELO_HELPER(cmpdi2), RELO_HELPER(ctzdi2), RELO_HELPER(ctzsi2), RELO_HELPER(ffsdi2),
      RELO_HELPER(ffssi2), RELO_HELPER(lshrdi3), RELO_HELPER(negdi2), RELO_HELPER(paritydi2),
      RELO_HELPER(paritysi2), RELO_HELPER(popcountdi2), RELO_HELPER(popcountsi2),
      RELO_HELPER(ucmpdi2),
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
      RELO_HELPER(aeabi_cfcmpeq), RELO_HELPER(aeabi_cfcmple), RELO_HELPER(aeabi_cfrcmple),
      RELO_HELPER(aeabi_f2iz), RELO_HELPER(aeabi_f2lz), RELO_HELPER(aeabi_f2uiz),
      RELO_HELPER(aeabi_f2ulz), RELO_HELPER(aeabi_fadd), RELO_HELPER(aeabi_fcmpeq),
      RELO_HELPER(aeabi_fcmpge), RELO_HELPER(aeabi_fcmpgt), RELO_HELPER(aeabi_fcmple),
      RELO_HELPER(aeabi_fcmplt), RELO_HELPER(aeabi_fcmpun), RELO_HELPER(aeabi_fdiv),
      RELO_HELPER(aeabi_fmul), RELO_HELPER(aeabi_fneg), RELO_HELPER(aeabi_frsub),
      RELO_HELPER(aeabi_fsub), RELO_HELPER(aeabi_i2f), RELO_HELPER(aeabi_l2f),
      RELO_HELPER(aeabi_ui2f), RELO_HELPER(aeabi_ul2f), RELO_HELPER(eqsf2), RELO_HELPER(fixsfdi),
      RELO_HELPER(fixunssfdi), RELO_HELPER(fixunssfsi), RELO_HELPER(floatdisf),
      RELO_HELPER(floatundisf), RELO_HELPER(gesf2), RELO_HELPER(gtsf2), RELO_HELPER(lesf2),
      RELO_HELPER(ltsf2), RELO_HELPER(nesf2), RELO_HELPER(powisf2),
#if __ARM_ARCH_ISA_THUMB == 2
      RELO_HELPER(addsf3), RELO_HELPER(divsf3), RELO_HELPER(fixsfsi), RELO_HELPER(floatsisf),
      RELO_HELPER(floatunsisf), RELO_HELPER(mulsf3), RELO_HELPER(negsf2), RELO_HELPER(subsf3),
      RELO_HELPER(unordsf2),
#endif
  };
};
/// Floating point, and to and from single precision.
struct double_precision {
  static constexpr helper helpers[] = {
      RELO_HELPER(aeabi_cdcmpeq), RELO_HELPER(aeabi_cdcmple), RELO_HELPER(aeabi_cdrcmple),
      RELO_HELPER(aeabi_d2f), RELO_HELPER(aeabi_d2iz), RELO_HELPER(aeabi_d2lz),
      RELO_HELPER(aeabi_d2uiz), RELO_HELPER(aeabi_d2ulz), RELO_HELPER(aeabi_dadd),
      RELO_HELPER(aeabi_dcmpeq), RELO_HELPER(aeabi_dcmpge), RELO_HELPER(aeabi_dcmpgt),
      RELO_HELPER(aeabi_dcmple), RELO_HELPER(aeabi_dcmplt), RELO_HELPER(aeabi_dcmpun),
      RELO_HELPER(aeabi_ddiv), RELO_HELPER(aeabi_dmul), RELO_HELPER(aeabi_dneg),
      RELO_HELPER(aeabi_drsub), RELO_HELPER(aeabi_dsub), RELO_HELPER(aeabi_f2d),
      RELO_HELPER(aeabi_i2d), RELO_HELPER(aeabi_l2d), RELO_HELPER(aeabi_ui2d),
      RELO_HELPER(aeabi_ul2d), RELO_HELPER(eqdf2), RELO_HELPER(fixdfdi), RELO_HELPER(fixunsdfdi),
      RELO_HELPER(fixunsdfsi), RELO_HELPER(floatdidf), RELO_HELPER(floatundidf), RELO_HELPER(gedf2),
      RELO_HELPER(gtdf2), RELO_HELPER(ledf2), RELO_HELPER(ltdf2), RELO_HELPER(nedf2),
      RELO_HELPER(powidf2),
#if __ARM_ARCH_ISA_THUMB == 2
      RELO_HELPER(adddf3), RELO_HELPER(divdf3), RELO_HELPER(extendsfdf2), RELO_HELPER(fixdfsi),
      RELO_HELPER(floatsidf), RELO_HELPER(floatunsidf), RELO_HELPER(muldf3), RELO_HELPER(negdf2),
      RELO_HELPER(subdf3), RELO_HELPER(truncdfsf2), RELO_HELPER(unorddf2),
#endif
  };
};
/// To and from the others.
struct half_precision {
  static constexpr helper helpers[] = {
      RELO_HELPER(gnu_d2h_alternative), RELO_HELPER(gnu_d2h_ieee), RELO_HELPER(gnu_f2h_alternative),
      RELO_HELPER(gnu_f2h_ieee), RELO_HELPER(gnu_h2f_alternative), RELO_HELPER(gnu_h2f_ieee),
      {"__aeabi_h2f", RELO_HELPER_FUNCTION(gnu_h2f_ieee)},
      {"__aeabi_f2h", RELO_HELPER_FUNCTION(gnu_f2h_ieee)},
      {"__aeabi_d2h", RELO_HELPER_FUNCTION(gnu_d2h_ieee)},
  };
};
/// Their product and quotient.
struct complex_numbers {
  static constexpr helper helpers[] = {
      RELO_HELPER(divdc3), RELO_HELPER(divsc3), RELO_HELPER(muldc3), RELO_HELPER(mulsc3),
  };
};
// clang-format on

}  // namespace relo::runtime::arm
