// Loading into the running program itself: how its modules are run, where its memory and its
// objects are.
#pragma once

#include <relo/base/native.hpp>
#include <relo/elf/in_place.hpp>
#include <relo/execution/execution.hpp>
#include <relo/memory/arena.hpp>
