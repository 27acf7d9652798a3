#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make_docs.sh [--check] [ROOT] - docs/limits.md and docs/errors.md from proto/*.def
#
# With --check nothing is written: it fails, with the difference, when a page is not what
# the lists make of it.
set -eu
check=no
if [ "${1:-}" = --check ]; then
    check=yes
    shift
fi
root=${1:-$(dirname "$0")/../..}
cd "$root"
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# The frame of one LIMIT(NAME, value, "unit", "what") is split at ", " outside quotes.
{
    cat <<'TEXT'
# Limits

Every bound of the wire. This page is made from `proto/limits.def` by
`tests/lint/make_docs.sh`; a lint compares them.

What is beyond a bound is refused with the field's path: a number with `OUT_OF_BOUNDS`, a text
with `TEXT_TOO_LONG`, a list with `TOO_MANY`, a frame with `TOO_LARGE`, a message that would take
too much memory with `TOO_COMPLEX` ([errors](errors.md)). Bytes are bytes of UTF-8, not
characters. Times lie between 2020-01-01T00:00Z and 2101-01-01T00:00Z.

| name | bound | of what |
|---|---:|---|
TEXT
    sed -n 's/^LIMIT(\([A-Z_]*\), \([0-9]*\), "\([^"]*\)", "\([^"]*\)")$/| `\1` | \2 \3 | \4 |/p' \
        proto/limits.def
} >"$made/limits.md"

{
    cat <<'TEXT'
# Errors

Every refusal, with its stable number. This page is made from `proto/errors.def` by
`tests/lint/make_docs.sh`; a lint compares them.

An `Error` carries the number, the parameters (`{0}`, `{1}`, ... in order) and the English
sentence with the parameters in place. Programs go by the number, never by the sentence. Paths are
written `request.spec.parties[3].identifier.value`, counted from 0; where a sentence says "range
1 of publish.ranges", that is `publish.ranges[1]`.

*again* says what helps: **never**: the same message is refused again; **later**: it may succeed
unchanged; **renew**: it may succeed after looking at the current state.

TEXT
    awk '
        /^\/\/ [A-Z].*\.$/ && seen { sub(/^\/\/ /, ""); sub(/\.$/, ""); heading = $0 }
        /^$/ { seen = 1 }
        /^ERROR\(/ {
            line = $0
            sub(/^ERROR\(/, "", line)
            sub(/"\)$/, "", line)
            quote = index(line, "\"")
            sentence = substr(line, quote + 1)
            split(substr(line, 1, quote - 1), part, /, */)
            if (heading != "") {
                if (started) print ""
                print "## " heading "\n"
                print "| number | name | again | sentence |"
                print "|---:|---|---|---|"
                heading = ""
                started = 1
            }
            print "| " part[2] " | `" part[1] "` | " tolower(part[3]) " | " sentence " |"
        }
    ' proto/errors.def
} >"$made/errors.md"

status=0
for page in limits errors; do
    # A row that the pattern did not match must not get lost in silence.
    name=$(printf '%s' "$page" | tr '[:lower:]' '[:upper:]' | sed 's/S$//')
    rows=$(grep -c "^$name(" "proto/$page.def")
    lines=$(grep -c '^| .*`[A-Z_0-9]*`' "$made/$page.md")
    if [ "$rows" != "$lines" ]; then
        echo "proto/$page.def has $rows entries, but $lines could be read"
        status=1
    fi
    if [ "$check" = no ]; then
        cp "$made/$page.md" "docs/$page.md"
    elif ! diff -u "docs/$page.md" "$made/$page.md"; then
        echo "docs/$page.md is not what proto/$page.def says: run tests/lint/make_docs.sh"
        status=1
    fi
done
exit "$status"
