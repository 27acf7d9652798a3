#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run_valgrind.sh [ROOT] - the unit and scenario tests under valgrind, in a plain build
#
# Finds what the sanitizers do not: reads of uninitialised memory.  Builds build/plain,
# where every test program is started through valgrind, but for those of the matcher: they
# are run_memory.sh's.  Programs that a test starts in
# their turn run without it.  ENTENTE_TEST_VALGRIND tells a test to do fewer random rounds.
set -eu
root=$(cd "${1:-$(dirname "$0")/../..}" && pwd -P)
build=$root/build/plain
command -v valgrind >/dev/null 2>&1 || { echo "no valgrind here"; exit 77; }

wrapper="valgrind;--quiet;--error-exitcode=99;--leak-check=full;--errors-for-leak-kinds=definite"
wrapper="$wrapper;--track-origins=yes;--suppressions=$root/tests/lint/valgrind.supp"
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 \
    -DENTENTE_SANITIZE=OFF -DENTENTE_TEST_BUILD=ON -DBUILD_TESTING=ON -DENTENTE_NO_SKIP=OFF \
    "-DENTENTE_TEST_WRAPPER=$wrapper" \
    >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
cmake --build "$build" >"$build.log" 2>&1 || { tail -n 50 "$build.log"; exit 1; }

# Stories that walk where others have walked, and would take half an hour more: the
# sanitizers see them.
stories='^scenario/(brokers|restore|silence|patient_silence|reminders|waiting|divergence|changes|breaker)$'
stories="$stories|^scenario/(polls|delegates|quotas|sequence|simulate|history|ics_deleted)$"

ENTENTE_TEST_QUICK=1 ENTENTE_TEST_VALGRIND=1 "$root/tests/support/pg/with_postgres.sh" \
    ctest --test-dir "$build" --output-on-failure --parallel 2 -L '^(unit|scenario)$' -LE '^long$' \
    -E '^unit/(matcher_|oracle)|_laws$|storm$|/explore|^unit/evidence|'"$stories"
