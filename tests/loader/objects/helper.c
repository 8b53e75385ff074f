/* Defines a function that others define, too, and calls it. */
int helper(void) { return RESULT; }
int ask(void) { return helper(); }
__attribute__((visibility("protected"))) int protected_helper(void) { return RESULT; }
__attribute__((visibility("hidden"))) int hidden_helper(void) { return RESULT; }
