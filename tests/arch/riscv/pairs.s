# 4 upper parts for each bit of an address, each with lower parts before and after it. The symbol
# of number n is s<n>.

        .option norelax
        .altmacro
        .macro  pair n
upper\n:
        auipc   a5, %pcrel_hi(s\n)
        addi    a0, a5, %pcrel_lo(upper\n)
        sw      a0, %pcrel_lo(upper\n)(a5)
        .endm
        .macro  before n
        lw      a0, %pcrel_lo(upper\n)(a5)
        .endm

        .text
        .globl  entry
entry:
        .set    n, 0
        .rept   4 * XLEN
        before  %n
        .set    n, n + 1
        .endr
        .set    n, 0
        .rept   4 * XLEN
        pair    %n
        .set    n, n + 1
        .endr
