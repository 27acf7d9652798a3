# SPDX-License-Identifier: Apache-2.0
#
# coverage.awk - annotated sources of gcov into a table: lines and branches of each file
#
# show=yes lists what nobody reaches.  Ends with 1 below least_lines or least_branches.
#
# excuses=FILE names what nothing can reach: FILE | BRANCHES | LINE OF CODE | WHY.  These
# branches, or with "line" for their number the whole line, are not counted, but listed.
# An excuse that nobody needs is an error, so that none outlives its code.

BEGIN {
    while (excuses != "" && (getline excuse < excuses) > 0) {
        if (excuse ~ /^#/ || split(excuse, part, " [|] ") < 4) continue
        excused[part[1], part[3]] = part[2]
        why[part[1], part[3]] = part[4]
    }
}

/^ *-: *0:Source:/ {
    file = $0
    sub(/^.*0:Source:/, "", file)
    sub(/^.*\/matcher\//, "matcher/", file)
    ours = file ~ /^matcher\//
    next
}
!ours { next }
/^ *[-#=0-9*]+: *[0-9]+:/ {
    split($0, part, ":")
    count = part[1]
    line = part[2] + 0
    gsub(/[ *]/, "", count)
    if (line == 0 || count == "-") next
    at = file SUBSEP line
    if (!(at in lines)) {
        lines[at] = 0
        code[at] = substr($0, length(part[1]) + length(part[2]) + 3)
        all_lines[file]++
        order[++ordered] = at
    }
    if (count !~ /^[#=]/ && count > 0) lines[at] = 1
    next
}
/^branch +[0-9]+ / {
    branch = at SUBSEP $2
    if (!(branch in branches)) {
        branches[branch] = 0
        all_branches[file]++
        branches_of[at]++
    }
    if ($3 == "taken" && $4 + 0 > 0) branches[branch] = 1
}

# Take what is excused at line @at out of the count.
function excuse_line(at, file, line,    text, n, i, key) {
    text = code[at]
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    key = file SUBSEP text
    if (!(key in excused)) return
    n = excused[key]
    if (n == "line" && !lines[at]) {
        all_lines[file]--
        lines[at] = 1
        n = branches_of[at]
    }
    if (n + 0 > branches_of[at] - met_of[at]) n = branches_of[at] - met_of[at]
    if (excused[key] != "line" && n + 0 == 0) return
    all_branches[file] -= n
    branches_of[at] -= n
    used[key] = used[key] (used[key] ? ", " : "") line
}

function percent(some, all) { return all > 0 ? 100 * some / all : 100 }

END {
    for (at in lines) {
        split(at, part, SUBSEP)
        met_lines[part[1]] += lines[at]
    }
    for (branch in branches) {
        split(branch, part, SUBSEP)
        met_branches[part[1]] += branches[branch]
        met_of[part[1] SUBSEP part[2]] += branches[branch]
    }
    for (i = 1; i <= ordered; i++) {
        split(order[i], part, SUBSEP)
        excuse_line(order[i], part[1], part[2])
    }
    for (i = 1; show == "yes" && i <= ordered; i++) {
        at = order[i]
        split(at, part, SUBSEP)
        if (!lines[at])
            printf "%s:%d: never runs: %s\n", part[1], part[2], code[at]
        else if (met_of[at] < branches_of[at])
            printf "%s:%d: %d of %d branches: %s\n", part[1], part[2], met_of[at], branches_of[at], code[at]
    }
    printf "%-32s %14s %8s %14s %8s\n", "file", "lines", "", "branches", ""
    sorter = "sort"
    for (file in all_lines) {
        printf "%-32s %6d/%-7d %7.2f%% %6d/%-7d %7.2f%%\n", file, met_lines[file],
            all_lines[file], percent(met_lines[file], all_lines[file]), met_branches[file],
            all_branches[file], percent(met_branches[file], all_branches[file]) | sorter
        l += met_lines[file]; ls += all_lines[file]
        b += met_branches[file]; bs += all_branches[file]
    }
    close(sorter)
    printf "%-32s %6d/%-7d %7.2f%% %6d/%-7d %7.2f%%\n", "total", l, ls, percent(l, ls), b, bs,
        percent(b, bs)
    for (key in excused) {
        split(key, part, SUBSEP)
        if (used[key]) {
            printf "out of reach: %s:%s: %s : %s\n", part[1], used[key], part[2], why[key] | sorter
        } else {
            printf "no excuse is needed: %s: %s\n", part[1], part[2] | sorter
            needless++
        }
    }
    close(sorter)
    exit needless > 0 || ls == 0 || percent(l, ls) < least_lines || percent(b, bs) < least_branches
}
