#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# test_demo_week.sh ENTENTE - the week of the demonstration, and the templates dated to it
#
# Easter Sundays come from the published table, not from a formula.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd -P)
entente=$1
# shellcheck source=run.d/demo_week.sh
. "$root/run.d/demo_week.sh"
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
failures=0

same() {
    if [ "$2" != "$3" ]; then
        printf '%s: %s instead of %s\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

number() {
    local seconds
    seconds=$(date -u -d "$1" +%s)
    printf '%d' "$((seconds / 86400))"
}

for sunday in 2000-04-23 2008-03-23 2011-04-24 2019-04-21 2024-03-31 2025-04-20 2026-04-05 \
    2027-03-28 2028-04-16 2029-04-01 2030-04-21 2031-04-13 2032-03-28 2033-04-17 2034-04-09 \
    2035-03-25 2038-04-25 2049-04-18 2076-04-19; do
    same "Easter of ${sunday%%-*}" "$(demo_date "$(demo_easter "${sunday%%-*}")")" "$sunday"
done

# The calendar of 2026 and of 2027, as the administration publishes it.
same "holidays of 2026" "$(for day in $(demo_holidays 2026); do demo_date "$day"; done |
    sort | tr '\n' ' ')" "2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 \
2026-07-14 2026-08-15 2026-11-01 2026-11-11 2026-12-25 "
same "holidays of 2027" "$(for day in $(demo_holidays 2027); do demo_date "$day"; done |
    sort | tr '\n' ' ')" "2027-01-01 2027-03-29 2027-05-01 2027-05-06 2027-05-08 2027-05-17 \
2027-07-14 2027-08-15 2027-11-01 2027-11-11 2027-12-25 "

while read -r today monday; do
    same "the week after $today" "$(demo_date "$(demo_find_monday "$(number "$today")")")" "$monday"
done <<'WEEKS'
2026-11-21 2026-11-23
2026-11-22 2026-11-23
2026-11-23 2026-11-30
2026-11-01 2026-11-02
2026-11-02 2026-11-16
2026-12-20 2027-01-04
2026-03-30 2026-04-13
2026-04-26 2026-05-18
2026-05-17 2026-05-18
2026-05-18 2026-06-01
2026-07-12 2026-07-20
2026-08-09 2026-08-17
WEEKS

# A winter's week, a summer's, and those in which the clocks have just changed or will.
hours="Mon-Sun 00:00-24:00"
for file in "$root"/adapters/ics/samples/*.ics; do
    demo_date_template "$demo_template_monday" <"$file" >"$scratch/same.ics"
    cmp "$scratch/same.ics" "$file" || failures=1
    "$entente" free --file "$file" --from 2025-01-06 --to 2025-01-11 --hours "$hours" |
        sed 's/+0[12]:00//g' >"$scratch/expected"
    for monday in 2027-01-04 2026-06-29 2026-03-30 2026-10-19 2028-02-28; do
        demo_date_template "$(number "$monday")" <"$file" >"$scratch/dated.ics"
        first=$(number "$monday")
        "$entente" free --file "$scratch/dated.ics" --from "$monday" \
            --to "$(demo_date "$((first + 5))")" --hours "$hours" >"$scratch/found"
        sed -i 's/+0[12]:00//g' "$scratch/found"
        for ((i = 0; i <= 5; i++)); do
            sed -i "s/$(demo_date "$((first + i))")/$(demo_date "$((demo_template_monday + i))")/g" \
                "$scratch/found"
        done
        cmp "$scratch/found" "$scratch/expected" || {
            printf 'in the week of %s: %s\n' "$monday" "$file"
            failures=1
        }
    done
done
exit "$((failures > 0))"
