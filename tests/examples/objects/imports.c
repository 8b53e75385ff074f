/* What cross_load is to fill in. */
extern int imported(void);
int (*const pointer)(void) = imported;
static const char text[] = "text";
const char* const pointers[] = {text, text + 2};
int zeros[3000];
