# Each kind of array of constructors and destructors that there is, in no order; the C library's
# start files and the dynamic linker run them as the numbers say.
    .macro tells name
    .section .rodata.str, "aMS", @progbits, 1
1:  .asciz "\name"
    .text
2:  lea 1b(%rip), %rdi
    jmp *event@GOTPCREL(%rip)
    .endm
    .macro array section, type, name
    tells "\name"
    .section \section, "aw", @\type
    .quad 2b
    .endm

    array .fini_array, fini_array, "9 fini"
    array .init_array, init_array, "7 init"
    array .init_array.200, init_array, "6 init 200"
    array .ctors.65435, progbits, "5 ctors 100"
    array .preinit_array, preinit_array, "2 preinit"
    array .preinit_array, preinit_array, "3 preinit again"
    array .preinit_array.5, preinit_array, "1 preinit 5"
    array .init_array.5, init_array, "4 init 5"
    array .fini_array.5, fini_array, "11 fini 5"
    array .dtors.65435, progbits, "10 dtors 100"
    array .fini_array, fini_array, "8 fini"
# Not one of them, though called much the same.
    array .preinit_arrays, progbits, "never"
    .section .note.GNU-stack, "", @progbits
