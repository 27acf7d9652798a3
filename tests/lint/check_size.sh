#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_size.sh [ROOT] - no file of ours is longer than 500 lines
#
# SQL, message catalogues and generated code are exempt, and so are documents and licences.
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"
limit=500

find . \( -name .git -o -name build -o -name 'build-*' -o -name var -o -name corpus \) -prune -o -type f \
    \( -name '*.c' -o -name '*.h' -o -name '*.sh' -o -name '*.py' -o -name '*.cmake' \
    -o -name 'CMakeLists.txt' -o -name '*.proto' -o -path ./run -o -path ./.ci/run \) -print |
    LC_ALL=C sort | {
    status=0
    while IFS= read -r file; do
        lines=$(wc -l <"$file")
        if [ "$lines" -gt "$limit" ]; then
            echo "${file#./}: $lines lines, at most $limit"
            status=1
        fi
    done
    exit "$status"
}
