// init_module() and finit_module(): what the system calls do before a module is loaded, and what
// they answer.
#pragma once

#include <relo/linux/policy/load_info.hpp>

namespace relo::kmod {

/// What a system call answers: 0 or a negative errno, and the error that this stands for.
struct answer {
  int value = 0;
  errc error = errc::ok;

  constexpr answer() noexcept = default;
  constexpr answer(errc e) noexcept : value(-errno_of(e)), error(e) {}
  constexpr explicit operator bool() const noexcept { return value == 0; }
};

/// Makes plain what a kernel is given compressed, as its module_decompress() does.
///  - decompress(file, compression) -> R, where R.error is an errc, R.log.c_str() what the kernel
///    logs for it, "" for nothing, and R.bytes the file, as long as R lives.
template <class D>
concept module_decompressor = requires(const D d, std::span<const unsigned char> file) {
  { d.decompress(file, module_compression::xz).error } -> std::convertible_to<errc>;
  {
    std::span<const unsigned char>{d.decompress(file, module_compression::xz).bytes}
  } -> std::same_as<std::span<const unsigned char>>;
  { d.decompress(file, module_compression::xz).log.c_str() } -> std::same_as<const char*>;
};

/// Knows no compression.
struct no_decompression {
  struct refused {
    errc error = error::compression_not_supported;
    std::span<const unsigned char> bytes{};
    text<1> log{};
  };
  constexpr refused decompress(std::span<const unsigned char>, module_compression) const noexcept {
    return {};
  }
};

namespace detail {

/// An error before or after the stages, told as theirs are.
template <class Loader>
constexpr answer refuse(Loader& loader, const char* who, errc e) noexcept {
  if constexpr (Loader::diagnostics_type::keeps_location)
    loader.diagnostics().report(problem{.code = e, .at = {.stage = who}});
  else loader.diagnostics().report(e);
  return e;
}

/// Kernel: may_init_module().
constexpr bool may_init_module(const config& settings) noexcept {
  return settings.may_load && !settings.modules_disabled;
}

/// `compressed`: the bytes that the file was decompressed from.
template <class Loader>
constexpr answer load_module(Loader& loader, std::span<const unsigned char> file, const char* args,
                             unsigned flags, std::size_t compressed = 0) {
  load_progress progress;
  const auto loaded = loader.load(file, {.args = args, .flags = flags, .progress = &progress});
  answer out{loaded.error()};
  if (progress.answer < 0) out.value = progress.answer;
  if (Loader::kernel_type::traits::audits_early_failures && !loaded && !progress.allocated)
    audit(loader, progress.name.empty() ? "?" : progress.name.c_str());
  if (!loaded && loaded.error() != errc::init_failed) {
    auto& to = loader.kernel().statistics;
    if (progress.allocated) {
      ++to.failed_load_modules;
      to.invalid_mod_bytes += 2 * progress.length + compressed;
    } else {
      ++to.failed_becoming;
      to.invalid_becoming_bytes += progress.length + compressed;
    }
  }
  return out;
}

}  // namespace detail

/// Loads a module that is in memory: init_module(2). `args` are "name=value ...".
template <class Loader>
constexpr answer init_module(Loader& loader, std::span<const unsigned char> image,
                             const char* args = "") {
  const auto turn = loader.lock();
  if (!detail::may_init_module(loader.kernel().settings))
    return detail::refuse(loader, "init_module", error::not_permitted);
  if (image.size() < elf::ehdr<typename Loader::machine::format, const unsigned char*>::size) {
    auto& statistics = loader.kernel().statistics;
    ++statistics.failed_kreads;
    statistics.invalid_kread_bytes += image.size();
    return detail::refuse(loader, "init_module", errc::truncated_header);
  }
  return detail::load_module(loader, image, args, 0);
}

/// Loads a module from a file, of which the bytes are given: finit_module(2). `flags` are
/// init_flags. Kernels that know of compressed files do so whether they decompress them or not.
template <class Loader, module_decompressor Decompressor = no_decompression>
constexpr answer finit_module(Loader& loader, std::span<const unsigned char> file,
                              const char* args = "", unsigned flags = 0,
                              const Decompressor& decompressor = {}) {
  const auto turn = loader.lock();
  const auto refuse = [&](errc e) { return detail::refuse(loader, "finit_module", e); };
  const config& settings = loader.kernel().settings;
  auto& statistics = loader.kernel().statistics;
  if (!detail::may_init_module(settings)) return refuse(error::not_permitted);

  constexpr unsigned known =
      init_flags::ignore_modversions | init_flags::ignore_vermagic |
      (Loader::kernel_type::traits::knows_compressed_files ? init_flags::compressed_file : 0);
  if ((flags & ~known) != 0) return refuse(error::bad_flags);
  if (file.empty()) {
    ++statistics.failed_kreads;
    return refuse(error::empty_file);
  }
  if ((flags & init_flags::compressed_file) == 0)
    return detail::load_module(loader, file, args, flags);

  const auto refuse_compressed = [&](errc e) {
    ++statistics.failed_decompress;
    statistics.invalid_decompress_bytes += file.size();
    return refuse(e);
  };
  if (settings.compression == module_compression::none)
    return refuse_compressed(error::compression_not_supported);
  const auto plain = decompressor.decompress(file, settings.compression);
  if (plain.error == errc::ok)
    return detail::load_module(loader, plain.bytes, args, flags, file.size());
  if (plain.log.c_str()[0] != '\0') printk(loader, plain.log.c_str());
  return refuse_compressed(plain.error);
}

}  // namespace relo::kmod
