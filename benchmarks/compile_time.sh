#!/usr/bin/env bash
# What relo costs a compiler, and how small a loader is:
# benchmarks/compile_time.sh [compiler]...
set -euo pipefail
export LC_ALL=C

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly repository runs=5
readonly flags=(-std=c++20 -O2 -DNDEBUG -I"$repository/include")
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT

compilers=("$@") # by default all that are here
((${#compilers[@]})) || mapfile -t compilers < <(compgen -c | grep -xE '(g|clang)\+\+-[0-9]+' | sort -Vu)

# seconds <command>...: of processor time, the median.
seconds() {
  local TIMEFORMAT='%3U %3S' i
  for ((i = 0; i < runs; ++i)); do
    { time "$@" >/dev/null 2>"$work/said" || { cat "$work/said" >&2; return 1; }; } 2>&1
  done | awk '{ print $1 + $2 }' | sort -n | sed -n "$(((runs + 1) / 2))p"
}

# row <what> <compiler option>...: a line of the table, a number a compiler.
row() {
  local compiler
  printf '%-36s' "$1"
  for compiler in "${compilers[@]}"; do
    printf '%22s' "$(seconds "$compiler" "${flags[@]}" "${@:2}" -c -o "$work/out.o")"
  done
  echo
}

# embed <functions>: $work/object.hpp with an object of so many functions; prints its size.
embed() {
  local i
  {
    echo 'int imported(int);'
    for ((i = 0; i < $1; ++i)); do
      echo "int table_$i[3] = {$i}; int function_$i(int x) { return imported(x + $i) * table_$i[x & 1]; }"
    done
  } >"$work/object.c"
  cc -O2 -fno-pic -mcmodel=kernel -fno-asynchronous-unwind-tables -c "$work/object.c" -o "$work/object.o"
  cmake -DNAME=object -DFILE="$work/object.o" -DOUTPUT="$work/object.hpp" -P "$repository/cmake/reloEmbed.cmake"
  stat -c %s "$work/object.o"
}

# code_size <compiler>: bytes of text, data and bss.
code_size() {
  "$1" "${flags[@]}" -Os -fno-exceptions -fno-rtti -fno-asynchronous-unwind-tables -c "$repository/benchmarks/bench_compile/smallest.cpp" -o "$work/out.o"
  size "$work/out.o" | awk 'NR == 2 { print $1, "+", $2, "+", $3 }'
}

printf '%-36s' 'seconds to compile'
printf '%22s' "${compilers[@]##*/}"
echo
: >"$work/empty.cpp"
echo '#include <relo/relo.hpp>' >"$work/include.cpp"
row '  an empty file' "$work/empty.cpp"
row '  #include <relo/relo.hpp>' "$work/include.cpp"
row '  the first program' "$repository/examples/first_lines/main.cpp"
for functions in 140 700; do
  bytes=$(embed $functions)
  row "  a constexpr load of $bytes bytes" -I"$work" "$repository/benchmarks/bench_compile/constexpr_load.cpp"
done

printf '\n%-36s' 'the smallest loader: text+data+bss'
for compiler in "${compilers[@]}"; do printf '%22s' "$(code_size "$compiler")"; done
echo
