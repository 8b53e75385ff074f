# kmodcheck: its usage; modules that need one another; and what kernels are on record to have said.
if(NOT TARGET kmodcheck)
  return()
endif()

# kernel_module(<directory> <name> [<option>...]): a module that loads.
set(kernel_modules)
function(kernel_module directory name)
  set(module "${objects}/${directory}/${name}.ko")
  file(MAKE_DIRECTORY "${objects}/${directory}")
  add_custom_command(
    OUTPUT "${module}"
    COMMAND "${CMAKE_C_COMPILER}" -O1 -fno-pic -mcmodel=kernel -fcf-protection=none
            -fno-asynchronous-unwind-tables -fno-stack-protector -Wall -DNAME=${name} ${ARGN} -c
            "${CMAKE_CURRENT_SOURCE_DIR}/objects/kernel_module.c" -o "${module}"
    DEPENDS objects/kernel_module.c
    VERBATIM)
  set(kernel_modules ${kernel_modules} "${module}" PARENT_SCOPE)
endfunction()

# user needs base; round and about each other; lonely one that the kernel's list knows, and odd one
# that nobody does. copy/base.ko is another module of the same name.
kernel_module(kmod user -DNEED=base_function)
kernel_module(kmod base -DEXPORT=base_function)
kernel_module(kmod/copy base -DEXPORT=base_function)
kernel_module(kmod round -DEXPORT=round_function -DNEED=about_function)
kernel_module(kmod about -DEXPORT=about_function -DNEED=round_function)
kernel_module(kmod lonely -DNEED=absent_function)
kernel_module(kmod odd -DNEED=nobodys_function)
kernel_module(kmod.other other "-DVERMAGIC=\"6.1.0-longer-than-a-short-string SMP \"")
add_custom_target(kernel_test_modules ALL DEPENDS ${kernel_modules})

# Divided by tabs.
string(ASCII 9 tab)
set(symvers "${objects}/kmod.symvers")
file(WRITE "${symvers}"
     "0x00000001${tab}module_layout${tab}vmlinux${tab}EXPORT_SYMBOL${tab}\n"
     "0x00000002${tab}absent_function${tab}drivers/ab-sent${tab}EXPORT_SYMBOL_GPL${tab}\n")
file(WRITE "${objects}/kmod.config" "CONFIG_MODULES=y\n# CONFIG_MODVERSIONS is not set\n# CONFIG_MODULE_SIG is not set\n")
file(WRITE "${objects}/kmod.bad" "0x01 name\n")
set(kmod "${objects}/kmod")
set(there --kernel 6.1 --symvers "${symvers}" --config "${objects}/kmod.config" --vermagic "6.1.0 SMP mod_unload ")

relo_example_test(kmodcheck 0 out "^[^\\n]*base\\.ko: ok\\n[^\\n]*user\\.ko: ok\\n$" -- ./kmodcheck ${there} ${kmod}/base.ko ${kmod}/user.ko)
relo_example_test(kmodcheck_order 1 out "user\\.ko: ENOENT: user: Unknown symbol base_function \\(err -2\\)\\n[^\\n]*base\\.ko: ok\\n$"
                  -- ./kmodcheck ${there} ${kmod}/user.ko ${kmod}/base.ko)
relo_example_test(kmodcheck_twice 1 out "EEXIST: .*loaded already" -- ./kmodcheck ${there} ${kmod}/base.ko ${kmod}/../kmod/base.ko)
relo_example_test(kmodcheck_builds 0 out "base\\.ko: ok\\n[^\\n]*user\\.ko: ok\\n[^\\n]*copy/base\\.ko: ok\\n[^\\n]*user\\.ko: ok\\n$" -- ./kmodcheck ${there} ${kmod}/base.ko ${kmod}/user.ko ${kmod}/copy/base.ko ${kmod}/user.ko)
relo_example_test(kmodcheck_json 1 out "\"verdict\":\"ok\",\"log\":\\[\\]}\\n.*\"verdict\":\"EEXIST\",\"log\":\\[\\]"
                  -- ./kmodcheck ${there} --json ${kmod}/base.ko ${kmod}/base.ko)
relo_example_test(kmodcheck_vermagic 1 out "ENOEXEC: base: version magic '6\\.1\\.0 SMP mod_unload ' should be '6\\.1\\.1 '"
                  -- ./kmodcheck --kernel 6.1 --symvers ${symvers} --config ${objects}/kmod.config --vermagic "6.1.1 " ${kmod}/base.ko)
relo_example_test(kmodcheck_like 0 out "ok\\n$" -- ./kmodcheck --kernel 6.12 --symvers ${symvers} --config ${objects}/kmod.config --like ${kmod}/base.ko ${kmod}/user.ko --modules ${kmod}/copy)
relo_example_test(
  kmodcheck_directory 1
  out "about\\.ko: ENOENT: about: Unknown symbol round_function \\(err -2\\) .needs itself: about -> round -> about.\\n"
  out "/base\\.ko: ok\\n[^\\n]*copy/base\\.ko: ok\\n[^\\n]*lonely\\.ko: ok\\n[^\\n]*odd\\.ko: ENOENT: odd: Unknown symbol nobodys_function \\(err -2\\)\\n"
  out "round -> about -> round.\\n[^\\n]*user\\.ko: ok\\n$"
  -- ./kmodcheck ${there} ${kmod})
