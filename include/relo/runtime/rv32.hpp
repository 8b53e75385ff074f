// What compilers for RV32 call unasked, in families.
// See relo/symbol/runtime_exports.hpp.
// Written by tests/runtime/exports.py from the names in libgcc; what clang calls is among them.
#pragma once

#include <relo/symbol/runtime_exports.hpp>

namespace relo::runtime::rv32 {

// clang-format off
/// Prologues and epilogues, by -msave-restore.
struct save_restore {
  static void riscv_restore_0() noexcept __asm__("__riscv_restore_0");
  static void riscv_restore_1() noexcept __asm__("__riscv_restore_1");
  static void riscv_restore_2() noexcept __asm__("__riscv_restore_2");
  static void riscv_restore_3() noexcept __asm__("__riscv_restore_3");
  static void riscv_restore_4() noexcept __asm__("__riscv_restore_4");
  static void riscv_restore_5() noexcept __asm__("__riscv_restore_5");
  static void riscv_restore_6() noexcept __asm__("__riscv_restore_6");
  static void riscv_restore_7() noexcept __asm__("__riscv_restore_7");
  static void riscv_restore_8() noexcept __asm__("__riscv_restore_8");
  static void riscv_restore_9() noexcept __asm__("__riscv_restore_9");
  static void riscv_restore_10() noexcept __asm__("__riscv_restore_10");
  static void riscv_restore_11() noexcept __asm__("__riscv_restore_11");
  static void riscv_restore_12() noexcept __asm__("__riscv_restore_12");
  static void riscv_save_0() noexcept __asm__("__riscv_save_0");
  static void riscv_save_1() noexcept __asm__("__riscv_save_1");
  static void riscv_save_2() noexcept __asm__("__riscv_save_2");
  static void riscv_save_3() noexcept __asm__("__riscv_save_3");
  static void riscv_save_4() noexcept __asm__("__riscv_save_4");
  static void riscv_save_5() noexcept __asm__("__riscv_save_5");
  static void riscv_save_6() noexcept __asm__("__riscv_save_6");
  static void riscv_save_7() noexcept __asm__("__riscv_save_7");
  static void riscv_save_8() noexcept __asm__("__riscv_save_8");
  static void riscv_save_9() noexcept __asm__("__riscv_save_9");
  static void riscv_save_10() noexcept __asm__("__riscv_save_10");
  static void riscv_save_11() noexcept __asm__("__riscv_save_11");
  static void riscv_save_12() noexcept __asm__("__riscv_save_12");
  static constexpr helper helpers[] = {
      {"__riscv_restore_0", &riscv_restore_0},
      {"__riscv_restore_1", &riscv_restore_1},
      {"__riscv_restore_2", &riscv_restore_2},
      {"__riscv_restore_3", &riscv_restore_3},
      {"__riscv_restore_4", &riscv_restore_4},
      {"__riscv_restore_5", &riscv_restore_5},
      {"__riscv_restore_6", &riscv_restore_6},
      {"__riscv_restore_7", &riscv_restore_7},
      {"__riscv_restore_8", &riscv_restore_8},
      {"__riscv_restore_9", &riscv_restore_9},
      {"__riscv_restore_10", &riscv_restore_10},
      {"__riscv_restore_11", &riscv_restore_11},
      {"__riscv_restore_12", &riscv_restore_12},
      {"__riscv_save_0", &riscv_save_0},
      {"__riscv_save_1", &riscv_save_1},
      {"__riscv_save_2", &riscv_save_2},
      {"__riscv_save_3", &riscv_save_3},
      {"__riscv_save_4", &riscv_save_4},
      {"__riscv_save_5", &riscv_save_5},
      {"__riscv_save_6", &riscv_save_6},
      {"__riscv_save_7", &riscv_save_7},
      {"__riscv_save_8", &riscv_save_8},
      {"__riscv_save_9", &riscv_save_9},
      {"__riscv_save_10", &riscv_save_10},
      {"__riscv_save_11", &riscv_save_11},
      {"__riscv_save_12", &riscv_save_12},
  };
};
/// Of integers, and what multiplies them.
struct division {
  static void divdi3() noexcept __asm__("__divdi3");
  static void divmoddi4() noexcept __asm__("__divmoddi4");
  static void divsi3() noexcept __asm__("__divsi3");
  static void moddi3() noexcept __asm__("__moddi3");
  static void modsi3() noexcept __asm__("__modsi3");
  static void muldi3() noexcept __asm__("__muldi3");
  static void mulsi3() noexcept __asm__("__mulsi3");
  static void udivdi3() noexcept __asm__("__udivdi3");
  static void udivmoddi4() noexcept __asm__("__udivmoddi4");
  static void udivsi3() noexcept __asm__("__udivsi3");
  static void umoddi3() noexcept __asm__("__umoddi3");
  static void umodsi3() noexcept __asm__("__umodsi3");
  static constexpr helper helpers[] = {
      {"__divdi3", &divdi3},
      {"__divmoddi4", &divmoddi4},
      {"__divsi3", &divsi3},
      {"__moddi3", &moddi3},
      {"__modsi3", &modsi3},
      {"__muldi3", &muldi3},
      {"__mulsi3", &mulsi3},
      {"__udivdi3", &udivdi3},
      {"__udivmoddi4", &udivmoddi4},
      {"__udivsi3", &udivsi3},
      {"__umoddi3", &umoddi3},
      {"__umodsi3", &umodsi3},
  };
};
/// Shifts, comparisons, bits; words that are not aligned.
struct integers {
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
  static void divsf3() noexcept __asm__("__divsf3");
  static void fixsfdi() noexcept __asm__("__fixsfdi");
  static void fixunssfdi() noexcept __asm__("__fixunssfdi");
  static void fixunssfsi() noexcept __asm__("__fixunssfsi");
  static void floatdisf() noexcept __asm__("__floatdisf");
  static void floatundisf() noexcept __asm__("__floatundisf");
  static void powisf2() noexcept __asm__("__powisf2");
#ifndef __riscv_flen
  static void addsf3() noexcept __asm__("__addsf3");
  static void eqsf2() noexcept __asm__("__eqsf2");
  static void fixsfsi() noexcept __asm__("__fixsfsi");
  static void floatsisf() noexcept __asm__("__floatsisf");
  static void floatunsisf() noexcept __asm__("__floatunsisf");
  static void gesf2() noexcept __asm__("__gesf2");
  static void gtsf2() noexcept __asm__("__gtsf2");
  static void lesf2() noexcept __asm__("__lesf2");
  static void ltsf2() noexcept __asm__("__ltsf2");
  static void mulsf3() noexcept __asm__("__mulsf3");
  static void negsf2() noexcept __asm__("__negsf2");
  static void nesf2() noexcept __asm__("__nesf2");
  static void subsf3() noexcept __asm__("__subsf3");
  static void unordsf2() noexcept __asm__("__unordsf2");
#endif
  static constexpr helper helpers[] = {
      {"__divsf3", &divsf3},
      {"__fixsfdi", &fixsfdi},
      {"__fixunssfdi", &fixunssfdi},
      {"__fixunssfsi", &fixunssfsi},
      {"__floatdisf", &floatdisf},
      {"__floatundisf", &floatundisf},
      {"__powisf2", &powisf2},
#ifndef __riscv_flen
      {"__addsf3", &addsf3},
      {"__eqsf2", &eqsf2},
      {"__fixsfsi", &fixsfsi},
      {"__floatsisf", &floatsisf},
      {"__floatunsisf", &floatunsisf},
      {"__gesf2", &gesf2},
      {"__gtsf2", &gtsf2},
      {"__lesf2", &lesf2},
      {"__ltsf2", &ltsf2},
      {"__mulsf3", &mulsf3},
      {"__negsf2", &negsf2},
      {"__nesf2", &nesf2},
      {"__subsf3", &subsf3},
      {"__unordsf2", &unordsf2},
#endif
  };
};
/// Floating point, and to and from single precision.
struct double_precision {
  static void divdf3() noexcept __asm__("__divdf3");
  static void fixdfdi() noexcept __asm__("__fixdfdi");
  static void fixunsdfdi() noexcept __asm__("__fixunsdfdi");
  static void fixunsdfsi() noexcept __asm__("__fixunsdfsi");
  static void floatdidf() noexcept __asm__("__floatdidf");
  static void floatundidf() noexcept __asm__("__floatundidf");
  static void powidf2() noexcept __asm__("__powidf2");
#if !defined(__riscv_flen) || __riscv_flen < 64
  static void adddf3() noexcept __asm__("__adddf3");
  static void eqdf2() noexcept __asm__("__eqdf2");
  static void extendsfdf2() noexcept __asm__("__extendsfdf2");
  static void fixdfsi() noexcept __asm__("__fixdfsi");
  static void floatsidf() noexcept __asm__("__floatsidf");
  static void floatunsidf() noexcept __asm__("__floatunsidf");
  static void gedf2() noexcept __asm__("__gedf2");
  static void gtdf2() noexcept __asm__("__gtdf2");
  static void ledf2() noexcept __asm__("__ledf2");
  static void ltdf2() noexcept __asm__("__ltdf2");
  static void muldf3() noexcept __asm__("__muldf3");
  static void nedf2() noexcept __asm__("__nedf2");
  static void negdf2() noexcept __asm__("__negdf2");
  static void subdf3() noexcept __asm__("__subdf3");
  static void truncdfsf2() noexcept __asm__("__truncdfsf2");
  static void unorddf2() noexcept __asm__("__unorddf2");
#endif
  static constexpr helper helpers[] = {
      {"__divdf3", &divdf3},
      {"__fixdfdi", &fixdfdi},
      {"__fixunsdfdi", &fixunsdfdi},
      {"__fixunsdfsi", &fixunsdfsi},
      {"__floatdidf", &floatdidf},
      {"__floatundidf", &floatundidf},
      {"__powidf2", &powidf2},
#if !defined(__riscv_flen) || __riscv_flen < 64
      {"__adddf3", &adddf3},
      {"__eqdf2", &eqdf2},
      {"__extendsfdf2", &extendsfdf2},
      {"__fixdfsi", &fixdfsi},
      {"__floatsidf", &floatsidf},
      {"__floatunsidf", &floatunsidf},
      {"__gedf2", &gedf2},
      {"__gtdf2", &gtdf2},
      {"__ledf2", &ledf2},
      {"__ltdf2", &ltdf2},
      {"__muldf3", &muldf3},
      {"__nedf2", &nedf2},
      {"__negdf2", &negdf2},
      {"__subdf3", &subdf3},
      {"__truncdfsf2", &truncdfsf2},
      {"__unorddf2", &unorddf2},
#endif
  };
};
/// Floating point: long double; to and from the others.
struct quadruple_precision {
  static void addtf3() noexcept __asm__("__addtf3");
  static void divtf3() noexcept __asm__("__divtf3");
  static void eqtf2() noexcept __asm__("__eqtf2");
  static void extenddftf2() noexcept __asm__("__extenddftf2");
  static void extendsftf2() noexcept __asm__("__extendsftf2");
  static void fixtfdi() noexcept __asm__("__fixtfdi");
  static void fixtfsi() noexcept __asm__("__fixtfsi");
  static void fixunstfdi() noexcept __asm__("__fixunstfdi");
  static void fixunstfsi() noexcept __asm__("__fixunstfsi");
  static void floatditf() noexcept __asm__("__floatditf");
  static void floatsitf() noexcept __asm__("__floatsitf");
  static void floatunditf() noexcept __asm__("__floatunditf");
  static void floatunsitf() noexcept __asm__("__floatunsitf");
  static void getf2() noexcept __asm__("__getf2");
  static void gttf2() noexcept __asm__("__gttf2");
  static void letf2() noexcept __asm__("__letf2");
  static void lttf2() noexcept __asm__("__lttf2");
  static void multf3() noexcept __asm__("__multf3");
  static void negtf2() noexcept __asm__("__negtf2");
  static void netf2() noexcept __asm__("__netf2");
  static void powitf2() noexcept __asm__("__powitf2");
  static void subtf3() noexcept __asm__("__subtf3");
  static void trunctfdf2() noexcept __asm__("__trunctfdf2");
  static void trunctfsf2() noexcept __asm__("__trunctfsf2");
  static void unordtf2() noexcept __asm__("__unordtf2");
  static constexpr helper helpers[] = {
      {"__addtf3", &addtf3},
      {"__divtf3", &divtf3},
      {"__eqtf2", &eqtf2},
      {"__extenddftf2", &extenddftf2},
      {"__extendsftf2", &extendsftf2},
      {"__fixtfdi", &fixtfdi},
      {"__fixtfsi", &fixtfsi},
      {"__fixunstfdi", &fixunstfdi},
      {"__fixunstfsi", &fixunstfsi},
      {"__floatditf", &floatditf},
      {"__floatsitf", &floatsitf},
      {"__floatunditf", &floatunditf},
      {"__floatunsitf", &floatunsitf},
      {"__getf2", &getf2},
      {"__gttf2", &gttf2},
      {"__letf2", &letf2},
      {"__lttf2", &lttf2},
      {"__multf3", &multf3},
      {"__negtf2", &negtf2},
      {"__netf2", &netf2},
      {"__powitf2", &powitf2},
      {"__subtf3", &subtf3},
      {"__trunctfdf2", &trunctfdf2},
      {"__trunctfsf2", &trunctfsf2},
      {"__unordtf2", &unordtf2},
  };
};
/// Their product and quotient.
struct complex_numbers {
  static void divdc3() noexcept __asm__("__divdc3");
  static void divsc3() noexcept __asm__("__divsc3");
  static void divtc3() noexcept __asm__("__divtc3");
  static void muldc3() noexcept __asm__("__muldc3");
  static void mulsc3() noexcept __asm__("__mulsc3");
  static void multc3() noexcept __asm__("__multc3");
  static constexpr helper helpers[] = {
      {"__divdc3", &divdc3},
      {"__divsc3", &divsc3},
      {"__divtc3", &divtc3},
      {"__muldc3", &muldc3},
      {"__mulsc3", &mulsc3},
      {"__multc3", &multc3},
  };
};
#ifdef __riscv_atomic
/// Of bytes and halves of words.
struct atomics {
  static void sync_add_and_fetch_1() noexcept __asm__("__sync_add_and_fetch_1");
  static void sync_add_and_fetch_2() noexcept __asm__("__sync_add_and_fetch_2");
  static void sync_and_and_fetch_1() noexcept __asm__("__sync_and_and_fetch_1");
  static void sync_and_and_fetch_2() noexcept __asm__("__sync_and_and_fetch_2");
  static void sync_bool_compare_and_swap_1() noexcept __asm__("__sync_bool_compare_and_swap_1");
  static void sync_bool_compare_and_swap_2() noexcept __asm__("__sync_bool_compare_and_swap_2");
  static void sync_fetch_and_add_1() noexcept __asm__("__sync_fetch_and_add_1");
  static void sync_fetch_and_add_2() noexcept __asm__("__sync_fetch_and_add_2");
  static void sync_fetch_and_and_1() noexcept __asm__("__sync_fetch_and_and_1");
  static void sync_fetch_and_and_2() noexcept __asm__("__sync_fetch_and_and_2");
  static void sync_fetch_and_nand_1() noexcept __asm__("__sync_fetch_and_nand_1");
  static void sync_fetch_and_nand_2() noexcept __asm__("__sync_fetch_and_nand_2");
  static void sync_fetch_and_or_1() noexcept __asm__("__sync_fetch_and_or_1");
  static void sync_fetch_and_or_2() noexcept __asm__("__sync_fetch_and_or_2");
  static void sync_fetch_and_sub_1() noexcept __asm__("__sync_fetch_and_sub_1");
  static void sync_fetch_and_sub_2() noexcept __asm__("__sync_fetch_and_sub_2");
  static void sync_fetch_and_xor_1() noexcept __asm__("__sync_fetch_and_xor_1");
  static void sync_fetch_and_xor_2() noexcept __asm__("__sync_fetch_and_xor_2");
  static void sync_nand_and_fetch_1() noexcept __asm__("__sync_nand_and_fetch_1");
  static void sync_nand_and_fetch_2() noexcept __asm__("__sync_nand_and_fetch_2");
  static void sync_or_and_fetch_1() noexcept __asm__("__sync_or_and_fetch_1");
  static void sync_or_and_fetch_2() noexcept __asm__("__sync_or_and_fetch_2");
  static void sync_sub_and_fetch_1() noexcept __asm__("__sync_sub_and_fetch_1");
  static void sync_sub_and_fetch_2() noexcept __asm__("__sync_sub_and_fetch_2");
  static void sync_val_compare_and_swap_1() noexcept __asm__("__sync_val_compare_and_swap_1");
  static void sync_val_compare_and_swap_2() noexcept __asm__("__sync_val_compare_and_swap_2");
  static void sync_xor_and_fetch_1() noexcept __asm__("__sync_xor_and_fetch_1");
  static void sync_xor_and_fetch_2() noexcept __asm__("__sync_xor_and_fetch_2");
  static constexpr helper helpers[] = {
      {"__sync_add_and_fetch_1", &sync_add_and_fetch_1},
      {"__sync_add_and_fetch_2", &sync_add_and_fetch_2},
      {"__sync_and_and_fetch_1", &sync_and_and_fetch_1},
      {"__sync_and_and_fetch_2", &sync_and_and_fetch_2},
      {"__sync_bool_compare_and_swap_1", &sync_bool_compare_and_swap_1},
      {"__sync_bool_compare_and_swap_2", &sync_bool_compare_and_swap_2},
      {"__sync_fetch_and_add_1", &sync_fetch_and_add_1},
      {"__sync_fetch_and_add_2", &sync_fetch_and_add_2},
      {"__sync_fetch_and_and_1", &sync_fetch_and_and_1},
      {"__sync_fetch_and_and_2", &sync_fetch_and_and_2},
      {"__sync_fetch_and_nand_1", &sync_fetch_and_nand_1},
      {"__sync_fetch_and_nand_2", &sync_fetch_and_nand_2},
      {"__sync_fetch_and_or_1", &sync_fetch_and_or_1},
      {"__sync_fetch_and_or_2", &sync_fetch_and_or_2},
      {"__sync_fetch_and_sub_1", &sync_fetch_and_sub_1},
      {"__sync_fetch_and_sub_2", &sync_fetch_and_sub_2},
      {"__sync_fetch_and_xor_1", &sync_fetch_and_xor_1},
      {"__sync_fetch_and_xor_2", &sync_fetch_and_xor_2},
      {"__sync_nand_and_fetch_1", &sync_nand_and_fetch_1},
      {"__sync_nand_and_fetch_2", &sync_nand_and_fetch_2},
      {"__sync_or_and_fetch_1", &sync_or_and_fetch_1},
      {"__sync_or_and_fetch_2", &sync_or_and_fetch_2},
      {"__sync_sub_and_fetch_1", &sync_sub_and_fetch_1},
      {"__sync_sub_and_fetch_2", &sync_sub_and_fetch_2},
      {"__sync_val_compare_and_swap_1", &sync_val_compare_and_swap_1},
      {"__sync_val_compare_and_swap_2", &sync_val_compare_and_swap_2},
      {"__sync_xor_and_fetch_1", &sync_xor_and_fetch_1},
      {"__sync_xor_and_fetch_2", &sync_xor_and_fetch_2},
  };
};
#endif
// clang-format on

}  // namespace relo::runtime::rv32
