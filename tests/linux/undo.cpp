// Every way out of a load: after each stage, and where there is a real fault, what was done is
// undone, all of it, in the order of the labels of the kernel's load_module(); and what a module
// that was live goes through. Each label's undoing is seen from outside: in memory, in the list of
// modules, in what notifiers and hooks are told.
#include "record.hpp"

#include "bench.hpp"

#include <boost/hana/flatten.hpp>
#include <boost/hana/for_each.hpp>

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace {

using relo::errc;
using relo::module_state;
using namespace bench;

/// What the stages are to do to the world, and what they did.
struct world {
  journal log;
  std::size_t fails_after = static_cast<std::size_t>(-1);  ///< which stage is the last to succeed
  int init_answers = 0;
  bool listed = false, in_sysfs = false;
  unsigned held = 0;     ///< references to kt_exp
  std::string throws{};  ///< at what happens

  void happens(const std::string& what) {
    log(what);
    if (what == throws) throw std::runtime_error{what};
  }
};
world* now = nullptr;

struct hooks {
  journal* log;

  template <class Module>
  void dynamic_debug_setup(Module&) const {
    now->happens("dynamic_debug_setup");
  }
  template <class Module>
  void dynamic_debug_remove(Module&) const noexcept {
    (*log)("dynamic_debug_remove");
  }
  template <class Module>
  void ftrace_module_init(Module& m) const {
    CHECK(m.state == module_state::unformed);
    CHECK(objects(m, kmod::module_table::ftrace_callsites).count != 0);
    now->happens("ftrace_module_init");
  }
  template <class Module>
  void ftrace_module_enable(Module& m) const {
    CHECK(m.state == module_state::coming);
    now->happens("ftrace_module_enable");
  }
  template <class Module>
  void ftrace_release_mod(Module&) const noexcept {
    (*log)("ftrace_release_mod");
  }
  template <class Module>
  int klp_module_coming(Module&) const {
    now->happens("klp_module_coming");
    return 0;
  }
  template <class Module>
  void klp_module_going(Module&) const noexcept {
    (*log)("klp_module_going");
  }
  template <class Module>
  void kobject_uevent(Module& m) const {
    CHECK(m.state == module_state::live);
    now->happens("kobject_uevent");
  }
};

struct notifier : kmod::notifier_block {
  notifier(const char* n, int of_priority)
      : kmod::notifier_block{told, of_priority, nullptr}, name(n) {}
  static int told(kmod::notifier_block& self, module_state action, const kmod::notified_module&) {
    const auto& n = static_cast<notifier&>(self);
    now->happens(std::string{relo::name_of(action)} + " " + n.name);
    if (n.also) n.also();
    return action == module_state::coming ? n.answer : kmod::notify::done;
  }
  const char* name;
  int answer = kmod::notify::ok;
  std::function<void()> also{};
};

struct execution : relo::dont_run {
  int call_init(address) const {
    now->happens("init");
    return now->init_answers;
  }
  void call(address) const noexcept { now->log("exit"); }
};

/// Notes what changed in the list of modules and in their references since it was looked last.
template <class Loader>
void look(Loader& loader) {
  const auto* const user = loader.registry().find(relo::elf::name{"kt_user"});
  const auto* const used = loader.registry().find(relo::elf::name{"kt_exp"});
  const auto note = [](auto& was, auto is, const char* gone) {
    if (is < was) now->log(gone);
    was = is;
  };
  note(now->in_sysfs, user != nullptr && user->attributes.in_sysfs, "mod_sysfs_teardown");
  note(now->held, used == nullptr ? 0U : unsigned{used->references}, "module_put");
  note(now->listed, user != nullptr, "list_del");
}

/// Stands behind stage I: fails if it is told to; undone, it looks at what was undone so far.
template <std::size_t I>
struct probe {
  static constexpr const char* name = "probe";
  template <class Load>
  errc run(Load& load) const {
    look(load.loader);
    return now->fails_after == I ? load.fail(errc::read_failed) : errc::ok;
  }
  template <class Loader, class Module>
  void undo(Loader& loader, Module&) const noexcept {
    look(loader);
  }
};

template <class... Stages>
constexpr auto probed(const relo::pipeline<Stages...>& p) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return boost::hana::unpack(
        boost::hana::make_tuple(
            boost::hana::make_tuple(boost::hana::at_c<I>(p.stages), probe<I>{})...),
        [](auto... pairs) {
          return boost::hana::unpack(boost::hana::flatten(boost::hana::make_tuple(pairs...)),
                                     [](auto... s) { return relo::make_pipeline(s...); });
        });
  }(std::make_index_sequence<sizeof...(Stages)>{});
}

