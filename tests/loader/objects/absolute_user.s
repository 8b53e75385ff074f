    .globl get_five, get_far
get_five:
    mov $five, %eax
    ret
get_far:
    movabs $far, %rax
    ret
    .section .note.GNU-stack, "", @progbits
