# Exports a function to all, two to those under the GPL, one of them in a namespace, and a variable.
.include "module.inc"

info "description=ktruth"
info "license=GPL"

# Each returns its argument and a number more.
.macro adds number, name
function \name, .text
  lea \number(%rdi), %eax
endf \name
.endm
adds 1, kt_plain
adds 2, kt_gpl
adds 3, kt_ns

.data
.globl kt_data
.type kt_data, @object
.size kt_data, 4
kt_data: .long 42

export kt_data, .Lcrc_kt_data
export kt_plain, .Lcrc_kt_plain
export kt_gpl, .Lcrc_kt_gpl, _gpl
export kt_ns, .Lcrc_kt_ns, _gpl, KTNS

version __fentry__
version __x86_return_thunk
module kt_exp
