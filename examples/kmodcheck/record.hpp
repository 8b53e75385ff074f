// What a kernel made of modules, as a file in JSON; and JSON for what is found out here.
#pragma once

#include "simulated_kernel.hpp"

#include <string>
#include <unordered_map>

namespace kmodcheck {

/// Where a kernel had modules, by the modules' names. A record of one module alone is under "".
using record = std::unordered_map<std::string, placement>;

/// Reads {NAME: {"mem": {REGION: {"base": "0x..."}}, "percpu": "base ADDRESS size N",
/// "undef": {SYMBOL: "0x..."}}}, or one such value. False, and why: it is none.
bool read_record(bytes_view json, record& out, std::string& why);

/// What is told in JSON of a load.
struct told {
  bool sections, layout;
};
/// One line of ASCII, without its end.
std::string to_json(const std::string& file, const verdict& v, const char* name, told what);

/// SHA-256, in hexadecimal.
std::string sha256(bytes_view bytes);

}  // namespace kmodcheck
