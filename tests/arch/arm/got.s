# GOT slots of symbols of every sort, each referred to more than once.

        .syntax unified
        .cpu    cortex-m3
        .thumb
        .text
        .globl  entry
        .type   entry, %function
entry:  bx      lr
        .type   helper, %function
helper: bx      lr
        .balign 4
        .word   first(GOT), second(GOT), entry(GOT), helper(GOT), counter(GOT), nowhere(GOT)
        .word   first(GOT_PREL), second(GOT_PREL), entry(GOT_PREL)
        .word   nowhere(GOT_PREL), absolute(GOT_PREL)

        .section .rodata, "a", %progbits
        .word   first(GOT_PREL), absolute(GOT), counter(GOT_PREL), helper(GOT_PREL)

        .data
counter:
        .word   0

        .weak   nowhere
        .globl  absolute
        .set    absolute, 0x1234
