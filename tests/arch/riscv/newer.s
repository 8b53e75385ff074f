# Types that GNU as 2.40 does not know, as LLVM writes them.

        .option norelax
        .text
        .globl  entry
entry:  nop
helper: ret
        .space  300
last:   ret

        .data
        .balign 4
# PLT32, GOT32_PCREL
        .word   far@plt - .
        .word   helper@plt - . + 4
        .word   far@GOTPCREL
        .half   0x1234
        .word   far@GOTPCREL + 4
        .word   far@plt - .

# SET_ULEB128 and SUB_ULEB128, in numbers of 1, 2, 3 and 10 bytes
        .section .gcc_except_table, "a", @progbits
        .macro  difference to, from, bytes:vararg
1:      .byte   \bytes
        .reloc  1b, R_RISCV_SET_ULEB128, \to
        .reloc  1b, R_RISCV_SUB_ULEB128, \from
        .byte   0x55
        .endm
        difference helper, entry, 0
        difference helper + 0x7d, entry, 0x7f
        difference last, entry, 0x80, 0
        difference last, helper, 0xff, 0x80, 0x7f
        difference entry, entry, 0x81, 0x01
        difference helper, entry - 0x3f00, 0xff, 0x7f
        difference last, entry, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0
        difference entry, last, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0
        difference helper, entry, 0
