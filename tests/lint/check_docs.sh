#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_docs.sh [ROOT] - what the documents point at is there
#
# Links between documents, with their headings; paths of this tree between backquotes
# (a * stands for any name); docs/README.md names every page beside it; README.md fits
# on a screen.
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"
screen=50

complaints=$(mktemp)
trap 'rm -f "$complaints"' EXIT

documents() {
    find . \( -name .git -o -name build -o -name 'build-*' -o -name var -o -name corpus \) -prune -o \
        -name '*.md' -print | LC_ALL=C sort
}

# The headings of a document as the anchors that links use.
anchors() {
    awk '/^```/ { code = !code } !code && /^#+ /' "$1" |
        sed -e 's/^#* *//' -e 's/[^A-Za-z0-9 _-]//g' -e 's/ /-/g' | tr '[:upper:]' '[:lower:]'
}

check_link() { # DOCUMENT LINE TARGET
    path=${3%%#*}
    anchor=
    case $3 in
    *'#'*) anchor=${3#*#} ;;
    esac
    file=$(dirname "$1")/$path
    [ -n "$path" ] || file=$1
    if [ ! -e "$file" ]; then
        echo "${1#./}:$2: links to $3, which is not there"
    elif [ -n "$anchor" ] && ! anchors "$file" | grep -qxF -e "$anchor"; then
        echo "${1#./}:$2: links to $3, which has no such heading"
    fi
}

documents | while IFS= read -r document; do
    awk '/^```/ { code = !code } { print code ? "" : $0 }' "$document" |
        grep -onE '\]\([^) ]+\)' | sed 's/^\([0-9]*\):](\(.*\))$/\1 \2/' |
        while read -r line target; do
            case $target in
            http://* | https://* | mailto:*) ;;
            *) check_link "$document" "$line" "$target" ;;
            esac
        done
    grep -onE '`(matcher|proto|broker|adapters|migrations|tests|bench|docs|run\.d|cmake|po)/[A-Za-z0-9_./*-]*`' \
        "$document" | sed 's/^\([0-9]*\):`\(.*\)`$/\1 \2/' | while read -r line path; do
        # shellcheck disable=SC2086  # the path may hold a *
        ls -d -- $path >/dev/null 2>&1 ||
            echo "${document#./}:$line: names $path, which is not there"
    done
done >"$complaints"

if [ -d docs ]; then
    for page in docs/*.md; do
        page=${page#docs/}
        [ "$page" = README.md ] || [ "$page" = '*.md' ] ||
            grep -qF "]($page)" docs/README.md 2>/dev/null ||
            echo "docs/README.md: does not name $page" >>"$complaints"
    done
fi
if [ -f README.md ] && [ "$(wc -l <README.md)" -gt "$screen" ]; then
    echo "README.md: longer than a screen of $screen lines" >>"$complaints"
fi
cat "$complaints"
[ ! -s "$complaints" ]
