#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# test_mutate.sh - mutate.c finds every operator and constant of sample.c, and only these;
# each mutant differs from the file in one line, and does the same whether it is compiled
# alone or chosen at run time
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags='-w -O1 -std=gnu17 -D_DEFAULT_SOURCE -I../..'

build() { # OUTPUT ARGUMENT...
    output=$1
    shift
    # shellcheck disable=SC2086  # they are words
    cc $flags -o "$output" "$@"
}

answers() { # PROGRAM: with the status, which is no other for being killed
    (ulimit -t 1 && exec "$1") 2>&1 || echo failed
}

build "$work/mutate" mutate.c schemata.c ties.c tokens.c
build "$work/main.o" -c sample_main.c
"$work/mutate" sample.c >"$work/list"
diff -u sample.mutants "$work/list"
"$work/mutate" sample.c --all 7 >"$work/all.c"
build "$work/all" -include chosen.h "$work/all.c" chosen.c "$work/main.o"
build "$work/plain" sample.c "$work/main.o"
grep -oE '(mutant_[a-z_]+\(|[lp])[0-9]+' "$work/all.c" | grep -oE '[0-9]+$' >"$work/chosen"
answers "$work/plain" >"$work/plain.out"
answers "$work/all" >"$work/all.out"
cmp "$work/plain.out" "$work/all.out"
chosen=0
while read -r number _; do
    "$work/mutate" sample.c "$number" >"$work/mutant.c"
    changed=$(diff sample.c "$work/mutant.c" | grep -c '^>')
    [ "$changed" -eq 1 ] || { echo "mutant $number changes $changed lines"; exit 1; }
    build "$work/mutant" "$work/mutant.c" "$work/main.o"
    answers "$work/mutant" >"$work/mutant.out"
    MUTANT=$((number + 7)) MUTANT_LIMIT=1000 answers "$work/all" >"$work/all.out"
    if cmp -s "$work/all.out" "$work/plain.out"; then
        # What has to be compiled alone, or changes nothing.
        ! grep -qw "$((number + 7))" "$work/chosen" || cmp "$work/mutant.out" "$work/plain.out"
    else
        cmp "$work/mutant.out" "$work/all.out" || { echo "mutant $number"; exit 1; }
        chosen=$((chosen + 1))
    fi
done <"$work/list"
[ "$chosen" -ge 30 ] || { echo "only $chosen mutants can be chosen"; exit 1; }

# What is said of survivors is said of code that is there.
grep -v '^#' equivalent.txt | awk -F ' [|] ' '{ print $1 "|" $2 }' >"$work/said"
while IFS='|' read -r file code; do
    grep -qF -- "$code" "../../$file" || { echo "equivalent.txt: not in $file: $code"; exit 1; }
done <"$work/said"
if "$work/mutate" sample.c 1000 >"$work/none" 2>&1; then
    echo "there is a mutant 1000"
    exit 1
fi
