#!/bin/sh
# Makes a static library of one object whose internal symbols are local, so that none of them can
# clash with a name of the program that links it: what -fvisibility=hidden does for a shared library.
#   static_library.sh OUT.a MAIN.a [NEEDED.a...]
set -eu
out=$1
main=$2
shift 2
object=${out%.a}.o
"${LD:-ld}" -r -o "$object" --whole-archive "$main" --no-whole-archive "$@"
"${OBJCOPY:-objcopy}" --localize-hidden "$object"
rm -f "$out"
"${AR:-ar}" rcs "$out" "$object"
