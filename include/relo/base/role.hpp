// What policies a loader has: each says which role it plays, by a type of its own called `role`.
#pragma once

/// A policy's contract stands where its concept does, in the header that is named here.
namespace relo::role {
struct machine;       ///< relo/reloc/machine.hpp
struct memory;        ///< relo/memory/memory.hpp
struct symbols;       ///< relo/symbol/symbol.hpp
struct layout;        ///< relo/layout/regions.hpp
struct classifier;    ///< relo/layout/classify.hpp
struct exports;       ///< relo/module/export_policy.hpp
struct definitions;   ///< relo/symbol/definitions.hpp
struct versions;      ///< relo/symbol/version.hpp
struct execution;     ///< relo/execution/execution.hpp
struct lock;          ///< relo/lock/lock.hpp
struct readers;       ///< relo/lock/readers.hpp
struct index;         ///< relo/module/module_index.hpp
struct kernel;        ///< relo/loader.hpp
struct entry_points;  ///< relo/loader.hpp
struct scratch;       ///< relo/memory/scratch.hpp
struct objects;       ///< relo/elf/objects.hpp
struct values;        ///< relo/load/values.hpp
struct stubs;         ///< relo/load/stubs.hpp
struct constructors;  ///< relo/stage/arrays.hpp
struct modules;       ///< relo/module.hpp
struct diagnostics;   ///< relo/diagnostics.hpp
struct pipeline;      ///< relo/pipeline.hpp
struct policies;      ///< relo/policies.hpp, a set of them
}  // namespace relo::role
