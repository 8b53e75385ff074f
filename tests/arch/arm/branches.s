# Branches to symbols that may be out of reach, and to some that never are.

        .syntax unified
        .cpu    cortex-m3
        .thumb
        .text
        bl      far
        b.w     far
        beq.w   far
        bne.w   farther
        bl      near
        b.w     near
        bl      entry
        .globl  entry
        .type   entry, %function
entry:
        bx      lr
