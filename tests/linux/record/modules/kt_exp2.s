# Exports what kt_exp exports, too.
.include "module.inc"

info "description=ktruth"
info "license=GPL"

function kt_plain, .text
  lea 1(%rdi), %eax
endf kt_plain

export kt_plain, .Lcrc_kt_plain

version __fentry__
version __x86_return_thunk
module kt_exp2
