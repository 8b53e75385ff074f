/* A variable of the C library. */
extern int opterr;
int get(void) { return opterr; }