/// kt_user with more to undo: sections of it are what they were not, per-CPU data and descriptors
/// of dynamic debugging; and it has a version.
bytes with_more(bytes file) {
  file = renamed(std::move(file), ".exit.data", ".data..percpu");
  file = renamed(std::move(file), ".orc_unwind", "__dyndbg");
  return replaced(std::move(file), "depends=", "version=");
}

/// What is undone, and the stage that had done it; in the kernel's order.
struct undoing {
  const char* event;
  const char* stage;
};

/// The labels of load_module(), from sysfs_cleanup on. The kernel's own memory: sections, args,
/// version.
const undoing labels[] = {
    // sysfs_cleanup: mod_sysfs_teardown()
    {"free kmalloc", "mod_sysfs_setup"},
    {"mod_sysfs_teardown", "mod_sysfs_setup"},
    // coming_cleanup: destroy_params() finds nothing; GOING, klp_module_going()
    {"Unloading first", "prepare_coming_module"},
    {"Unloading second", "prepare_coming_module"},
    {"klp_module_going", "prepare_coming_module"},
    // bug_cleanup: no list of bugs here
    // ddebug_cleanup: ftrace_release_mod(), dynamic_debug_remove(), kfree(mod->args)
    {"ftrace_release_mod", "ftrace_module_init"},
    {"dynamic_debug_remove", "dynamic_debug_setup"},
    {"free kmalloc", "copy_args"},
    // free_arch_cleanup: nothing on x86
    // free_modinfo
    {"free kmalloc", "setup_modinfo"},
    // free_unload: module_unload_free()
    {"module_put", "simplify_symbols"},
    // unlink_mod: list_del_rcu()
    {"list_del", "add_unformed_module"},
    // free_module: module_deallocate()
    {"free percpu", "percpu_modalloc"},
    {"free module memory", "move_module"},
    // free_copy: the file is the caller's
};

template <kmod::generation G>
class test {
  static constexpr auto list = pipeline_of<G>;
  static constexpr auto stages = probed(list);

 public:
  world w;
  kernel_symbols symbols;
  memory mem;
  notifier first{"first", 1}, second{"second", 0};
  bytes user;
  std::string thrown{};  ///< what the last load ended with
  const record::faults& files = record::faults_of(record_of(G));
  relo::loader<kmod::x86_64, memory&, const kernel_symbols&, kmod::prel32_exports,
               relo::host::heap_scratch<address>, execution, kernel_log,
               kmod::kernel<G, kmod::no_certificates, hooks>, kmod::modules<4>, layout_of<G>,
               std::remove_cvref_t<decltype(stages)>>
      loader{kmod::x86_64{},
             mem,
             symbols,
             kmod::prel32_exports{},
             relo::host::heap_scratch<address>{},
             execution{},
             kernel_log{},
             kmod::kernel<G, kmod::no_certificates, hooks>{config_of(G), {}, hooks{&w.log}},
             kmod::modules<4>{},
             layout_of<G>{},
             std::remove_cvref_t<decltype(stages)>{}};

  test() {
    now = &w;
    REQUIRE(loader.load(file("kt_exp.ko")));
    mem.log = &w.log;
    user = with_more(file("kt_user.ko"));
    CHECK(loader.kernel().module_notify_list.add(second));
    CHECK(loader.kernel().module_notify_list.add(first));
  }

  bytes file(const std::string& name) const { return contents(files[name].string()); }

  /// Loads a file that is refused, and checks that nothing is left of it.
  errc refused(const bytes& image, const char* args = "") {
    const std::size_t blocks = mem.in_use(), percpu = loader.kernel().percpu_used;
    w.log.lines.clear();
    mem.calls = 0;
    errc result = errc::ok;
    try {
      result = loader.load(image, {.args = args}).error();
    } catch (const std::exception& e) {
      thrown = e.what();
      result = errc::init_failed;
    }
    look(loader);
    CHECK(result != errc::ok);
    CHECK(mem.in_use() == blocks);
    CHECK(loader.kernel().percpu_used == percpu);
    const auto* const exporter = loader.registry().first();
    REQUIRE(exporter != nullptr);
    CHECK(exporter->name.c_str() == std::string{"kt_exp"});
    CHECK(exporter->next == nullptr);
    CHECK(exporter->references == 0);
    CHECK(exporter->state == module_state::live);
    for (std::size_t slot = 1; slot < 4; ++slot)
      CHECK(loader.registry()[slot].state == module_state::none);
    return result;
  }

