    // The object, and what an ARMv7-M starts with: its stack pointer and the C library's entry.
#ifdef __arm__
    .section .vectors, "a"
    .global vectors
vectors:
    .word 0x00400000, _start
#endif
    .section .rodata
    .global object_begin, object_end
object_begin:
    .incbin "signed.o"
object_end:
