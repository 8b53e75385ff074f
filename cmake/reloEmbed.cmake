# relo_embed(<target> NAME <identifier> FILE <path or generator expression> [HEADER <name>.hpp])
#
# Gives <target> a header, <identifier>.hpp unless told otherwise, that holds the bytes of FILE:
#
#   inline constexpr char NAME[size + 1] = "...";                  // ends in a NUL that FILE has not
#   inline constexpr std::span<const char, size> NAME_bytes{...};  // exactly FILE
#
# The header is made at build time and again when FILE changes; FILE may be what another target
# builds, as in FILE $<TARGET_OBJECTS:plugin>. Call it in the directory where <target> is made.
#
# A string literal, for that is what compilers read fastest: 1 MB takes 0.2 s, as a list of numbers 2 s.

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE) # the build step: cmake -P
  if(FILE MATCHES ";")
    message(FATAL_ERROR "relo_embed(${NAME}): one file is wanted, these are several: ${FILE}")
  endif()
  file(READ "${FILE}" hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  math(EXPR size_with_nul "${size} + 1")

  # Every byte is escaped, so no escape can swallow the digit that follows it; 64 bytes a line.
  string(REPEAT "." 128 line)
  string(REGEX REPLACE "(${line})" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
  string(REGEX REPLACE "\n$" "" bytes "${bytes}")
  string(REPLACE "\n" "\"\n  \"" bytes "${bytes}")

  file(
    WRITE "${OUTPUT}"
    "#pragma once\n\n#include <span>\n\n"
    "inline constexpr char ${NAME}[${size_with_nul}] =\n  \"${bytes}\";\n"
    "inline constexpr std::span<const char, ${size}> ${NAME}_bytes{${NAME}, ${size}};\n")
  return()
endif()

set(RELO_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}" CACHE INTERNAL "")

function(relo_embed target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAME;FILE;HEADER" "")
  if(NOT arg_NAME OR NOT arg_FILE OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "relo_embed(<target> NAME <identifier> FILE <path> [HEADER <name>.hpp])")
  endif()
  if(NOT arg_HEADER)
    set(arg_HEADER "${arg_NAME}.hpp")
  endif()

  # One directory a target: two targets may embed different files under one name.
  set(dir "${CMAKE_CURRENT_BINARY_DIR}/embed/${target}")
  file(MAKE_DIRECTORY "${dir}")
  if(NOT arg_FILE MATCHES "^\\$<")
    cmake_path(ABSOLUTE_PATH arg_FILE)
  endif()
  add_custom_command(
    OUTPUT "${dir}/${arg_HEADER}"
    COMMAND "${CMAKE_COMMAND}" "-DNAME=${arg_NAME}" "-DFILE=${arg_FILE}"
            "-DOUTPUT=${dir}/${arg_HEADER}" -P "${RELO_EMBED_SCRIPT}"
    DEPENDS "${arg_FILE}" "${RELO_EMBED_SCRIPT}"
    COMMENT "Embedding ${arg_HEADER}"
    VERBATIM)
  target_sources(${target} PRIVATE "${dir}/${arg_HEADER}")
  # SYSTEM, because -Wpedantic minds a literal of more than 64 KB.
  target_include_directories(${target} SYSTEM PRIVATE "${dir}")
endfunction()
