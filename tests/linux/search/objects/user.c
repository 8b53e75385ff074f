/* Uses symbols: USE(printk) USE(...) are given on the command line as USES, a name and a licence.
 */
#include "module.h"

MODULE(NAME, LICENSE)

#define USE(sym)                                                                                   \
  extern int sym[];                                                                                \
  int* use_of_##sym = sym;
USES

#ifdef VERSIONS
    VERSIONS
#endif
