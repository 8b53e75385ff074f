// An ordered list of named stages that undoes itself, and edits of it by name.
//
//     constexpr auto mine = relo::load_module
//                         | relo::drop<"parse_args">
//                         | relo::insert_after<"move_module">(print_sections{});
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/fixed_string.hpp>

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

/// A step of a load: an empty object with
///  - name: what it is called in errors and edits; the kernel's word where the kernel has one;
///  - run(load) -> errc: succeeds, or reports through load.fail() and leaves nothing behind;
///  - undo(loader, module) noexcept: takes back what run() did; absent if there is nothing.
template <class S>
concept stage = requires {
  { S::name } -> std::convertible_to<const char*>;
};

namespace detail {
// Not constexpr on purpose: the message of a misspelt name.
inline void no_such_stage() {}
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
    std::size_t done = 0;
    errc e = errc::ok;
    boost::hana::unpack(stages, [&](const auto&... s) {
      (void)(... && ((e = run_one(s, load, done)) == errc::ok));
    });
    if (e != errc::ok && load.mod != nullptr) undo(load.loader, *load.mod, done);
    return e;
  }

  /// Undoes the first `done` stages, last first: all of them to unload a module.
  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& module, std::size_t done = size) const noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (undo_one<size - 1 - I>(loader, module, done), ...);
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
  template <class Stage, class Load>
  static constexpr errc run_one(const Stage& s, Load& load, std::size_t& done) {
    load.enter(Stage::name);
    const errc e = s.run(load);
    if (e == errc::ok) ++done;
    // Where reading failed, whatever else a stage found fault with was not in the object.
    return load.image.source().failed() ? load.fail(errc::read_failed) : e;
  }

  template <std::size_t I, class Loader, class Module>
  constexpr void undo_one(Loader& loader, Module& module, std::size_t done) const noexcept {
    const auto& s = boost::hana::at_c<I>(stages);
    if constexpr (requires { s.undo(loader, module); })
      if (I < done) s.undo(loader, module);
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
