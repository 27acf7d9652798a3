#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_simulate.sh [--short] SIMULATE - a seed is the same world every time, a short walk
# through many worlds finds nothing, and mistakes that are planted are found; with --short
# only the first of these, which is what a build with sanitizers has time for
set -eu
short=no
events=100000
if [ "$1" = --short ]; then
    short=yes
    events=50000
    shift
fi
simulate=$1
seed=${RANDOM_SEED:-20261122}
echo "RANDOM_SEED=$seed"

fail() {
    echo "check_simulate: $*" >&2
    exit 1
}

# Several worlds at a time, or one after the other.
first=$("$simulate" --seed "$seed" --events "$events" --jobs 2 | grep -v 'events a second')
second=$("$simulate" --seed "$seed" --events "$events" --jobs 1 | grep -v 'events a second')
[ "$first" = "$second" ] || fail "seed $seed is not the same world twice"
echo "$first"
case $first in
*", 0 violations") ;;
*) fail "seed $seed" ;;
esac

[ "$short" = no ] || exit 0

# Each breaks one promise, of the database, of an agenda, of a restore or of the purge; some
# seed shows it soon.
for mistake in exclusion locks commands events lies compare backups \
    claims dues recipients consents rights positions \
    generations versions epochs numberings unread replies; do
    found=no
    for s in 1 2 3 4 5 6 7 8 9 10 11 12; do
        if ! "$simulate" --seed "$s" --events 150000 --plant "$mistake" --no-shrink --quiet \
            >/dev/null; then
            found=yes
            break
        fi
    done
    echo "planted: $mistake, found: $found"
    [ "$found" = yes ] || fail "that '$mistake' are wrong was not noticed"
done

# A crash of the program is told, and made smaller, like any other violation.
crash=$("$simulate" --seed 1 --events 150000 --plant crash --jobs 2 --quiet 2>/dev/null) &&
    fail "a program that crashes was not noticed"
case $crash in
"crash of the program"*"shrunk to "*"simulate: violation in seed "*) echo "planted: crash, found and shrunk" ;;
*) fail "of a crash it is said: $crash" ;;
esac
