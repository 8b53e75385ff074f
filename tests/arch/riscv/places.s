# 4 places for each bit of an address, 8 bytes apart, each with a relocation and a symbol of its
# own. What types they have is for the test to say.

        .option norelax
        .altmacro
        .macro  place n
        .reloc  ., R_RISCV_32, s\n
        .word   0x55555555, 0x55555555
        .endm

        .text
        .set    n, 0
        .rept   4 * XLEN
        place   %n
        .set    n, n + 1
        .endr
