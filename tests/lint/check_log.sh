#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_log.sh [ROOT] - docs/operator.md explains every line that the broker logs
#
# Of each log_line() the longest piece of its sentence without conversions must stand on
# the page behind the name of the part that says it.  Debug lines are for developers.
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"
page=docs/operator.md
[ -f "$page" ] || { echo "there is no $page"; exit 1; }

find broker -name '*.c' | LC_ALL=C sort | xargs awk '
    function finish(    at, part, format, pieces, count, i, best) {
        if (call ~ /LOG_DEBUG/ || !match(call, /"[a-z]*",/)) return
        part = substr(call, RSTART + 1, RLENGTH - 3)
        call = substr(call, RSTART + RLENGTH)
        gsub(/"[ \t]*(PRI[a-z0-9]*)[ \t]*"/, "%", call)
        gsub(/"[ \t]+"/, "", call)
        if (!match(call, /"[^"]*"/)) return
        format = substr(call, RSTART + 1, RLENGTH - 2)
        count = split(format, pieces, /%[-0-9.*]*[a-z%]*/)
        best = ""
        for (i = 1; i <= count; i++) {
            gsub(/^[ :;,(]+|[ :;,(]+$/, "", pieces[i])
            if (length(pieces[i]) > length(best)) best = pieces[i]
        }
        print FILENAME ":" line "\t" part "\t" best
    }
    /log_line\(LOG_/ { call = ""; line = FNR; open = 1 }
    open { call = call " " $0 }
    open && /;[ \t]*$/ { open = 0; finish() }
' | {
    status=0
    tab=$(printf '\t')
    while IFS=$tab read -r place part piece; do
        if ! grep -F -- "\`$part:" "$page" | grep -qF -- "$piece"; then
            echo "$place: $page does not explain '$part: ... $piece'"
            status=1
        fi
    done
    exit "$status"
}
