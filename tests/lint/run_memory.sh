#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run_memory.sh [ROOT] - the matcher's tests with clang's MemorySanitizer
#
# Finds reads of uninitialised memory, as run_valgrind.sh does for the rest, in a seventh of
# the time and in every kernel: valgrind knows no AVX-512.  It can only be asked about
# programs that are compiled with it from end to end, and these need nothing but the C
# library.  Builds build/memory.
set -eu
root=$(cd "${1:-$(dirname "$0")/../..}" && pwd -P)
build=$root/build/memory
command -v clang-14 >/dev/null 2>&1 || { echo "no clang-14 here"; exit 77; }

cmake -S "$root" -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang-14 -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS=-O1 -DENTENTE_SANITIZE=memory -DENTENTE_TEST_BUILD=ON -DBUILD_TESTING=ON -DENTENTE_NO_SKIP=OFF \
    >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
cmake --build "$build" --target tests/matcher/all >"$build.log" 2>&1 || { tail -n 50 "$build.log"; exit 1; }

# The oracle by itself, for its rounds are many.
ENTENTE_TEST_QUICK=1 ctest --test-dir "$build/tests/matcher" --output-on-failure \
    --no-tests=error --parallel 2 -E '^unit/oracle(_[0-9])?(_fast)?$'
"$build/bin/test_oracle" --rounds 10000 --no-shrink
