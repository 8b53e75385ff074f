# Every relocation type that GNU as knows, each with a symbol that bears its name.

        .macro  type name, more:vararg
        .reloc  ., R_X86_64_\name, R_X86_64_\name
        .quad   0
        .ifnb   \more
        type    \more
        .endif
        .endm

        type    NONE, 64, PC32, GOT32, PLT32, COPY, GLOB_DAT, JUMP_SLOT, RELATIVE, GOTPCREL, 32, 32S
        type    16, PC16, 8, PC8, DTPMOD64, DTPOFF64, TPOFF64, TLSGD, TLSLD, DTPOFF32, GOTTPOFF, TPOFF32
        type    PC64, GOTOFF64, GOTPC32, GOT64, GOTPCREL64, GOTPC64, GOTPLT64, PLTOFF64, SIZE32, SIZE64
        type    GOTPC32_TLSDESC, TLSDESC_CALL, TLSDESC, IRELATIVE, RELATIVE64, PC32_BND, PLT32_BND
        type    GOTPCRELX, REX_GOTPCRELX, GNU_VTINHERIT, GNU_VTENTRY
