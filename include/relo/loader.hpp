// The loader: policies put together, and the list of stages they serve.
#pragma once

#include <relo/base/contract.hpp>
#include <relo/base/role.hpp>
#include <relo/layout/classify.hpp>
#include <relo/layout/regions.hpp>
#include <relo/load_info.hpp>
#include <relo/loader_words.hpp>
#include <relo/lock/lock.hpp>
#include <relo/lock/readers.hpp>
#include <relo/memory/scratch.hpp>
#include <relo/module/export_policy.hpp>
#include <relo/module/registry.hpp>
#include <relo/native.hpp>
#include <relo/pipeline.hpp>
#include <relo/policies.hpp>
#include <relo/stage/add_unformed_module.hpp>
#include <relo/stage/apply_relocations.hpp>
#include <relo/stage/check_modinfo.hpp>
#include <relo/stage/complete_formation.hpp>
#include <relo/stage/do_init_module.hpp>
#include <relo/stage/elf_validity_check.hpp>
#include <relo/stage/find_module_sections.hpp>
#include <relo/stage/flush_module_icache.hpp>
#include <relo/stage/layout_commons.hpp>
#include <relo/stage/layout_sections.hpp>
#include <relo/stage/layout_symtab.hpp>
#include <relo/stage/module_elf_check_arch.hpp>
#include <relo/stage/module_enforce_rwx_sections.hpp>
#include <relo/stage/module_frob_arch_sections.hpp>
#include <relo/stage/module_unload_init.hpp>
#include <relo/stage/move_module.hpp>
#include <relo/stage/parse_args.hpp>
#include <relo/stage/post_relocation.hpp>
#include <relo/stage/rewrite_section_headers.hpp>
#include <relo/stage/setup_load_info.hpp>
#include <relo/stage/simplify_symbols.hpp>
#include <relo/symbol/definitions.hpp>

namespace relo {

/// The kernel's load_module() and do_init_module(), in order. Undone from the end, it is
/// delete_module().
inline constexpr auto load_module = make_pipeline(
    stages::elf_validity_check{}, stages::module_elf_check_arch{}, stages::setup_load_info{},
    stages::rewrite_section_headers{}, stages::check_modinfo{},
    stages::module_enforce_rwx_sections{}, stages::module_frob_arch_sections{},
    stages::layout_sections{}, stages::layout_commons{}, stages::layout_symtab{},
    stages::move_module{}, stages::add_unformed_module{}, stages::module_unload_init{},
    stages::find_module_sections{}, stages::simplify_symbols{}, stages::apply_relocations{},
    stages::do_mod_dtors{}, stages::post_relocation{}, stages::flush_module_icache{},
    stages::complete_formation{}, stages::parse_args{}, stages::do_mod_ctors{},
    stages::do_one_initcall{}, stages::module_enable_ro{}, stages::do_free_init{});

/// The names of the global functions that a module is started and stopped by.
///  - init, exit: the names; "" for none.
///  - any: whether there is one of either.
/// Its example is entry_points.
template <class E>
concept entry_points_policy = requires {
  { E::init } -> std::convertible_to<const char*>;
  { E::exit } -> std::convertible_to<const char*>;
  { E::any } -> std::convertible_to<bool>;
};

/// What modules are loaded into, for stages that have something to ask about it. A loader holds it,
/// and asks it nothing: what it has to answer is said by the stages, those of Linux for example in
/// kmod::kernel_policy.
template <class K>
concept kernel_policy = std::destructible<K>;

/// The global functions that a module is started and stopped by; "" for none.
template <fixed_string Init, fixed_string Exit>
struct entry_points {
  using role = role::entry_points;
  static constexpr const char* init = Init.s;
  static constexpr const char* exit = Exit.s;
  static constexpr bool any = Init.s[0] != '\0' || Exit.s[0] != '\0';
};

/// The stages have nothing to ask about where modules are loaded into.
struct no_kernel {
  using role = role::kernel;
};

namespace detail {

/// Unloads all modules of a loader that ends.
template <class Loader>
struct last_unload {
  Loader* loader;
  constexpr ~last_unload() {
    while (auto* const last = loader->registry().last()) loader->remove(*last);
  }
};

}  // namespace detail

/// What load() answers: the module, or why there is none.
template <class Module>
class load_result {
 public:
  constexpr load_result(errc e, Module* m) noexcept : module_(m), error_(e) {}
  constexpr explicit operator bool() const noexcept { return error_ == errc::ok; }
  constexpr errc error() const noexcept { return error_; }
  constexpr Module& operator*() const noexcept { return *operator->(); }
  constexpr Module* operator->() const noexcept {
    expects(module_ != nullptr, "there is no module: the load ended in an error");
    return module_;
  }

