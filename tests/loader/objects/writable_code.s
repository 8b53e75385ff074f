	.section .hack,"awx",@progbits
hack:	nop
	.globl hack
	.section .note.GNU-stack,"",@progbits
