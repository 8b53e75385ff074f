// module_sig_check: the signature is the end of the file; what is before it is loaded.
#pragma once

#include <relo/linux/policy/load_info.hpp>

namespace relo::kmod::stages {

struct module_sig_check {
  static constexpr const char* name = "module_sig_check";
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    errc e = errc::ok;
    if (load.settings().module_sig) e = check(load);
    if (load.options.progress != nullptr)
      load.options.progress->length = load.image.source().size();
    return e;
  }

 private:
  template <class Load>
  static constexpr errc check(Load& load) {
    constexpr unsigned overlook = init_flags::ignore_modversions | init_flags::ignore_vermagic;
    auto& file = load.image.source();
    const std::span<const unsigned char> bytes{file.data(), file.size()};
    signature_found found;
    const errc e = kmod::module_sig_check(bytes, load.kernel().verifier,
                                          {load.settings().sig_enforce, load.has_flag(overlook)},
                                          found, [&](const char* line) { load.printk(line); });
    file.truncate(found.at.payload);
    load.sig_ok = found.sig_ok;
    return e == errc::ok ? e : load.fail(e);
  }
};

}  // namespace relo::kmod::stages
