// A row of an architecture's table.

#include <relo/arch/x86_64.hpp>

namespace relo {

using namespace terms;
using enum overflow;

constexpr howto rows[] = {
#include README_BLOCK
};
static_assert(std::size(rows) == 1 && rows[0].type == arch::x86_64::howtos[0].type &&
              rows[0].where == arch::x86_64::howtos[0].where &&
              rows[0].value == arch::x86_64::howtos[0].value &&
              rows[0].check == arch::x86_64::howtos[0].check);

}  // namespace relo
