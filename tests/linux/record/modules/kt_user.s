# Uses all that kt_exp exports.
.include "module.inc"

info "description=ktruth"
info "license=GPL"
info "import_ns=KTNS"
text answers, "\0016kt_user %d %d %d %d\n"

function init_module, .init.text
  push %rbx
  push %rbp
  push %r12
  mov $1, %edi
  call kt_ns
  mov %eax, %r12d
  mov $1, %edi
  call kt_plain
  mov %eax, %ebx
  mov $1, %edi
  call kt_gpl
  mov $answers, %rdi
  mov %ebx, %esi
  mov %eax, %edx
  mov %r12d, %ecx
  mov kt_data(%rip), %r8d
  xor %eax, %eax
  call _printk
  xor %eax, %eax
  pop %r12
  pop %rbp
  pop %rbx
endf init_module

function cleanup_module, .exit.text
endf cleanup_module

version __fentry__
version kt_data
version kt_ns
version kt_gpl
version kt_plain
version _printk
version __x86_return_thunk
module kt_user, "kt_exp,kt_exp2", init=y, exit=y
