/* Common symbols, compiled with -fcommon: variables that the linker makes. */
int shared_number;
char wide[100] __attribute__((aligned(64)));
int hidden_number __attribute__((visibility("hidden")));
int set_number(int to) { return shared_number = hidden_number = to; }
int get_number(void) { return shared_number + hidden_number; }
char* get_wide(void) { return wide; }