 private:
  Module* module_;
  errc error_;
};

/// A loader of relocatable objects, composed of policies in any order:
///
///     relo::host::pages memory;
///     relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{table}};
///
/// or of a set of policies, as relo::host::process is one, and others. A set has the role
/// role::policies, and part(std::type_identity<Role>) gives the policy that it has for a role. A
/// policy given beside it takes the place of the set's; of symbols, those of the set answer last.
///
/// Machine and memory must be given. The others and their defaults: symbols (none), layout
/// (core_and_init), classifier (by_flags_and_name), exports (symtab_exports), definitions
/// (own_definitions), versions (any_version), pipeline
/// (load_module), objects (any_object), values (values_first), stubs (counted_stubs), constructors
/// (by_priority), execution (run_native), entry_points ("init_module", "cleanup_module"),
/// modules (16), scratch (the heap's with host::pages, else 2,048 words), diagnostics (located),
/// kernel (no_kernel), lock (no_lock), readers (no_readers), index (the heap's with host::pages and
/// more than 16 modules, else no_index).
///
/// A policy given as an lvalue is referred to, and outlives the loader; a temporary is kept.
/// Holds its modules, and cannot move. When it ends with modules in it, they are unloaded, the last
/// one first, if its execution policy says unloads_at_end; else they are left as they are, and
/// their memory with the memory policy. Without a lock, one thread at a time.
///
/// Several loaders may share a memory, which has no lock: they then share one too, or a thread.
/// find() takes no memory and writes nothing but a turn of the lock. So a signal handler may call
/// it where there is no lock and no readers policy, if load() and unload() block the signal.
template <class... Policies>
class loader {
  static_assert((!detail::plays<void, Policies> && ...),
                "relo: an argument of a loader is no policy (it has no role)");

  /// The policy of a role as it is kept (a reference, perhaps), and its type.
  template <class Role, class Default = void>
  using held = typename detail::given<Role, Default, Policies...>::type;
  template <class Role, class Default = void>
  using pick = typename detail::policy_of<std::remove_cvref_t<held<Role, Default>>>::type;

 public:
  using machine = pick<role::machine>;
  static_assert(!std::is_void_v<machine>,
                "relo: a loader needs a machine, such as relo::arch::x86_64");
  static_assert(relo::machine<machine>, "relo: the machine policy does not model relo::machine");
  using addr = typename machine::format::addr;

  using memory_type = pick<role::memory>;
  static_assert(!std::is_void_v<memory_type>,
                "relo: a loader needs memory, such as relo::static_arena");
  static_assert(relo::memory<memory_type>, "relo: the memory policy does not model relo::memory");
  static_assert(std::is_same_v<typename memory_type::addr, addr>,
                "relo: memory and machine have different address types");