  static std::size_t index_of(const char* stage) {
    std::size_t at = 0, found = stages_size;
    boost::hana::for_each(list.stages, [&](const auto& s) {
      if (relo::detail::same(s.name, stage)) found = at;
      ++at;
    });
    return found;
  }
  static constexpr std::size_t stages_size = decltype(pipeline_of<G>)::size;

  /// What is undone when a load ends behind that stage.
  static strings undone_after(std::size_t stage) {
    journal out;
    for (const undoing& u : labels)
      if (index_of(u.stage) <= stage && index_of(u.stage) != stages_size) out(u.event);
    return out.lines;
  }
  /// The end of what happened: as many lines as are expected.
  strings end(std::size_t lines) const {
    const auto& all = w.log.lines;
    return {all.end() - static_cast<std::ptrdiff_t>(std::min(lines, all.size())), all.end()};
  }
};

template <kmod::generation G>
void after_each_stage() {
  test<G> t;
  const std::size_t last = t.index_of("mod_sysfs_setup");
  for (std::size_t stage = 0; stage <= last; ++stage) {
    CAPTURE(stage);
    t.w.fails_after = stage;
    CHECK(t.refused(t.user, "x=1") == errc::read_failed);
    const strings expected = t.undone_after(stage);
    CHECK(t.end(expected.size()) == expected);
    // And nothing else is: what comes before was done, not undone.
    for (std::size_t i = 0; i + expected.size() < t.w.log.lines.size(); ++i)
      CHECK(std::none_of(std::begin(labels), std::end(labels),
                         [&](const undoing& u) { return t.w.log.lines[i] == u.event; }));
  }
  CHECK(t.undone_after(last).size() > 9);
  // Taints stay.
  CHECK(t.loader.kernel().tainted.test(kmod::taint::oot_module));
}

/// free_module() is another list than that of labels: here without the kernel's own memory of
/// arguments and version, of which nobody sees when it goes.
template <kmod::generation G>
strings freed() {
  strings out{"free kmalloc", "mod_sysfs_teardown"};
  if (G != kmod::generation::v6_12) out.push_back("dynamic_debug_remove");
  for (const char* next : {"module_put", "list_del", "free percpu", "free module memory"})
    out.push_back(next);
  return out;
}
strings without_own_memory(const strings& log) {
  strings out;
  bool sysfs = true;
  for (const auto& line : log) {
    if (line != "free kmalloc" || sysfs) out.push_back(line);
    if (line == "mod_sysfs_teardown") sysfs = false;
  }
  return out;
}
void append(strings& to, const strings& more) { to.insert(to.end(), more.begin(), more.end()); }

template <kmod::generation G>
strings loaded() {
  strings out;
  if (G != kmod::generation::v6_12) out.push_back("dynamic_debug_setup");
  append(out, {"ftrace_module_init", "ftrace_module_enable", "klp_module_coming", "Loading first",
               "Loading second", "init"});
  return out;
}
const strings gone{"Unloading first", "Unloading second", "klp_module_going", "ftrace_release_mod"};

template <kmod::generation G>
void init_fails() {
  test<G> t;
  t.w.init_answers = -5;
  CHECK(t.refused(t.user, "x=1") == errc::init_failed);
  CHECK(t.loader.diagnostics().at().value == 5);
  strings expected = loaded<G>();
  append(expected, gone);
  append(expected, freed<G>());
  CHECK(without_own_memory(t.w.log.lines) == expected);
}

