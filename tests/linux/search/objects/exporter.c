/* Exports symbols: EXPORTS is a list of EXPORTED(symbol, table), and NAME the module. */
#include "module.h"

MODULE(NAME, "GPL")

#define EXPORTED(sym, table)                                                                       \
  int sym[2] = {2};                                                                                \
  EXPORT(sym, table, 0x600d600d, "")
EXPORTS
