#include <relo/pipeline.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

struct module {};
struct journal {
  std::string text;
};

/// What a pipeline needs of a load: somewhere to write down what happens.
struct load {
  journal& loader;
  module* mod;
  const char* failing = "";
  const char* unreadable = "";
  struct {
    bool broken = false;
    auto& source() { return *this; }
    bool failed() const { return broken; }
  } image{};
  void enter(const char*) {}
  relo::errc fail(relo::errc e) { return e; }
};

template <relo::fixed_string Name>
struct step {
  static constexpr const char* name = Name.s;
  relo::errc run(load& l) const {
    if (std::string(l.failing) == name) return relo::errc::out_of_memory;
    if (std::string(l.unreadable) == name) l.image.broken = true;
    l.loader.text += name;
    return relo::errc::ok;
  }
  void undo(journal& out, module&) const noexcept { out.text += std::string("-") + name; }
};

struct silent {
  static constexpr const char* name = "s";
  using undo = relo::nothing_to_undo;
  relo::errc run(load& l) const { return l.loader.text += 's', relo::errc::ok; }
};

constexpr auto abc = relo::make_pipeline(step<"a">{}, silent{}, step<"b">{}, step<"c">{});

template <class Pipeline>
std::string run(const Pipeline& p, const char* failing = "", const char* unreadable = "") {
  journal out;
  module m;
  load l{out, &m, failing, unreadable};
  const relo::errc e = p.run(l);
  return out.text + (e == relo::errc::ok ? "" : "!");
}

static_assert(abc.size == 4 && abc.index_of("b") == 2);
static_assert(sizeof abc == 1);

}  // namespace

TEST_CASE("stages run in order; a failure undoes those that ran, last first") {
  CHECK(run(abc) == "asbc");
  CHECK(run(abc, "c") == "asb-b-a!");
  CHECK(run(abc, "b") == "as-a!");
  CHECK(run(abc, "a") == "!");
}

TEST_CASE("a source that fails ends the stage it fails in, and that stage is undone, too") {
  CHECK(run(abc, "", "b") == "asb-b-a!");
  CHECK(run(abc, "", "c") == "asbc-c-b-a!");
}

TEST_CASE("unloading is undoing everything") {
  journal out;
  module m;
  abc.undo(out, m);
  CHECK(out.text == "-c-b-a");
}

TEST_CASE("edits by name") {
  CHECK(run(abc | relo::drop<"b">) == "asc");
  CHECK(run(abc | relo::replace<"a">(step<"x">{})) == "xsbc");
  CHECK(run(abc | relo::insert_before<"a">(step<"x">{})) == "xasbc");
  CHECK(run(abc | relo::insert_after<"c">(step<"x">{})) == "asbcx");
  CHECK(run(abc | relo::insert_after<"a">(step<"x">{}) | relo::drop<"s"> | relo::drop<"a">, "c") ==
        "xb-b-x!");
}
