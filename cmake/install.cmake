include(CMakePackageConfigHelpers)

# Nothing installed depends on the machine, so the package goes under share/ and serves cross builds too.
set(package_dir share/cmake/relo)

write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/reloConfigVersion.cmake" COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)

install(TARGETS relo relo_linux relo_host EXPORT relo)
install(EXPORT relo FILE reloTargets.cmake NAMESPACE relo:: DESTINATION ${package_dir})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/relo" DESTINATION include)
install(
  FILES "${PROJECT_BINARY_DIR}/reloConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/reloConfig.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/reloEmbed.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindHana.cmake"
  DESTINATION ${package_dir})