  using layout = pick<role::layout, core_and_init>;
  static_assert(relo::layout<layout>, "relo: the layout policy does not model relo::layout");
  using classifier_type = pick<role::classifier, by_flags_and_name>;
  static_assert(relo::classifier<classifier_type>,
                "relo: the classifier does not model relo::classifier");
  static_assert(sizeof(detail::given<role::symbols, void, Policies...>) != 0);
  using symbols_given = typename detail::pick<role::symbols, void, Policies...>::type;
  using symbols_part = typename detail::pick_part<role::symbols, void, Policies...>::type;
  static constexpr bool symbols_of_set =
      !std::is_void_v<symbols_given> && !std::is_void_v<symbols_part>;
  using symbols_held = typename std::conditional_t<
      symbols_of_set, std::type_identity<detail::symbols_of_both<symbols_given, symbols_part>>,
      detail::given<role::symbols, symbols<>, Policies...>>::type;
  using symbols_type = typename detail::policy_of<std::remove_cvref_t<symbols_held>>::type;
  static_assert(relo::symbol_table<symbols_type, addr>,
                "relo: the symbols policy does not model relo::symbol_table");
  /// What errors are called, see message().
  using words_type = loader_words<loader>;
  using diagnostics_type =
      pick<role::diagnostics, located<located<>::name_size, located<>::symbols_kept, words_type>>;
  static_assert(relo::diagnostics<diagnostics_type>,
                "relo: the diagnostics policy does not model relo::diagnostics");
  using scratch_default =
      typename detail::scratch_with<memory_type, relo::scratch<addr, 2048>>::type;
  using scratch_type = pick<role::scratch, scratch_default>;
  static_assert(relo::scratch_memory<scratch_type, addr>,
                "relo: the scratch policy does not model relo::scratch_memory");
  using execution_type = pick<role::execution, run_native>;
  static_assert(relo::execution<execution_type, addr>,
                "relo: the execution policy does not model relo::execution");
  static_assert(exceptions || (noexcept(std::declval<execution_type&>().call_init(addr{})) &&
                               noexcept(std::declval<execution_type&>().call(addr{}))),
                "relo: without exceptions, an execution policy's call_init() and call() are "
                "noexcept: what leaves them leaves the module half loaded");
  using exports_type = pick<role::exports, symtab_exports>;
  static_assert(exports_policy<exports_type, machine>,
                "relo: the exports policy does not model relo::exports_policy");
  using entry_points =
      pick<role::entry_points, relo::entry_points<"init_module", "cleanup_module">>;
  static_assert(entry_points_policy<entry_points>,
                "relo: the entry_points policy does not model relo::entry_points_policy");
  using modules_type = pick<role::modules, modules<16>>;
  using pipeline_type = pick<role::pipeline, std::remove_cvref_t<decltype(load_module)>>;
  static_assert(pipeline_policy<pipeline_type>,
                "relo: the pipeline policy does not model relo::pipeline_policy");
  static_assert(detail::meets_needs<pipeline_type>);
  static_assert(!pipeline_type::template gives<facet::exports> || stays_with_module<exports_type>,
                "relo: the exports policy does not model relo::stays_with_module");
  using kernel_type = pick<role::kernel, no_kernel>;
  static_assert(kernel_policy<kernel_type>,
                "relo: the kernel policy does not model relo::kernel_policy");
  using definitions = pick<role::definitions, own_definitions>;
  static_assert(definitions_policy<definitions>,
                "relo: the definitions policy does not model relo::definitions_policy");
  using versions = pick<role::versions, any_version>;
  static_assert(versions_policy<versions>,
                "relo: the versions policy does not model relo::versions_policy");
  /// Whether what a module defines as a name's default version is found by that name.
  static constexpr bool finds_default_versions =
      !versions::exact && requires { requires exports_type::has_versions; };
  using lock_type = pick<role::lock, no_lock>;
  static_assert(lockable<lock_type>, "relo: the lock policy does not model relo::lockable");
  using readers_type = pick<role::readers, no_readers>;
  static_assert(readable<readers_type>, "relo: the readers policy does not model relo::readable");
  using objects = pick<role::objects, any_object>;
  static_assert(objects_policy<objects>,
                "relo: the objects policy does not model relo::objects_policy");
  using values = pick<role::values, values_first>;
  static_assert(values_policy<values>,
                "relo: the values policy does not model relo::values_policy");
  static_assert(values::all_first || objects::numbering == elf::numbering::plain,
                "relo: values_when_asked is for what a plain_object is");
  static_assert(values::all_first || !definitions::shared,
                "relo: shared_definitions are for loaders that resolve all symbols first "
                "(values_first)");
  using stubs = pick<role::stubs, counted_stubs>;
  static_assert(stubs_policy<stubs>, "relo: the stubs policy does not model relo::stubs_policy");
  using constructors = pick<role::constructors, by_priority>;
  static_assert(constructors_policy<constructors>,
                "relo: the constructors policy does not model relo::constructors_policy");
  static_assert(values::all_first || !constructors::sorted,
                "relo: constructors by_priority are sorted in scratch memory, of which "
                "values_when_asked leaves none: take in_file_order");

  // What the stages give, and types depend on.

