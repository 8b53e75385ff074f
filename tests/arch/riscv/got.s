# GOT slots of symbols of every sort, each referred to more than once.

        .option pic
        .option norelax
        .text
        .globl  entry
entry:
        la      a0, first
        la      a1, second
        la      a0, first
        la      a2, entry
        la      a2, counter
        la      a3, nowhere
        la      a4, absolute
        la      a5, entry
        ret

        .data
        .globl  counter
counter:
        .word   0

        .weak   nowhere
        .globl  absolute
        .set    absolute, 0x1234
