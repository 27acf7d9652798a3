#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_format.sh [ROOT] - the sources are as clang-format 14 writes them
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"
formatter=$(command -v clang-format-14) || { echo "no clang-format-14 here"; exit 77; }

# One line for each file is enough; `./run format` puts it right.
bad=$(find matcher proto broker adapters tests bench -type f \( -name '*.c' -o -name '*.h' \) -print0 \
    2>/dev/null | xargs -0 -r "$formatter" --dry-run -Werror 2>&1 |
    sed -n 's/^\([^:]*\):\([0-9]*\):.*code should be clang-formatted.*/\1/p' | uniq -c)
if [ -n "$bad" ]; then
    printf '%s\n' "$bad" | while read -r places file; do
        echo "$file: $places places are not as clang-format writes them"
    done
    exit 1
fi
