# 128 places, 8 bytes apart, each with a relocation and a symbol of its own. What types they
# have, and which instruction is there, is for the test to say.

        .syntax unified
        .cpu    cortex-m3
        .thumb
        .altmacro
        .macro  place n
        .reloc  ., R_ARM_ABS32, s\n
        .word   0, 0
        .endm

        .text
        .set    n, 0
        .rept   128
        place   %n
        .set    n, n + 1
        .endr
