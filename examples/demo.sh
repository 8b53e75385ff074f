#!/usr/bin/env bash
# demo.sh <build directory> [<directory of a kernel's modules>]: what ./dev demo shows.
set -euo pipefail

modules=${2:+$(realpath "$2")}
cd "$1/examples"

heading() { printf '\n%s\n%s\n\n' "$1" "${1//?/=}"; }

heading "Two modules, loaded as the kernel would"
cat <<'END'
helloworld.o and hellouser.o are what `cc -c` makes of a C file: not linked, their addresses not
known. insmod loads them into its own process. Each line is a stage of the load, under the name
that the kernel has for it. hellouser calls a function that helloworld exports, so helloworld
cannot go first.

END
./insmod helloworld.o whom=relo count=2 -- hellouser.o

heading "What goes wrong is told, and nothing is left behind"
for arguments in hellouser.o "helloworld.o count=many" "helloworld.o count=-1"; do
  printf '$ insmod %s\n' "$arguments"
  # shellcheck disable=SC2086 # they are words
  ./insmod --quiet $arguments 2>&1 || true
done

heading "A kernel module, unmodified, in an ordinary process"
lz4=$modules/lib/lz4/lz4_compress.ko
if [[ $modules && ! -e $lz4 && -e $lz4.xz ]]; then # since Debian 13
  xz -dc "$lz4.xz" >lz4_compress.ko && lz4=lz4_compress.ko
fi
if [[ ! $modules ]]; then
  echo "Left out: there are no kernel modules here. ./dev kernel amd64 says why."
  exit
fi
cat <<'END'
lz4_compress.ko comes from Debian's kernel package. It is loaded into the low 2 GiB of the address
space, where kernel code can run, and far from the C library: so its calls to memcpy go through
veneers. Its code compresses a file; the system's liblz4 has to get the same file back.

END
printf '$ kmod_run %s %s\n' "${lz4##*/}" "$BASH"
./kmod_run "$lz4" "$BASH"
