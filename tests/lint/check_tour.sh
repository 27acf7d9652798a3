#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_tour.sh [ROOT] - every `file.c:function` that a document names is still there
#
# A function counts as there when the file defines it: its name begins a line, or stands
# in one that begins with a type, and the next { at the left margin comes before any ;.
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"

stops=$(mktemp)
trap 'rm -f "$stops"' EXIT
find . \( -name .git -o -name build -o -name 'build-*' -o -name var \) -prune -o -name '*.md' -print |
    LC_ALL=C sort | while IFS= read -r document; do
    grep -onE '`[A-Za-z0-9_./-]+\.c:[a-z_0-9]+`' "$document" |
        sed "s|^\([0-9]*\):\`\(.*\)\.c:\(.*\)\`\$|${document#./} \1 \2.c \3|"
done >"$stops"

if [ -f ARCHITECTURE.md ] && ! grep -q '^ARCHITECTURE.md ' "$stops"; then
    echo "ARCHITECTURE.md: no stop of the tour could be read"
    exit 1
fi
status=0
while read -r document line file function; do
    if [ ! -f "$file" ]; then
        echo "$document:$line: there is no $file"
        status=1
    elif ! awk -v name="$function" '
        open && /^\{/ { found = 1; exit }
        open && /;[ \t]*$/ { open = 0 }
        $0 ~ ("^([A-Za-z_][^;={]*[ *])?" name "\\(") { open = $0 !~ /;[ \t]*$/ }
        END { exit !found }' "$file"; then
        echo "$document:$line: $file has no function $function"
        status=1
    fi
done <"$stops"
exit "$status"
