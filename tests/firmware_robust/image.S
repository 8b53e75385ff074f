  .section .rodata.edges, "a"
  .balign 4
  .globl edges_begin, edges_end
edges_begin:
  .incbin "edges.o"
edges_end:
