# Every relocation type that a loader applies, from the operand that makes it where there is one.
#   far      1 GiB after the beginning of .text
#   near     within 127 bytes of what refers to it
#   low      a number below 128
#   nowhere  weak, and defined by nobody

        .text
        .globl  entry
entry:
# PLT32
        call    far
        call    far@PLT
        jmp     far
        jne     far
        call    entry
        call    helper
        call    in_other_text
        call    nowhere
        jmp     nowhere
# PC32
        lea     far(%rip), %rax
        mov     far+64(%rip), %eax
        movl    $1, far(%rip)
        movb    $1, far(%rip)
        lea     message(%rip), %rdi
        lea     message+3(%rip), %rdi
        lea     table(%rip), %rsi
        lea     counter(%rip), %rsi
        lea     exported(%rip), %rsi
        lea     absolute(%rip), %rsi
        lea     nowhere(%rip), %rax
# 64
        movabs  $far, %rax
        movabs  far, %al
        movabs  $message, %rdi
# 32
        mov     $low, %eax
        mov     $far, %eax
        mov     $message, %edi
        mov     $absolute, %edi
        mov     $nowhere, %eax
# 32S
        mov     $low, %rax
        mov     $far, %rax
        mov     low, %eax
        mov     $table, %rdi
        mov     table(, %rax, 8), %rdi
        mov     $helper, %rdi
# 16, 8, PC16, PC8
        movw    $low, %ax
        movb    $low, %al
        loop    near
        .word   near - .
        .byte   near - .
# GOTPCRELX, REX_GOTPCRELX, GOTPCREL
        call    *far@GOTPCREL(%rip)
        jmp     *far@GOTPCREL(%rip)
        mov     far@GOTPCREL(%rip), %eax
        mov     far@GOTPCREL(%rip), %rax
        cmp     far@GOTPCREL(%rip), %r9
        push    far@GOTPCREL(%rip)
        movsd   far@GOTPCREL(%rip), %xmm0
# GOTPC32, GOTPC64
        lea     _GLOBAL_OFFSET_TABLE_(%rip), %rbx
        mov     $_GLOBAL_OFFSET_TABLE_, %ebx
        movabs  $_GLOBAL_OFFSET_TABLE_ - ., %rbx
# GOT32, GOT64, GOTPLT64, GOTOFF64, PLTOFF64: the large code model
        mov     far@GOT(%rbx), %rax
        movabs  $far@GOT, %rax
        movabs  $far@GOTPLT, %rax
        movabs  $far@GOTOFF, %rax
        movabs  $message@GOTOFF, %rax
        movabs  $far@PLTOFF, %rax
        movabs  $helper@PLTOFF, %rax
# What no operand of today's assemblers makes: branches of Intel MPX
        .reloc  . + 1, R_X86_64_PC32_BND, far - 4
        call    . + 5
        .reloc  . + 1, R_X86_64_PLT32_BND, far - 4
        call    . + 5
# A type that does nothing, and may name what nobody defines
        .reloc  ., R_X86_64_NONE, nothing

helper: ret

        .section .text.other, "ax"
in_other_text:
        jmp     entry
        jmp     helper

        .section .rodata, "a"
message:
        .asciz  "message"
        .balign 4
        .long   far - ., helper - ., nowhere - .
        .quad   far - .
        .quad   message, exported, helper, entry + 2, absolute
        .quad   far@GOTPCREL, far@GOT, helper@GOTOFF
        .long   far@GOTPCREL + 7

        .data
        .globl  exported
        .type   exported, @object
        .size   exported, . - exported + 24
exported:
table:
        .quad   far, far + 0x123456789abcdef, helper, counter, counter + 4, nowhere, nowhere + 8
        .quad   exported@SIZE, table, far@SIZE
        .long   exported@SIZE, exported@SIZE + 8
        .word   low, low - 0x100
        .byte   low, low - 0x80
        .long   _GLOBAL_OFFSET_TABLE_

        .bss
counter:
        .skip   8

        .weak   nowhere, nothing
        .globl  absolute
        .set    absolute, 0x1234
