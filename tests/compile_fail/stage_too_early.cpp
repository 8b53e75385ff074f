// expect: relo: a stage of the pipeline needs what no stage before it gives
#include <relo/relo.hpp>

struct count_places {
  static constexpr const char* name = "count_places";
  using needs = relo::facets<relo::facet::places>;
  using undo = relo::nothing_to_undo;
  template <class Load>
  constexpr relo::errc run(Load&) const {
    return relo::errc::ok;
  }
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory,
                    relo::load_module | relo::insert_before<"setup_load_info">(count_places{})};
