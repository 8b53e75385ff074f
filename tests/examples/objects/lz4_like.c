/* As much of a kernel module as kmod_run asks for: kernel code model, calls to tracing and return
 * thunks, exports as 32-bit distances. Its LZ4 compresses nothing: literals only. */
void* memcpy(void*, const void*, unsigned long);

int LZ4_compress_default(const char* source, char* to, int size, int most, void* work);
int LZ4_compress_default(const char* source, char* to, int size, int most, void* work) {
  unsigned char* out = (unsigned char*)to;
  int rest = size - 15;

  (void)most;
  (void)work;
  *out++ = (unsigned char)((size < 15 ? size : 15) << 4);
  if (rest >= 0) {
    for (; rest >= 255; rest -= 255) *out++ = 255;
    *out++ = (unsigned char)rest;
  }
  memcpy(out, source, (unsigned long)size);
  return (int)((char*)out - to) + size;
}

__asm__(".pushsection .modinfo,\"a\"\n"
        ".asciz \"license=GPL\"\n.asciz \"name=lz4_like\"\n"
        ".section __ksymtab_strings,\"aMS\",%progbits,1\n"
        "name: .asciz \"LZ4_compress_default\"\nnamespace: .asciz \"\"\n"
        ".section __ksymtab,\"a\"\n.balign 4\n"
        ".long LZ4_compress_default - ., name - ., namespace - .\n"
        ".popsection\n");
