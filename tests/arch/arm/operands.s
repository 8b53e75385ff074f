# Every relocation type that a loader applies, from the operand that makes it where GNU as has one.
#   near_function   a Thumb function that every branch of 32 bits reaches
#   function        a Thumb function, farther than B<c>.W reaches
#   far_function    a Thumb function that no branch reaches
#   close           within 126 bytes of what refers to it
#   near            data, within 1020 bytes of what refers to it
#   far             data, anywhere
#   low             a number below 128
#   nowhere         weak, and defined by nobody

        .syntax unified
        .cpu    cortex-m3
        .thumb

        .macro  reloc type, symbol, instruction:vararg
        .reloc  ., R_ARM_\type, \symbol
        \instruction
        .endm

        .text
        .globl  entry
        .type   entry, %function
entry:
# THM_JUMP11, THM_JUMP8, THM_JUMP6 (of which GNU ld reads no addend but 0)
        reloc   THM_JUMP11, close, .inst.n 0xe7fe
        reloc   THM_JUMP11, in_front, .inst.n 0xe7fe
        reloc   THM_JUMP8, close, .inst.n 0xd0fe
        reloc   THM_JUMP8, in_front, .inst.n 0xdbfe
        reloc   THM_JUMP6, close, .inst.n 0xb100
        reloc   THM_JUMP6, in_front, .inst.n 0xb900
        nop
        .globl  in_front
in_front:
# THM_CALL, THM_JUMP24, THM_JUMP19
        bl      function
        bl      near_function
        bl      far_function
        bl      entry
        bl      helper
        bl      in_other_text
        b.w     function
        b.w     near_function
        b.w     far_function
        b.w     in_other_text
        beq.w   near_function
        bne.w   near_function
        bvs.w   function
        bgt.w   far_function
        ble.w   in_other_text
# THM_MOVW_ABS_NC, THM_MOVT_ABS
        movw    r0, #:lower16:far
        movt    r0, #:upper16:far
        movw    r1, #:lower16:far + 0x1234
        movt    r1, #:upper16:far + 0x1234
        movw    ip, #:lower16:far - 1
        movt    ip, #:upper16:far - 1
        movw    r2, #:lower16:function
        movt    r2, #:upper16:function
        movw    r3, #:lower16:entry
        movt    r3, #:upper16:entry
        movw    r4, #:lower16:message
        movt    r4, #:upper16:message
        movw    r5, #:lower16:counter + 2
        movt    r5, #:upper16:counter + 2
        movw    r6, #:lower16:nowhere
        movt    r6, #:upper16:nowhere
# THM_MOVW_PREL_NC, THM_MOVT_PREL
        movw    r0, #:lower16:far - .
        movt    r0, #:upper16:far - .
        movw    r1, #:lower16:function - .
        movt    r1, #:upper16:function - .
        movw    r1, #:lower16:message - . + 100
        movt    r1, #:upper16:message - . + 100
# THM_ALU_ABS_G0_NC .. G3_NC
        movs    r0, #:upper8_15:far
        lsls    r0, r0, #8
        adds    r0, #:upper0_7:far
        movs    r0, #:upper8_15:function
        lsls    r0, r0, #8
        adds    r0, #:upper0_7:function
        movs    r1, #:lower8_15:message
        lsls    r1, r1, #8
        adds    r1, #:lower0_7:message
        adds    r1, #:lower0_7:far + 250
# THM_PC12, THM_PC8, THM_ALU_PREL_11_0
        .balign 4
        reloc   THM_PC12, near, .inst.w 0xf85f0004
        nop
        reloc   THM_PC12, words, .inst.w 0xf85f1004
        reloc   THM_PC12, in_front, .inst.w 0xf85f1004
        reloc   THM_PC12, near, .inst.w 0xf8df2010
        reloc   THM_ALU_PREL_11_0, near, .inst.w 0xf2af0004
        reloc   THM_ALU_PREL_11_0, words, .inst.w 0xf2af0104
        reloc   THM_ALU_PREL_11_0, in_front, .inst.w 0xf2af0104
        reloc   THM_ALU_PREL_11_0, near, .inst.w 0xf20f0810
        reloc   THM_PC8, near, .inst.n 0x48ff
        reloc   THM_PC8, near, .inst.n 0x4801
        reloc   THM_PC8, near, .inst.n 0x49ff
        reloc   THM_PC8, words, .inst.n 0x4fff
        .type   helper, %function
helper: bx      lr
# V4BX: nothing
        reloc   V4BX, far, bx lr
        .balign 4
words:  .word   1, 2

# Linkers append stubs to .text: there is room for them.
        .section .text.other, "ax", %progbits
        .balign 1024
        .globl  in_other_text
        .type   in_other_text, %function
in_other_text:
        bl      entry
        bl      helper
        b.w     helper
        bx      lr

        .section .rodata, "a", %progbits
message:
        .asciz  "message"
        .balign 4
# ABS32, TARGET1, REL32, TARGET2, PREL31
        .word   far, far + 8, function, entry, helper, in_other_text, message + 4, nowhere
        .word   function(TARGET1), helper(TARGET1), far(TARGET1)
        .word   far - ., function - ., entry - ., message - . + 1
        .word   far(TARGET2), function(TARGET2), counter(TARGET2)
        reloc   PREL31, function, .word 0
        reloc   PREL31, helper, .word 0x80000000
        reloc   PREL31, message, .word 0x7ffffff0
# ABS16, ABS8
        .short  low, low + 100, low + 0x7f00, 0
        .byte   low, low + 100, 0, 0
# GOT_BREL, GOT_PREL, GOTOFF32, BASE_PREL
        .word   far(GOT), far(GOT_PREL), far(GOTOFF), counter(GOTOFF)
        reloc   GOTPC, _GLOBAL_OFFSET_TABLE_, .word 0
        reloc   GOTPC, _GLOBAL_OFFSET_TABLE_, .word 0xfffffffc

        .data
counter:
        .word   0, counter, entry
        .weak   nowhere

# What compilers leave with tables for unwinding, in order that it be linked: nothing is done.
        .section .unwind, "a", %progbits
        reloc   NONE, __aeabi_unwind_cpp_pr0, .word 0
