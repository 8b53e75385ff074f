# Every relocation type that a loader applies, from the operand that makes it where there is one.
# Linkers that shorten code are asked to leave this as it is.
#   far      1 GiB after the beginning of .text
#   near     within 127 bytes of the beginning of .text
#   low      a number below 2 GiB

        .option relax
        .text
        .globl  entry
entry:
# CALL_PLT, CALL
        call    far
        call    helper
        tail    far
        tail    in_other_text
        call    t0, far
        .reloc  ., R_RISCV_CALL, far + 12
        .word   0x97, 0x80e7
# PCREL_HI20, PCREL_LO12_I, PCREL_LO12_S
        lla     a0, far
        lla     a0, message + 3
        lw      a1, counter
        sw      a1, counter, t0
        sb      a1, far + 0x7ff, t0
        lla     a0, far + 0x800
        lla     a0, in_other_text
        lla     a0, entry
1:      auipc   a5, %pcrel_hi(counter)
2:      auipc   a4, %pcrel_hi(far + 0x1234)
        lw      a0, %pcrel_lo(1b)(a5)
        lw      a1, %pcrel_lo(2b)(a4)
        addi    a0, a0, 1
        sw      a0, %pcrel_lo(1b)(a5)
        sw      a1, %pcrel_lo(2b)(a4)
# Moved: the upper part comes after the lower one
        j       4f
3:      lw      a0, %pcrel_lo(4f)(a5)
        ret
4:      auipc   a5, %pcrel_hi(message)
        j       3b
# GOT_HI20
        .option pic
        la      a0, far
        la      a1, far
        .option nopic
# HI20, LO12_I, LO12_S
        lui     a0, %hi(low)
        addi    a0, a0, %lo(low)
        lw      a1, %lo(low + 4)(a0)
        sw      a1, %lo(low + 0x7fc)(a0)
        lui     a0, %hi(low + 0x800)
        sh      a1, %lo(low + 0x800)(a0)
# BRANCH, JAL, RVC_BRANCH, RVC_JUMP
helper:
        .option norvc
        beq     a0, a1, entry
        bnez    a0, helper
        j       entry
        jal     helper
        jal     near
        blt     a0, a1, five
        .globl  five, six
five:   .option rvc
        c.beqz  a0, helper
        c.bnez  a0, helper
        c.j     helper
        c.beqz  a0, six
        c.j     six
six:    ret

        .section .text.other, "ax"
in_other_text:
        call    entry
        jal     entry
        ret

        .section .rodata, "a"
message:
        .asciz  "relo"
# 32
        .balign 4
        .word   message, far, low, entry + 4
# ADD32 and SUB32, and the narrower ones
        .word   helper - entry, entry - helper
        .half   helper - entry, entry - helper
        .byte   six - five, five - six
        .word   message - .
        .word   in_other_text - .
# SET and SUB, as in call frame information. A SUB's addend is 0: GNU ld 2.40 has its sign wrong
        .reloc  ., R_RISCV_SET32, helper + 1
        .reloc  ., R_RISCV_SUB32, entry
        .word   0x1234
        .reloc  ., R_RISCV_SET16, helper
        .reloc  ., R_RISCV_SUB16, entry
        .half   0x1234
        .reloc  ., R_RISCV_SET8, six
        .reloc  ., R_RISCV_SUB8, five
        .byte   0x12
        .reloc  ., R_RISCV_SET6, six
        .reloc  ., R_RISCV_SUB6, five
        .byte   0xbf
        .reloc  ., R_RISCV_SUB6, six
        .byte   0x41
# 32_PCREL, at any address
        .byte   0
        .reloc  ., R_RISCV_32_PCREL, far
        .word   0

        .data
        .balign 8
        .globl  counter
counter:
        .word   0
        .if     XLEN == 64
        .balign 8
        .dword  far, message + 8, helper - entry, entry - helper
        .endif