  /// Whether parameters are set here, and param_ops_* symbols therefore have an answer.
  static constexpr bool has_parameters = pipeline_type::template gives<facet::parameters>;
  static constexpr bool has_commons = pipeline_type::template gives<facet::commons>;
  static constexpr bool checks_names = pipeline_type::template gives<facet::section_names>;
  static constexpr bool reads_licence = pipeline_type::template gives<facet::licence>;
  static constexpr bool sorts_arrays = constructors::sorted;
  static constexpr bool keeps_sorted_destructors =
      sorts_arrays && pipeline_type::template gives<facet::destructors>;
  static constexpr bool keeps_sections = requires { requires exports_type::keeps_sections; };
  /// What may be left out of a module, if nobody here asks for it.
  struct wants {
    static constexpr bool entry_points = loader::entry_points::any, parameters = has_parameters,
                          destructors = pipeline_type::template gives<facet::destructors>;
  };
  static_assert(modules_policy<modules_type, addr, typename exports_type::template state<machine>>,
                "relo: the modules policy does not model relo::modules_policy");
  using module_type =
      module<addr, layout, modules_type, typename exports_type::template state<machine>, wants>;
  using index_type =
      pick<role::index, typename detail::index_with<memory_type, modules_type::capacity>::type>;
  static_assert(module_index<index_type>,
                "relo: the index policy does not model relo::module_index");
  static_assert(!index_type::any || lists_exports<exports_type, machine>,
                "relo: with an index, the exports policy models relo::lists_exports");
  using registry_type =
      relo::registry<module_type, modules_type::capacity, readers_type, index_type>;

  explicit constexpr loader(Policies&&... p)
      : memory_(detail::choose<role::memory, memory_type>(static_cast<Policies&&>(p)...)),
        classifier_(
            detail::choose<role::classifier, classifier_type>(static_cast<Policies&&>(p)...)),
        symbols_(choose_symbols(static_cast<Policies&&>(p)...)),
        diagnostics_(
            detail::choose<role::diagnostics, diagnostics_type>(static_cast<Policies&&>(p)...)),
        scratch_(detail::choose<role::scratch, scratch_type>(static_cast<Policies&&>(p)...)),
        execution_(detail::choose<role::execution, execution_type>(static_cast<Policies&&>(p)...)),
        exports_(detail::choose<role::exports, exports_type>(static_cast<Policies&&>(p)...)),
        pipeline_(detail::choose<role::pipeline, pipeline_type>(static_cast<Policies&&>(p)...)),
        kernel_(detail::choose<role::kernel, kernel_type>(static_cast<Policies&&>(p)...)),
        lock_(detail::choose<role::lock, lock_type>(static_cast<Policies&&>(p)...)),
        readers_(detail::choose<role::readers, readers_type>(static_cast<Policies&&>(p)...)) {}
  loader(const loader&) = delete;
  loader& operator=(const loader&) = delete;

  /// Loads an object that is in memory: anything a span of bytes can be made of. The bytes are
  /// not needed afterwards.
  template <class Bytes>
    requires(!elf::source<Bytes> && requires(const Bytes& b) { elf::contiguous{std::span{b}}; })
  constexpr load_result<module_type> load(const Bytes& bytes, const load_options& options = {}) {
    return load(elf::contiguous{std::span{bytes}}, options);
  }
  /// Loads an object through a source. On failure everything is as it was before; so it is when a
  /// constructor or the init function of the module throws, and the exception is passed on.
  template <elf::source Source>
  constexpr load_result<module_type> load(const Source& source, const load_options& options = {}) {
    const auto turn = lock();
    using info = typename modules_type::template load_info<loader, Source>;
    const scratch_use used{scratch()};
    index_exports();
    info load{*this, source, options};
    const errc e = pipeline_.run(load);
    return {e, e == errc::ok ? load.mod : nullptr};
  }

  using requirements = relo::requirements<addr, layout::regions>;

  /// Checks and lays out an object, and says what load() will ask memory for, and how much there
  /// is of it. Nothing is taken that is not given back. With errc::out_of_scratch, to measure took
  /// more scratch memory than there is, and what a load takes of that is all that `out` says.
  template <elf::source Source>
  constexpr errc measure(const Source& source, requirements& out,
                         const load_options& options = {}) {
    const auto turn = lock();
    using info = typename modules_type::template load_info<loader, Source>;
    const scratch_use used{scratch()};
    info load{*this, source, options};
    out = {};
    if (const std::uint64_t words = relo::available(scratch()); words != where::unknown)
      out.scratch_available = static_cast<std::size_t>(words);
    const errc e = pipeline_.template try_before<"move_module">(load, [&] {
      return boost::hana::at_c<pipeline_type::index_of("move_module")>(pipeline_.stages)
          .measure(load, out);
    });
    if (e == errc::out_of_scratch) out.scratch = load.words_needed(load);
    if constexpr (requires { memory().available(mem_type::text, addr{1}); })
      for (auto& r : out.regions)
        if (r.first != mem_type::in_image) r.available = memory().available(r.first, r.align);
    return e;
  }

