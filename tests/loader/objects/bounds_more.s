# More sections of the same name, as groups and -ffunction-sections make them, with others between
# them, one of them only read.
    .section numbers, "aw", @progbits, unique, 1
    .long 1
    .section numbery, "aw", @progbits
    .long 100
    .section numbers, "awG", @progbits, group, comdat
    .long 2
    .data
    .long 100
    .section numbers, "a", @progbits, unique, 3
    .long 3
    .section numbers, "aw", @nobits, unique, 4
    .zero 4
    .section .note.GNU-stack, "", @progbits
