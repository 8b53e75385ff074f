# Uses what kt_exp exports to all, and before that a symbol of the kernel under the GPL.
.include "module.inc"

info "description=ktruth"
info "license=GPL"

text answer, "\0016kt_user_order %d\n"

function init_module, .init.text
  mov $1, %edi
  call kt_plain
  mov $answer, %rdi
  mov %eax, %esi
  xor %eax, %eax
  call _printk
  xor %eax, %eax
endf init_module

function cleanup_module, .exit.text
endf cleanup_module

version __fentry__
version kt_plain
version _printk
version __x86_return_thunk
module kt_user_order, "kt_exp2", init=y, exit=y
