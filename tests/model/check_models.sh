#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_models.sh [--seeds|--all] [ROOT] - SPIN visits every state of tests/model/*.pml and
# finds no mistake; with --seeds, too, it finds each of the mistakes that are planted; with
# --all it visits two settings more
#
# The last line is `models: N states, 0 errors, K of M seeds found`.
set -eu
seeds=no
all=no
case ${1:-} in
--seeds | --all)
    seeds=yes
    [ "$1" = --all ] && all=yes
    shift
    ;;
esac
root=${1:-$(dirname "$0")/../..}
models=$(cd "$root/tests/model" && pwd)
command -v spin >/dev/null 2>&1 || { echo "spin is not installed (Debian package spin)"; exit 77; }
compiler=${CC:-gcc}
command -v "$compiler" >/dev/null 2>&1 || { echo "no $compiler here"; exit 77; }
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
states=0
found=0
planted=0
bad=0

# Make the verifier of model $1 with the settings behind it, and run it; *$made/log* is what
# it says.
verify() {
    model=$1
    shift
    rm -rf "$made/run"
    mkdir "$made/run"
    (
        cd "$made/run"
        cp "$models"/*.pml .
        spin -a "$@" "$model.pml" >"$made/log" 2>&1 || exit 1
        # The verifier is made code, and a long path needs a deep stack: it is kept on the heap.
        "$compiler" -O2 -w -DSAFETY -DCOLLAPSE -o pan pan.c >>"$made/log" 2>&1
        ./pan -m3000000 -w24 >>"$made/log" 2>&1
    ) || { cat "$made/log"; echo "$model: could not be verified"; exit 1; }
    if grep -q 'max search depth too small\|out of memory\|aborted' "$made/log"; then
        echo "$model $*: the search was not exhaustive"
        bad=$((bad + 1))
    fi
}

errors() {
    sed -n 's/.*errors: \([0-9]*\).*/\1/p' "$made/log"
}

must_hold() {
    verify "$@"
    count=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$made/log" | awk '{ printf "%d", $1 }')
    states=$((states + count))
    if [ "$(errors)" = 0 ]; then
        echo "$*: $count states, no mistake"
    else
        echo "$*: A MISTAKE"
        sed -n '1,6p' "$made/log"
        bad=$((bad + 1))
    fi
}

must_fail() {
    planted=$((planted + 1))
    verify "$@"
    if [ "$(errors)" != 0 ]; then
        found=$((found + 1))
        echo "$*: found: $(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' "$made/log" | head -n 1)"
    else
        echo "$*: NOT FOUND"
        bad=$((bad + 1))
    fi
}

must_hold agreement
must_hold delivery
if [ "$seeds" = yes ]; then
    # The broker's own guard alone is enough ...
    must_hold agreement -DNO_CONSTRAINT
    # The constraint alone is enough: whoever crashes, in few commands, and in all of them
    # where only one kind of crash is left (--all).
    must_hold agreement -DFEW -DNO_REFRESH
    # ... and without both, or without anything else, it shows.
    must_fail agreement -DNO_CONSTRAINT -DNO_REFRESH
    must_fail agreement -DNO_CONSTRAINT -DNO_SESSION
    must_fail agreement -DNO_LOCKS -DNO_CAS
    must_fail agreement -DCALM -DNO_CONSTRAINT -DNO_LOCKS
    must_hold agreement -DCALM
    must_fail agreement -DCALM -DLOCKS_UNSORTED
    must_fail agreement -DSPEAK_EARLY
    must_fail agreement -DNO_COMMAND_ROW
    must_fail agreement -DFORGETS_RELEASE
    must_fail delivery -DSENT_BEFORE_COMMIT
    must_fail delivery -DCOUNTER_READ_BEFORE
    must_fail delivery -DPOSITION_APART
    must_fail delivery -DGAPS_SKIPPED
    must_fail delivery -DACKED_BEFORE_APPLIED
fi
if [ "$all" = yes ]; then
    must_hold agreement -DDATABASE_LIVES -DNO_REFRESH
    must_hold agreement -DBROKERS_LIVE -DNO_REFRESH
fi
echo "models: $states states, $bad errors, $found of $planted seeds found"
[ "$bad" = 0 ]
