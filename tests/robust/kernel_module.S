// A kernel module as modpost and the linker leave it: a bit of each of the tables that a kernel
// looks for in one.
#define MODULE_NAME_AT 24
#define MODULE_SIZE 896

    .macro info string
    .section .modinfo, "a", @progbits
    .asciz "\string"
    .endm
    info "license=GPL"
    info "version=1.0"
    info "srcversion=0123456789ABCDEF0123456"
    info "intree=Y"
    info "name=rich"
    info "retpoline=Y"
    info "import_ns=OTHERS"
    info "parmtype=level:int"
    info "vermagic=6.1.0 SMP mod_unload modversions "

    .macro version crc, name
    .section __versions, "a", @progbits
    .balign 64
    .quad \crc
    .asciz "\name"
    .endm
    version 0x11111111, module_layout
    version 0x22222222, host_add
    .balign 64

    .section .text, "ax", @progbits
    .globl exported
    .type exported, @function
exported:
    call host_add
    mov counter(%rip), %eax
1:  ret
    .size exported, . - exported

    .section .init.text, "ax", @progbits
    .globl init_module
    .type init_module, @function
init_module:
    movq $message, %rdi
    call exported
    xor %eax, %eax
    ret
    .size init_module, . - init_module

    .section .exit.text, "ax", @progbits
    .globl cleanup_module
    .type cleanup_module, @function
cleanup_module:
    ret
    .size cleanup_module, . - cleanup_module

    .section .rodata, "a", @progbits
message:
    .asciz "hello"

    .section .init.rodata, "a", @progbits
    .asciz "once"

    .section .data, "aw", @progbits
    .balign 8
    .type counter, @object
counter:
    .long 7
    .size counter, 4
level:
    .long 0
label:
    .quad message
numbers:
    .fill 4, 4, 0
numbers_given:
    .long 0
words:
    .fill 8, 1, 0

    .section .data..ro_after_init, "aw", @progbits
    .quad counter

    .section __jump_table, "aw", @progbits
    .balign 8
    .long exported - .
    .long 1b - .
    .quad counter - .

    .section .data..percpu, "aw", @progbits
    .balign 64
per_cpu_counter:
    .quad 3

    .bss
    .balign 32
    .skip 40

    .section __ksymtab_strings, "aMS", @progbits, 1
exported_name:
    .asciz "exported"
counter_name:
    .asciz "counter"
a_namespace:
    .asciz "MINE"
    .section __ksymtab, "a", @progbits
    .balign 4
    .long exported - ., exported_name - ., 0
    .section __ksymtab_gpl, "a", @progbits
    .balign 4
    .long counter - ., counter_name - ., a_namespace - .
    .section __kcrctab, "a", @progbits
    .long 0x33333333
    .section __kcrctab_gpl, "a", @progbits
    .long 0x44444444

    .section __ex_table, "a", @progbits
    .balign 4
    .long 1b - ., exported - ., 3
    .long exported - ., 1b - ., 1

    .macro parameter name, ops, arg, perm
    .section .rodata
9:  .asciz "\name"
    .section __param, "a", @progbits
    .balign 8
    .quad 9b, __this_module, \ops
    .short \perm
    .byte -1, 0
    .long 0
    .quad \arg
    .endm
    parameter level, param_ops_int, level, 0644
    parameter label, param_ops_charp, label, 0444
    parameter numbers, param_array_ops, numbers_array, 0444
    parameter words, param_ops_string, words_string, 0600
    .section .rodata
    .balign 8
numbers_array:
    .long 4, 4
    .quad numbers_given, param_ops_uint, numbers
words_string:
    .long 8, 0
    .quad words

    .section .note.gnu.build-id, "a", @note
    .long 4, 20, 3
    .asciz "GNU"
    .fill 20, 1, 0xab

    .section __mcount_loc, "a", @progbits
    .balign 8
    .quad exported

    .section .gnu.linkonce.this_module, "aw", @progbits
    .balign 64
    .globl __this_module
    .type __this_module, @object
__this_module:
    .skip MODULE_NAME_AT
    .asciz "rich"
    .skip 300
    .balign 8
    .quad init_module
    .skip 200
    .balign 8
    .quad cleanup_module
    .org __this_module + MODULE_SIZE
    .size __this_module, MODULE_SIZE

    .section .note.GNU-stack, "", @progbits
