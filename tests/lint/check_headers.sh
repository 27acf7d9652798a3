#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_headers.sh [ROOT [BUILD]] - every header compiles alone
#
# BUILD is a build directory, where the generated headers are.
set -eu
root=${1:-$(dirname "$0")/../..}
build=${2:-$root/build/test}
build=$(cd "$build" 2>/dev/null && pwd || echo "$build")
cd "$root"
compiler=${CC:-gcc}
foreign=$(pkg-config --cflags libpq libzmq libical jansson libprotobuf-c 2>/dev/null) || foreign=
command -v "$compiler" >/dev/null 2>&1 || { echo "no $compiler here"; exit 77; }

headers=$(find matcher proto broker adapters tests bench -type f -name '*.h' 2>/dev/null | LC_ALL=C sort)
status=0
for header in $headers; do
    # shellcheck disable=SC2086  # one word for each flag
    printf '#include "%s"\n#include "%s"\nextern int not_empty;\n' "$header" "$header" |
        "$compiler" -std=c17 -Wall -Wextra -Wpedantic -Werror \
            -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE \
            -fsyntax-only -I. -I"$build" $foreign -x c - || {
        echo "$header does not compile alone"
        status=1
    }
done
exit "$status"
