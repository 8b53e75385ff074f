// int attempt(function, argument): calls function(argument) so that a fault of it comes back here,
// in RISC-V's user mode. The answer is 0, the function's own in `result`; or the fault's cause.
    .bss
    .balign 4
    .global result
result: .space 4
stack:  .space 4

    .text
    .global attempt, fault_handler
#ifdef __arm__
    .syntax unified
    .thumb
    .thumb_func
attempt:
    push {r3-r11, lr}
    ldr r2, =stack
    str sp, [r2]
    mov r2, r0
    mov r0, r1
    blx r2
    ldr r1, =result
    str r0, [r1]
    movs r0, #0
    pop {r3-r11, pc}

    // An exception returns to where its frame says: to the stack and the end of attempt().
    .thumb_func
fault_handler:
    ldr r2, =stack
    ldr r2, [r2]
    subs r2, #32
    mov sp, r2
    ldr r1, =after_fault
    str r1, [r2, #24]
    mov r1, #0x01000000
    str r1, [r2, #28]
    bx lr
    .thumb_func
after_fault:
    ldr r1, =0xe000ed28     // CFSR, cleared by ones
    ldr r0, [r1]
    str r0, [r1]
    pop {r3-r11, pc}
    .ltorg
#else
    .option arch, +zicsr
    .equ saved, 13 * 4
    .macro each_register instruction
    \instruction ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    \instruction s\n, 4 + 4 * \n(sp)
    .endr
    .endm
attempt:
    addi sp, sp, -64
    each_register sw
    la t0, stack
    sw sp, 0(t0)
    csrw mepc, a0
    li t0, 0x1800           // mstatus.MPP: to user mode
    csrc mstatus, t0
    mv a0, a1
    la ra, 1f
    mret
1:  ecall

    .balign 4
fault_handler:
    la t0, stack
    lw sp, 0(t0)
    la t0, result
    sw a0, 0(t0)
    csrr a0, mcause
    addi t0, a0, -8         // ecall from user mode
    bnez t0, 2f
    li a0, 0
2:  each_register lw
    addi sp, sp, 64
    ret
#endif

    .section .rodata
    .global module_begin, module_end
    .balign 4
module_begin:
    .incbin "module.o"
module_end:
