// What compilers for ARMv6-M and ARMv8-M baseline call unasked, in families.
// See relo/symbol/runtime_exports.hpp.
// Written by tests/runtime/exports.py from the names in libgcc; what clang calls is among them.
#pragma once

#include <relo/symbol/runtime_exports.hpp>

namespace relo::runtime::armv6m {

// clang-format off
/// Of the cases of a switch, in Thumb-1 code at -Os.
struct switches {
  static void gnu_thumb1_case_shi() noexcept __asm__("__gnu_thumb1_case_shi");
  static void gnu_thumb1_case_si() noexcept __asm__("__gnu_thumb1_case_si");
  static void gnu_thumb1_case_sqi() noexcept __asm__("__gnu_thumb1_case_sqi");
  static void gnu_thumb1_case_uhi() noexcept __asm__("__gnu_thumb1_case_uhi");
  static void gnu_thumb1_case_uqi() noexcept __asm__("__gnu_thumb1_case_uqi");
  static constexpr helper helpers[] = {
      {"__gnu_thumb1_case_shi", &gnu_thumb1_case_shi},
      {"__gnu_thumb1_case_si", &gnu_thumb1_case_si},
      {"__gnu_thumb1_case_sqi", &gnu_thumb1_case_sqi},
      {"__gnu_thumb1_case_uhi", &gnu_thumb1_case_uhi},
      {"__gnu_thumb1_case_uqi", &gnu_thumb1_case_uqi},
  };
};
/// Of integers, and what multiplies them.
struct division {
  static void aeabi_idiv() noexcept __asm__("__aeabi_idiv");
  static void aeabi_idivmod() noexcept __asm__("__aeabi_idivmod");
  static void aeabi_ldivmod() noexcept __asm__("__aeabi_ldivmod");
  static void aeabi_lmul() noexcept __asm__("__aeabi_lmul");
  static void aeabi_uidiv() noexcept __asm__("__aeabi_uidiv");
  static void aeabi_uidivmod() noexcept __asm__("__aeabi_uidivmod");
  static void aeabi_uldivmod() noexcept __asm__("__aeabi_uldivmod");
  static void divdi3() noexcept __asm__("__divdi3");
  static void divmoddi4() noexcept __asm__("__divmoddi4");
  static void divsi3() noexcept __asm__("__divsi3");
  static void moddi3() noexcept __asm__("__moddi3");
  static void modsi3() noexcept __asm__("__modsi3");
  static void muldi3() noexcept __asm__("__muldi3");
  static void udivdi3() noexcept __asm__("__udivdi3");
  static void udivmoddi4() noexcept __asm__("__udivmoddi4");
  static void udivsi3() noexcept __asm__("__udivsi3");
  static void umoddi3() noexcept __asm__("__umoddi3");
  static void umodsi3() noexcept __asm__("__umodsi3");
  static constexpr helper helpers[] = {
      {"__aeabi_idiv", &aeabi_idiv},
      {"__aeabi_idivmod", &aeabi_idivmod},
      {"__aeabi_ldivmod", &aeabi_ldivmod},
      {"__aeabi_lmul", &aeabi_lmul},
      {"__aeabi_uidiv", &aeabi_uidiv},
      {"__aeabi_uidivmod", &aeabi_uidivmod},
      {"__aeabi_uldivmod", &aeabi_uldivmod},
      {"__divdi3", &divdi3},
      {"__divmoddi4", &divmoddi4},
      {"__divsi3", &divsi3},
      {"__moddi3", &moddi3},
      {"__modsi3", &modsi3},
      {"__muldi3", &muldi3},
      {"__udivdi3", &udivdi3},
      {"__udivmoddi4", &udivmoddi4},
      {"__udivsi3", &udivsi3},
      {"__umoddi3", &umoddi3},
      {"__umodsi3", &umodsi3},
  };
};
/// Shifts, comparisons, bits; words that are not aligned.
struct integers {
  static void aeabi_lasr() noexcept __asm__("__aeabi_lasr");
  static void aeabi_lcmp() noexcept __asm__("__aeabi_lcmp");
  static void aeabi_llsl() noexcept __asm__("__aeabi_llsl");
  static void aeabi_llsr() noexcept __asm__("__aeabi_llsr");
  static void aeabi_ulcmp() noexcept __asm__("__aeabi_ulcmp");
  static void aeabi_uread4() noexcept __asm__("__aeabi_uread4");
  static void aeabi_uread8() noexcept __asm__("__aeabi_uread8");
  static void aeabi_uwrite4() noexcept __asm__("__aeabi_uwrite4");
  static void aeabi_uwrite8() noexcept __asm__("__aeabi_uwrite8");
  static void ashldi3() noexcept __asm__("__ashldi3");
  static void ashrdi3() noexcept __asm__("__ashrdi3");
  static void bswapdi2() noexcept __asm__("__bswapdi2");
  static void bswapsi2() noexcept __asm__("__bswapsi2");
  static void clrsbdi2() noexcept __asm__("__clrsbdi2");
  static void clrsbsi2() noexcept __asm__("__clrsbsi2");
  static void clzdi2() noexcept __asm__("__clzdi2");
  static void clzsi2() noexcept __asm__("__clzsi2");
  static void cmpdi2() noexcept __asm__("__cmpdi2");
  static void ctzdi2() noexcept __asm__("__ctzdi2");
  static void ctzsi2() noexcept __asm__("__ctzsi2");
  static void ffsdi2() noexcept __asm__("__ffsdi2");
  static void ffssi2() noexcept __asm__("__ffssi2");
  static void lshrdi3() noexcept __asm__("__lshrdi3");
  static void negdi2() noexcept __asm__("__negdi2");
  static void paritydi2() noexcept __asm__("__paritydi2");
  static void paritysi2() noexcept __asm__("__paritysi2");
  static void popcountdi2() noexcept __asm__("__popcountdi2");
  static void popcountsi2() noexcept __asm__("__popcountsi2");
  static void ucmpdi2() noexcept __asm__("__ucmpdi2");
  static constexpr helper helpers[] = {
      {"__aeabi_lasr", &aeabi_lasr},
      {"__aeabi_lcmp", &aeabi_lcmp},
      {"__aeabi_llsl", &aeabi_llsl},
      {"__aeabi_llsr", &aeabi_llsr},
      {"__aeabi_ulcmp", &aeabi_ulcmp},
      {"__aeabi_uread4", &aeabi_uread4},
      {"__aeabi_uread8", &aeabi_uread8},
      {"__aeabi_uwrite4", &aeabi_uwrite4},
      {"__aeabi_uwrite8", &aeabi_uwrite8},
      {"__ashldi3", &ashldi3},
      {"__ashrdi3", &ashrdi3},
      {"__bswapdi2", &bswapdi2},
      {"__bswapsi2", &bswapsi2},
      {"__clrsbdi2", &clrsbdi2},
      {"__clrsbsi2", &clrsbsi2},
      {"__clzdi2", &clzdi2},
      {"__clzsi2", &clzsi2},
      {"__cmpdi2", &cmpdi2},
      {"__ctzdi2", &ctzdi2},
      {"__ctzsi2", &ctzsi2},
      {"__ffsdi2", &ffsdi2},
      {"__ffssi2", &ffssi2},
      {"__lshrdi3", &lshrdi3},
      {"__negdi2", &negdi2},
      {"__paritydi2", &paritydi2},
      {"__paritysi2", &paritysi2},
      {"__popcountdi2", &popcountdi2},
      {"__popcountsi2", &popcountsi2},
      {"__ucmpdi2", &ucmpdi2},
  };
};
/// Arithmetic that ends the program if it overflows, by -ftrapv.
struct overflow {
  static void absvdi2() noexcept __asm__("__absvdi2");
  static void absvsi2() noexcept __asm__("__absvsi2");
  static void addvdi3() noexcept __asm__("__addvdi3");
  static void addvsi3() noexcept __asm__("__addvsi3");
  static void mulvdi3() noexcept __asm__("__mulvdi3");
  static void mulvsi3() noexcept __asm__("__mulvsi3");
  static void negvdi2() noexcept __asm__("__negvdi2");
  static void negvsi2() noexcept __asm__("__negvsi2");
  static void subvdi3() noexcept __asm__("__subvdi3");
  static void subvsi3() noexcept __asm__("__subvsi3");
  static constexpr helper helpers[] = {
      {"__absvdi2", &absvdi2},
      {"__absvsi2", &absvsi2},
      {"__addvdi3", &addvdi3},
      {"__addvsi3", &addvsi3},
      {"__mulvdi3", &mulvdi3},
      {"__mulvsi3", &mulvsi3},
      {"__negvdi2", &negvdi2},
      {"__negvsi2", &negvsi2},
      {"__subvdi3", &subvdi3},
      {"__subvsi3", &subvsi3},
  };
};
/// Floating point.
struct single_precision {
  static void aeabi_cfcmpeq() noexcept __asm__("__aeabi_cfcmpeq");
  static void aeabi_cfcmple() noexcept __asm__("__aeabi_cfcmple");
  static void aeabi_cfrcmple() noexcept __asm__("__aeabi_cfrcmple");
  static void aeabi_f2iz() noexcept __asm__("__aeabi_f2iz");
  static void aeabi_f2lz() noexcept __asm__("__aeabi_f2lz");
  static void aeabi_f2uiz() noexcept __asm__("__aeabi_f2uiz");
  static void aeabi_f2ulz() noexcept __asm__("__aeabi_f2ulz");
  static void aeabi_fadd() noexcept __asm__("__aeabi_fadd");
  static void aeabi_fcmpeq() noexcept __asm__("__aeabi_fcmpeq");
  static void aeabi_fcmpge() noexcept __asm__("__aeabi_fcmpge");
  static void aeabi_fcmpgt() noexcept __asm__("__aeabi_fcmpgt");
  static void aeabi_fcmple() noexcept __asm__("__aeabi_fcmple");
  static void aeabi_fcmplt() noexcept __asm__("__aeabi_fcmplt");
  static void aeabi_fcmpun() noexcept __asm__("__aeabi_fcmpun");
  static void aeabi_fdiv() noexcept __asm__("__aeabi_fdiv");
  static void aeabi_fmul() noexcept __asm__("__aeabi_fmul");
  static void aeabi_fneg() noexcept __asm__("__aeabi_fneg");
  static void aeabi_frsub() noexcept __asm__("__aeabi_frsub");
  static void aeabi_fsub() noexcept __asm__("__aeabi_fsub");
  static void aeabi_i2f() noexcept __asm__("__aeabi_i2f");
  static void aeabi_l2f() noexcept __asm__("__aeabi_l2f");
  static void aeabi_ui2f() noexcept __asm__("__aeabi_ui2f");
  static void aeabi_ul2f() noexcept __asm__("__aeabi_ul2f");
  static void eqsf2() noexcept __asm__("__eqsf2");
  static void fixsfdi() noexcept __asm__("__fixsfdi");
  static void fixunssfdi() noexcept __asm__("__fixunssfdi");
  static void fixunssfsi() noexcept __asm__("__fixunssfsi");
  static void floatdisf() noexcept __asm__("__floatdisf");
  static void floatundisf() noexcept __asm__("__floatundisf");
  static void gesf2() noexcept __asm__("__gesf2");
  static void gtsf2() noexcept __asm__("__gtsf2");
  static void lesf2() noexcept __asm__("__lesf2");
  static void ltsf2() noexcept __asm__("__ltsf2");
  static void nesf2() noexcept __asm__("__nesf2");
  static void powisf2() noexcept __asm__("__powisf2");
  static constexpr helper helpers[] = {
      {"__aeabi_cfcmpeq", &aeabi_cfcmpeq},
      {"__aeabi_cfcmple", &aeabi_cfcmple},
      {"__aeabi_cfrcmple", &aeabi_cfrcmple},
      {"__aeabi_f2iz", &aeabi_f2iz},
      {"__aeabi_f2lz", &aeabi_f2lz},
      {"__aeabi_f2uiz", &aeabi_f2uiz},
      {"__aeabi_f2ulz", &aeabi_f2ulz},
      {"__aeabi_fadd", &aeabi_fadd},
      {"__aeabi_fcmpeq", &aeabi_fcmpeq},
      {"__aeabi_fcmpge", &aeabi_fcmpge},
      {"__aeabi_fcmpgt", &aeabi_fcmpgt},
      {"__aeabi_fcmple", &aeabi_fcmple},
      {"__aeabi_fcmplt", &aeabi_fcmplt},
      {"__aeabi_fcmpun", &aeabi_fcmpun},
      {"__aeabi_fdiv", &aeabi_fdiv},
      {"__aeabi_fmul", &aeabi_fmul},
      {"__aeabi_fneg", &aeabi_fneg},
      {"__aeabi_frsub", &aeabi_frsub},
      {"__aeabi_fsub", &aeabi_fsub},
      {"__aeabi_i2f", &aeabi_i2f},
      {"__aeabi_l2f", &aeabi_l2f},
      {"__aeabi_ui2f", &aeabi_ui2f},
      {"__aeabi_ul2f", &aeabi_ul2f},
      {"__eqsf2", &eqsf2},
      {"__fixsfdi", &fixsfdi},
      {"__fixunssfdi", &fixunssfdi},
      {"__fixunssfsi", &fixunssfsi},
      {"__floatdisf", &floatdisf},
      {"__floatundisf", &floatundisf},
      {"__gesf2", &gesf2},
      {"__gtsf2", &gtsf2},
      {"__lesf2", &lesf2},
      {"__ltsf2", &ltsf2},
      {"__nesf2", &nesf2},
      {"__powisf2", &powisf2},
  };
};
/// Floating point, and to and from single precision.
struct double_precision {
  static void aeabi_cdcmpeq() noexcept __asm__("__aeabi_cdcmpeq");
  static void aeabi_cdcmple() noexcept __asm__("__aeabi_cdcmple");
  static void aeabi_cdrcmple() noexcept __asm__("__aeabi_cdrcmple");
  static void aeabi_d2f() noexcept __asm__("__aeabi_d2f");
  static void aeabi_d2iz() noexcept __asm__("__aeabi_d2iz");
  static void aeabi_d2lz() noexcept __asm__("__aeabi_d2lz");
  static void aeabi_d2uiz() noexcept __asm__("__aeabi_d2uiz");
  static void aeabi_d2ulz() noexcept __asm__("__aeabi_d2ulz");
  static void aeabi_dadd() noexcept __asm__("__aeabi_dadd");
  static void aeabi_dcmpeq() noexcept __asm__("__aeabi_dcmpeq");
  static void aeabi_dcmpge() noexcept __asm__("__aeabi_dcmpge");
  static void aeabi_dcmpgt() noexcept __asm__("__aeabi_dcmpgt");
  static void aeabi_dcmple() noexcept __asm__("__aeabi_dcmple");
  static void aeabi_dcmplt() noexcept __asm__("__aeabi_dcmplt");
  static void aeabi_dcmpun() noexcept __asm__("__aeabi_dcmpun");
  static void aeabi_ddiv() noexcept __asm__("__aeabi_ddiv");
  static void aeabi_dmul() noexcept __asm__("__aeabi_dmul");
  static void aeabi_dneg() noexcept __asm__("__aeabi_dneg");
  static void aeabi_drsub() noexcept __asm__("__aeabi_drsub");
  static void aeabi_dsub() noexcept __asm__("__aeabi_dsub");
  static void aeabi_f2d() noexcept __asm__("__aeabi_f2d");
  static void aeabi_i2d() noexcept __asm__("__aeabi_i2d");
  static void aeabi_l2d() noexcept __asm__("__aeabi_l2d");
  static void aeabi_ui2d() noexcept __asm__("__aeabi_ui2d");
  static void aeabi_ul2d() noexcept __asm__("__aeabi_ul2d");
  static void eqdf2() noexcept __asm__("__eqdf2");
  static void fixdfdi() noexcept __asm__("__fixdfdi");
  static void fixunsdfdi() noexcept __asm__("__fixunsdfdi");
  static void fixunsdfsi() noexcept __asm__("__fixunsdfsi");
  static void floatdidf() noexcept __asm__("__floatdidf");
  static void floatundidf() noexcept __asm__("__floatundidf");
  static void gedf2() noexcept __asm__("__gedf2");
  static void gtdf2() noexcept __asm__("__gtdf2");
  static void ledf2() noexcept __asm__("__ledf2");
  static void ltdf2() noexcept __asm__("__ltdf2");
  static void nedf2() noexcept __asm__("__nedf2");
  static void powidf2() noexcept __asm__("__powidf2");
  static constexpr helper helpers[] = {
      {"__aeabi_cdcmpeq", &aeabi_cdcmpeq},
      {"__aeabi_cdcmple", &aeabi_cdcmple},
      {"__aeabi_cdrcmple", &aeabi_cdrcmple},
      {"__aeabi_d2f", &aeabi_d2f},
      {"__aeabi_d2iz", &aeabi_d2iz},
      {"__aeabi_d2lz", &aeabi_d2lz},
      {"__aeabi_d2uiz", &aeabi_d2uiz},
      {"__aeabi_d2ulz", &aeabi_d2ulz},
      {"__aeabi_dadd", &aeabi_dadd},
      {"__aeabi_dcmpeq", &aeabi_dcmpeq},
      {"__aeabi_dcmpge", &aeabi_dcmpge},
      {"__aeabi_dcmpgt", &aeabi_dcmpgt},
      {"__aeabi_dcmple", &aeabi_dcmple},
      {"__aeabi_dcmplt", &aeabi_dcmplt},
      {"__aeabi_dcmpun", &aeabi_dcmpun},
      {"__aeabi_ddiv", &aeabi_ddiv},
      {"__aeabi_dmul", &aeabi_dmul},
      {"__aeabi_dneg", &aeabi_dneg},
      {"__aeabi_drsub", &aeabi_drsub},
      {"__aeabi_dsub", &aeabi_dsub},
      {"__aeabi_f2d", &aeabi_f2d},
      {"__aeabi_i2d", &aeabi_i2d},
      {"__aeabi_l2d", &aeabi_l2d},
      {"__aeabi_ui2d", &aeabi_ui2d},
      {"__aeabi_ul2d", &aeabi_ul2d},
      {"__eqdf2", &eqdf2},
      {"__fixdfdi", &fixdfdi},
      {"__fixunsdfdi", &fixunsdfdi},
      {"__fixunsdfsi", &fixunsdfsi},
      {"__floatdidf", &floatdidf},
      {"__floatundidf", &floatundidf},
      {"__gedf2", &gedf2},
      {"__gtdf2", &gtdf2},
      {"__ledf2", &ledf2},
      {"__ltdf2", &ltdf2},
      {"__nedf2", &nedf2},
      {"__powidf2", &powidf2},
  };
};
/// To and from the others.
struct half_precision {
  static void gnu_d2h_alternative() noexcept __asm__("__gnu_d2h_alternative");
  static void gnu_d2h_ieee() noexcept __asm__("__gnu_d2h_ieee");
  static void gnu_f2h_alternative() noexcept __asm__("__gnu_f2h_alternative");
  static void gnu_f2h_ieee() noexcept __asm__("__gnu_f2h_ieee");
  static void gnu_h2f_alternative() noexcept __asm__("__gnu_h2f_alternative");
  static void gnu_h2f_ieee() noexcept __asm__("__gnu_h2f_ieee");
  static constexpr helper helpers[] = {
      {"__gnu_d2h_alternative", &gnu_d2h_alternative},
      {"__gnu_d2h_ieee", &gnu_d2h_ieee},
      {"__gnu_f2h_alternative", &gnu_f2h_alternative},
      {"__gnu_f2h_ieee", &gnu_f2h_ieee},
      {"__gnu_h2f_alternative", &gnu_h2f_alternative},
      {"__gnu_h2f_ieee", &gnu_h2f_ieee},
      {"__aeabi_h2f", &gnu_h2f_ieee},
      {"__aeabi_f2h", &gnu_f2h_ieee},
      {"__aeabi_d2h", &gnu_d2h_ieee},
  };
};
/// Their product and quotient.
struct complex_numbers {
  static void divdc3() noexcept __asm__("__divdc3");
  static void divsc3() noexcept __asm__("__divsc3");
  static void muldc3() noexcept __asm__("__muldc3");
  static void mulsc3() noexcept __asm__("__mulsc3");
  static constexpr helper helpers[] = {
      {"__divdc3", &divdc3},
      {"__divsc3", &divsc3},
      {"__muldc3", &muldc3},
      {"__mulsc3", &mulsc3},
  };
};
// clang-format on

}  // namespace relo::runtime::armv6m
