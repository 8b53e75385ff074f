// kmod_run lz4_compress.ko FILE
//
// Loads a Linux kernel module, as the distribution built it, into this process, has its code
// compress a file, and lets liblz4 of this system judge the result.

#include "../memory_map.hpp"

#include <relo/host/file.hpp>
#include <relo/host/pages.hpp>
#include <relo/host/process.hpp>
#include <relo/module/modinfo.hpp>
#include <relo/relo.hpp>

#include <cerrno>
#include <cstring>
#include <lz4.h>
#include <vector>

namespace {

// Kernel code keeps the stack aligned to 8 bytes, this process's ABI says 16.
[[gnu::force_align_arg_pointer]] void* copy(void* to, const void* from, std::size_t n) {
  return std::memcpy(to, from, n);
}
[[gnu::force_align_arg_pointer]] void* move(void* to, const void* from, std::size_t n) {
  return std::memmove(to, from, n);
}
[[gnu::force_align_arg_pointer]] void* fill(void* to, int byte, std::size_t n) {
  return std::memset(to, byte, n);
}
// May change no register: tracing calls it before a function's arguments are looked at, and
// returns go through it.
[[gnu::naked]] void only_return() { asm("ret"); }

/// What lz4_compress.ko imports from the kernel.
constexpr auto kernel =
    relo::exports(relo::exported{"memcpy", &copy}, relo::exported{"memmove", &move},
                  relo::exported{"memset", &fill}, relo::exported{"__fentry__", &only_return},
                  relo::exported{"__x86_return_thunk", &only_return});

/// Kernel: LZ4_compress_default() in include/linux/lz4.h; `work` is LZ4_MEM_COMPRESS bytes.
using compress = int(const char* source, char* to, int size, int most, void* work);
constexpr std::size_t work_size = 16416;

/// A stage that says what the module says of itself.
struct print_modinfo {
  static constexpr const char* name = "print_modinfo";
  using undo = relo::nothing_to_undo;

  template <class Load>
  relo::errc run(Load& load) const {
    for (const char* const tag : {"description", "license", "vermagic"}) {
      relo::text<100> value;
      if (relo::get_modinfo(load, load.index.modinfo, tag, value))
        example::print("  {:<13} {}\n", tag, value.c_str());
    }
    return relo::errc::ok;
  }
};

template <class... Words>
int failed(const char* file, const Words&... why) {
  std::string text;
  ((text += fmt::format("{}", why)), ...);
  example::complain("kmod_run: {}: {}\n", file, text);
  return 1;
}

/// The program that undoes a compression, by the file's first bytes; null if it is none.
const char* decompressor(std::span<const unsigned char> bytes) {
  const auto starts_with = [&](std::string_view magic) {
    return bytes.size() >= magic.size() &&
           std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
  };
  if (starts_with("\xfd\x37zXZ")) return "xz";
  if (starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  if (starts_with("\x1f\x8b")) return "gzip";
  return nullptr;
}

int run(const char* module_file, const char* input_file) {
  const relo::host::file object{module_file};
  if (object.error() != 0) return failed(module_file, object.message());
  if (const char* const program = decompressor(object.bytes()))
    return failed(module_file,
                  "a compressed module, which this program cannot read; first: ", program, " -d ",
                  module_file);

  const relo::host::file input{input_file, LZ4_MAX_INPUT_SIZE};
  if (input.error() == EFBIG)
    return failed(input_file, "larger than LZ4 compresses in one piece, ", LZ4_MAX_INPUT_SIZE,
                  " bytes");
  if (input.error() != 0) return failed(input_file, input.message());

  // Kernel modules refer to themselves with absolute addresses of 32 bits.
  relo::host::pages memory{relo::host::placement::low_2gib()};
  if (!memory.usable()) return failed(module_file, "no room in the low 2 GiB of this process");
  relo::loader loader{relo::arch::x86_64{},
                      memory,
                      relo::symbols{kernel},
                      relo::ksymtab_prel32_exports{},
                      relo::host::run_in_process{},
                      relo::host::heap_scratch<relo::native_addr>{},
                      relo::load_module | relo::insert_after<"check_modinfo">(print_modinfo{}) |
                          relo::insert_after<"complete_formation">(example::print_memory{})};

  example::print("{}\n", module_file);
  const auto module = loader.load(object.bytes(), {.name = "kernel_module"});
  if (!module) return failed(module_file, loader.diagnostics().describe().c_str());

  compress* const lz4_compress = loader.find<compress>(*module, "LZ4_compress_default");
  if (lz4_compress == nullptr)
    return failed(module_file, "exports no LZ4_compress_default; wanted is lz4_compress.ko");
  example::print("  LZ4_compress_default is at {:#x}\n\n",
                 relo::address_of(reinterpret_cast<const void*>(lz4_compress)));

  const int size = static_cast<int>(input.bytes().size());
  const char* const source = size == 0 ? "" : reinterpret_cast<const char*>(input.bytes().data());
  std::vector<char> work(work_size), packed(static_cast<std::size_t>(LZ4_compressBound(size)));
  const int packed_size =
      lz4_compress(source, packed.data(), size, static_cast<int>(packed.size()), work.data());
  if (packed_size <= 0) return failed(input_file, "the kernel's LZ4 could not compress it");
  example::print("{}\n  {} bytes, compressed by the kernel module to {}", input_file, size,
                 packed_size);
  if (size != 0) example::print(", {:.1f} %", 100.0 * packed_size / size);

  std::vector<char> unpacked(static_cast<std::size_t>(size) + 1);
  const int unpacked_size = LZ4_decompress_safe(packed.data(), unpacked.data(), packed_size, size);
  const bool identical =
      unpacked_size == size && std::equal(source, source + size, unpacked.data());
  example::print("\n  decompressed by liblz4 {}: {}\n", LZ4_versionString(),
                 identical ? "identical" : "DIFFERENT");
  const bool unloaded = loader.unload(*module) == relo::errc::ok;
  return identical && unloaded ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) return example::finish("kmod_run", run(argv[1], argv[2]));
  example::complain("usage: kmod_run lz4_compress.ko FILE\n"
                    "Compresses FILE with a Linux kernel module's code, in this process.\n");
  return 2;
}
