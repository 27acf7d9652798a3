#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_tidy.sh [ROOT [BUILD]] - clang-tidy 14 has nothing to say (.clang-tidy is the list)
#
# BUILD is a build directory with compile_commands.json.  Generated code lies in it and is
# exempt.  Options that only GCC knows are none of its business.  A file that several
# targets compile is looked at once.  Slow: some seconds a file, as many files at once as
# there are processors.
set -eu
root=$(cd "${1:-$(dirname "$0")/../..}" && pwd -P)
build=${2:-$root/build/test}
tidy=$(command -v clang-tidy-14) || { echo "no clang-tidy-14 here"; exit 77; }
[ -f "$build/compile_commands.json" ] || { echo "no $build/compile_commands.json: build first"; exit 77; }
build=$(cd "$build" && pwd -P)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk '$1 == "{" { entry = ""; next }
     $1 ~ /^}/ { if (!seen[file]++) { print sep "{" entry "\n}"; sep = "," } next }
     $1 == "\"file\":" { file = $0 }
     $1 != "[" && $1 != "]" { entry = entry "\n" $0 }
     BEGIN { print "[" }
     END { print "]" }' "$build/compile_commands.json" >"$work/compile_commands.json"
status=0
sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$work/compile_commands.json" | LC_ALL=C sort -u |
    while IFS= read -r file; do
        case $file in
        "$build"/*) ;;
        "$root"/*) printf '%s\0' "$file" ;;
        esac
    done |
    xargs -0 -r -n 1 -P "$(nproc 2>/dev/null || echo 2)" "$tidy" --quiet -p "$work" \
        --extra-arg=-Qunused-arguments >"$work/complaints" 2>/dev/null || status=1
# One line for each complaint; the notes below it are for who runs clang-tidy on the file.
sed -n "s|^$root/||; /\(^\| \)\(error\|warning\): /p" "$work/complaints" | LC_ALL=C sort -u
exit "$status"
