// The simulated kernel of a generation. Compiled once for each, see kernel_*.cpp.
#pragma once

#include "module_memory.hpp"
#include "simulated_kernel.hpp"

#include <relo/host/decompress.hpp>
#include <relo/host/process.hpp>
#include <relo/linux/call/init_module.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/loader.hpp>

#include <unordered_set>

namespace kmodcheck {

/// Bytes as dmesg shows them.
inline std::string printable(const char* line) {
  std::string out;
  for (; *line != '\0'; ++line) {
    const auto c = static_cast<unsigned char>(*line);
    if (c >= ' ' && c < 0x7f) {
      out += *line;
      continue;
    }
    constexpr char digits[] = "0123456789abcdef";
    out += "\\x";
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out;
}

/// What a load that is under way is about, for the policies and stages that ask.
struct load_context {
  const request* what = nullptr;
  verdict* answer = nullptr;
  std::string self{};               ///< the module's name, once it is known
  std::string vermagic{};           ///< its own, where that of the kernel is not known
  std::vector<std::size_t> uses{};  ///< modules that symbols were found in
  std::string key{};                ///< a name that is being looked up
  void* namesake = nullptr;         ///< in the registry, a module of the name that is loaded
};

/// The kernel's log, and where a load failed.
class kernel_log : public relo::kmod::located<> {
 public:
  explicit kernel_log(load_context& c) noexcept : context_(&c) {}
  void enter(const char*) noexcept { context_->answer->cause = context_->answer->log.size(); }
  void printk(const char* line) { context_->answer->log.push_back(printable(line)); }

 private:
  load_context* context_;
};

/// What the kernel exports, and those modules that are loaded or count as that.
class exported_symbols {
 public:
  using role = relo::role::symbols;
  exported_symbols(const kernel_setup& setup, load_context& c) noexcept
      : exports_(setup.exports), present_(setup.present), context_(&c) {}

  template <class Name, class Symbol>
  bool find(const Name& name, bool gpl_ok, Symbol& out) const {
    const placement* const place = context_->what->place;
    auto& key = context_->key;
    key.clear();
    for (std::size_t i = 0; name[i] != '\0'; ++i) key += static_cast<char>(name[i]);
    const bool found = in_kernel(name, gpl_ok, out) || in_modules(key, gpl_ok, out);
    if (place == nullptr || (!found && !exports_->entries().empty())) return found;
    const auto at = place->symbols.find(key);
    if (at == place->symbols.end()) return found;
    out.address = at->second;
    return true;
  }

 private:
  template <class Name, class Symbol>
  bool in_kernel(const Name& name, bool gpl_ok, Symbol& out) const {
    const auto* const e = exports_->entry(name);
    return e != nullptr && context_->self != e->owner &&
           (*present_)[static_cast<std::size_t>(e - exports_->entries().data())] &&
           exports_->take(*e, gpl_ok, out);
  }
  template <class Symbol>
  bool in_modules(const std::string& name, bool gpl_ok, Symbol& out) const {
    const loaded_modules* const there = context_->what->there;
    std::size_t by = 0;
    const loaded_symbol* const s = there == nullptr ? nullptr : there->find(name, gpl_ok, by);
    if (s == nullptr) return false;
    context_->uses.push_back(by);
    out.address = s->address;
    out.kind = s->kind;
    if constexpr (requires { out.crc; }) {
      out.has_crc = s->has_crc;
      out.crc = s->crc;
      out.unused = s->unused;
      out.name_space = s->name_space.c_str();
      out.owner = (*there)[by].name.c_str();
      out.proprietary = (*there)[by].proprietary;
    }
    return true;
  }

  const relo::host::symvers* exports_;
  const std::vector<bool>* present_;
  load_context* context_;
};

/// Verifies signatures, if there is a certificate to do it with.
struct signatures {
  const relo::host::certificates* known;

  relo::errc verify(bytes_view data, bytes_view pkcs7) const {
    if (known != nullptr) return known->verify(data, pkcs7);
    relo::kmod::pkcs7_message message;
    return relo::kmod::parse_pkcs7(pkcs7, message);
  }
};

/// What a kernel decompresses that is asked to.
struct decompressor {
  relo::host::decompressed decompress(bytes_view file, relo::kmod::module_compression by) const {
    using enum relo::kmod::module_compression;
    constexpr auto rules = relo::host::decompression::as_kernel;
    switch (by) {
      case gzip: return relo::host::gunzip(file, rules);
      case xz: return relo::host::unxz(file, rules);
      case zstd: return relo::host::unzstd(file, rules);
      case none: break;
    }
    return {{}, relo::kmod::error::compression_not_supported, {}};
  }
};

/// The module has its name: what it exports itself is in nobody's way.
struct note_name {
  static constexpr const char* name = "note_name";
  using undo = relo::nothing_to_undo;
  load_context* context;
  bool compare_vermagic;

  template <class Load>
  relo::errc run(Load& load) const {
    context->self = load.mod->name.c_str();
    // That one of this name is loaded is all that the registry has to know of it.
    const loaded_modules* const there = context->what->there;
    if (there != nullptr && there->find_module(context->self) != there->size()) {
      auto& registry = load.loader.registry();
      auto* const other = registry.acquire();
      if (other == nullptr) return load.fail(relo::errc::too_many_modules);
      other->name = relo::elf::name{context->self.c_str()};
      other->state = relo::module_state::live;
      registry.add(*other);
      context->namesake = other;
    }
    // One that nobody knows is not compared: it is taken to be the module's.
    if (!compare_vermagic) {
      typename Load::name_type magic{};
      context->vermagic.clear();
      if (load.get_modinfo("vermagic", magic))
        for (std::size_t i = 0; magic[i] != '\0'; ++i) context->vermagic += magic[i];
      load.kernel().settings.vermagic = context->vermagic.c_str();
    }
    return relo::errc::ok;
  }
};

/// Tells how a module lies in memory, now that it is relocated.
struct note_layout {
  static constexpr const char* name = "note_layout";
  using undo = relo::nothing_to_undo;
  load_context* context;

  template <class Load>
  relo::errc run(Load& load) const {
    if (context->what->details == wanted::verdict) return relo::errc::ok;
    using layout = typename Load::loader_type::layout;
    memory_layout& out = context->answer->layout;
    for (std::size_t r = 0; r < layout::regions; ++r)
      out.regions.push_back(
          {name_of<layout>(r), load.mod->regions[r].address, load.mod->regions[r].bytes.size()});
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      if (!load.is_loaded(i)) continue;
      const auto s = load.image.section(i);
      const std::size_t r = layout::region_of(load.place_of(i).type);
      placed_section section{i,
                             {},
                             name_of<layout>(r),
                             load.section_address(i) - load.mod->regions[r].address,
                             s.sh_size(),
                             s.sh_type() != relo::elf::sht::nobits,
                             {}};
      const auto called = load.image.section_name(s);
      for (std::size_t n = 0; called[n] != '\0'; ++n) section.name += called[n];
      if (context->what->details == wanted::contents && section.has_contents) {
        const auto bytes = load.bytes_at(load.place_of(i), s.sh_size());
        section.contents.assign(bytes.begin(), bytes.end());
      }
      out.sections.push_back(std::move(section));
    }
    const auto& k = load.kallsyms;
    const auto table = [&](const char* called, const auto& at, std::uint64_t size,
                           std::uint64_t entries) {
      const std::size_t r = layout::region_of(at.type);
      out.tables.push_back({called, name_of<layout>(r),
                            load.address_of(at) - load.mod->regions[r].address, size, entries});
    };
    constexpr auto symbol = Load::image_type::symbol_record::size;
    table("core symtab", k.core_symtab, k.core_symbols * symbol, k.core_symbols);
    table("core strtab", k.core_strtab, k.core_typetab.offset - k.core_strtab.offset, 0);
    table("core typetab", k.core_typetab, k.core_symbols, k.core_symbols);
    table("typetab", k.typetab, load.image.symbols(), load.image.symbols());
    return relo::errc::ok;
  }

 private:
  template <class Layout>
  static constexpr const char* name_of(std::size_t region) noexcept {
    if constexpr (Layout::regions == 2) return region == 0 ? "core" : "init";
    else return relo::name_of(static_cast<relo::mem_type>(region));
  }
};

template <relo::kmod::generation G, class Layout, class Pipeline>
class kernel_of final : public simulated_kernel {
 public:
  kernel_of(const kernel_setup& setup, const Pipeline& pipeline)
      : symbols_(setup, context_),
        log_(context_),
        loader_(
            relo::kmod::x86_64{}, memory_, symbols_, relo::kmod::prel32_exports{}, scratch_,
            relo::dont_run{}, log_, kernel_type{setup.config, {setup.certificates}},
            relo::kmod::modules<capacity>{}, Layout{},
            pipeline |
                relo::insert_before<"blacklisted">(note_name{&context_, setup.compare_vermagic}) |
                relo::insert_after<"post_relocation">(note_layout{&context_})) {}

