# Data at a distance of 32 bits, whichever compiler would have gone through the GOT.
	.text
	.globl far
far:	movl host_variable(%rip), %eax
	ret
	.section .note.GNU-stack,"",@progbits