/// Who takes part in a load throws: all is undone, and it is thrown on.
template <kmod::generation G>
void somebody_throws() {
  test<G> t;
  const std::size_t coming = t.index_of("prepare_coming_module") - 1;
  const auto throws_at = [&](const char* what, const strings& expected) {
    CAPTURE(what);
    t.w.throws = what;
    t.thrown.clear();
    (void)t.refused(t.user, "x=1");
    CHECK(t.thrown == what);
    const auto log = without_own_memory(t.w.log.lines);
    const auto at = std::find(log.begin(), log.end(), what);
    REQUIRE(at != log.end());
    CHECK(strings{at + 1, log.end()} == without_own_memory(expected));
  };
  const auto then = [](strings first, const strings& more) {
    append(first, more);
    return first;
  };
  throws_at("Loading first", then({"klp_module_going"}, t.undone_after(coming)));
  throws_at("Loading second",
            then({"Unloading first", "klp_module_going"}, t.undone_after(coming)));
  throws_at("klp_module_coming", t.undone_after(coming));
  throws_at("ftrace_module_enable", t.undone_after(coming));
  throws_at("init", then(gone, freed<G>()));
  for (const char* const told : {"Live first", "Live second", "kobject_uevent"})
    throws_at(told, then(then({"exit"}, gone), freed<G>()));
  t.w.throws.clear();

  t.mem.calls = 0;
  REQUIRE(t.loader.load(t.user, {.args = "x=1"}));
  const std::size_t calls = t.mem.calls;
  CHECK(kmod::delete_module(t.loader, "kt_user"));
  t.mem.throws = true;
  for (std::size_t n = 1; n <= calls; ++n) {
    CAPTURE(n);
    t.mem.fails_at = n;
    t.thrown.clear();
    (void)t.refused(t.user, "x=1");
    CHECK(t.thrown == std::bad_alloc{}.what());
  }
  t.mem.fails_at = 0;
  CHECK(t.loader.load(t.user, {.args = "x=1"}));
}

template <kmod::generation G>
void live_and_gone() {
  test<G> t;
  t.w.log.lines.clear();
  const std::size_t blocks = t.mem.in_use();
  REQUIRE(t.loader.load(t.user, {.args = "x=1"}));
  strings expected = loaded<G>();
  append(expected, {"Live first", "Live second", "kobject_uevent", "free module memory"});
  CHECK(t.w.log.lines == expected);
  CHECK(t.w.held == 1);

  CHECK(kmod::delete_module(t.loader, "kt_exp").error == errc::module_in_use);
  t.w.log.lines.clear();
  CHECK(kmod::delete_module(t.loader, "kt_user"));
  expected = {"exit"};
  append(expected, gone);
  append(expected, freed<G>());
  CHECK(without_own_memory(t.w.log.lines) == expected);
  CHECK(t.mem.in_use() == blocks);
  CHECK(kmod::delete_module(t.loader, "kt_exp"));
  CHECK(t.mem.in_use() == 0);
}

template <kmod::generation G>
void notifiers_refuse() {
  test<G> t;
  const std::size_t stage = t.index_of("prepare_coming_module") - 1;
  // Those told before are told otherwise, the one that refused is not.
  t.second.answer = kmod::notifier_from_errno(kmod::err::nospc);
  CHECK(t.refused(t.user, "x=1") == relo::kmod::error::refused_by_notifier);
  CHECK(t.loader.diagnostics().at().value == kmod::err::nospc);
  strings expected{"Loading first", "Loading second", "Unloading first", "klp_module_going"};
  append(expected, t.undone_after(stage));
  CHECK(t.end(expected.size()) == expected);

  t.first.answer = kmod::notify::bad;
  CHECK(t.refused(t.user, "x=1") == relo::kmod::error::refused_by_notifier);
  CHECK(t.loader.diagnostics().at().value == kmod::err::perm);
  expected = {"Loading first", "klp_module_going"};
  append(expected, t.undone_after(stage));
  CHECK(t.end(expected.size()) == expected);

  // A stop that is no error stops the others, and has those before it told otherwise; no more.
  t.first.answer = kmod::notify::ok;
  t.second.answer = kmod::notify::stop;
  t.w.log.lines.clear();
  CHECK(t.loader.load(t.user));
  CHECK(std::count(t.w.log.lines.begin(), t.w.log.lines.end(), "Unloading first") == 1);
  CHECK(std::count(t.w.log.lines.begin(), t.w.log.lines.end(), "Live second") == 1);
}

/// One that is told of a module cannot unload it, at no time.
template <kmod::generation G>
void notifier_unloads() {
  test<G> t;
  int asked = 0;
  t.first.also = [&] {
    ++asked;
    CHECK_FALSE(kmod::delete_module(t.loader, "kt_user"));
    CHECK(t.loader.unload("kt_user") != errc::ok);
  };
  REQUIRE(t.loader.load(t.user, {.args = "x=1"}));
  CHECK(asked == 2);
  CHECK(t.loader.registry().find(relo::elf::name{"kt_user"})->references == 0);
  CHECK(kmod::delete_module(t.loader, "kt_user"));
  CHECK(asked == 3);
  // Another one may go.
  t.first.also = [&] {
    t.first.also = nullptr;
    CHECK(kmod::delete_module(t.loader, "kt_exp"));
  };
  t.w.init_answers = 0;
  REQUIRE(t.loader.load(t.file("kt_param.ko")));
  CHECK(t.loader.registry().first()->name.c_str() == std::string{"kt_param"});
  CHECK(t.loader.registry().first()->next == nullptr);
}

