#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh [--quick] [--seed N] [--csv FILE] - every figure beside its yardstick
#
# `./run bench` calls it with a private PostgreSQL in ENTENTE_DB and build/release built.
# README.md says what each line means.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
bin=${ENTENTE_BENCH_BIN:-$root/build/release/bin}

usage() {
    cat <<'EOU'
usage: ./run bench [--quick] [--seed N] [--csv FILE]

  --quick      fewer and shorter rounds, under 40 seconds
  --seed N     of the calendars and requests; default 1
  --csv FILE   the same figures as comma-separated values, for a program
EOU
}

# shellcheck source=bench/words.sh
. "$root/bench/words.sh"
bench_words "--seed --csv" "$@"
csv=${given[--csv]:-}
bench_parsed

: "${ENTENTE_TEST_DB:=${ENTENTE_DB:-}}"
[ -n "$ENTENTE_TEST_DB" ] || code=2 fail "no PostgreSQL: './run bench' starts one"
export ENTENTE_TEST_DB
for name in slot latency brokers load index; do
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
for name in slot latency brokers load index; do
    "$bin/bench_$name" "${words[@]}"
done
printf '\n%d s; load at the end %s\n' "$((SECONDS - started))" "$(cut -d' ' -f1-3 /proc/loadavg)"
