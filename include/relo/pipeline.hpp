// An ordered list of named stages that undoes itself, and edits of it by name.
//
//     constexpr auto mine = relo::load_module
//                         | relo::drop<"parse_args">
//                         | relo::insert_after<"move_module">(print_sections{});
#pragma once

#include <relo/base/fixed_string.hpp>
#include <relo/base/native.hpp>
#include <relo/base/role.hpp>
#include <relo/diagnostics.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

#include <boost/hana/at.hpp>
#include <boost/hana/tuple.hpp>

namespace relo {

/// What a load comes to have, stage by stage. A stage says what it needs of what stages before it
/// give; and types depend on what the stages of a pipeline give, never on their names.
namespace facet {
struct image;          ///< an object that is checked
struct section_names;  ///< names of sections, for classifiers and exports
struct module;         ///< a slot, and a name
struct places;         ///< a word a section, for where it will be
struct licence;        ///< whether the module is GPL-compatible
struct commons;        ///< room for common symbols
struct layout;         ///< where each section will be in the module
struct memory;         ///< the module's memory, and its sections in it
struct values;         ///< where symbols are
struct relocated;      ///< sections as they will run
struct exports;        ///< what others may find, in searchable tables
struct formed;         ///< names that nobody else exports, and permissions
struct destructors;    ///< what unload() calls, in the module
struct parameters;     ///< what was given at load, in the module
struct started;        ///< an init function that has run
struct processor;      ///< whether the code is for this processor
struct pure_code;      ///< whether no section is written and executed
}  // namespace facet

template <class... Facets>
struct facets {};

/// Says of a stage that its run() leaves nothing to take back.
struct nothing_to_undo {};

/// A step of a load, an empty object.
///  - name is what it is called in errors and edits: the kernel's word where the kernel has one.
///  - run(load) returns errc::ok, or reports what is wrong by load.fail() and leaves nothing
///    behind.
///  - undo(loader, module) takes back what run() did, is const and noexcept and returns void; or
///    using undo = relo::nothing_to_undo.
/// It may have,
///  - undoes_part, true if undo() also takes back what run() did until an exception left it, of a
///    policy or of the module's code; else run() has taken that back itself;
///  - errors, what it tells of the core's errors that no stage of relo tells, so that the loader
///    has words for them: static constexpr errc errors[] = {errc::not_authentic};
///  - needs, gives: facets<...>, what it needs of stages before it, and what those after it may
///    need;
///  - makes_module, true for the one that sets load.mod;
///  - reads, or reads_in<Load>, false for one that reads nothing of the object;
///  - acts, true for one that lets others see the module, or runs its code: it does not run if what
///    was read so far could not be read.
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
///  - gives<Facet>: whether a load comes to have that; what only serves it may be left out else.
///  - run(load) -> errc: loads the object, and sets load.mod; or reports why not, and everything is
///    as before.
///  - undo(loader, module) noexcept: takes back all that run() did.
/// And, for loader::measure(),
///  - try_before<"move_module">(load, f) -> errc: does what comes before that stage, calls f(), and
///    takes it back; index_of(name) and stages, a hana::tuple.
template <class P>
concept pipeline_policy = requires(const P p, detail::any_load& load, detail::any_loader& loader,
                                   detail::any_module& module) {
  { P::template gives<facet::image> } -> std::convertible_to<bool>;
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
concept acts = requires { requires Stage::acts; };
template <class Stage, class Load>
concept reads = !requires { requires !Stage::reads; } &&
                !requires { requires !Stage::template reads_in<Load>; };

template <class Facet, class Set>
inline constexpr bool is_among = false;
template <class Facet, class... Set>
inline constexpr bool is_among<Facet, facets<Set...>> = (std::is_same_v<Facet, Set> || ...);
template <class Stage, class Facet>
inline constexpr bool gives = false;
template <class Stage, class Facet>
  requires requires { typename Stage::gives; }
inline constexpr bool gives<Stage, Facet> = is_among<Facet, typename Stage::gives>;

template <class Stage>
struct needs : std::type_identity<facets<>> {};
template <class Stage>
  requires requires { typename Stage::needs; }
struct needs<Stage> : std::type_identity<typename Stage::needs> {};

/// The message of a need that is not met: the compiler says of which stage, and which.
template <class Stage, class Facet, bool Given>
struct need {
  static_assert(Given, "relo: a stage of the pipeline needs what no stage before it gives");
  static constexpr bool is_met = Given;
};

template <class Stage, class Loader, class Module>
inline constexpr bool has_undo = requires(const Stage& s, Loader& loader, Module& m) {
  { s.undo(loader, m) } -> std::same_as<void>;
};
template <class Stage>
inline constexpr bool says_nothing_to_undo = false;
template <class Stage>
  requires requires { typename Stage::undo; }
inline constexpr bool says_nothing_to_undo<Stage> =
    std::is_same_v<typename Stage::undo, nothing_to_undo>;

/// The message of a stage that has neither.
template <class Stage, bool Has>
struct undo_of {
  static_assert(Has, "relo: a stage has void undo(loader, module) const, or else says "
                     "using undo = relo::nothing_to_undo");
  static constexpr bool is_there = Has;
};
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
    return told(load, run_those(std::make_index_sequence<size>{}, load, true, nothing_more));
  }