template <kmod::generation G>
void without_memory() {
  test<G> t;
  REQUIRE(t.loader.load(t.user, {.args = "x=1"}));
  CHECK(kmod::delete_module(t.loader, "kt_user"));
  t.w.log.lines.clear();
  t.mem.calls = 0;
  REQUIRE(t.loader.load(t.user, {.args = "x=1"}));
  const std::size_t calls = t.mem.calls;
  CHECK(calls >= 6);
  CHECK(kmod::delete_module(t.loader, "kt_user"));

  std::size_t without = 0;
  for (std::size_t n = 1; n <= calls; ++n) {
    CAPTURE(n);
    t.mem.fails_at = n;
    t.mem.calls = 0;
    const auto result = t.loader.load(t.user, {.args = "x=1"});
    if (result) {
      // What the kernel does without: the strings of .modinfo, and before 6.12 the sections.
      CHECK((!result->attributes.has_version || result->attributes.section_count == 0));
      ++without;
      t.mem.fails_at = 0;
      CHECK(kmod::delete_module(t.loader, "kt_user"));
    } else {
      CHECK(result.error() == errc::out_of_memory);
      CHECK(t.refused(t.user, "x=1") == errc::out_of_memory);
    }
  }
  CHECK(without == (G == kmod::generation::v6_12 ? 1 : 2));
  t.mem.fails_at = 0;
  CHECK(t.loader.load(t.user, {.args = "x=1"}));
}

/// Files that real kernels refuse, by the label that they leave through.
template <kmod::generation G>
void real_faults() {
  test<G> t;
  const auto refused = [&](const char* name, errc why, const char* last_stage,
                           const char* args = "") {
    CAPTURE(name);
    CHECK(t.refused(t.file(name), args) == why);
    // The modules have neither version nor per-CPU data.
    const bool undid_memory = !t.w.log.lines.empty();
    CHECK(undid_memory == (t.index_of(last_stage) >= t.index_of("move_module")));
    if (undid_memory) CHECK(t.w.log.lines.back() == "free module memory");
  };
  // free_copy
  refused("h_magic.ko", errc::bad_magic, "module_sig_check");
  refused("m_vermagic_smp.ko", relo::kmod::error::wrong_vermagic, "check_modstruct_version");
  // free_modinfo
  refused("kt_unksym.ko", errc::unknown_symbol, "setup_modinfo");
  refused("r_type99.ko", errc::unknown_relocation, "simplify_symbols");
  // ddebug_cleanup
  refused("kt_exp2.ko", errc::duplicate_export, "ftrace_module_init");
  CHECK(t.end(2) == strings{"ftrace_release_mod", "free module memory"});
  // coming_cleanup
  refused("kt_param.ko", errc::bad_parameter, "prepare_coming_module", "n=");
  CHECK(t.end(6) == strings{"Unloading first", "Unloading second", "klp_module_going",
                            "ftrace_release_mod", "free kmalloc", "free module memory"});
  // free_module, or before there is memory
  const std::size_t calls = (t.mem.calls = 0, (void)t.refused(t.file("kt_exp.ko")), t.mem.calls);
  CHECK(t.loader.diagnostics().code() == errc::already_loaded);
  CHECK((calls == 0) == (G == kmod::generation::v6_12));
}

}  // namespace

#define RELO_GENERATIONS(name)                                                                     \
  TEST_CASE(#name) {                                                                               \
    SUBCASE("5.11") { name<kmod::generation::v5_11>(); }                                           \
    SUBCASE("6.1") { name<kmod::generation::v6_1>(); }                                             \
    SUBCASE("6.12") { name<kmod::generation::v6_12>(); }                                           \
  }
RELO_GENERATIONS(after_each_stage)
RELO_GENERATIONS(init_fails)
RELO_GENERATIONS(somebody_throws)
RELO_GENERATIONS(live_and_gone)
RELO_GENERATIONS(notifiers_refuse)
RELO_GENERATIONS(notifier_unloads)
RELO_GENERATIONS(without_memory)
RELO_GENERATIONS(real_faults)
