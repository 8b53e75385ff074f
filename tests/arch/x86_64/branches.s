# Branches to symbols that may be out of reach, and to some that never are.

        .text
        call    far
        call    far@PLT
        jmp     far
        jne     farther
        .reloc  . + 1, R_X86_64_PLT32_BND, far - 4
        call    . + 5
        call    near
        jmp     near
        call    entry
        .globl  entry
entry:
        ret
