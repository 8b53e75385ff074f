// A load is a list of stages, and a program may have a list of its own: edited by name, at compile
// time. edit_pipeline FILE.o loads with the edited list.

#include "../escaped.hpp"

#include <relo/host/file.hpp>
#include <relo/host/pages.hpp>
#include <relo/relo.hpp>

#include <algorithm>
#include <boost/hana/for_each.hpp>
#include <cstdio>
#include <string>
#include <vector>

namespace {

/// Takes the place of check_modinfo: every module is welcome to every export.
struct trust_everyone {
  static constexpr const char* name = "trust_everyone";
  using undo = relo::nothing_to_undo;
  using gives = relo::facets<relo::facet::licence>;

  template <class Load>
  constexpr relo::errc run(Load& load) const {
    load.gpl_compatible = true;
    return relo::errc::ok;
  }
};

/// A new stage. What it did is undone when a later one fails, and when the module is unloaded.
struct count_modules {
  static constexpr const char* name = "count_modules";
  static inline int loaded = 0;

  template <class Load>
  relo::errc run(Load& load) const {
    std::printf("  %s is number %d\n", load.mod->name.c_str(), ++loaded);
    return relo::errc::ok;
  }
  template <class Loader, class Module>
  void undo(Loader&, Module& m) const noexcept {
    std::printf("  %s goes, %d left\n", m.name.c_str(), --loaded);
  }
};

// A misspelt name, or one that an earlier edit has dropped, does not compile.
constexpr auto edited = relo::load_module                                   //
                        | relo::drop<"parse_args">                          //
                        | relo::replace<"check_modinfo">(trust_everyone{})  //
                        | relo::insert_before<"do_one_initcall">(count_modules{});

static_assert(edited.size == relo::load_module.size);  // one went, one came
static_assert(edited.index_of("trust_everyone") == relo::load_module.index_of("check_modinfo"));
static_assert(edited.index_of("count_modules") + 1 == edited.index_of("do_one_initcall"));

template <class Pipeline>
std::vector<std::string> names(const Pipeline& pipeline) {
  std::vector<std::string> out;
  boost::hana::for_each(pipeline.stages, [&](const auto& stage) { out.emplace_back(stage.name); });
  return out;
}

/// Two lists as one, like diff: what is in both stands in the same order in both.
void print_difference(const std::vector<std::string>& before,
                      const std::vector<std::string>& after) {
  const auto is_in = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  auto a = after.begin();
  const auto print_new = [&] {
    for (; a != after.end() && !is_in(before, *a); ++a) std::printf("+ %s\n", a->c_str());
  };
  for (const std::string& stage : before) {
    const bool kept = is_in(after, stage);
    if (kept) print_new();
    std::printf("%c %s\n", kept ? ' ' : '-', stage.c_str());
    if (kept) ++a;
  }
  print_new();
}

constexpr auto table = relo::exports(relo::exported{"puts", &std::puts});

}  // namespace

int main(int argc, char** argv) {
  print_difference(names(relo::load_module), names(edited));
  if (argc != 2) return argc == 1 ? 0 : 2;

  std::printf("\n");
  const relo::host::file object{argv[1]};
  relo::host::pages memory;
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{table}, edited};
  const auto module = loader.load(object.bytes(), {.name = "module"});
  if (!module) {
    std::fprintf(stderr, "edit_pipeline: %s: %s\n", example::escaped(argv[1]).c_str(),
                 loader.diagnostics().describe().c_str());
    return 1;
  }
  return loader.unload(*module) == relo::errc::ok ? 0 : 1;
}
