#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# test_demo.sh BUILD [--crash] - the demonstration tells its story to the end
#
# Plays ./run demo with the programs of BUILD on the tests' database server, and looks at
# the five calendar files itself.  With --crash it is played on a terminal.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd -P)
build=$1
variant=${2:-plain}

if [ -z "${ENTENTE_TEST_DB:-}" ]; then
    echo "[  SKIPPED ] there is no ENTENTE_TEST_DB: tests/support/pg/with_postgres.sh makes one"
    exit 77
fi
name=demo_test_$(printf '%s' "$variant" | tr -dc '[:lower:]')
# The database of the crash is a server of its own: the others must not notice.
cluster="test"
[ "$variant" = plain ] || cluster=crash
export ENTENTE_BUILD_DIR=$build ENTENTE_CLUSTER=$cluster ENTENTE_DEMO_NAME=$name
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
failures=0

fail() {
    printf 'not so: %s\n' "$*"
    failures=$((failures + 1))
}

# The bytes that are not ours: without our event and our position.
foreign_bytes() {
    LC_ALL=C awk '
        BEGIN { RS = "\n" }
        /^X-ENTENTE-POSITION:/ { next }
        /^BEGIN:VEVENT/ { held = $0; inside = 1; ours = 0; next }
        inside {
            held = held "\n" $0
            if ($0 ~ /^UID:.*@entente\r?$/) { ours = 1 }
            if ($0 ~ /^END:VEVENT/) {
                inside = 0
                if (!ours) { print held }
            }
            next
        }
        { print }' "$1"
}

# shellcheck disable=SC2094
play() {
    if [ "$variant" = plain ]; then
        "$root/run" demo >"$scratch/output" 2>"$scratch/errors" </dev/null
    else
        # On a terminal; it ends lines with CR LF.
        env -u NO_COLOR TERM=xterm script -qec "'${root//\'/\'\\\'\'}/run' demo --crash" \
            "$scratch/typescript" >"$scratch/output" 2>"$scratch/errors" </dev/null
    fi
}

status=0
play || status=$?
tr -d '\r' <"$scratch/output" >"$scratch/lines"
last=$(tail -n 1 "$scratch/lines")
if [ "$status" -ne 0 ] ||
    [[ ! $last =~ ^demo:\ confirmed\ ([0-9a-f-]{36})\ in\ 5\ of\ 5\ agendas$ ]]; then
    cat "$scratch/lines" "$scratch/errors"
    echo "exit $status, and the last line is: $last"
    exit 1
fi
meeting=${BASH_REMATCH[1]}

count=0
for file in "$root/var/$name"/*.ics; do
    count=$((count + 1))
    [ "$(grep -c "^UID:$meeting@entente.\?$" "$file")" = 1 ] ||
        fail "the event stands once in $file"
    [ "$(grep -c '^UID:.*@entente.\?$' "$file")" = 1 ] ||
        fail "no other event of ours stands in $file"
    foreign_bytes "$file" | cmp - "$root/var/$name/before/$(basename "$file")" ||
        fail "foreign bytes of $file are as they were"
done
[ "$count" = 5 ] || fail "there are five files, not $count"
if grep -q "hospitalisation" "$root/var/$name/jeanne.ics" "$root/var/$name/karim.ics"; then
    fail "a neutral title tells no reason"
fi

# Neither the sanitizers nor an assert had anything to say about any of the processes.
if grep -lE 'Sanitizer|runtime error:|Assertion' "$root/var/log/$name"-*.log; then
    fail "the logs above are clean"
fi

# No process outlives the demonstration.
for file in "$root/var/run/$name"-*.pid; do
    [ ! -e "$file" ] || fail "$file is gone"
done

if [ "$variant" = plain ]; then
    if grep -q $'\033' "$scratch/output"; then
        fail "what is no terminal gets no colours"
    fi
else
    grep -q $'\033\\[' "$scratch/output" || fail "a terminal gets colours"
    [ "$(grep -c 'broker is killed (SIGKILL)' "$scratch/lines")" = 3 ] ||
        fail "the broker is killed three times"
    [ "$(grep -c 'database is killed (SIGKILL)' "$scratch/lines")" = 2 ] ||
        fail "the database is killed twice"
fi
exit "$((failures > 0))"
