# 256 places, 8 bytes apart, each with a relocation and a symbol of its own. What types they
# have is for the test to say.

        .altmacro
        .macro  place n
        .reloc  ., R_X86_64_64, s\n
        .quad   0x5555555555555555
        .endm

        .set    n, 0
        .rept   256
        place   %n
        .set    n, n + 1
        .endr