  /// Removes a module; the reference is dead afterwards. Kernel: delete_module(). Refuses, and
  /// changes nothing, with errc::not_live, errc::module_in_use or errc::no_exit.
  constexpr errc unload(module_type& m) {
    const auto turn = lock();
    if (m.state != module_state::live) return errc::not_live;
    if (m.references != 0) return errc::module_in_use;
    if constexpr (entry_points::any)
      if (m.init != 0 && m.exit == 0) return errc::no_exit;
    remove(m);
    return errc::ok;
  }
  constexpr errc unload(const char* name) {
    const auto turn = lock();
    module_type* const m = name[0] == '\0' ? nullptr : registry_.find(elf::name{name});
    return m == nullptr ? errc::not_loaded : unload(*m);
  }

  /// Removes a module without asking whether it may go. The caller has the lock, and has asked.
  constexpr void remove(module_type& m) noexcept {
    registry_.set_state(m, module_state::going);
    pipeline_.undo(*this, m);
  }

  /// Keeps a module from being unloaded, as often as it is released again.
  constexpr void hold(module_type& m) noexcept {
    const auto turn = lock();
    ++m.references;
  }
  constexpr void release(module_type& m) noexcept {
    const auto turn = lock();
    expects(m.references != 0, "a module is released that nobody holds");
    --m.references;
  }

  /// The function or object of that name which a live module exports, first loaded first, local
  /// ones apart; null if none does. F is the function or object type: the caller's word, nothing
  /// checks it.
  template <class F>
  F* find(const char* name) const noexcept
    requires execution_type::native
  {
    const auto here = reading();
    symbol<addr> s;
    const auto found = [&](const auto& wanted) {
      return find_exported(wanted, true, s) != nullptr;
    };
    return found_by_version(sought(name_of_bytes(name)), found) ? pointer_to<F*>(s.address)
                                                                : nullptr;
  }
  template <class F>
  F* find(const module_type& m, const char* name) const noexcept
    requires execution_type::native
  {
    const auto here = reading();
    symbol<addr> s;
    const auto found = [&](const auto& wanted) { return find_in(m, wanted, true, s); };
    return found_by_version(name_of_bytes(name), found) ? pointer_to<F*>(s.address) : nullptr;
  }
  /// Other threads wait until what this returns is gone. For what takes several steps, such as to
  /// find and to hold; and for what takes no turn by itself, which is all that follows.
  constexpr locked<lock_type> lock() const { return locked<lock_type>{lock_.policy}; }
  /// The same for who only looks: whatever is found stays as long as what this returns does. Waits
  /// for nobody if there is a readers policy; and then the thread neither loads nor unloads
  /// meanwhile, nor takes the lock. Without one it is the lock.
  constexpr auto reading() const {
    if constexpr (readers_type::any)
      return reading_turn<readers_type>{detail::policy(readers_.policy)};
    else return lock();
  }

  /// find() for modules that do not run here: the module that exports the name, or null, and
  /// the symbol, or what the export policy derives from it.
  template <class Name, class Symbol>
  constexpr module_type* find_exported(const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    if constexpr (exports_are_local<exports_type>) return nullptr;
    else
      return registry_.find_exporter(
          name, [&](const module_type& m) { return find_in(m, name, gpl_ok, out); });
  }
  template <class Name, class Symbol>
  constexpr bool find_in(const module_type& m, const Name& name, bool gpl_ok,
                         Symbol& out) const noexcept {
    if constexpr (requires { exports().find(*this, m, name, gpl_ok, out); })
      return exports().find(*this, m, name, gpl_ok, out);
    else return exports().template find<machine::format::byte_order>(seen(m), name, gpl_ok, out);
  }
  /// What of a listed module who reads may look at.
  static constexpr decltype(auto) seen(const module_type& m) noexcept {
    if constexpr (readers_type::any) return seen_module<module_type>{m, registry_type::state(m)};
    else return (m);
  }