  verdict load(const request& what, loaded_module* stays) override {
    verdict out;
    context_ = {&what, &out};
    memory_.place(what.place);
    const auto result =
        relo::kmod::finit_module(loader_, what.image, what.args, what.flags, decompressor{});
    out.error = -result.value;
    out.vermagic = context_.vermagic;
    out.uses = std::move(context_.uses);
    if (!result) out.reason = log_.describe().c_str();
    auto& registry = loader_.registry();
    if (context_.namesake != nullptr) {
      auto& other = *static_cast<module_type*>(context_.namesake);
      registry.remove(other);
      registry.release(other);
    }
    if (auto* const m = registry.first()) {
      if (stays != nullptr) *stays = told(*m);
      memory_.keep_addresses(stays != nullptr);
      loader_.remove(*m);
      memory_.keep_addresses(false);
    }
    return out;
  }

  const std::string& last_name() const override { return context_.self; }

  memory_of_taints taints() const override {
    const auto& k = const_cast<loader_type&>(loader_).kernel();
    return {k.tainted.bits(), k.told_unsigned, k.told_livepatch, k.told_lock_debugging};
  }
  void set_taints(const memory_of_taints& t) override {
    auto& k = loader_.kernel();
    k.tainted = {};
    for (unsigned bit = 0; bit < 32; ++bit)
      if ((t.bits >> bit & 1) != 0) k.tainted.add(static_cast<relo::kmod::taint>(bit));
    k.told_unsigned = t.told_unsigned;
    k.told_livepatch = t.told_livepatch;
    k.told_lock_debugging = t.told_lock_debugging;
  }

