// load OBJECT.o: loads it against a table without names, and prints what plugin_run() returns.
#include <relo/host/file.hpp>
#include <relo/host/pages.hpp>
#include <relo/relo.hpp>
#include <relo/symbol/hashed_exports.hpp>

#include <cstdio>

extern "C" {
int firmware_led_controller_set_brightness(int led, int brightness);
int firmware_timer_milliseconds_since_start();
int log2i(int);
extern int firmware_number_of_leds;
}

constexpr auto table =
    relo::hashed_exports(relo::exported{"firmware_led_controller_set_brightness",
                                        &firmware_led_controller_set_brightness},
                         relo::exported{"firmware_timer_milliseconds_since_start",
                                        &firmware_timer_milliseconds_since_start},
                         relo::exported{"log2i", &log2i},
                         relo::exported{"firmware_number_of_leds", &firmware_number_of_leds});

int main(int argc, char** argv) {
  const relo::host::file object{argc == 2 ? argv[1] : ""};
  relo::host::pages memory;
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{table}};
  const auto module = loader.load(object.bytes(), {.name = "plugin"});
  if (!module) {
    std::printf("%s\n", loader.diagnostics().describe().c_str());
    return 1;
  }
  std::printf("%d\n", loader.find<int()>("plugin_run")());
  return loader.unload(*module) == relo::errc::ok ? 0 : 1;
}
