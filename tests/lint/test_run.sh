#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# test_run.sh - what ./run promises about foreign things, bad arguments and missing packages
#
# Works in copies of ./run below a temporary directory.  Nothing is built or installed.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd -P)
tree=$(mktemp -d)
trap finish EXIT
failures=0

finish() {
    if [ -d "$copy" ]; then
        (cd "$copy" && ./run reset >/dev/null 2>&1) || true
    fi
    rm -rf -- "$tree"
}

# fresh NAME: a copy of the scripts in a directory of this name.
fresh() {
    copy="$tree/$1"
    mkdir -p -- "$copy/tests/support"
    cp -a -- "$here/run" "$here/run.d" "$copy/"
    cp -a -- "$here/tests/support/pg" "$copy/tests/support/"
    cd "$copy"
}

# expect CODE WORD COMMAND...: the exit code, and a part of what is printed.
expect() {
    local code=$1 word=$2 status=0 output
    shift 2
    output=$("$@" 2>&1 </dev/null) || status=$?
    if [ "$status" -ne "$code" ] || [[ $output != *"$word"* ]]; then
        printf '%s in %s: exit %s instead of %s, or no "%s" in:\n%s\n' \
            "$*" "$copy" "$status" "$code" "$word" "$output"
        failures=$((failures + 1))
    fi
}

check() {
    if ! "$@"; then
        printf 'not so: %s\n' "$*"
        failures=$((failures + 1))
    fi
}

copy=
fresh "plain"
expect 0 'usage: ./run' ./run
expect 2 "unknown command 'dance'" ./run dance
expect 2 'no cluster' ./run db start main
expect 2 'unknown' ./run db dance
expect 2 'usage' ./run test --fast
check test ! -e var

# What somebody else put under the name ./var stays.
mkdir var && touch var/precious
expect 1 'was not made by ./run' ./run reset
check test -e var/precious
rm -r var && mkdir ../elsewhere && touch ../elsewhere/precious ../elsewhere/.entente
ln -s ../elsewhere var
expect 1 'symbolic link' ./run reset
expect 1 'symbolic link' ./run db start
check test -e ../elsewhere/precious
rm var

# A link inside ./var leads nowhere when it is forgotten.
./run db status >/dev/null || true
mkdir var && echo ours >var/.entente
ln -s "$tree/elsewhere" var/pg
if [ "$(id -u)" -eq 0 ]; then
    expect 0 'forgotten' ./run reset
else
    expect 1 'symbolic link' ./run reset
    rm -r var
fi
check test -e ../elsewhere/precious
expect 0 'forgotten' ./run reset

# Packages are missing, and nobody may install them: the list, and 3.
if [ "$(id -u)" -ne 0 ]; then
    mkdir bin
    printf '#!/bin/sh\necho not-installed\n' >bin/dpkg-query
    printf '#!/bin/sh\nexit 1\n' >bin/sudo
    chmod +x bin/*
    expect 3 'apt-get install --no-install-recommends gcc' env PATH="$copy/bin:$PATH" ./run demo
    check test ! -e var
fi

# Names that a socket or a configuration file would read as something else.
for name in "two words, and a comma" "quote'quote" \
    "a-name-so-long-that-no-socket-below-it-could-ever-be-bound-because-108-bytes-are-all-there-is"; do
    fresh "$name"
    # shellcheck disable=SC2016  # for the inner shell
    expect 0 'answer 42' tests/support/pg/with_postgres.sh sh -c \
        'psql -XAtc "select '"'answer '"' || 6 * 7" "$ENTENTE_TEST_DB"'
    expect 1 'does not run' ./run db status test
    expect 0 'forgotten' ./run reset
    check test ! -e var
done

# A server that was killed, and a number that now belongs to somebody else.
fresh "crash"
cluster=tests/support/pg/cluster.sh
expect 0 'dbname=postgres' $cluster start crash
conninfo=$($cluster conninfo crash)
expect 0 '' psql -Xqc 'CREATE TABLE kept (id int)' "$conninfo"
expect 0 '' $cluster kill crash
expect 2 'onnect' psql -Xqc 'SELECT 1' "$conninfo"
sed -i "1s/.*/$$/" var/pg/crash/data/postmaster.pid
expect 0 'dbname=postgres' $cluster start crash
expect 0 '0' psql -XAtqc 'SELECT count(*) FROM kept' "$conninfo"
expect 0 'on' psql -XAtqc 'SHOW data_checksums' "$conninfo"
expect 0 'on' psql -XAtqc 'SHOW synchronous_commit' "$conninfo"
expect 0 '' $cluster remove crash
check test ! -e var/pg/crash

if [ "$failures" -gt 0 ]; then
    echo "$failures promises of ./run are not kept"
    exit 1
fi
echo "./run keeps its promises"
