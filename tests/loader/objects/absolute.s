# Symbols that stand in no section.
    .globl five, far, hidden_five
    .set five, 5
    .set far, 0x123456789abc
    .hidden hidden_five
    .set hidden_five, 5
    .section .note.GNU-stack, "", @progbits
