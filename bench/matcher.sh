#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# matcher.sh [--quick] [--seed N] [--csv FILE] [--plots DIR] [--against REV] - our kernels
# beside their peers
#
# `./run bench matcher` calls it with a private PostgreSQL in ENTENTE_DB and build/release
# built, after a first call with ENTENTE_BENCH_PARSE set.  README.md says what each number
# means.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
bin=${ENTENTE_BENCH_BIN:-$root/build/release/bin}
program=$bin/bench_matcher

usage() {
    cat <<'EOU'
usage: ./run bench matcher [--quick] [--only NAME] [--seed N] [--csv FILE] [--plots DIR]
       ./run bench matcher --against REV [--seed N]

  --quick        fewer cells and shorter rounds, under a minute
  --seed N       of the calendars and requests; default 1
  --only NAME    one workload: real, light, roster, midday, wednesday, sparse, adversarial;
                 or one part beside them: model, people, updates, worst, country
  --csv FILE     the table as comma-separated values; default var/bench/matcher.csv
  --plots DIR    where the plots go, SVG and PNG; default var/bench
  --against REV  this tree's matcher and that of the commit REV in turns, and a verdict for
                 each cell; exit code 1 if something has become slower
EOU
}

# shellcheck source=bench/words.sh
. "$root/bench/words.sh"
bench_words "--seed --csv --plots --against --only" "$@"
csv=${given[--csv]:-}
plots=${given[--plots]:-}
against=${given[--against]:-}
case ${given[--only]:-} in
'') ;;
real | light | roster | midday | wednesday | sparse | adversarial | \
    model | people | updates | worst | country) words+=(--only "${given[--only]}") ;;
*) code=2 fail "there is no workload and no part '${given[--only]}'" ;;
esac
if [ -n "$against" ]; then
    [[ -z $csv$plots && ${#words[@]} -eq 2 ]] || code=2 fail "--against goes with --seed alone"
    git -C "$root" rev-parse --verify --quiet "$against^{commit}" >/dev/null ||
        code=2 fail "there is no commit '$against'"
fi
bench_parsed
[ -x "$program" ] || fail "$program is not built: './run build' builds it where the peers are"

if [ -n "$against" ]; then
    exec "$root/bench/against.sh" "$against" "$program" "${given[--seed]}"
fi

export ENTENTE_TEST_DB=${ENTENTE_TEST_DB:-${ENTENTE_DB:-}}
[ -n "$ENTENTE_TEST_DB" ] || code=2 fail "no PostgreSQL: './run bench matcher' starts one"
out=$root/var/bench
mkdir -p -- "$out"
: "${csv:=$out/matcher.csv}" "${plots:=$out}"
: >"$csv" || fail "$csv cannot be written"
mkdir -p -- "$plots" || fail "$plots cannot be made"

started=$SECONDS
status=0
"$program" "${words[@]}" --csv "$csv" --people "$out/people.csv" || status=$?
printf '\n%d s; load at the end %s\n' "$((SECONDS - started))" "$(cut -d' ' -f1-3 /proc/loadavg)"
[ "$status" -eq 0 ] || fail "the answers were not all the same, or something could not be measured"
printf 'table    %s\n' "$csv"
"$root/bench/plot.sh" "$csv" "$out/people.csv" "$plots"