relo_example_test(kmodcheck_missing 1 out "lonely\\.ko: ENOENT: .*absent_function \\(err -2\\) .needs ab_sent, which is missing.\\n"
                  -- ./kmodcheck ${there} --modules ${kmod}/copy ${kmod})
relo_example_test(kmodcheck_modules 0 out "^[^\\n]*user\\.ko: ok\\n$" -- ./kmodcheck ${there} --modules ${kmod} ${kmod}/user.ko)
relo_example_test(kmodcheck_modules_like 1 out "version magic '6\\.1\\.0 SMP mod_unload ' should be '6\\.1\\.0-longer-than-a-short-string SMP '"
                  -- ./kmodcheck --kernel 6.1 --symvers ${symvers} --config ${objects}/kmod.config --modules ${kmod}.other ${kmod}/copy)
relo_example_test(kmodcheck_layout 0 out "core .*\\.text .*core symtab" -- ./kmodcheck ${there} --layout ${kmod}/base.ko)
relo_example_test(kmodcheck_newer 0 err "6\\.18 is judged as 6\\.12" -- ./kmodcheck --kernel 6.18 --symvers ${symvers} --config ${objects}/kmod.config ${kmod}/base.ko)
relo_example_test(kmodcheck_older 0 out "base\\.ko: ok \\(vermagic was not compared: 6\\.1\\.0 SMP mod_unload \\)\\n$" -- ./kmodcheck --kernel 5.10.0-9-amd64 --symvers ${symvers} --config ${objects}/kmod.config ${kmod}/base.ko)
relo_example_test(kmodcheck_older_json 0 out "\"verdict\":\"ok\",\"log\":\\[\\],\"vermagic\":\"not compared\"" -- ./kmodcheck --kernel 5.4 --json --symvers ${symvers} --config ${objects}/kmod.config ${kmod}/base.ko)
relo_example_test(kmodcheck_missing_json 1 out "^{\"file\":\"missing\\.ko\",\"verdict\":\"ENOENT\",\"log\":\\[\\],\"reason\":\"No such file or directory\"}\n{\"file\":[^\n]*base\\.ko\",\"verdict\":\"ok\",\"log\":\\[\\]}\n$"
                  -- ./kmodcheck ${there} --json missing.ko ${kmod}/base.ko)

relo_example_test(kmodcheck_no_symvers 2 err "^kmodcheck: --symvers is required\\n$" -- ./kmodcheck --kernel 6.1 ${kmod}/base.ko)
relo_example_test(kmodcheck_no_kernel 2 err "^kmodcheck: --kernel is required\\n$" -- ./kmodcheck --symvers ${symvers} ${kmod}/base.ko)
relo_example_test(kmodcheck_bad_kernel 2 err "^kmodcheck: --kernel bookworm: no kernel's version[^\\n]*\\n$" -- ./kmodcheck --kernel bookworm --symvers ${symvers} ${kmod}/base.ko)
relo_example_test(kmodcheck_bad_symvers 2 err "^kmodcheck: [^\\n]*kmod.bad: line 1 [^\\n]*\\n$" -- ./kmodcheck --kernel 6.1 --symvers ${objects}/kmod.bad ${kmod}/base.ko)
relo_example_test(kmodcheck_unreadable_symvers 2 err "^kmodcheck: [^\\n]*No such file[^\\n]*\\n$" -- ./kmodcheck --kernel 6.1 --symvers /nonexistent ${kmod}/base.ko)
relo_example_test(kmodcheck_no_file 2 err "^kmodcheck: [^\\n]*required\\n$" -- ./kmodcheck ${there})
relo_example_test(kmodcheck_missing_file 2 err "^kmodcheck: missing\\.ko: No such file[^\\n]*\\n$" -- ./kmodcheck ${there} missing.ko)
relo_example_test(kmodcheck_option 2 err "^kmodcheck: [^\\n]*--frob\\n$" -- ./kmodcheck ${there} --frob ${kmod}/base.ko)
relo_example_test(kmodcheck_both 2 err "excludes" -- ./kmodcheck ${there} --like ${kmod}/base.ko ${kmod}/base.ko)
relo_example_test(kmodcheck_no_record 2 err "no such|parse error" -- ./kmodcheck ${there} --place ${symvers} ${kmod}/base.ko)
relo_example_test(kmodcheck_help 0 out "--symvers FILE" -- ./kmodcheck --help)

foreach(record verdicts-6.1 verdicts-6.12 relocated-6.1 relocated-6.12 compressed modinfo)
  add_test(NAME examples/kmodcheck_${record}
           COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/kmodcheck" ${record} "${examples}/kmodcheck")
  set_tests_properties(examples/kmodcheck_${record} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()
