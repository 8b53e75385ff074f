// cross_load FILE.o ADDRESS OUT.bin [--symbol name=value ...]
//
// Lays an object out for an address at which nothing can be loaded here: another machine's, a
// kernel's, a ROM's. What would be in memory there is written to a file; nothing of it runs.

#include "../memory_map.hpp"

#include <relo/host/file.hpp>
#include <relo/host/process.hpp>
#include <relo/relo.hpp>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <vector>

namespace {

using machine = relo::arch::x86_64;
using addr = machine::format::addr;

/// A buffer that runs elsewhere, where permissions are set on pages.
struct paged_buffer : relo::buffer<addr> {
  static constexpr addr granularity = 4096;
  using relo::buffer<addr>::buffer;
};

/// Symbols as the command line gives them.
struct given_symbols {
  std::map<std::string, addr, std::less<>> values;

  template <class Name>
  bool find(const Name& name, bool, relo::symbol<addr>& out) const {
    relo::text<256> wanted;
    wanted << name;
    const auto at = values.find(std::string_view{wanted.c_str()});
    if (at == values.end()) return false;
    out.address = at->second;
    return true;
  }
};

/// "0x12ab" or "4779", all of it.
addr number(const std::string& text) {
  std::size_t end = 0;
  addr value = 0;
  try {
    value = std::stoull(text, &end, 0);
  } catch (const std::exception&) {
  }
  if (end == 0 || end != text.size() || text[0] == '-')
    throw CLI::ValidationError(text, "is no address");
  return value;
}

int failed(const std::string& file, const std::string& why) {
  example::complain("cross_load: {}: {}\n", file, why);
  return 1;
}

int run(const std::string& object_file, addr address, const std::string& image_file,
        const given_symbols& given) {
  const relo::host::file object{object_file.c_str()};
  if (object.error() != 0) return failed(object_file, object.message());

  // Room for any module, up to the end of the address space; what is not used costs nothing.
  const addr room = std::min<addr>(addr{256} << 20, (address == 0 ? ~addr{0} : 0 - address) -
                                                        paged_buffer::granularity);
  const std::unique_ptr<unsigned char, decltype(&std::free)> image{
      static_cast<unsigned char*>(std::calloc(1, room)), &std::free};
  if (!image) return failed(object_file, std::strerror(errno));
  paged_buffer memory{{image.get(), room}, address};
  relo::loader loader{machine{},
                      memory,
                      relo::one_region{},
                      relo::symbols{given},
                      relo::dont_run{},
                      relo::host::heap_scratch<addr>{},
                      relo::load_module |
                          relo::insert_after<"complete_formation">(example::print_memory{})};

  example::print("{}\n", object_file);
  const auto module = loader.load(object.bytes(), {.name = "module"});
  if (!module) return failed(object_file, loader.diagnostics().describe().c_str());
  const auto& region = module->regions[0];
  if (module->init != 0) example::print("  {:016x}  init_module\n", module->init);
  if (module->exit != 0) example::print("  {:016x}  cleanup_module\n", module->exit);
  (void)loader.exports().for_each<machine::format::byte_order>(*module, [&](const auto& name) {
    relo::symbol<addr> found;
    relo::text<256> text;
    text << name;
    if (loader.find_in(*module, name, true, found) && found.address != module->init &&
        found.address != module->exit)
      example::print("  {:016x}  {}\n", found.address, text.c_str());
    return relo::errc::ok;
  });

  std::ofstream out{image_file, std::ios::binary};
  out.write(reinterpret_cast<const char*>(region.bytes.data()),
            static_cast<std::streamsize>(region.bytes.size()));
  out.close();
  if (!out) return failed(image_file, std::strerror(errno));
  example::print("{}: {} bytes, to be put at {:#x}\n", image_file, region.bytes.size(),
                 region.address);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Lays an object out for another address, and writes what would be in memory there to a file.",
      "cross_load"};
  std::string object, address, image;
  std::vector<std::string> symbols;
  app.add_option("FILE.o", object, "an object for x86-64")->required()->type_name("");
  app.add_option("ADDRESS", address, "where it is to run: 0xffffffffc0000000, say")
      ->required()
      ->type_name("");
  app.add_option("OUT.bin", image, "the file to be written")->required()->type_name("");
  app.add_option("-s,--symbol", symbols, "what the object imports, and where that is")
      ->type_name("name=value");
  app.footer("Exit status: 0, or 1 if the object could not be laid out, or 2 for bad usage.");
  try {
    app.parse(argc, argv);
    given_symbols given;
    for (const std::string& symbol : symbols) {
      const std::size_t equals = symbol.find('=');
      if (equals == symbol.npos) throw CLI::ValidationError(symbol, "has no value");
      given.values[symbol.substr(0, equals)] = number(symbol.substr(equals + 1));
    }
    return example::finish("cross_load", run(object, number(address), image, given));
  } catch (const CLI::ParseError& e) {
    return example::finish_usage("cross_load", app, e);
  }
}
