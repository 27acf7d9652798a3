#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_diagram.sh [--write] [ROOT] - docs/negotiation.md is what the negotiation table says
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
if [ "$write" = yes ]; then
    cp "$made/negotiation.md" docs/negotiation.md
elif ! diff -u docs/negotiation.md "$made/negotiation.md"; then
    echo "docs/negotiation.md is not what broker/negotiation.c says: run tests/lint/check_diagram.sh --write"
    exit 1
fi
