// post_relocation: tables that are made of relocated contents.
#pragma once

#include <relo/stage/arrays.hpp>

namespace relo::stages {

struct post_relocation {
  static constexpr const char* name = "post_relocation";

  template <class Load>
  constexpr errc run(Load& load) const {
    if (const errc e = keep_destructors(load); e != errc::ok) return e;
    const errc e = load.loader.exports().finish(load);  // kernel: add_kallsyms
    return e == errc::ok ? e : load.fail(e);
  }

 private:
  /// The object is gone when the module is unloaded, so what will run then is noted now.
  template <class Load>
  static constexpr errc keep_destructors(Load& load) {
    using addr = typename Load::addr;
    load.mod->destructors = {};
    if (load.destructors.type == mem_type::in_image) return errc::ok;
    addr size = 0;
    const errc e = detail::for_each_pointer(load, detail::destruction, [&](addr function) {
      // The arrays are read again: no more of them than there was room made for.
      if (load.destructors_size - size < sizeof(addr)) return;
      const auto to = load.bytes_at(
          {load.destructors.type, static_cast<addr>(load.destructors.offset + size)}, sizeof(addr));
      if (to.empty()) return;
      load.store_word(to.data(), function);
      size = static_cast<addr>(size + sizeof(addr));
    });
    load.mod->destructors = {load.address_of(load.destructors), size};
    return e;
  }
};

}  // namespace relo::stages
