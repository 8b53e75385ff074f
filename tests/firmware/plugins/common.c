/* Compiled with -fcommon: a symbol without a section. */
int shared;
int get_shared(void) { return shared; }
