# Whether threads are kept apart, of which ThreadSanitizer is the judge.

include_guard(DIRECTORY)
find_package(Threads REQUIRED)
include(CheckCXXSourceRuns)
set(CMAKE_REQUIRED_FLAGS -fsanitize=thread)
set(CMAKE_REQUIRED_LIBRARIES Threads::Threads)
check_cxx_source_runs("int main() {}" RELO_THREAD_SANITIZER)
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_LIBRARIES)
if(RELO_SANITIZE OR NOT RELO_THREAD_SANITIZER)
  message(STATUS "No tests of races: another sanitizer is on, or ThreadSanitizer is not here")
endif()

# Older sanitizers have no place for their shadow where the kernel spreads mappings widely.
find_program(RELO_SETARCH setarch)
set(RELO_FIXED_MAPPINGS)
if(RELO_SETARCH)
  execute_process(COMMAND "${RELO_SETARCH}" -R true RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(NOT failed)
    set(RELO_FIXED_MAPPINGS "${RELO_SETARCH}" -R)
  endif()
endif()
set_property(GLOBAL PROPERTY RELO_FIXED_MAPPINGS "${RELO_FIXED_MAPPINGS}")

# relo_race_test(<path> <name> [LIBS ...] [DEFINITIONS ...]): the test case "threads share a loader" of
# tests/<path>.cpp, called <path>_<name>. The first race ends it; that is wanted if the name ends in
# _without.
function(relo_race_test path name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LIBS;DEFINITIONS")
  if(RELO_SANITIZE OR NOT RELO_THREAD_SANITIZER)
    return()
  endif()
  get_property(fixed GLOBAL PROPERTY RELO_FIXED_MAPPINGS)
  string(MAKE_C_IDENTIFIER "test_${path}_${name}" target)
  add_executable(${target} "${RELO_TESTS}/${path}.cpp" "${RELO_TESTS}/main.cpp")
  target_link_libraries(
    ${target} PRIVATE relo::host doctest::doctest relo_warnings relo_quickly_built ${arg_LIBS})
  target_compile_definitions(${target} PRIVATE ${arg_DEFINITIONS})
  target_compile_options(${target} PRIVATE -fsanitize=thread)
  target_link_options(${target} PRIVATE -fsanitize=thread)
  add_test(NAME ${path}_${name} COMMAND ${fixed} $<TARGET_FILE:${target}> "-tc=threads share a loader")
  set_tests_properties(${path}_${name} PROPERTIES TIMEOUT 120 ENVIRONMENT TSAN_OPTIONS=halt_on_error=1)
  if(name MATCHES "_without$")
    set_tests_properties(
      ${path}_${name} PROPERTIES PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race")
  endif()
endfunction()
