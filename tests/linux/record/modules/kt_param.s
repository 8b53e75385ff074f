# Has parameters of many types, and prints what they are.
.include "module.inc"

info "description=ktruth"
info "license=GPL"

text words, "\0016kt_param n=%d b=%d s=%s na=%d arr=%d,%d,%d,%d by=%u ul=%lu st=%s inv=%d wd=%d\n"
text default, "def"

.macro variable name, size, align, section=.bss, type=@nobits, value=0
  .section \section, "aw", \type
  .balign \align
  .type \name, @object
  .size \name, \size
\name:
  .if \size == 8
  .quad \value
  .elseif \size == 4
  .long \value
  .else
  .skip \size
  .endif
.endm
variable s, 8, 8, .data, @progbits, default
variable n, 4, 4, .data, @progbits, 1
variable sec, 4, 4
variable with_dash, 4, 4
variable inv, 1, 1
variable st, 8, 8
variable ul, 8, 8
variable by, 1, 1
variable na, 4, 4
variable arr, 16, 16
variable b, 1, 1

# struct kernel_param: name, module, operations, permissions, level (-1: with the module), flags (1:
# unsafe), and what the operations are about.
.macro param name, type, ops, about, mode=0444, flags=0
  info "parmtype=\name:\type"
  .pushsection .rodata, "a"
__param_str_\name: .asciz "\name"
  .section __param, "a"
  .balign 8
  .quad __param_str_\name, __this_module, \ops
  .word \mode
  .byte -1, \flags
  .long 0
  .quad \about
  .popsection
.endm

.section .rodata, "a"
.balign 8
# struct kparam_string: size and bytes.
string_st:
  .long 8, 0
  .quad st
# struct kparam_array: how many at most, size of one, where their number goes, operations, elements.
array_arr:
  .long 4, 4
  .quad na, param_ops_int, arr

param sec, "int", param_ops_int, sec, flags=1
param with_dash, "int", param_ops_int, with_dash
param inv, "invbool", param_ops_invbool, inv
param st, "string", param_ops_string, string_st
param ul, "ulong", param_ops_ulong, ul
param by, "byte", param_ops_byte, by
param arr, "array of int", param_array_ops, array_arr
param s, "charp", param_ops_charp, s
param b, "bool", param_ops_bool, b
param n, "int", param_ops_int, n, mode=0644

function init_module, .init.text
  mov $words, %rdi
  mov n(%rip), %esi
  movzbl b(%rip), %edx
  mov s(%rip), %rcx
  mov na(%rip), %r8d
  mov arr(%rip), %r9d
  # The other eight are on the stack, the last first.
  mov with_dash(%rip), %eax
  push %rax
  movzbl inv(%rip), %eax
  push %rax
  push $st
  push ul(%rip)
  movzbl by(%rip), %eax
  push %rax
  .irp i, 12, 8, 4
  mov arr + \i(%rip), %eax
  push %rax
  .endr
  xor %eax, %eax
  call _printk
  add $64, %rsp
  xor %eax, %eax
endf init_module

function cleanup_module, .exit.text
endf cleanup_module

.irp each, param_ops_int, param_ops_bool, param_ops_string, param_ops_charp, param_ops_byte
version \each
.endr
version param_array_ops
version param_ops_ulong
version param_ops_invbool
version __fentry__
version _printk
version __x86_return_thunk
module kt_param, init=y, exit=y
