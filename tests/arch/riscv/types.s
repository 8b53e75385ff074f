# Every relocation type of the table that GNU as 2.40 knows, each with a symbol that bears its
# name. Assembled with XLEN.

        .option norelax
        .text
        .macro  type name, more:vararg
        .reloc  ., R_RISCV_\name, R_RISCV_\name
        .word   0
        .ifnb   \more
        type    \more
        .endif
        .endm

        type    NONE, 32, RELATIVE, COPY, JUMP_SLOT, TLS_DTPMOD32, TLS_DTPMOD64, TLS_DTPREL32
        type    TLS_DTPREL64, TLS_TPREL32, TLS_TPREL64, BRANCH, JAL, CALL, CALL_PLT, GOT_HI20
        type    TLS_GOT_HI20, TLS_GD_HI20, PCREL_HI20, PCREL_LO12_I, PCREL_LO12_S, HI20, LO12_I
        type    LO12_S, TPREL_HI20, TPREL_LO12_I, TPREL_LO12_S, TPREL_ADD, ADD8, ADD16, ADD32
        type    SUB8, SUB16, SUB32, ALIGN, RVC_BRANCH, RVC_JUMP, RELAX, SUB6, SET6, SET8, SET16
        type    SET32, 32_PCREL, IRELATIVE
        .if     XLEN == 64
        type    64, ADD64, SUB64
        .endif
