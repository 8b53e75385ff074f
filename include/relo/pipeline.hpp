// An ordered list of named stages that undoes itself, and edits of it by name.
//
//     constexpr auto mine = relo::load_module
//                         | relo::drop<"parse_args">
//                         | relo::insert_after<"move_module">(print_sections{});
#pragma once

#include <relo/base/fixed_string.hpp>
#include <relo/diagnostics.hpp>

#include <concepts>
#include <utility>

#include <boost/hana/at.hpp>
#include <boost/hana/insert.hpp>
#include <boost/hana/remove_at.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/unpack.hpp>

namespace relo {

namespace role {
struct pipeline;
}

/// A step of a load, an empty object.
///  - name is what it is called in errors and edits: the kernel's word where the kernel has one.
///  - run(load) returns errc::ok, or reports what is wrong by load.fail() and leaves nothing
///    behind.
/// It may have,
///  - undo(loader, module), which takes back what run() did, and is noexcept;
///  - undoes_part, true if undo() also takes back what run() did until an exception left it, of a
///    policy or of the module's code; else run() has taken that back itself;
///  - errors, what it tells of the core's errors that no stage of relo tells, so that the loader
///    has words for them: static constexpr errc errors[] = {errc::not_authentic};
///  - makes_module, true for the one that sets load.mod;
///  - reads, false for one that reads nothing of the object.
template <class S>
concept stage = requires {
  { S::name } -> std::convertible_to<const char*>;
};

namespace detail {
struct any_load;
struct any_loader;
struct any_module;
}  // namespace detail

/// What a loader does with an object, and with a module that goes. relo::pipeline is one, of
/// stages.
///  - has(name): whether there is a stage of that name; what only that stage needs may be left out.
///  - run(load) -> errc: loads the object, and sets load.mod; or reports why not, and everything is
///    as before.
///  - undo(loader, module) noexcept: takes back all that run() did.
/// And, for loader::measure(),
///  - try_before<"move_module">(load, f) -> errc: does what comes before that stage, calls f(), and
///    takes it back; index_of(name) and stages, a hana::tuple.
template <class P>
concept pipeline_policy = requires(const P p, detail::any_load& load, detail::any_loader& loader,
                                   detail::any_module& module) {
  { P::has("stage") } -> std::same_as<bool>;
  { p.run(load) } -> std::same_as<errc>;
  { p.undo(loader, module) } noexcept;
};

namespace detail {
// Not constexpr on purpose: the message of a misspelt name.
inline void no_such_stage() {}

template <class Stage>
concept makes_module = requires { requires Stage::makes_module; };
template <class Stage>
concept undoes_part = requires { requires Stage::undoes_part; };
template <class Stage>
concept reads = !requires { requires !Stage::reads; };
}  // namespace detail

template <stage... Stages>
class pipeline {
 public:
  using role = role::pipeline;
  static constexpr std::size_t size = sizeof...(Stages);
  [[no_unique_address]] boost::hana::tuple<Stages...> stages{};

  /// Runs the stages in order; when one fails, undoes those before it, last first. A load
  /// without a module yet has nothing to undo.
  template <class Load>
  constexpr errc run(Load& load) const {
    return told(load, run_from<0, size, true>(load, [] { return errc::ok; }));
  }

  /// Runs the stages before the one of that name, then f() -> errc, and undoes those stages.
  template <fixed_string Name, class Load, class F>
  constexpr errc try_before(Load& load, F&& f) const {
    return told(load, run_from<0, index_of(Name.s), false>(load, f));
  }

