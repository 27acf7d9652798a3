#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_words.sh [ROOT] - no path of somebody's machine, no word about how a text came to be
#
# The words are put together here, so that this file does not contain them.
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"

slash=/
paths="${slash}work${slash}|${slash}root${slash}[a-z]"
words="chat""gpt|copi""lot|anthro""pic|open""ai|l""lm|language mod""el|ai assist""ant"
words="$words|co-authored-""by|gener""ated with"

status=0
list() {
    find . \( -name .git -o -name build -o -name 'build-*' -o -name var -o -name corpus \) -prune -o \
        -type f ! -name LICENSE -print0
}
if list | xargs -0 -r grep -nIE -- "(^|[^A-Za-z0-9_.])($paths)"; then
    echo "the lines above name a path of one machine"
    status=1
fi
if list | xargs -0 -r grep -nIiwE -- "$words"; then
    echo "the lines above speak of tools, not of the program"
    status=1
fi
exit "$status"