 private:
  static constexpr std::size_t capacity = 2;  // the one, and its namesake
  using kernel_type = relo::kmod::kernel<G, signatures>;
  using scratch = relo::host::heap_scratch<std::uint64_t>;
  using edited = decltype(std::declval<Pipeline>() |
                          relo::insert_before<"blacklisted">(std::declval<note_name>()) |
                          relo::insert_after<"post_relocation">(std::declval<note_layout>()));
  using loader_type =
      relo::loader<relo::kmod::x86_64, module_memory&, exported_symbols&,
                   relo::kmod::prel32_exports, scratch&, relo::dont_run, kernel_log&, kernel_type,
                   relo::kmod::modules<capacity>, Layout, edited>;

  using module_type = typename loader_type::module_type;

  /// What find_symbol() finds in it, for modules of either kind.
  loaded_module told(const module_type& m) const {
    loaded_module out{m.name.c_str(), {}, m.tainted.test(relo::kmod::taint::proprietary_module)};
    std::unordered_set<std::string> names;
    (void)loader_.exports().template for_each<loader_type::machine::format::byte_order>(
        m, [&](const auto& exported) {
          std::string name;
          for (std::size_t i = 0; exported[i] != '\0'; ++i) name += static_cast<char>(exported[i]);
          if (!names.insert(name).second) return relo::errc::ok;
          for (const bool gpl_ok : {true, false}) {
            relo::kmod::kernel_symbol<std::uint64_t> found;
            if (!loader_.find_in(m, exported, gpl_ok, found) ||
                (!gpl_ok && found.kind == out.exports.back().kind))
              continue;
            out.exports.push_back({name, found.name_space, found.address, found.kind, found.has_crc,
                                   found.unused, found.crc});
          }
          return relo::errc::ok;
        });
    return out;
  }

  load_context context_;
  module_memory memory_;
  scratch scratch_;
  exported_symbols symbols_;
  kernel_log log_;
  loader_type loader_;
};

template <relo::kmod::generation G, class Layout, class Pipeline>
std::unique_ptr<simulated_kernel> make_kernel(const kernel_setup& setup, const Pipeline& p) {
  return std::make_unique<kernel_of<G, Layout, Pipeline>>(setup, p);
}

}  // namespace kmodcheck