  /// Runs the stages before the one of that name, then f() -> errc, and undoes those stages.
  template <fixed_string Name, class Load, class F>
  constexpr errc try_before(Load& load, const F& f) const {
    return told(load, run_those(std::make_index_sequence<index_of(Name.s)>{}, load, false, f));
  }

  /// Undoes all stages, last first: to unload a module.
  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& module) const noexcept {
    undo_before(size, loader, module, std::make_index_sequence<size>{});
  }

  /// Whether a stage gives that: pipeline::gives<facet::licence>.
  template <class Facet>
  static constexpr bool gives = (... || detail::gives<Stages, Facet>);

  /// Whether each stage finds what it needs among what those before it give; the compiler says of
  /// which one it is not so.
  static consteval bool meets_needs() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return (... && finds<I>(typename detail::needs<Stages>::type{}));
    }(std::make_index_sequence<size>{});
  }

  /// Where the stage of that name stands; does not compile if there is none.
  static consteval std::size_t index_of(const char* name) {
    std::size_t at = 0;
    if (!(... || (detail::same(Stages::name, name) || (++at, false)))) detail::no_such_stage();
    return at;
  }

 private:
  template <std::size_t I>
  using stage_at = std::remove_cvref_t<decltype(boost::hana::at_c<I>(
      std::declval<const boost::hana::tuple<Stages...>&>()))>;

  template <std::size_t I, class Facet>
  static constexpr bool given_before =
      [](std::size_t at) { return (... || (at++ < I && detail::gives<Stages, Facet>)); }(0);
  template <std::size_t I, class... Needs>
  static consteval bool finds(facets<Needs...>) {
    return (... && detail::need<stage_at<I>, Needs, given_before<I, Needs>>::is_met);
  }

  static constexpr errc nothing_more() noexcept { return errc::ok; }

  /// Runs the stages I, which are the first ones, then f(). If one of those fails, or if nothing is
  /// to be kept, the stages that ran are undone.
  template <std::size_t... I, class Load, class F>
  constexpr errc run_those(std::index_sequence<I...>, Load& load, const bool keep,
                           const F& f) const {
    unwinding<Load> past{*this, load};
    errc e = errc::ok;
    if ((... && ((e = run_one<I, sizeof...(I)>(load, past.ran)) == errc::ok))) e = f();
    if (keep && e == errc::ok) past.ran = 0;
    return e;
  }

  /// Runs stage I of End. The stages before `ran` are to be undone by then, if it is left by an
  /// exception, too.
  template <std::size_t I, std::size_t End, class Load>
  [[gnu::always_inline]] constexpr errc run_one(Load& load, std::size_t& ran) const {
    using stage = stage_at<I>;
    load.enter(stage::name);
    constexpr bool in_part = detail::undoes_part<stage> && exceptions;
    if constexpr (in_part) ran = I + 1;
    const errc e = boost::hana::at_c<I>(stages).run(load);
    // Where it fails it has taken back itself what it did.
    if constexpr (in_part) {
      if (e != errc::ok) ran = I;
    } else if constexpr (!detail::says_nothing_to_undo<stage>) {
      if (e == errc::ok) ran = I + 1;
    }
    if constexpr (looks_after<I, End, Load>)
      if (e == errc::ok && load.image.source().failed()) return errc::read_failed;
    return e;
  }

  /// Whether what stage I has read is looked at before the next one runs. Where errors say which
  /// stage it was, after each; else before the module is seen or run, and in the end: what stages
  /// make of zeros is as harmless as what they make of any file.
  template <std::size_t I, std::size_t End, class Load>
  static constexpr bool looks_after = [] {
    if constexpr (!requires { requires !Load::loader_type::diagnostics_type::keeps_location; })
      return detail::reads<stage_at<I>, Load>;
    else if constexpr (I + 1 == End) return true;
    else return detail::acts<stage_at<I + 1>>;
  }();

  /// Undoes the stages before `ran` when it ends.
  template <class Load>
  struct unwinding {
    const pipeline& all;
    Load& load;
    std::size_t ran = 0;

    constexpr ~unwinding() {
      if (ran != 0 && (first_undo_has_module || load.mod != nullptr))
        all.undo_before(ran, load.loader, *load.mod, std::make_index_sequence<size>{});
    }
  };

  /// Whether there is a module wherever there is something to undo.
  static constexpr bool first_undo_has_module = [] {
    bool made = false, has = true;
    (...,
     (made |= detail::makes_module<Stages>, has &= made || detail::says_nothing_to_undo<Stages>));
    return has;
  }();

  /// Where reading failed, whatever else a stage found fault with was not in the object.
  template <class Load>
  static constexpr errc told(Load& load, errc e) {
    return e != errc::ok && load.image.source().failed() ? load.fail(errc::read_failed) : e;
  }

  template <class Loader, class Module, std::size_t... I>
  constexpr void undo_before(const std::size_t ran, Loader& loader, Module& module,
                             std::index_sequence<I...>) const noexcept {
    (undo_one<size - 1 - I>(ran, loader, module), ...);
  }
  template <std::size_t I, class Loader, class Module>
  constexpr void undo_one(const std::size_t ran, Loader& loader, Module& module) const noexcept {
    using stage = stage_at<I>;
    if constexpr (!detail::says_nothing_to_undo<stage>) {
      static_assert(detail::undo_of<stage, detail::has_undo<stage, Loader, Module>>::is_there);
      const auto& s = boost::hana::at_c<I>(stages);
      static_assert(noexcept(s.undo(loader, module)),
                    "relo: a stage's undo() is noexcept: nothing undoes what it would leave");
      if (I < ran) s.undo(loader, module);
    }
  }
};

