# A lower part, and what it may point at by mistake.

        .option norelax
        .text
        .globl  upper, absolute, nothing, elsewhere, entry
entry:
upper:  auipc   a5, %pcrel_hi(far)
absolute:
        lui     a5, %hi(far)
nothing:
        nop
lower:  addi    a0, a5, %pcrel_lo(upper)
        ret

        .section .text.other, "ax"
elsewhere:
        auipc   a5, %pcrel_hi(far)
        ret
