// The tables of rich.cpp, in the formats of the kernel.
  .section .modinfo, "a"
  .asciz "name=rich"
  .asciz "license=GPL"

  .section __ksymtab_strings, "aMS", @progbits, 1
sum_name:
  .asciz "rich_sum"
zeroed_name:
  .asciz "zeroed"

  // struct kernel_symbol, absolute: value, name, namespace.
  .section __ksymtab, "aw"
  .balign 8
  .quad zeroed, zeroed_name, 0
  .quad rich_sum, sum_name, 0

  .section __ksymtab_gpl, "aw"
  .balign 8
  .quad level, level_name, 0

  .section .rodata.str1.1, "aMS", @progbits, 1
level_name:
  .asciz "level"
label_name:
  .asciz "label"

  // struct kernel_param: name, module, operations, permissions, argument.
  .macro param name, operations, argument
  .quad \name, 0, \operations, 0x124, \argument
  .endm
  .section __param, "a"
  .balign 8
  param level_name, param_ops_int, level
  param label_name, param_ops_charp, label

  .section .note.GNU-stack, "", @progbits
