# CMake's cxx_std_20 is content with a compiler that knows -std=c++2a. The headers need concepts, and
# constants of class type.

set(CMAKE_REQUIRED_FLAGS "${CMAKE_CXX20_STANDARD_COMPILE_OPTION}")
set(CMAKE_REQUIRED_QUIET ON)
set(try_compile_target_type "${CMAKE_TRY_COMPILE_TARGET_TYPE}")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # a bare machine's compiler may not link
include(CheckCXXSourceCompiles)
check_cxx_source_compiles(
  "#include <concepts>
   struct name { char c; };
   template <name N> struct named { static constexpr char c = N.c; };
   template <std::integral T> T f(T t) requires(sizeof(T) > 1) { return t; }
   int g() { return f(int{named<name{'a'}>::c}); }"
  RELO_COMPILER_SUFFICES)
set(CMAKE_TRY_COMPILE_TARGET_TYPE "${try_compile_target_type}")
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_QUIET)

if(NOT RELO_COMPILER_SUFFICES)
  message(
    FATAL_ERROR
      "relo needs the concepts of C++20, which ${CMAKE_CXX_COMPILER} does not know "
      "(${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}). It is tested with g++ 12 and clang++ 14 "
      "and newer ones; CXX names another.")
endif()
