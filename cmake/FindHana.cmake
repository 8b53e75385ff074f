# Hana::hana: Boost.Hana, and nothing else of the directory it lies in.
#
# Hana needs no other Boost header, but it usually lies in /usr/include, which a cross compiler must
# not see: the host's C library would hide the target's. So the target's include directory is one in
# the build tree that holds a link to Hana alone.

find_path(
  Hana_INCLUDE_DIR boost/hana.hpp
  HINTS ${Boost_INCLUDE_DIR} $ENV{BOOST_ROOT}/include
  PATHS /usr/include /usr/local/include /opt/homebrew/include
  NO_CMAKE_FIND_ROOT_PATH)
mark_as_advanced(Hana_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Hana
  REQUIRED_VARS Hana_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "boost/hana.hpp is missing (Debian: libboost-dev)")

if(Hana_FOUND AND NOT TARGET Hana::hana)
  set(hana_only "${CMAKE_BINARY_DIR}/hana")
  file(MAKE_DIRECTORY "${hana_only}/boost")
  foreach(entry boost/hana boost/hana.hpp)
    file(CREATE_LINK "${Hana_INCLUDE_DIR}/${entry}" "${hana_only}/${entry}" SYMBOLIC)
  endforeach()

  # Global, so that a project that takes relo in by add_subdirectory sees it too.
  add_library(Hana::hana INTERFACE IMPORTED GLOBAL)
  target_include_directories(Hana::hana INTERFACE "${hana_only}")
endif()
