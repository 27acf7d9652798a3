#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# test_mutate.sh - mutate.c finds every operator and constant of sample.c, and only these;
# each mutant differs from the file in one line
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O1 -std=c17 -D_DEFAULT_SOURCE -o "$work/mutate" mutate.c

"$work/mutate" sample.c >"$work/list"
diff -u sample.mutants "$work/list"
while read -r number _; do
    "$work/mutate" sample.c "$number" >"$work/mutant.c"
    changed=$(diff sample.c "$work/mutant.c" | grep -c '^>')
    [ "$changed" -eq 1 ] || { echo "mutant $number changes $changed lines"; exit 1; }
    cc -c -w -o "$work/mutant.o" "$work/mutant.c"
done <"$work/list"
# What is said of survivors is said of code that is there.
grep -v '^#' equivalent.txt | awk -F ' [|] ' '{ print $1 "|" $2 }' >"$work/said"
while IFS='|' read -r file code; do
    grep -qF -- "$code" "../../$file" || { echo "equivalent.txt: not in $file: $code"; exit 1; }
done <"$work/said"
if "$work/mutate" sample.c 15 >"$work/none" 2>&1; then
    echo "there is a mutant 15"
    exit 1
fi
