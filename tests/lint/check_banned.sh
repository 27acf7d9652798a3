#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_banned.sh [ROOT] - calls that have no place here, tests included
#
# Comments and string literals do not count.  Besides the calls that are banned everywhere,
# the matcher touches nothing of the world, and civil time has its one home in proto/zone*.
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"

files=$(find matcher proto broker adapters tests bench -type f \( -name '*.c' -o -name '*.h' \) \
    2>/dev/null | LC_ALL=C sort)
[ -n "$files" ] || exit 0

# shellcheck disable=SC2086  # one word for each file; our names have no spaces
awk '
function forbid(pattern, why,    word) {
    if (!match(line, "(^|[^A-Za-z0-9_.>])(" pattern ")[ \t]*\\(")) return
    word = substr(line, RSTART, RLENGTH)
    gsub(/[^A-Za-z0-9_]/, "", word)
    printf "%s:%d: %s %s\n", FILENAME, FNR, word, why
    bad = 1
}
FNR == 1 { inside = 0 }
{
    line = $0
    gsub(/\\["\\]/, "", line)
    gsub(/\047"\047/, "", line)
    gsub(/"[^"]*"/, "\"\"", line)
    if (inside) {
        if (!sub(/^.*\*\//, "", line)) next
        inside = 0
    }
    gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", line)
    if (sub(/\/\*.*$/, "", line)) inside = 1
    sub(/\/\/.*$/, "", line)
    forbid("strcpy|strcat|v?sprintf|ato(i|l|ll|f)|gets|strtok|s?rand|s?random|alloca|u?sleep|nanosleep",
           "is banned")
    if (FILENAME ~ /^matcher\//)
        forbid("malloc|calloc|realloc|free|time|clock|clock_gettime|gettimeofday|f?printf|fopen|getenv",
               "has no place in the matcher, which is pure")
    if (FILENAME !~ /^(proto\/zone|tests\/)/)
        forbid("localtime|localtime_r|mktime|tzset", "reads a time zone outside proto/zone")
}
FNR == 1 && $0 != "// SPDX-License-Identifier: Apache-2.0" {
    printf "%s:1: the first line is not the licence\n", FILENAME
    bad = 1
}
END { exit bad }
' $files
