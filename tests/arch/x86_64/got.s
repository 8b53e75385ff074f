# GOT slots of symbols of every sort, each referred to more than once. Local symbols lose their
# names in 64-bit operands with GNU as, and with them their slots. A mov from the slot of an
# undefined symbol is rewritten by GNU ld, --no-relax or not; a push is not.

        .text
        .globl  entry
entry:
        mov     first@GOTPCREL(%rip), %rax
        call    *first@GOTPCREL(%rip)
        push    second@GOTPCREL(%rip)
        mov     entry@GOTPCREL(%rip), %rax
        mov     helper@GOTPCREL(%rip), %rax
        mov     counter@GOTPCREL(%rip), %eax
        mov     absolute@GOTPCREL(%rip), %rax
        push    nowhere@GOTPCREL(%rip)
        lea     _GLOBAL_OFFSET_TABLE_(%rip), %rbx
        movabs  $second@GOT, %rax
        movabs  $entry@GOTPLT, %rax
        mov     nowhere@GOT(%rbx), %rcx
        mov     counter@GOT(%rbx), %rcx
        mov     helper@GOT(%rbx), %rcx
helper: ret

        .section .rodata, "a"
        .quad   first@GOTPCREL, second@GOTPCREL, entry@GOT, absolute@GOT

        .data
counter:
        .quad   0

        .weak   nowhere
        .globl  absolute
        .set    absolute, 0x1234
