/* What the plugin imports; WITH_MAIN for when a linker puts the two together. */
#include <stdio.h>

int firmware_number_of_leds = 3;
int firmware_led_controller_set_brightness(int led, int brightness) {
  return 100 * led + brightness;
}
int firmware_timer_milliseconds_since_start(void) { return 5000; }
int log2i(int x) { return x <= 1 ? 0 : 1 + log2i(x / 2); }

#ifdef WITH_MAIN
int plugin_run(void);
int main(void) { return printf("%d\n", plugin_run()) < 0; }
#endif
