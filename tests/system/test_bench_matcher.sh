#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2317  # awk's own $; functions that check() calls
#
# test_bench_matcher.sh BUILD - `./run bench matcher --quick --csv`: the table it writes, and
# that all methods give the same answers
#
# Says nothing about any speed.  BUILD is the build directory; bench_matcher is there if the
# peers (libboost-dev, libroaring-dev, a C++ compiler) are.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
program=$1/bin/bench_matcher
if [ ! -x "$program" ] || [ -z "${ENTENTE_TEST_DB:-}" ]; then
    echo "no bench_matcher (libboost-dev, libroaring-dev), or no server in ENTENTE_TEST_DB"
    [ -n "${CI:-}" ] && exit 1
    exit 77
fi
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
failures=0

check() { # WHAT COMMAND...
    local what=$1
    shift
    "$@" || {
        echo "not so: $what"
        failures=$((failures + 1))
    }
}

# has QUESTION METHOD: some row of the table has them.
has() {
    awk -F, -v question="$1" -v method="$2" \
        'NR > 1 && $4 == question && $5 == method { found = 1 } END { exit !found }' "$place/table.csv"
}

"$program" --quick --csv "$place/table.csv" --people "$place/people.csv" >"$place/out" 2>&1
status=$?
[ "$status" -eq 0 ] || tail -n 20 "$place/out"
check "it ends with 0, not $status" test "$status" -eq 0
columns=workload,parties,days,question,method,isa,median_ns,p99_ns,same_answer
check "the columns are $columns" test "$(head -n 1 "$place/table.csv")" = "$columns"
check "every row has nine of them, and numbers where numbers belong" awk -F, '
    NR > 1 && (NF != 9 || $2 !~ /^[0-9]+$/ || $3 !~ /^[0-9]+$/ ||
        $7 !~ /^[0-9]+\.[0-9]$/ || $8 !~ /^[0-9]+\.[0-9]$/) { print; bad = 1 }
    END { exit bad }' "$place/table.csv"
check "every answer is the same, and only the limit has none" awk -F, '
    NR > 1 && $9 != ($5 == "limit" ? "-" : "yes") { print; bad = 1 }
    END { exit bad }' "$place/table.csv"
for method in ours merge icl roaring pg-server pg-query naive limit; do
    check "windows are asked of $method" has windows "$method"
done
for method in ours merge icl pg-query naive; do
    check "a quorum is asked of $method" has quorum30 "$method"
done
for question in top10 model worst; do
    check "$question is asked of ours-search" has "$question" ours-search
done
for question in people-set people-ids span appointment; do
    check "$question is asked of ours" has "$question" ours
done
check "promises are listed" grep -q '^what was promised' "$place/out"
check "the machine is named" grep -q '^machine  .*processors' "$place/out"
check "the seed is named" grep -q '^seed     1$' "$place/out"
check "words that it does not know are refused" \
    bash -c '! "$1" --dance >/dev/null 2>&1' - "$program"

if command -v gnuplot >/dev/null 2>&1 && command -v rsvg-convert >/dev/null 2>&1; then
    mkdir "$place/plots"
    "$here/bench/plot.sh" "$place/table.csv" "$place/people.csv" "$place/plots" >"$place/plotted" 2>&1
    check "plots are drawn" test $? -eq 0
    for plot in parties days ranges ratio limit; do
        check "$plot is drawn twice" test -s "$place/plots/$plot.svg" -a -s "$place/plots/$plot.png"
    done
fi

# Two commits of which one is a third slower in one cell, and as fast in another.
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    for kind in new old; do
        {
            echo "$columns"
            slow=0
            [ "$kind" = old ] || slow=50
            echo "real,8,90,windows,ours,avx2,$((150 + slow + i % 3)).0,1.0,yes"
            echo "real,8,90,top10,ours-search,avx2,$((150 + (i * 7 + slow) % 5)).0,1.0,yes"
        } >"$place/$kind.$i.csv"
    done
done
awk -f "$here/bench/verdict.awk" -v pairs=12 -v work="$place" /dev/null >"$place/verdict"
check "a slower cell ends with 1" test $? -eq 1
check "it is named" grep -q 'windows .* SLOWER$' "$place/verdict"
check "the other one is not" grep -q 'top10 .* no difference$' "$place/verdict"
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    mv "$place/new.$i.csv" "$place/swap"
    mv "$place/old.$i.csv" "$place/new.$i.csv"
    mv "$place/swap" "$place/old.$i.csv"
done
awk -f "$here/bench/verdict.awk" -v pairs=12 -v work="$place" /dev/null >"$place/verdict"
check "a faster cell ends with 0" test $? -eq 0
check "it is named as faster" grep -q 'windows .* faster$' "$place/verdict"

[ "$failures" -eq 0 ] || cat "$place/verdict"
exit $((failures > 0))
