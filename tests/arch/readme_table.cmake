# cmake -DREADME=<README.md> -DPROGRAM=<howto_table> -DARCHITECTURE=<name> [-DCHECK=ON] -P readme_table.cmake
#
# Puts what the program prints between the lines <!-- relocations: name --> and <!-- end -->.
# With CHECK, fails if that would change anything.

set(begin "<!-- relocations: ${ARCHITECTURE} -->\n")
set(end "<!-- end -->")

execute_process(COMMAND "${PROGRAM}" "${ARCHITECTURE}" OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
set(text "")
if(EXISTS "${README}")
  file(READ "${README}" text)
endif()

string(FIND "${text}" "${begin}" first)
if(first EQUAL -1)
  message(FATAL_ERROR "${README} has no line\n${begin}")
endif()
string(LENGTH "${begin}" length)
math(EXPR first "${first} + ${length}")
string(SUBSTRING "${text}" 0 ${first} before)
string(SUBSTRING "${text}" ${first} -1 after)
string(FIND "${after}" "${end}" last)
if(last EQUAL -1)
  message(FATAL_ERROR "${README} has no line\n${end}\nafter\n${begin}")
endif()
string(SUBSTRING "${after}" 0 ${last} found)
string(SUBSTRING "${after}" ${last} -1 after)

if(found STREQUAL table)
  return()
elseif(CHECK)
  message(FATAL_ERROR "${README} shows other relocation types for ${ARCHITECTURE} than the headers have; run ./dev table")
endif()
file(WRITE "${README}" "${before}${table}${after}")