  /// What an error is called: the words of those that this loader can meet are in the program, and
  /// no others. "?" for what it cannot meet.
  static constexpr const char* message(errc e) noexcept { return words_type::message(e); }
  /// The last error in full and in these words, if the diagnostics policy is a located<>.
  constexpr auto describe() noexcept
    requires requires(diagnostics_type& d) { d.template describe_in<words_type>(); }
  {
    return diagnostics().template describe_in<words_type>();
  }

  constexpr auto& registry() noexcept { return registry_; }
  constexpr const auto& registry() const noexcept { return registry_; }
  constexpr auto& memory() noexcept { return detail::policy(memory_); }
  constexpr auto& diagnostics() noexcept { return detail::policy(diagnostics_); }
  constexpr auto& scratch() noexcept { return detail::policy(scratch_); }
  constexpr auto& execution() noexcept { return detail::policy(execution_); }
  constexpr const auto& classifier() const noexcept { return detail::policy(classifier_); }
  constexpr const auto& host_symbols() const noexcept { return detail::policy(symbols_); }
  constexpr const auto& exports() const noexcept { return detail::policy(exports_); }
  constexpr auto& kernel() noexcept { return detail::policy(kernel_); }
  constexpr auto& readers() noexcept { return detail::policy(readers_.policy); }

 private:
  /// A name that several modules are asked for.
  /// Whether a name is found, or else what is its default version.
  template <class Name, class Found>
  static constexpr bool found_by_version(const Name& name, Found found) noexcept {
    if constexpr (finds_default_versions)
      return found(name) || found(default_version_of(name, size_without_version(name)));
    else return found(name);
  }
  template <class Name>
  static constexpr auto sought(const Name& name) noexcept {
    if constexpr (requires { requires exports_type::hashes; }) return hashed_name{name};
    else return name;
  }

  constexpr void index_exports() {
    if constexpr (index_type::any)
      registry_.index_exports([this](const module_type& m, auto&& f) {
        (void)exports().template for_each<machine::format::byte_order>(m, [&](const auto& name) {
          f(name);
          return errc::ok;
        });
      });
  }

  static constexpr decltype(auto) choose_symbols(Policies&&... p) {
    if constexpr (symbols_of_set)
      return symbols_held{detail::choose_given<role::symbols>(static_cast<Policies&&>(p)...),
                          detail::choose_part<role::symbols, void>(static_cast<Policies&&>(p)...)};
    else return detail::choose<role::symbols, symbols_type>(static_cast<Policies&&>(p)...);
  }

  [[no_unique_address]] held<role::memory, memory_type> memory_;
  [[no_unique_address]] held<role::classifier, classifier_type> classifier_;
  [[no_unique_address]] symbols_held symbols_;
  [[no_unique_address]] held<role::diagnostics, diagnostics_type> diagnostics_;
  [[no_unique_address]] held<role::scratch, scratch_type> scratch_;
  [[no_unique_address]] held<role::execution, execution_type> execution_;
  [[no_unique_address]] held<role::exports, exports_type> exports_;
  [[no_unique_address]] held<role::pipeline, pipeline_type> pipeline_;
  [[no_unique_address]] held<role::kernel, kernel_type> kernel_;
  struct lock_holder {
    using type = held<role::lock, lock_type>;
    [[no_unique_address]] type policy;
    // An aggregate would do, had it no effect on its neighbours: g++ 12 forgets how those before an
    // empty one were initialized.
    explicit constexpr lock_holder(type&& p) : policy(static_cast<type&&>(p)) {}
  };
  [[no_unique_address]] mutable lock_holder lock_;  // find() takes a turn, too
  struct readers_holder {
    using type = held<role::readers, readers_type>;
    [[no_unique_address]] type policy;
    explicit constexpr readers_holder(type&& p) : policy(static_cast<type&&>(p)) {}
  };
  [[no_unique_address]] mutable readers_holder readers_;  // who reads is counted
  registry_type registry_{};
  struct nothing {
    constexpr explicit nothing(loader*) noexcept {}
  };
  static constexpr bool unloads_at_end = requires { requires execution_type::unloads_at_end; };
  [[no_unique_address]] std::conditional_t<unloads_at_end, detail::last_unload<loader>, nothing>
      end_{this};
};

template <class... Policies>
loader(Policies&&...) -> loader<Policies...>;

}  // namespace relo
