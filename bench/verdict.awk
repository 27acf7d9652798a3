# SPDX-License-Identifier: Apache-2.0
#
# verdict.awk - what pairs of runs say about two commits, cell by cell
#
#   awk -f verdict.awk -v pairs=N -v work=DIR /dev/null
#
# DIR has new.I.csv and old.I.csv, I from 0 to N - 1, measured next to each other.  The ratio
# of a pair is new / old.  A cell is slower (or faster) if all ratios, of ten and more all but
# one, are on that side of 1 -- of twelve by chance once in three hundred times -- and if the
# median is further from 1 than the same commit is from itself within a block, and than 3 %.
# Where the middle half of the ratios is wider than 20 %, nothing is said.  Ends with 1 if
# something is slower.
function quantile(values, count, share,    place, low) {
    place = share * (count - 1) + 1
    low = int(place)
    return low >= count ? values[count] : values[low] + (place - low) * (values[low + 1] - values[low])
}
function sort(values, count,    i, j, value) {
    for (i = 2; i <= count; i++) {
        value = values[i]
        for (j = i - 1; j >= 1 && values[j] > value; j--) values[j + 1] = values[j]
        values[j + 1] = value
    }
}
function load(kind, number,    file, line, f, key, first) {
    file = work "/" kind "." number ".csv"
    first = 1
    while ((getline line < file) > 0) {
        if (first) {
            first = 0
            continue
        }
        split(line, f, ",")
        if (f[5] !~ /^ours/) continue
        key = sprintf("%-11s %7s %4s %-11s %-11s %-9s", f[1], f[2], f[3], f[4], f[5], f[6])
        if (!(key in known)) {
            known[key] = 1
            order[++cells] = key
        }
        time[kind, number, key] = f[7]
    }
    close(file)
}
function magnitude(value) {
    value = log(value)
    return value < 0 ? -value : value
}
BEGIN {
    for (i = 0; i < pairs; i++) {
        load("new", i)
        load("old", i)
    }
    printf "\n%-11s %7s %4s %-11s %-11s %-9s %10s %10s %8s  %-15s %6s  %s\n", "workload",
        "parties", "days", "question", "method", "isa", "old ns", "new ns", "new/old",
        "middle half", "noise", "verdict"
    for (c = 1; c <= cells; c++) {
        key = order[c]
        count = same = 0
        for (i = 0; i < pairs; i++) {
            if (time["new", i, key] > 0 && time["old", i, key] > 0) {
                count++
                ratio[count] = time["new", i, key] / time["old", i, key]
                new[count] = time["new", i, key]
                old[count] = time["old", i, key]
            }
            if (i % 2 == 1 && time["old", i, key] > 0 && time["old", i - 1, key] > 0)
                self[++same] = magnitude(time["old", i, key] / time["old", i - 1, key])
            if (i % 2 == 1 && time["new", i, key] > 0 && time["new", i - 1, key] > 0)
                self[++same] = magnitude(time["new", i, key] / time["new", i - 1, key])
        }
        if (count < pairs) {
            printf "%s %54s  only one of them has it\n", key, ""
            continue
        }
        sort(ratio, count); sort(new, count); sort(old, count); sort(self, same)
        median = quantile(ratio, count, 0.5)
        low = quantile(ratio, count, 0.25)
        high = quantile(ratio, count, 0.75)
        noise = quantile(self, same, 0.5)
        margin = noise > 0.03 ? noise : 0.03
        verdict = "no difference"
        but = count >= 10
        if (ratio[1 + but] > 1 && log(median) > margin) {
            verdict = "SLOWER"
            slower++
        } else if (ratio[count - but] < 1 && -log(median) > margin) {
            verdict = "faster"
            faster++
        } else if (high / low > 1.2) {
            verdict = "too noisy to say"
            unsaid++
        }
        printf "%s %10.0f %10.0f %8.3f  %6.3f..%-6.3f %5.1f %%  %s\n", key,
            quantile(old, count, 0.5), quantile(new, count, 0.5), median, low, high,
            100 * noise, verdict
    }
    printf "\n%d cells: %d faster, %d slower, %d too noisy to say, the rest without a difference\n",
        cells, faster, slower, unsaid
    exit slower > 0 || cells == 0
}
