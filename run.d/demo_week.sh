# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # die comes from lib.sh
#
# demo_week.sh - which week the demonstration takes place in, and the templates' dates
#
# The templates (adapters/ics/samples) are written for the week of Monday 6 January 2025,
# in winter time.  They are dated anew by whole weeks, so that each day keeps its name.
# Days are counted from 1970-01-01.  Sourced after lib.sh.

demo_template_monday=20094 # 2025-01-06
demo_zone=Europe/Paris

# demo_day YEAR MONTH DAY: the number of a day of the Gregorian calendar.
demo_day() {
    local year=$((10#$1)) month=$((10#$2)) day=$((10#$3)) era_day
    if [ "$month" -le 2 ]; then
        year=$((year - 1))
        month=$((month + 12))
    fi
    era_day=$((365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5))
    printf '%d' "$((era_day + day - 1 - 719468))"
}

demo_today() {
    local year month day
    IFS=- read -r year month day < <(TZ=$demo_zone date +%F)
    demo_day "$year" "$month" "$day"
}

# demo_date DAY [FORMAT]
demo_date() {
    date -u -d "1970-01-01 +$1 days" "+${2:-%Y-%m-%d}"
}

# Easter Sunday of a year, by the anonymous Gregorian computus.
demo_easter() {
    local year=$1 golden century skipped moon weekday length
    golden=$((year % 19))
    century=$((year / 100))
    skipped=$((century - century / 4 - (8 * century + 13) / 25))
    moon=$(((19 * golden + skipped + 15) % 30))
    # shellcheck disable=SC2017  # the divisions are meant to cut
    moon=$((moon - moon / 28 * (1 - 29 / (moon + 1) * (21 - golden) / 11)))
    weekday=$(((year + year / 4 + moon + 2 - century + century / 4) % 7))
    length=$((moon - weekday))
    demo_day "$year" "$((3 + (length + 40) / 44))" \
        "$((length + 28 - 31 * ((3 + (length + 40) / 44) / 4)))"
}

# The public holidays of a year in France (article L3133-1 of the Code du travail), as
# numbers of days, one a line.
demo_holidays() {
    local year=$1 easter fixed
    easter=$(demo_easter "$year")
    for fixed in 1:1 5:1 5:8 7:14 8:15 11:1 11:11 12:25; do
        demo_day "$year" "${fixed%:*}" "${fixed#*:}"
        printf '\n'
    done
    printf '%d\n' "$((easter + 1))" "$((easter + 39))" "$((easter + 50))"
}

# demo_find_monday TODAY: the Monday of the first week after this day's own that has no
# public holiday, from its Monday to its Sunday.
demo_find_monday() {
    local today=$1 monday year holidays day
    year=$(demo_date "$today" %Y)
    holidays=" $(demo_holidays "$year" | tr '\n' ' ') $(demo_holidays "$((year + 1))" | tr '\n' ' ') "
    # 1970-01-01 was a Thursday.
    monday=$((today - (today + 3) % 7 + 7))
    for ((day = monday; day < monday + 7; day++)); do
        if [[ $holidays == *" $day "* ]]; then
            monday=$((monday + 7))
            day=$((monday - 1))
        fi
    done
    printf '%d' "$monday"
}

# demo_date_template MONDAY <TEMPLATE: every date of the templates' time is moved by whole
# weeks; what ends in Z loses an hour where the week lies in summer time.  The years in
# which time zones began stay as they are.
demo_date_template() {
    local monday=$1 summer
    summer=$(TZ=$demo_zone date -d "$(demo_date "$((monday + 2))") 12:00" +%z)
    LC_ALL=C awk -v shift_days="$((monday - demo_template_monday))" \
        -v summer="$([ "$summer" = +0200 ] && printf 1 || printf 0)" '
        function day_of(y, m, d) {
            if (m <= 2) { y--; m += 12 }
            return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + \
                   int((153 * (m - 3) + 2) / 5) + d - 719469
        }
        function date_of(day,    era, doe, yoe, doy, mp, d, m, y) {
            day += 719468
            era = int(day / 146097)
            doe = day - era * 146097
            yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
            doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
            mp = int((5 * doy + 2) / 153)
            d = doy - int((153 * mp + 2) / 5) + 1
            m = mp < 10 ? mp + 3 : mp - 9
            y = yoe + era * 400 + (m <= 2 ? 1 : 0)
            return sprintf("%04d%02d%02d", y, m, d)
        }
        # Text is a date that follows a colon: YYYYMMDD, perhaps with THHMMSS, perhaps Z.
        function dated(text,    day, time) {
            day = day_of(substr(text, 1, 4) + 0, substr(text, 5, 2) + 0, substr(text, 7, 2) + 0)
            time = substr(text, 9)
            if (summer && time ~ /Z$/) {
                day -= substr(time, 2, 2) + 0 < 1 ? 1 : 0
                time = sprintf("T%02d%s", (substr(time, 2, 2) + 23) % 24, substr(time, 4))
            }
            return date_of(day + shift_days) time
        }
        BEGIN { pattern = "[:=]202[45][01][0-9][0-3][0-9](T[0-9][0-9][0-9][0-9][0-9][0-9]Z?)?" }
        {
            rest = $0
            done = ""
            while (match(rest, pattern)) {
                found = substr(rest, RSTART, RLENGTH)
                done = done substr(rest, 1, RSTART) dated(substr(found, 2))
                rest = substr(rest, RSTART + RLENGTH)
            }
            print done rest
        }'
}
