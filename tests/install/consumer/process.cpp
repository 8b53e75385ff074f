#include <relo/host/buffer.hpp>
#include <relo/host/pages.hpp>

static_assert(relo::memory<relo::host::pages>);
