# Says that it comes and goes.
.include "module.inc"

info "description=ktruth"
info "license=GPL"
text coming, "\0016hello: hello world\n"
text going, "\0016hello: goodbye\n"

function init_module, .init.text
  mov $coming, %rdi
  call _printk
  xor %eax, %eax
endf init_module

function cleanup_module, .exit.text
  mov $going, %rdi
  call _printk
endf cleanup_module

version __fentry__
version _printk
version __x86_return_thunk
module hello, init=y, exit=y

# What is on record names the number of its sections: the others told of debugging.
.section .comment, "", @progbits
.asciz "relo"
.macro other
  .section .other.\@, ""
  .byte 0
.endm
.rept .Lhello_others
  other
.endr
