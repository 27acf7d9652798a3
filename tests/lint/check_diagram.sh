#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_diagram.sh [--write] [ROOT] - docs/negotiation.md and tests/model/table.pml are what the
# negotiation table says
#
# The table is plain data, so two files and a compiler are enough to print it.
set -eu
write=no
if [ "${1:-}" = --write ]; then
    write=yes
    shift
fi
root=${1:-$(dirname "$0")/../..}
cd "$root"
compiler=${CC:-gcc}
command -v "$compiler" >/dev/null 2>&1 || { echo "no $compiler here"; exit 77; }
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

"$compiler" -std=c17 -I. -o "$made/page" tests/lint/negotiation_page.c broker/negotiation.c
"$made/page" >"$made/negotiation.md"
"$made/page" --model >"$made/table.pml"
differs=no
for pair in docs/negotiation.md:negotiation.md tests/model/table.pml:table.pml; do
    file=${pair%%:*}
    if [ "$write" = yes ]; then
        cp "$made/${pair##*:}" "$file"
    elif ! diff -u "$file" "$made/${pair##*:}"; then
        echo "$file is not what broker/negotiation.c says: run tests/lint/check_diagram.sh --write"
        differs=yes
    fi
done
[ "$differs" = no ]
