/* Calls what it does not define. */
int helper(void);
__attribute__((weak)) int hidden_helper(void);
int ask(void) { return helper() + 100; }
int sees_hidden(void) { return hidden_helper != 0; }
