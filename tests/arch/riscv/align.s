# BEFORE instructions of two bytes, and then one that shall be aligned to 2^POWER bytes.

        .option relax
        .text
        .globl  entry
entry:
        .rept   BEFORE
        c.nop
        .endr
        .p2align POWER
aligned:
        ret
