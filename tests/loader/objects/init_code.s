# A piece of a function: a linker puts crti.o's before it, and crtn.o's after it.
    .if which
    .section .fini, "ax", @progbits
    .else
    .section .init, "ax", @progbits
    .endif
    call work
    .text
    .globl work
work:
    ret
    .section .note.GNU-stack, "", @progbits
