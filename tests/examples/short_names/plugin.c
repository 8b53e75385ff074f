/* What it imports has long names, and one that is short already. */
int firmware_led_controller_set_brightness(int led, int brightness);
int firmware_timer_milliseconds_since_start(void);
int log2i(int);
extern int firmware_number_of_leds;

static int all_leds(int brightness) {
  int sum = 0;
  for (int led = 0; led < firmware_number_of_leds; ++led)
    sum += firmware_led_controller_set_brightness(led, brightness);
  return sum;
}

int plugin_run(void) { return all_leds(log2i(1024)) + firmware_timer_milliseconds_since_start(); }
