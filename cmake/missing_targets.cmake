# missing_targets(<variable> <library>...): those of the libraries that are no targets, as their
# packages are not here; empty if all are.
function(missing_targets variable)
  set(missing)
  foreach(library IN LISTS ARGN)
    if(NOT TARGET ${library})
      list(APPEND missing ${library})
    endif()
  endforeach()
  list(JOIN missing ", " missing)
  set(${variable} "${missing}" PARENT_SCOPE)
endfunction()
