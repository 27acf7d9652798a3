#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# explore.sh ROOT BUILD - every state of a small world, by the real reducer, optimised
#
# With sanitizers it would take an hour: so the programs are built once more beside BUILD's,
# without.  The settings of explore_world.c are visited side by side.
set -eu
root=$1
build=$2/optimised
least=10000000
# So many states of each setting are gone on from: a few minutes.  Few worlds have more.
most=3000000
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DENTENTE_TEST_BUILD=ON \
    -DCMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER:-}" >"$build.log" 2>&1 ||
    { cat "$build.log"; exit 1; }
cmake --build "$build" --target explore >>"$build.log" 2>&1 || { tail -n 40 "$build.log"; exit 1; }
settings=$("$build/bin/explore" --list)
for setting in $settings; do
    "$build/bin/explore" --most "$most" "$setting" >"$build/explore-$setting.log" 2>&1 &
done
status=0
for setting in $settings; do
    wait -n || status=1
done
states=0
for setting in $settings; do
    cat "$build/explore-$setting.log"
    states=$((states + $(sed -n 's/^explore: \([0-9]*\) states.*/\1/p' "$build/explore-$setting.log")))
done
echo "explore: $states states in all"
if [ "$states" -lt "$least" ]; then
    echo "explore: fewer than $least: the world has become too small"
    status=1
fi
exit "$status"
