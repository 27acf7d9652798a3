#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_layers.sh [ROOT] - who may include whom, and which file may touch a foreign library
#
# Two tables and one pass over the includes.  A file that the first table does not name may
# include nothing of ours outside its own folder.
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"

files=$(find matcher proto broker adapters -type f \( -name '*.c' -o -name '*.h' \) 2>/dev/null |
    LC_ALL=C sort)
[ -n "$files" ] || exit 0

# shellcheck disable=SC2086  # one word for each file; our names have no spaces
awk '
# What of this project the file may include, as a pattern over "folder/file.h".
function ours_allowed(file) {
    if (file ~ /^matcher\//) return "^matcher/"
    if (file ~ /^proto\//) return "^proto/"
    if (file ~ /^broker\//) return "^(broker|matcher|proto)/"
    if (file ~ /^adapters\/sdk\//) return "^(adapters/sdk|proto)/"
    if (file ~ /^adapters\/cli\//) return "^(adapters/(cli|sdk)/|adapters/ics/free_command\\.h$|proto/|matcher/|broker/operator\\.h$)"
    if (match(file, /^adapters\/[^\/]+\//)) return "^(" substr(file, 1, RLENGTH - 1) "|adapters/sdk|proto)/"
    return "^$"
}

# Which files may include a header of a foreign library; "" means: it is not foreign.
function foreign_home(header) {
    if (header ~ /^(zmq|zmq_utils)\.h$/) return "^(broker/wire_zmq[^/]*\\.[ch]|broker/zap\\.[ch]|adapters/sdk/session[^/]*\\.[ch])$"
    if (header ~ /^(libpq-fe\.h|libpq\/|postgres_ext\.h|pg_config)/) return "^broker/store/store_pg[^/]*\\.[ch]$"
    if (header ~ /^openssl\//) return "^broker/seal\\.[ch]$"
    if (header ~ /^(libical\/|ical)/) return "^adapters/ics/[^/]+\\.[ch]$"
    if (header ~ /^jansson/) return "^(adapters/cli/[^/]+\\.[ch]|adapters/ics/[^/]+\\.[ch]|broker/operator[^/]*\\.[ch])$"
    if (header ~ /\.pb-c\.h$/) return "^proto/codec[^/]*\\.[ch]$"
    if (header ~ /^protobuf-c\//) return "^proto/codec[^/]*\\.[ch]$"
    if (header ~ /^(cmocka|google\/)/) return "^$"
    return ""
}

/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    header = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*["<]/, "", header)
    sub(/[">].*$/, "", header)
    home = foreign_home(header)
    bare = header
    sub(/^.*\//, "", bare)
    if (home == "" && bare ~ /\.pb-c\.h$/) home = foreign_home(bare)
    if (home != "") {
        if (FILENAME !~ home) {
            printf "%s:%d: includes <%s>, which only %s may\n", FILENAME, FNR, header, home
            bad = 1
        }
    } else if ($0 ~ /include[ \t]*"/ && header !~ ours_allowed(FILENAME)) {
        printf "%s:%d: includes \"%s\": not among what this folder may know\n", FILENAME, FNR, header
        bad = 1
    }
}
END { exit bad }
' $files
