# Every relocation type that GNU as knows, by the psABI's name or an older one, each with a symbol
# that bears its name.

        .syntax unified
        .cpu    cortex-m3
        .thumb

        .macro  type name, more:vararg
        .reloc  ., R_ARM_\name, R_ARM_\name
        .word   0
        .ifnb   \more
        type    \more
        .endif
        .endm
        .macro  old_name old, name
        .reloc  ., R_ARM_\old, R_ARM_\name
        .word   0
        .endm

        .text
        type    NONE, ABS32, REL32, ABS16, ABS8, PREL31, TARGET1, TARGET2, V4BX
        type    THM_CALL, THM_JUMP24, THM_JUMP19, THM_JUMP11, THM_JUMP8, THM_JUMP6
        type    THM_MOVW_ABS_NC, THM_MOVT_ABS, THM_MOVW_PREL_NC, THM_MOVT_PREL
        type    THM_PC8, THM_PC12, THM_ALU_PREL_11_0
        type    THM_ALU_ABS_G0_NC, THM_ALU_ABS_G1_NC, THM_ALU_ABS_G2_NC, THM_ALU_ABS_G3_NC
        type    GOTOFF32, GOT_PREL, GNU_VTENTRY, GNU_VTINHERIT
        old_name GOT32, GOT_BREL
        old_name GOTPC, BASE_PREL
        type    COPY, GLOB_DAT, JUMP_SLOT, RELATIVE, IRELATIVE
        type    TLS_DESC, TLS_DTPMOD32, TLS_DTPOFF32, TLS_TPOFF32, TLS_GOTDESC, THM_TLS_CALL
        type    TLS_GD32, TLS_LDM32, TLS_LDO32, TLS_IE32, TLS_LE32
        type    TLS_CALL, TLS_DESCSEQ, TLS_LDO12, TLS_LE12, TLS_IE12GP
        type    TLS_GD32_FDPIC, TLS_LDM32_FDPIC, TLS_IE32_FDPIC
