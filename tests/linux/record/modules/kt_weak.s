# Needs a symbol, weakly, that nobody has, and prints where it is.
.include "module.inc"

info "description=ktruth"
info "license=GPL"

text where, "\0016kt_weak %px\n"
.weak kt_nowhere_weak

function init_module, .init.text
  mov $where, %rdi
  mov $kt_nowhere_weak, %rsi
  xor %eax, %eax
  call _printk
  xor %eax, %eax
endf init_module

function cleanup_module, .exit.text
endf cleanup_module

version __fentry__
version _printk
version __x86_return_thunk
module kt_weak, init=y, exit=y