  /// Undoes all stages, last first: to unload a module.
  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& module) const noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (undo_one<size - 1 - I>(loader, module), ...);
    }(std::make_index_sequence<size>{});
  }

  static consteval bool has(const char* name) { return (... || detail::same(Stages::name, name)); }

  /// Where the stage of that name stands; does not compile if there is none.
  static consteval std::size_t index_of(const char* name) {
    std::size_t at = 0;
    if (!(... || (detail::same(Stages::name, name) || (++at, false)))) detail::no_such_stage();
    return at;
  }

 private:
  /// Runs the stages from I to before End, then f(). If one of those fails, or if nothing is to be
  /// kept, stage I is undone after them.
  template <std::size_t I, std::size_t End, bool Keep, class Load, class F>
  constexpr errc run_from(Load& load, F&& f) const {
    if constexpr (I == End) {
      return f();
    } else {
      const auto& s = boost::hana::at_c<I>(stages);
      load.enter(stage_at<I>::name);
      // Those before a stage that is left by an exception are undone as if it had failed.
      undone<I, Load> here{*this, load};
      errc e = s.run(load);
      here.ran = e == errc::ok;
      if constexpr (detail::reads<stage_at<I>>)
        if (here.ran && load.image.source().failed()) e = errc::read_failed;
      if (e == errc::ok) e = run_from<I + 1, End, Keep>(load, f);
      here.kept = Keep && e == errc::ok;
      return e;
    }
  }

  template <std::size_t I>
  using stage_at = std::remove_cvref_t<decltype(boost::hana::at_c<I>(
      std::declval<const boost::hana::tuple<Stages...>&>()))>;

  /// Undoes stage I when it ends, if that ran, or may have in part, and is not to be kept.
  template <std::size_t I, class Load>
  struct undone {
    const pipeline& all;
    Load& load;
    bool ran = detail::undoes_part<stage_at<I>>, kept = false;

    constexpr ~undone() {
      if (ran && !kept && has_module<I>(load)) all.template undo_one<I>(load.loader, *load.mod);
    }
  };

  /// Where reading failed, whatever else a stage found fault with was not in the object.
  template <class Load>
  static constexpr errc told(Load& load, errc e) {
    return e != errc::ok && load.image.source().failed() ? load.fail(errc::read_failed) : e;
  }

  /// Whether there is a module, now that stage I has run.
  template <std::size_t I, class Load>
  static constexpr bool has_module(const Load& load) noexcept {
    std::size_t at = 0;
    return ((at++ <= I && detail::makes_module<Stages>) || ...) || load.mod != nullptr;
  }

  template <std::size_t I, class Loader, class Module>
  constexpr void undo_one(Loader& loader, Module& module) const noexcept {
    const auto& s = boost::hana::at_c<I>(stages);
    if constexpr (requires { s.undo(loader, module); }) {
      static_assert(noexcept(s.undo(loader, module)),
                    "relo: a stage's undo() is noexcept: nothing undoes what it would leave");
      s.undo(loader, module);
    }
  }
};

template <stage... Stages>
constexpr pipeline<Stages...> make_pipeline(Stages... s) {
  return {boost::hana::make_tuple(s...)};
}

namespace detail {

template <class Edit>
struct pipeline_edit : Edit {
  template <stage... Stages>
  friend constexpr auto operator|(const pipeline<Stages...>& p, const pipeline_edit& edit) {
    return boost::hana::unpack(edit(p), [](const auto&... s) { return make_pipeline(s...); });
  }
};
template <class Edit>
constexpr pipeline_edit<Edit> edit_pipeline(Edit e) {
  return {e};
}

/// Stage s put in `offset` after the stage of that name.
template <fixed_string Name, std::size_t Offset, class Stage>
constexpr auto insert_stage(Stage s) {
  return edit_pipeline([s]<class P>(const P& p) {
    return boost::hana::insert(p.stages, boost::hana::size_c<P::index_of(Name.s) + Offset>, s);
  });
}

}  // namespace detail

/// pipeline | drop<"name">: without that stage.
template <fixed_string Name>
inline constexpr auto drop = detail::edit_pipeline(
    []<class P>(const P& p) { return boost::hana::remove_at_c<P::index_of(Name.s)>(p.stages); });

/// pipeline | insert_before<"name">(s)
template <fixed_string Name, stage Stage>
constexpr auto insert_before(Stage s) {
  return detail::insert_stage<Name, 0>(s);
}

/// pipeline | insert_after<"name">(s)
template <fixed_string Name, stage Stage>
constexpr auto insert_after(Stage s) {
  return detail::insert_stage<Name, 1>(s);
}

/// pipeline | replace<"name">(s): s where that stage stood.
template <fixed_string Name, stage Stage>
constexpr auto replace(Stage s) {
  return detail::edit_pipeline([s]<class P>(const P& p) {
    constexpr std::size_t at = P::index_of(Name.s);
    return boost::hana::insert(boost::hana::remove_at_c<at>(p.stages), boost::hana::size_c<at>, s);
  });
}

}  // namespace relo
