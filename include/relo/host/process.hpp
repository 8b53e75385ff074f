// Plugins in C and C++ for this process: all policies that these take, under one name.
#pragma once

#include <relo/host/heap_scratch.hpp>
#include <relo/host/pages.hpp>
#include <relo/host/unwind.hpp>
#include <relo/loader.hpp>

#include <cxxabi.h>
#include <dlfcn.h>
#include <string>

#ifdef _LIBCPPABI_VERSION
// Itanium C++ ABI, 3.3.5.3. libc++abi defines it, but does not declare it in <cxxabi.h>.
extern "C" void __cxa_finalize(void* handle);
namespace __cxxabiv1 {
using ::__cxa_finalize;
}
#endif

namespace relo::host {

/// Runs modules in this process. C++ modules register their destructors with __cxa_atexit;
/// they run when the module goes, not after it has gone.
struct run_in_process : run_native {
  void finalize(native_addr handle) const noexcept {
    if (handle != 0) abi::__cxa_finalize(pointer_to<void*>(handle));
  }
};

/// The same, and keeps the modules' unwind tables for the stages of host::load_module. A loader
/// with it unloads its modules when it ends, the last one first: destructors that they registered
/// with the process must not outlive their code.
class run_plugins : public run_in_process {
 public:
  static constexpr bool unloads_at_end = true;
  unwind_tables& tables() noexcept { return tables_; }

 private:
  unwind_tables tables_;
};

/// relo::load_module, and exceptions may be thrown and caught within a module, across modules and
/// by the program. Goes with run_plugins; edited, it keeps doing so.
inline constexpr auto load_module = with_unwind_tables(relo::load_module);

/// The dynamic symbols of this process and its shared libraries, as dlsym(RTLD_DEFAULT) finds them:
/// the C library's, those of the C++ library if the program is linked with it, the program's own
/// only if it is linked with -rdynamic; of a name with a version ("memcpy@GLIBC_2.2.5") that one,
/// as dlvsym does. A C library before glibc 2.34 wants -ldl. Nothing is found by a program that is
/// linked statically.
struct process_symbols {
  using role = role::symbols;

  template <class Name, class Symbol>
  bool find(const Name& name, bool, Symbol& out) const noexcept {
    void* at = nullptr;
    enough_memory([&] {
      std::string called;
      for (char c; (c = name[called.size()]) != '\0';) called += c;
      const std::size_t end = called.find('@'), version = called.find_first_not_of('@', end);
      if (end == called.npos) at = ::dlsym(RTLD_DEFAULT, called.c_str());
#ifdef __GLIBC__
      else if (version != called.npos)
        at = ::dlvsym(RTLD_DEFAULT, called.substr(0, end).c_str(), called.c_str() + version);
#endif
    });
    if (at == nullptr) return false;
    out.address = address_of(at);
    return true;
  }
};

/// A set of policies, see relo::loader, with which plugins in C and C++ are safe: memory in
/// pages near the program, scratch memory from the heap, destructors and exceptions as the language
/// has them, variables that are one for all modules, and the process's own symbols for what no
/// table given beside it has.
///
///     relo::loader loader{relo::arch::x86_64{}, relo::host::process{}, relo::symbols{table}};
///
/// An exception that leaves a constructor or the init function of a module leaves load() too, when
/// the module is gone; its type must be one that the program has. One that leaves an exit function
/// or a destructor ends the program, as it does in any destructor.
class process {
 public:
  using role = role::policies;

  /// See pages.
  explicit process(placement at = placement::near(&detail::anchor)) noexcept : memory_(at) {}
  process(placement at, std::size_t reserve) noexcept : memory_(at, reserve) {}

  pages& part(std::type_identity<relo::role::memory>) noexcept { return memory_; }
  heap_scratch<native_addr>& part(std::type_identity<relo::role::scratch>) noexcept {
    return scratch_;
  }
  run_plugins& part(std::type_identity<relo::role::execution>) noexcept { return execution_; }
  process_symbols& part(std::type_identity<relo::role::symbols>) noexcept { return symbols_; }
  const auto& part(std::type_identity<relo::role::pipeline>) noexcept { return load_module; }
  shared_definitions& part(std::type_identity<relo::role::definitions>) noexcept {
    return definitions_;
  }

 private:
  pages memory_;
  heap_scratch<native_addr> scratch_;
  run_plugins execution_;
  process_symbols symbols_;
  shared_definitions definitions_;
};

}  // namespace relo::host
