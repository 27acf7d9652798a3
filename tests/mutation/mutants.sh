#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# mutants.sh BUILD matcher [--file F]... [--sample N] [--seed S] [--jobs N] [--known] -
# would a wrong program be noticed?
#
# Each mutant is one small wrong change to a file of matcher/ (mutate.c says which).  Its
# objects are compiled, the test programs of tests/matcher linked with them, and run until
# one fails: a little of the oracle first, then those of the same name, then all, then
# much of the oracle.  A mutant is
#
#     killed      a test fails, crashes or runs out of time
#     survives    every test passes
#     not counted if it does not compile, or compiles to the very same object
#
# Survivors that make no difference to anybody are named, with the reason, in
# equivalent.txt: FILE | LINE OF CODE | CHANGE | REASON.  They count as survivors.
# BUILD is a configured and built tree without sanitizers.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
build=$(cd "$1" && pwd -P)
folder=${2:-matcher}
shift 2
only='' sample=0 seed=1 jobs=$(nproc)
while [ $# -gt 0 ]; do
    case $1 in
    --known)
        grep -v '^#' "$root/tests/mutation/equivalent.txt"
        exit 0
        ;;
    --file) only="$only $folder/${2#"$folder"/}" ;;
    --sample) sample=$2 ;;
    --seed) seed=$2 ;;
    --jobs) jobs=$2 ;;
    *)
        echo "mutants.sh: unknown argument $1" >&2
        exit 2
        ;;
    esac
    shift 2 || exit 2
done
[ "$folder" = matcher ] || { echo "mutants.sh: only matcher has mutants" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -std=c17 -D_DEFAULT_SOURCE -o "$work/mutate" "$root/tests/mutation/mutate.c" || exit 1

# What to mutate: the sources, and those headers that hold code.
cd "$root" || exit 1
if [ -n "$only" ]; then
    files=$only
else
    files=$(cd "$root" && ls "$folder"/*.c && grep -lE '^static |^    (return|if|for)' "$folder"/*.h)
fi
for file in $files; do
    "$work/mutate" "$file" | sed "s|^|$file |"
done >"$work/all"
if [ "$sample" -gt 0 ]; then
    # A repeatable draw: the lines in the order of a hash of the seed and their number.
    awk -v seed="$seed" -v n="$sample" '
        { h = seed + 1; s = $1 $2 $3
          for (i = 1; i <= length(s); i++)
              h = (h * 69069 + index("abcdefghijklmnopqrstuvwxyz_/.:0123456789", substr(s, i, 1)) + 1) % 4294967291
          print h, $0 }' "$work/all" | sort -n | head -n "$sample" | cut -d' ' -f2- >"$work/drawn"
else
    cp "$work/all" "$work/drawn"
fi

# How the tree compiles each source, and links each test.
ninja -C "$build" -t commands all 2>/dev/null >"$work/commands"
grep -oE "$folder/CMakeFiles/$folder\.dir/[A-Za-z0-9_]+\.c\.o" "$work/commands" | sort -u |
    sed "s|.*/||; s|\.o\$||" >"$work/sources"
(cd "$build" && ninja -t deps 2>/dev/null) >"$work/deps"
programs=$(sed -n "s|.*tests/$folder/CMakeFiles/test_[a-z0-9_]*\.dir/.* -o bin/\(test_[a-z0-9_]*\) .*|\1|p" \
    "$work/commands" | sort -u | grep -v -e '_fast$' -e '^test_oracle$')

# Which objects a file takes part in.
sources_of() {
    case $1 in
    *.c) basename "$1" ;;
    *) awk -v file="$root/$1" -v dir="$folder/CMakeFiles/$folder.dir/" '
        /^[^ ].*#deps/ { object = index($1, dir) == 1 ? $1 : "" }
        $1 == file && object != "" { sub(dir, "", object); sub(/\.o:$/, "", object); print object }' \
        "$work/deps" ;;
    esac
}

compile() { # SOURCE OBJECT INCLUDE-DIRECTORY
    local command
    command=$(grep -F -- "-o $folder/CMakeFiles/$folder.dir/$1.o " "$work/commands" | head -n 1)
    command=${command/ -o $folder\/CMakeFiles\/$folder.dir\/$1.o/ -o $2}
    command=${command/-MF $folder\/CMakeFiles\/$folder.dir\/$1.o.d/-MF /dev/null}
    command=${command/ -c $root\/$folder\/$1/ -c $3/$folder/$1}
    command=${command/ -I$root / -I$3 -I$root }
    (cd "$build" && ulimit -v 4000000 && eval "$command -w -ffile-prefix-map=$3/=") >/dev/null 2>&1
}

link() { # PROGRAM OUTPUT OBJECT...
    local command program=$1 output=$2
    shift 2
    command=$(grep -E -- " -o bin/$program( |\$)" "$work/commands" | head -n 1)
    command=${command/ -o bin\/$program / -o $output }
    command=${command/ $folder\/lib$folder.a/ $* $folder/lib$folder.a}
    (cd "$build" && eval "$command") >/dev/null 2>&1
}

