/* A variable of each thread's own. */
#include <linux/module.h>
_Thread_local int mine;
int next(int by) { return mine += by; }
EXPORT_SYMBOL(next);
