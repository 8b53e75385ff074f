/* Compiled with -fcommon: a symbol without a section. */
int shared;
