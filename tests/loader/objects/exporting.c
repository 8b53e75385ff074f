#include <linux/export.h>

int exported(void) { return 1; }
EXPORT_SYMBOL(exported);
