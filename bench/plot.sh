#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# plot.sh CSV PEOPLE DIR - the table of `./run bench matcher` as pictures, SVG and PNG
#
# PEOPLE says how many ranges a person has in each population.  A line whose cells the run
# did not have (--quick has few) is left out.
set -eu

csv=$1
people=$2
dir=$3
for tool in gnuplot rsvg-convert; do
    command -v "$tool" >/dev/null 2>&1 || {
        printf 'bench: no plots: %s is not installed\n' "$tool" >&2
        exit 0
    }
done
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# series NAME AWK-CONDITION X: "x y" lines of one method into $work/NAME.METHOD.  Of ours the
# fastest kernel counts.
series() {
    awk -F, -v want="$2" -v x="$3" -v file="$work/$1" -v people="$people" '
    BEGIN {
        split(want, w, " ")
        while ((getline line < people) > 0) {
            split(line, f, ",")
            ranges[f[1] "," f[2]] = f[3]
        }
    }
    NR > 1 && (w[1] == "-" || $1 == w[1]) && (w[2] == "-" || $2 == w[2]) &&
        (w[3] == "-" || $3 == w[3]) && $4 == w[4] {
        at = x == "parties" ? $2 : x == "days" ? $3 : $2 * ranges[$1 "," $3]
        key = $5 SUBSEP at
        if (!(key in best) || $7 < best[key]) best[key] = $7
    }
    END {
        for (key in best) {
            split(key, k, SUBSEP)
            print k[2], best[key] > (file "." k[1])
        }
    }' "$csv"
    for one in "$work/$1".*; do
        [ -e "$one" ] && sort -n -o "$one" "$one"
    done
}

# draw NAME TITLE X-LABEL Y-LABEL STYLE: all series of that name.
draw() {
    local one plot='' colour
    for one in "$work/$1".*; do
        [ -s "$one" ] || continue
        case ${one##*.} in
        ours) colour='#0060c0' ;;
        ours-search) colour='#3090f0' ;;
        merge) colour='#606060' ;;
        roaring) colour='#e07000' ;;
        icl) colour='#c02020' ;;
        pg-server) colour='#20a060' ;;
        pg-query) colour='#006040' ;;
        naive) colour='#a0a0a0' ;;
        limit | real) colour='#000000' ;;
        light) colour='#e0b000' ;;
        roster) colour='#20a060' ;;
        midday) colour='#e07000' ;;
        wednesday) colour='#8040c0' ;;
        sparse) colour='#0060c0' ;;
        *) colour='#c02020' ;;
        esac
        plot="$plot${plot:+, }'$one' using 1:2 with $5 lw 2 lc rgb '$colour' title '${one##*.}'"
    done
    [ -n "$plot" ] || return 0
    gnuplot <<EOG
set terminal svg size 860,520 font 'DejaVu Sans,12' background '#ffffff'
set output '$dir/$1.svg'
set title '$2'
set xlabel '$3'
set ylabel '$4'
set logscale y
set format y '10^{%L}'
set key outside right top
set grid ytics
${6:-set logscale x}
plot $plot
EOG
    rsvg-convert --output "$dir/$1.png" "$dir/$1.svg"
    printf 'plot     %s\n' "$dir/$1.svg"
}

ticks="set logscale x 2; set xtics (2, 4, 8, 16, 50)"
series parties "real - 90 windows" parties
draw parties 'All common starts, booked offices, 90 days' 'parties' 'ns for one request' 'linespoints pt 7 ps 0.6' "$ticks"
series parties-adversarial "adversarial - 90 windows" parties
draw parties-adversarial 'All common starts, adversarial calendars, 90 days' 'parties' \
    'ns for one request' 'linespoints pt 7 ps 0.6' "$ticks"
series days "real 8 - windows" days
draw days 'All common starts, booked offices, 8 parties' 'days' 'ns for one request' 'linespoints pt 7 ps 0.6' \
    "set logscale x 2; set xtics (14, 90, 365)"
series ranges "- 8 90 windows" ranges
draw ranges 'All common starts, 8 parties, 90 days, all kinds of calendars' \
    'free ranges of all parties' 'ns for one request' 'linespoints pt 7 ps 0.6'

# The ratio of every peer in every cell, each peer by itself from the worst cell for us on.
awk -F, -v file="$work/ratio" '
NR > 1 {
    cell = $1 "," $2 "," $3 "," $4
    if ($5 ~ /^ours/) {
        if (!(cell in ours) || $7 < ours[cell]) ours[cell] = $7
    } else if ($5 != "limit") {
        peer[cell "|" $5] = $7
    }
}
END {
    for (key in peer) {
        split(key, k, "|")
        if (k[1] in ours && ours[k[1]] > 0) print peer[key] / ours[k[1]] > (file "." k[2])
    }
}' "$csv"
for one in "$work"/ratio.*; do
    [ -e "$one" ] || continue
    sort -g "$one" | awk '{ print NR, $1 }' >"$one.sorted"
    mv -- "$one.sorted" "$one"
done
draw ratio 'How many times longer the peers take (1 is our time)' \
    'cells of the table, each peer in its own order' 'ratio' lines 'unset logscale x'

# Ours beside the time that reading the day words alone would take.
awk -F, -v file="$work/limit" '
NR > 1 && $4 == "windows" && ($5 == "ours" || $5 == "limit") {
    cell = $1 "," $2 "," $3
    if ($5 == "limit") limit[cell] = $7
    else if (!(cell in ours) || $7 < ours[cell]) ours[cell] = $7
}
END {
    for (cell in ours) {
        split(cell, c, ",")
        if (limit[cell] > 0) print c[2], ours[cell] / limit[cell] > (file "." c[1])
    }
}' "$csv"
for one in "$work"/limit.*; do
    [ -e "$one" ] && sort -n -o "$one" "$one"
done
draw limit 'Our time beside that of reading what must be read, at measured bandwidth' \
    'parties' 'times the limit' 'points pt 7 ps 0.8' "$ticks; set offsets graph 0.05, graph 0.05"