# Those that know the file best come first.
order_of() { # FILE
    local stem
    stem=$(basename "$1")
    stem=${stem%%[._]*}
    printf '%s\n' "$programs" | awk -v stem="$stem" '
        index($0, stem) > 0 { print; next } { rest = rest $0 "\n" } END { printf "%s", rest }'
}

survives() { # FILE DIRECTORY OBJECT...
    local file=$1 place=$2 program
    shift 2
    link test_oracle "$place/test_oracle" "$@" || return 1
    run_test "$place" test_oracle --no-shrink --rounds 100 || return 1
    for program in $(order_of "$file"); do
        link "$program" "$place/$program" "$@" || return 1
        run_test "$place" "$program" || return 1
        rm -f "$place/$program"
    done
    run_test "$place" test_oracle --no-shrink --rounds 3000
}

# Seconds of the processor, so that a busy machine kills nobody: four times as many as the
# first run, which is the one without a mutant, and two more.
run_test() { # DIRECTORY PROGRAM ARGUMENT...
    local place=$1 program=$2 limit=60 status=0 TIMEFORMAT=%U
    shift 2
    local seconds="$work/seconds/$program$*"
    [ -f "$seconds" ] && limit=$(($(sed 's/[.,].*//' "$seconds") * 4 + 2))
    {
        time (
            ulimit -v 8000000 -c 0 -t "$limit"
            cd "$root" && RANDOM_SEED=4711 timeout -k 1 600 "$place/$program" "$@" \
                >"$place/log" 2>&1
        )
    } 2>"$place/seconds" || status=1
    [ -f "$seconds" ] || cp "$place/seconds" "$seconds"
    return $status
}

judge() { # FILE NUMBER PLACE CHANGE...
    local file=$1 number=$2 where=$3 place source same=yes
    local -a objects=()
    shift 3
    place=$(mktemp -d -p "$work")
    mkdir -p "$place/$folder"
    for source in $(sources_of "$file"); do
        cp "$folder/$source" "$place/$folder/$source"
        "$work/mutate" "$file" "$number" >"$place/$file"
        if ! compile "$source" "$place/$source.o" "$place"; then
            echo "uncompiled $file:$where $*"
            rm -rf "$place"
            return
        fi
        cmp -s "$place/$source.o" "$work/plain/$source.o" || same=no
        objects+=("$place/$source.o")
    done
    if [ "$same" = yes ]; then
        echo "same $file:$where $*"
    elif survives "$file" "$place" "${objects[@]}"; then
        echo "survived $file:$where $*"
    else
        echo "killed $file:$where $*"
    fi
    rm -rf "$place"
}

# The yardstick for "the very same object": the unchanged file, compiled as a mutant is.
mkdir -p "$work/plain/$folder"
while read -r source; do
    cp "$folder/$source" "$work/plain/$folder/"
    compile "$source" "$work/plain/$source.o" "$work/plain"
done <"$work/sources"
mkdir "$work/first" "$work/seconds"
if ! survives "$folder/none.c" "$work/first"; then
    cat "$work/first/log"
    echo "mutants.sh: the tests fail without any mutant" >&2
    exit 1
fi

# From now on the quicker ones before the slower ones.
programs=$(for program in $programs; do
    echo "$(cat "$work/seconds/$program") $program"
done | sort -n | cut -d' ' -f2)

export -f judge survives run_test link compile sources_of order_of
export root build folder work programs
# shellcheck disable=SC2016  # $1 is the inner shell's
xargs -r -d '\n' -P "$jobs" -I{} bash -c 'read -ra mutant <<<"$1" && judge "${mutant[@]}"' judge {} <"$work/drawn" |
    tee "$work/verdicts" | grep --line-buffered '^survived ' | while read -r _ place change; do
    line=${place%:*}
    code=$(sed -n "${line##*:}p" "${line%:*}" | sed 's/^ *//; s/ *$//')
    known="${line%:*} | $code | $change | "
    reason=$(KNOWN=$known awk 'index($0, ENVIRON["KNOWN"]) == 1 {
        print substr($0, length(ENVIRON["KNOWN"]) + 1); exit }' tests/mutation/equivalent.txt)
    echo "$place: $change   [$code]${reason:+ : $reason}"
done | tee "$work/survivors"

count() { grep -c "^$1 " "$work/verdicts" || true; }
killed=$(count killed)
total=$((killed + $(count survived)))
awk '{ split($2, at, ":"); n[at[1]]; c[at[1], $1]++ }
    END { for (f in n) printf "%-32s %5d killed %4d survived %4d not counted\n", f, c[f, "killed"],
          c[f, "survived"], c[f, "same"] + c[f, "uncompiled"] }' "$work/verdicts" | sort
echo "not counted: $(count uncompiled) do not compile, $(count same) compile to the same"
echo "survivors with a reason: $(grep -c '\] : ' "$work/survivors" || true)"
echo "mutants: $killed of $total caught"
