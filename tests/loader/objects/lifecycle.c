/* Tells the host of each step of its life. */
extern void event(const char*);
extern int init_result;

__attribute__((constructor)) static void last(void) { event("ctor"); }
__attribute__((constructor(200))) static void second(void) { event("ctor200"); }
__attribute__((constructor(150))) static void first(void) { event("ctor150"); }
__attribute__((destructor)) static void undo_last(void) { event("dtor"); }
__attribute__((destructor(200))) static void undo_second(void) { event("dtor200"); }

__attribute__((section(".ctors.65400"), used)) static void (*const old_first)(void) = first;

static int sealed __attribute__((section(".data..ro_after_init"))) = 1;
int* sealed_address(void) { return &sealed; }

__attribute__((section(".init.text"))) int init_module(void) {
  sealed = 2;
  event("init");
  return init_result;
}
void cleanup_module(void) { event("exit"); }
