#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs the SDK into an empty folder and builds a stranger's C and C++ programs with
# nothing but pkg-config.
#
#     sdk_install.sh BUILD_DIR CC CXX [FLAG...]
#
# FLAGs are what the library itself was built with and a program has to repeat, such as
# -fsanitize=address.
set -eu
build=$1
cc=$2
cxx=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v "$cxx" > /dev/null; then
    echo "skipped: there is no C++ compiler here"
    exit 77
fi
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$build" --component sdk --prefix "$prefix" > "$prefix/log"
pc=$(find "$prefix" -name entente-sdk.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
cflags=$(pkg-config --cflags entente-sdk)
libs=$(pkg-config --libs entente-sdk)
libdir=$(pkg-config --variable=libdir entente-sdk)
example=$(find "$prefix" -path '*/example/main.c')

cd "$prefix"
# shellcheck disable=SC2086 # pkg-config's words are meant to be split
{
    "$cc" -std=c17 -Wall -Wextra -Wpedantic -Werror "$@" $cflags -o example "$example" $libs
    "$cxx" -std=c++17 -Wall -Wextra -Wpedantic -Wshadow -Werror "$@" $cflags \
        -o stranger "$here/sdk_stranger.cpp" $libs
}
LD_LIBRARY_PATH=$libdir
export LD_LIBRARY_PATH

# Nothing of the inside may be seen by those who link it.
visible=$(nm -D --defined-only "$libdir/libentente-sdk.so")
echo "$visible" | grep -q ' entente_client_create@' || echo "$visible" |
    grep -q ' entente_client_create$' || { echo "nm shows nothing of the library"; exit 1; }
foreign=$(echo "$visible" |
    awk '$3 !~ /^entente_/ && $3 !~ /^ENTENTE_0/ { print $3 }')
if [ -n "$foreign" ]; then
    echo "the library shows more than client.h says:" "$foreign"
    exit 1
fi
./stranger
# It has no settings file, says so, and ends with 2.
status=0
./example client.conf position.txt system value || status=$?
[ "$status" -eq 2 ]
lines=$(wc -l < "$example")
[ "$lines" -lt 100 ]
echo "a stranger's programs build and run; the example has $lines lines"
