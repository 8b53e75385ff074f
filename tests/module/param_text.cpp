// Values of parameters as texts: numbers as the C library reads them, bools as kernels do; and
// types by the names of their operations.
#include <relo/base/name.hpp>
#include <relo/module/param_text.hpp>
#include <relo/module/param_type.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <random>
#include <string>

namespace {

using relo::errc, relo::parse_bool, relo::parse_integer;
using relo::param_type, relo::param_type_of_ops;
using relo::elf::name;

constexpr bool reads(const char* s, unsigned bits, bool is_signed, std::uint64_t as) {
  std::uint64_t v = 0;
  return parse_integer(name{s}, bits, is_signed, v) == errc::ok && v == as;
}
constexpr errc refuses(const char* s, unsigned bits, bool is_signed) {
  std::uint64_t v = 0;
  return parse_integer(name{s}, bits, is_signed, v);
}
static_assert(reads("0x7fffffff", 32, true, 0x7fffffff) && reads("+017\n", 8, false, 15));
static_assert(reads("-128", 8, true, ~std::uint64_t{127}) && reads("-0", 16, true, 0));
static_assert(refuses("-129", 8, true) == errc::parameter_out_of_range);
static_assert(refuses("-1", 8, false) == errc::bad_parameter);
static_assert(refuses("99999999999999999999x", 64, false) == errc::parameter_out_of_range);
static_assert(refuses("99999999999x", 32, false) == errc::bad_parameter);
static_assert(refuses("0x", 32, false) == errc::bad_parameter);
static_assert(refuses("09", 32, false) == errc::bad_parameter);
static_assert(refuses("-+1", 32, true) == errc::bad_parameter);
static_assert(refuses("1\n\n", 32, true) == errc::bad_parameter);

constexpr int boolean(const char* s, bool true_false = true) {
  bool v = false;
  return parse_bool(name{s}, true_false, v) == errc::ok ? v : -1;
}
static_assert(boolean("y") == 1 && boolean("No") == 0 && boolean("1x") == 1 && boolean("On") == 1);
static_assert(boolean("oFF") == 0 && boolean("o") == -1 && boolean("") == -1);
static_assert(boolean("true") == 1 && boolean("False") == 0 && boolean("true", false) == -1);

static_assert(param_type_of_ops(name{"param_ops_bool"}) == param_type::boolean);
static_assert(param_type_of_ops(name{"param_ops_bool_enable_only"}) ==
              param_type::bool_enable_only);
static_assert(param_type_of_ops(name{"param_ops_string"}) == param_type::string);
static_assert(param_type_of_ops(name{"param_array_ops"}) == param_type::array);
static_assert(param_type_of_ops(name{"param_ops_boolean"}) == param_type::unknown);
static_assert(param_type_of_ops(name{"param_ops_"}) == param_type::unknown);
static_assert(param_type_of_ops(name{"param_get_int"}) == param_type::unknown);

}  // namespace

TEST_CASE("numbers are read as strtoull() and strtoll() read them") {
  std::minstd_rand engine{1};
  const auto random = [&] { return static_cast<unsigned>(engine()); };
  const std::string letters = "0123456789abcdefxXF-+";
  std::size_t read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string s;
    for (unsigned n = random() % 22 + 1; n != 0; --n)
      s += letters[random() % (random() % 3 == 0 ? letters.size() : 10)];
    if (random() % 4 == 0) s.insert(0, "0x");
    if (random() % 4 == 0) s.insert(0, "-");
    const bool is_signed = random() % 2 == 0;
    const unsigned bits = 8U << random() % 4;
    std::uint64_t v = 0;
    const errc e = parse_integer(name{s.c_str()}, bits, is_signed, v);

    char* end = nullptr;
    errno = 0;
    bool fits = false;
    std::uint64_t expected = 0;
    if (is_signed) {
      const long long is = std::strtoll(s.c_str(), &end, 0);
      expected = static_cast<std::uint64_t>(is);
      fits = errno == 0 && (bits == 64 || (is >= -(1LL << (bits - 1)) && is < 1LL << (bits - 1)));
    } else {
      expected = std::strtoull(s.c_str(), &end, 0);
      fits = errno == 0 && (bits == 64 || expected >> bits == 0);
    }
    const bool number = *end == '\0' && (is_signed || s[0] != '-');
    CAPTURE(s);
    CAPTURE(bits);
    REQUIRE((e == errc::ok) == (number && fits));
    if (e == errc::ok) REQUIRE(v == expected);
    // What is too large for any type is so whatever follows.
    if (number && !fits) REQUIRE(e == errc::parameter_out_of_range);
    read += e == errc::ok;
  }
  CHECK(read > 1000);
}
