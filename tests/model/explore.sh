#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# explore.sh ROOT BUILD - every state of the small worlds, by the real reducer, optimised
#
# With sanitizers it would take an hour: so the programs are built once more beside BUILD's,
# without.  The settings of explore_settings.c are visited two at a time.  Says of each how many
# states it has and whether these are all, and at the end which rows of the negotiation's
# table none of them has walked.
set -eu
root=$1
build=$2/optimised
least=10000000
# So many states of each setting are gone on from; none has more.
most=30000000
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DENTENTE_TEST_BUILD=ON \
    -DCMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER:-}" >"$build.log" 2>&1 ||
    { cat "$build.log"; exit 1; }
cmake --build "$build" --target explore >>"$build.log" 2>&1 || { tail -n 40 "$build.log"; exit 1; }
explore=$build/bin/explore
settings=$("$explore" --list)
status=0
# shellcheck disable=SC2016  # the inner shell expands them
echo "$settings" | xargs -P 2 -I N sh -c '"$1" --most "$2" --rows N >"$3/explore-N.log" 2>&1' \
    sh "$explore" "$most" "$build" || status=1
states=0
for setting in $settings; do
    sed '/^  walked: /d; /^explore: /d' "$build/explore-$setting.log"
    found=$(sed -n 's/^explore: \([0-9]*\) states, .* 0 violations$/\1/p' "$build/explore-$setting.log")
    states=$((states + ${found:-0}))
done
for setting in $settings; do
    cat "$build/explore-$setting.log"
done | grep '^  walked: ' | sort -u >"$build/explore-walked.txt"
"$explore" --table | sort -u | comm -23 - "$build/explore-walked.txt" | sed 's/walked/never walked/'
if grep -l 'NOT ALL' "$build"/explore-[0-9]*.log; then
    echo "explore: a search was not to its end"
    status=1
fi
echo "explore: $states states in all"
if [ "$states" -lt "$least" ]; then
    echo "explore: fewer than $least: the worlds have become too small"
    status=1
fi
exit "$status"