namespace detail {
/// A pipeline of another kind looks after its needs itself.
template <class Pipeline>
inline constexpr bool meets_needs = true;
template <stage... Stages>
inline constexpr bool meets_needs<pipeline<Stages...>> = pipeline<Stages...>::meets_needs();
}  // namespace detail

template <stage... Stages>
constexpr pipeline<Stages...> make_pipeline(Stages... s) {
  return {boost::hana::tuple<Stages...>(s...)};
}

namespace detail {

/// An edit: Gone of the stages, from that of that name on, or one behind it (Offset), give way to
/// others.
template <fixed_string Name, std::size_t Offset, std::size_t Gone, stage... New>
struct pipeline_edit {
  [[no_unique_address]] boost::hana::tuple<New...> added;

  template <stage... Stages>
  friend constexpr auto operator|(const pipeline<Stages...>& p, const pipeline_edit& edit) {
    constexpr std::size_t at = pipeline<Stages...>::index_of(Name.s) + Offset;
    return edit.apply(p.stages, std::make_index_sequence<at>{}, std::index_sequence_for<New...>{},
                      std::make_index_sequence<sizeof...(Stages) - at - Gone>{});
  }

 private:
  template <class Old, std::size_t... Before, std::size_t... I, std::size_t... After>
  constexpr auto apply(const Old& old, std::index_sequence<Before...>, std::index_sequence<I...>,
                       std::index_sequence<After...>) const {
    using boost::hana::at_c;
    return make_pipeline(at_c<Before>(old)..., at_c<I>(added)...,
                         at_c<sizeof...(Before) + Gone + After>(old)...);
  }
};

}  // namespace detail

/// pipeline | drop<"name">: without that stage.
template <fixed_string Name>
inline constexpr detail::pipeline_edit<Name, 0, 1> drop{};

/// pipeline | insert_before<"name">(s)
template <fixed_string Name, stage Stage>
constexpr auto insert_before(Stage s) {
  return detail::pipeline_edit<Name, 0, 0, Stage>{boost::hana::tuple<Stage>(s)};
}

/// pipeline | insert_after<"name">(s)
template <fixed_string Name, stage Stage>
constexpr auto insert_after(Stage s) {
  return detail::pipeline_edit<Name, 1, 0, Stage>{boost::hana::tuple<Stage>(s)};
}

/// pipeline | replace<"name">(s): s where that stage stood.
template <fixed_string Name, stage Stage>
constexpr auto replace(Stage s) {
  return detail::pipeline_edit<Name, 0, 1, Stage>{boost::hana::tuple<Stage>(s)};
}

}  // namespace relo
