// printf() for a console: %c %d %i %p %s %u %x %%, l and z before them, and -, 0, a width or *.
#pragma once

#include "board/board.hpp"

#include <cstdarg>
#include <cstddef>

namespace console {

void vprint(const char* format, std::va_list arguments);

[[gnu::format(printf, 1, 2)]] inline void print(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  vprint(format, arguments);
  va_end(arguments);
}

inline void vprint(const char* format, std::va_list arguments) {
  for (; *format != '\0'; ++format) {
    if (*format != '%') {
      board::put(*format);
      continue;
    }
    bool left = false, zero = false;
    for (++format; *format == '-' || *format == '0'; ++format)
      (*format == '-' ? left : zero) = true;
    std::size_t width = 0;
    if (*format == '*') {
      width = static_cast<std::size_t>(va_arg(arguments, int));
      ++format;
    }
    for (; *format >= '0' && *format <= '9'; ++format)
      width = width * 10 + static_cast<std::size_t>(*format - '0');
    // int, long and size_t have one size here.
    static_assert(sizeof(int) == sizeof(long) && sizeof(int) == sizeof(std::size_t));
    while (*format == 'l' || *format == 'z') ++format;

    char digits[12];
    char* const end = digits + sizeof digits - 1;
    char* number = end;
    *end = '\0';
    const char* text = digits;
    const auto write = [&](unsigned value, unsigned base) {
      do {
        *--number = "0123456789abcdef"[value % base];
        value /= base;
      } while (value != 0);
      text = number;
    };
    switch (*format) {
      case 'c': digits[0] = static_cast<char>(va_arg(arguments, int)), digits[1] = '\0'; break;
      case 's': text = va_arg(arguments, const char*); break;
      case 'u': write(va_arg(arguments, unsigned), 10); break;
      case 'x': write(va_arg(arguments, unsigned), 16); break;
      case 'p':
        write(static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(va_arg(arguments, void*))),
              16);
        *--number = 'x', *--number = '0';
        text = number;
        break;
      case 'd':
      case 'i': {
        const int value = va_arg(arguments, int);
        write(value < 0 ? 0U - static_cast<unsigned>(value) : static_cast<unsigned>(value), 10);
        if (value < 0) *--number = '-';
        text = number;
        break;
      }
      case '\0': return;
      default: digits[0] = *format, digits[1] = '\0';
    }
    const std::size_t length = __builtin_strlen(text);
    for (std::size_t i = length; !left && i < width; ++i) board::put(zero ? '0' : ' ');
    for (const char* c = text; *c != '\0'; ++c) board::put(*c);
    for (std::size_t i = length; left && i < width; ++i) board::put(' ');
  }
}

}  // namespace console
