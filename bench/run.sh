#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh [--quick] [--only ROW] [--seed N] [--csv FILE] - every figure beside its yardstick
#
# `./run bench` calls it with a private PostgreSQL in ENTENTE_DB and build/release built.
# README.md says what each line means.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
bin=${ENTENTE_BENCH_BIN:-$root/build/release/bin}

# What can be asked for alone, in the order in which it is measured.
rows=(slot latency brokers load accept hold who index restart replay audit)

# Those that need the same world are one program, which makes it once.
program_of() {
    case $1 in
    accept) echo load ;;
    restart | replay | audit) echo million ;;
    *) echo "$1" ;;
    esac
}

usage() {
    cat <<'EOU'
usage: ./run bench [--quick] [--only ROW] [--seed N] [--csv FILE]

  --quick      fewer and shorter rounds, a tenth of the rows: about two minutes
  --only ROW   one of these alone:
                 slot      slot search without wire and database
                 latency   publish to matchable, one accept, one client
                 brokers   published at one broker, matchable at another
                 load      durable commands a second, 64 clients, beside pgbench
                 accept    p99 of an accept at half of that load, also under publications
                 hold      p99 of a request for six people until it is held
                 who       which of 4,096 people can come, and of 100,000
                 index     index of 10,000 agendas: rebuild, bytes
                 restart   with a million live claims, to the first hello answered
                 replay    a million events to one client, in order
                 audit     `entente audit` over a million claims
  --seed N     of the calendars and requests; default 1
  --csv FILE   the same figures as comma-separated values, for a program
EOU
}

# shellcheck source=bench/words.sh
. "$root/bench/words.sh"
bench_words "--seed --csv --only" "$@"
csv=${given[--csv]:-}
only=${given[--only]:-}
[[ -z $only || " ${rows[*]} " == *" $only "* ]] || code=2 fail "there is no row '$only'; see --help"
bench_parsed

: "${ENTENTE_TEST_DB:=${ENTENTE_DB:-}}"
[ -n "$ENTENTE_TEST_DB" ] || code=2 fail "no PostgreSQL: './run bench' starts one"
export ENTENTE_TEST_DB
programs=()
for row in ${only:-"${rows[@]}"}; do
    name=$(program_of "$row")
    [[ " ${programs[*]} " == *" $name "* ]] || programs+=("$name")
done
for name in "${programs[@]}"; do
    [ -x "$bin/bench_$name" ] || fail "$bin/bench_$name is not built: './run build' builds it"
done

# pgbench comes with the server on Debian, and is not in the path there.
for ENTENTE_PGBENCH in /usr/lib/postgresql/15/bin/pgbench "$(command -v pgbench || true)"; do
    [ -x "$ENTENTE_PGBENCH" ] && break
done
export ENTENTE_PGBENCH

if [ -n "$csv" ]; then
    printf '%s,%s,%s\n' what,unit,rounds,median,q1,q3,min,max \
        yardstick,yardstick_median,yardstick_q1,yardstick_q3 \
        yardstick_min,yardstick_max >"$csv" || fail "$csv cannot be written"
    words+=(--csv "$csv")
fi

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf 'machine  %s, %s processors, %s, load %s\n' "${processor:-unknown}" "$(nproc)" \
    "$(uname -sr)" "$(cut -d' ' -f1-3 /proc/loadavg)"
printf 'seed     %s\n' "${given[--seed]}"
printf 'figures  median (lower quartile..upper quartile), x ratio to the yardstick\n\n'
started=$SECONDS
[ -z "$only" ] || words+=(--only "$only")
for name in "${programs[@]}"; do
    "$bin/bench_$name" "${words[@]}"
done
printf '\n%d s; load at the end %s\n' "$((SECONDS - started))" "$(cut -d' ' -f1-3 /proc/loadavg)"
