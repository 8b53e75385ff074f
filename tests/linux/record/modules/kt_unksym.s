# Needs two symbols that nobody has.
.include "module.inc"

info "description=ktruth"
info "license=GPL"

function init_module, .init.text
  call kt_nowhere_function
  mov kt_nowhere2(%rip), %eax
endf init_module

version __fentry__
version __x86_return_thunk
module kt_unksym, init=y
