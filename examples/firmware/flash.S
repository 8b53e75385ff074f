/* Plugins in flash, as their compiler wrote them but for debugging information; aligned, so that
 * they are read in place. The table ends in a null. */
  .macro plugin name
  .section .rodata.plugins, "a"
  .balign 4
1: .incbin "\name\().o"
2:
  .section .rodata.plugin_names, "a"
3: .asciz "\name"
  .section .rodata.plugin_table, "a"
  .balign 4
  .word 3b, 1b, 2b - 1b
  .endm

  .section .rodata.plugin_table, "a"
  .balign 4
  .globl plugins_in_flash
plugins_in_flash:
  plugin hello
  plugin maths
  plugin user
  plugin shapes
  plugin sections
  .section .rodata.plugin_table, "a"
  .word 0, 0, 0
