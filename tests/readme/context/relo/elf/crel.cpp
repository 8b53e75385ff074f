// What reads a section of compact relocations.

#include <relo/elf/crel.hpp>

using format = relo::elf::elf32le;

template <class Source>
relo::errc read(Source& source, relo::elf::table table, typename Source::position offset,
                std::size_t size, void (*use)(const relo::elf::crel<format>&)) {
#include README_BLOCK
  return e;
}

using in_memory = relo::elf::contiguous<unsigned char>;
template relo::errc read(in_memory&, relo::elf::table, in_memory::position, std::size_t,
                         void (*)(const relo::elf::crel<format>&));
