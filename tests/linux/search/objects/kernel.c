/* A kernel that does nothing but export. */
#include "module.h"

#define EXPORTED(sym, table, crc, ns)                                                              \
  int sym[2] = {1};                                                                                \
  EXPORT(sym, table, crc, ns)
#include "exports.def"

void _start(void) {}
