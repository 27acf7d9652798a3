#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# test_operator.sh ENTENTE - docs/operator.md, step by step: set up, clients, watch, upgrade
#
# ENTENTE is the program.  Needs a server in ENTENTE_TEST_DB (tests/support/pg).
set -u

entente=$1
if [ -z "${ENTENTE_TEST_DB:-}" ]; then
    echo "ENTENTE_TEST_DB names no PostgreSQL server"
    [ -n "${CI:-}" ] && exit 1
    exit 77
fi
name=entente_operator_$$
place=$(mktemp -d)
failures=0
broker=
ENTENTE_DB="$ENTENTE_TEST_DB dbname=$name"
ENTENTE_KEYS=$place/keys
LC_ALL=C.UTF-8
LANGUAGE=en
export ENTENTE_DB ENTENTE_KEYS LC_ALL LANGUAGE
listen=ipc://$place/broker

server() {
    psql --quiet --no-psqlrc --dbname "$ENTENTE_TEST_DB" --command "$1"
}

# shellcheck disable=SC2317  # called by the trap
leave() {
    [ -z "$broker" ] || { kill -KILL "$broker"; wait "$broker"; } 2>/dev/null
    server "DROP DATABASE IF EXISTS $name WITH (FORCE)"
    rm -rf -- "$place"
}
trap leave EXIT

# step CODE WORD COMMAND...: the command ends with this code, and says this.
step() {
    local code=$1 word=$2 status=0 output
    shift 2
    output=$("$@" 2>&1 </dev/null) || status=$?
    if [ "$status" -ne "$code" ] || [[ $output != *"$word"* ]]; then
        printf 'FAILED: %s\n  ended with %s, not %s, or does not say "%s":\n%s\n' \
            "$*" "$status" "$code" "$word" "$output"
        failures=$((failures + 1))
    fi
}

begin() {
    "$entente" broker --listen "$listen" 2>>"$place/log" &
    broker=$!
}

end() {
    local status=0
    kill -TERM "$broker"
    wait "$broker" || status=$?
    broker=
    [ "$status" -eq 0 ] || { echo "FAILED: the broker ended with $status"; failures=$((failures + 1)); }
}

server "CREATE DATABASE $name" || exit 1
install -d -m 0700 "$ENTENTE_KEYS"

# Set up.
step 1 'seal.key: The file cannot be opened' "$entente" broker --listen "$listen"
step 0 'back it up' "$entente" keys make
step 1 'kept' "$entente" keys make
step 1 'A file cannot be made' "$entente" keys make --keys "$place/nowhere"
step 1 'see entente migrate' "$entente" broker --listen "$listen"
step 1 'see entente migrate' "$entente" audit
for command in broker migrate client keys breaker audit restored; do
    step 2 "entente $command: the option --nothing is not known here" "$entente" $command --nothing
done
step 0 '0001_people_and_clients.sql applied' "$entente" migrate
step 0 'nothing to do' "$entente" migrate
begin

# Clients, while the broker runs.
step 0 'speaks for 1 more' "$entente" client add dui-nord --speaks-for idnps:899700218896 \
    --endpoint "$listen" --write-to "$place/dui-nord.conf"
step 0 'speaks for 1 more' "$entente" client add dui-nord --speaks-for idnps:899700218904
step 1 'sandbox' "$entente" client add dui-nord --speaks-for ins-test:280canary
step 2 'production' "$entente" client add dui-nord --sandbox --speaks-for ins:280canary
step 0 'speaks for 2' "$entente" client list
step 0 '"speaks_for": 2' "$entente" client list --json
[ "$(stat -c %a "$place/dui-nord.conf")" = 600 ] || { echo "FAILED: who may read the keys"; failures=$((failures + 1)); }

# Watch: a client that waits is let in as soon as it is known.
step 0 'speaks for 0' "$entente" client add watch --operator --endpoint "$listen" --write-to "$place/watch.conf"
step 0 'people' "$entente" status --all --client "$place/watch.conf"
step 0 '"undelivered_events": 0' "$entente" status --all --json --client "$place/watch.conf"
step 0 '' "$entente" list --client "$place/dui-nord.conf"

# Upgrade: a broker ends as asked, and begins where it was.
end
step 0 'nothing to do' "$entente" migrate
begin
step 0 '' "$entente" list --client "$place/dui-nord.conf"
step 0 'opens nothing' "$entente" client revoke dui-nord
step 0 'revoked' "$entente" client list
end
begin
step 1 '' "$entente" list --timeout 3 --client "$place/dui-nord.conf"
end

for line in 'people, 0 agendas loaded' "listening on $listen" 'client watch says hello' 'ending as asked'; do
    grep -qF -- "$line" "$place/log" || { echo "FAILED: no line '$line'"; failures=$((failures + 1)); }
done
if grep -qE 'canary|899700218896|secret' "$place/log"; then
    echo "FAILED: the log says who"
    failures=$((failures + 1))
fi
[ "$failures" -eq 0 ] || { cat "$place/log"; exit 1; }
echo "set up by hand"
