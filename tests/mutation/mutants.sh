#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# mutants.sh BUILD matcher [--file F]... [--sample N] [--seed S] [--jobs N] [--out FILE] [--known] -
# would a wrong program be noticed?
#
# Each mutant is one small wrong change to a file of matcher/ (tokens.h says which).  All that
# can be are compiled into one library, in which the environment chooses one (schemata.h);
# what the compiler has to know, as the values of enums, is compiled one by one.  A first run
# of each test program of tests/matcher tells which mutants it reaches; these are then made,
# and the programs that reach them are run, the quickest first, until one fails.  A mutant is
#
#     killed      a test fails, crashes or runs out of time
#     survives    every test passes
#     not counted if it does not compile, or compiles to the very same object
#
# Survivors that make no difference to anybody are named, with the reason, in
# equivalent.txt: FILE | LINE OF CODE | CHANGE | REASON, where CHANGE may be "any" on a line of
# which nothing but time or memory depends.  They count as survivors and are not tried any more.
# BUILD is a configured and built tree without sanitizers.  If there is a BUILD-checked with them
# and with assert_slow, what no test notices in the first is tried again in the second by the
# programs that are quick: to read beyond an array is noticed there whatever is found.  There
# test_matcher_work counts steps, of which a mutant may need no more than none does.  With --out the verdicts are kept in
# FILE, and those that are in it already are not found again: a run that was broken off goes on.
# MUTANTS_WORK in the environment is a folder in which all that is made stays, for another run
# over the same sources.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
build=$(cd "$1" && pwd -P)
folder=${2:-matcher}
shift 2
few=100 # so many, and the library of all of them takes longer than it saves
only='' sample=0 seed=1 jobs=$(nproc) out=''
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
    --out) out=$(realpath "$2") ;;
    *)
        echo "mutants.sh: unknown argument $1" >&2
        exit 2
        ;;
    esac
    shift 2 || exit 2
done
[ "$folder" = matcher ] || { echo "mutants.sh: only matcher has mutants" >&2; exit 2; }
if [ -n "${MUTANTS_WORK:-}" ]; then
    work=$MUTANTS_WORK
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
here=$root/tests/mutation
cc -O2 -std=c17 -D_DEFAULT_SOURCE -I"$root" -o "$work/mutate" "$here/mutate.c" "$here/schemata.c" \
    "$here/ties.c" "$here/tokens.c" || exit 1
cc -O2 -std=c17 -D_DEFAULT_SOURCE -o "$work/judge" "$here/judge.c" || exit 1

# What to mutate: the sources, and those headers that hold code.  A line for each mutant: its
# number, file, number in the file, place, change.
mkdir -p "$work/plain" "$work/all-in-one/$folder" "$work/bin"
cp -r "$root/$folder" "$work/plain/" # the tree may change in the meantime
cd "$work/plain" || exit 1
files=$(ls "$folder"/*.c && grep -lE '^static |^    (return|if|for)' "$folder"/*.h)
first=0
for file in $files; do
    "$work/mutate" "$file" | awk -v first="$first" -v file="$file" '{ print first + $1, file, $0 }'
    echo "$first $file" >>"$work/files"
    first=$((first + $("$work/mutate" "$file" | wc -l)))
done >"$work/all"
for file in $only; do
    awk -v file="$file" '$2 == file' "$work/all"
done >"$work/wanted"
[ -n "$only" ] || cp "$work/all" "$work/wanted"
if [ "$sample" -gt 0 ]; then
    # A repeatable draw: the lines in the order of a hash of the seed and their number.
    awk -v seed="$seed" -v n="$sample" '
        { h = seed + 1; s = $2 $3 $4
          for (i = 1; i <= length(s); i++)
              h = (h * 69069 + index("abcdefghijklmnopqrstuvwxyz_/.:0123456789", substr(s, i, 1)) + 1) % 4294967291
          print h, $0 }' "$work/wanted" | sort -n | head -n "$sample" | cut -d' ' -f2- >"$work/drawn"
else
    cp "$work/wanted" "$work/drawn"
fi

# How the tree compiles each source, and links each test.
checked=$build-checked
ninja -C "$build" -t commands all 2>/dev/null >"$work/commands"
[ ! -d "$checked" ] || ninja -C "$checked" -t commands all 2>/dev/null >"$work/checked-commands"
grep -oE "$folder/CMakeFiles/$folder\.dir/[A-Za-z0-9_]+\.c\.o" "$work/commands" | sort -u |
    sed "s|.*/||; s|\.o\$||" >"$work/sources"
(cd "$build" && ninja -t deps 2>/dev/null) >"$work/deps"
programs=$(sed -n "s|.*tests/$folder/CMakeFiles/test_[a-z0-9_]*\.dir/.* -o bin/\(test_[a-z0-9_]*\) .*|\1|p" \
    "$work/commands" | sort -u | grep -v -e '_fast$')
export WORK_BOUNDS=$work/work.txt

# What the tree with sanitizers wants, and what is the same in it but takes too long.
export ASAN_OPTIONS=detect_leaks=0:hard_rss_limit_mb=6000:allocator_may_return_null=1
use_tree() { # plain|checked
    tree=$build commands=$work/commands link_options=''
    if [ "$1" = checked ]; then
        tree=$checked commands=$work/checked-commands link_options=-fsanitize=address,undefined
    fi
    export tree commands link_options
}
use_tree plain

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

compile() { # SOURCE OBJECT INCLUDE-DIRECTORY OPTION...
    local command source=$1 object=$2 from=$3
    shift 3
    command=$(grep -F -- "-o $folder/CMakeFiles/$folder.dir/$source.o " "$commands" | head -n 1)
    command=${command/ -o $folder\/CMakeFiles\/$folder.dir\/$source.o/ -o $object}
    command=${command/-MF $folder\/CMakeFiles\/$folder.dir\/$source.o.d/-MF /dev/null}
    command=${command/ -c $root\/$folder\/$source/ -c $from/$folder/$source}
    command=${command/ -I$root / -I$from -I$root }
    (cd "$tree" && ulimit -v 4000000 &&
        eval "$command -w -O1 -fPIC -fno-semantic-interposition -ffile-prefix-map=$from/= $*")
}

# link_library FILE OBJECT...: with all other objects as they are.
link_library() {
    local file=$1
    shift
    # shellcheck disable=SC2086  # one option or none
    cc -shared $link_options -Wl,-soname,libmatcher.so -o "$file" "$@" 2>/dev/null
}

compile_chosen() { # OBJECT OPTION...
    local object=$1
    shift
    cc -O1 -fPIC -std=gnu17 -D_DEFAULT_SOURCE -I"$root" "$@" -c -o "$object" "$here/chosen.c"
}

link_program() { # PROGRAM OUTPUT
    local command
    command=$(grep -E -- " -o bin/$1( |\$)" "$commands" | head -n 1)
    command=${command/ -o bin\/$1 / -o $2 }
    command=${command// $folder\/lib$folder.a/ $work/plain/libmatcher.so}
    command=${command// tests\/$folder\/work\/lib${folder}_counted.a/ $work/checked/libmatcher.so}
    (cd "$tree" && eval "$command")
}

# What the programs are run as: the oracle a little before the others, and much at last.
call_of() { # PROGRAM DIRECTORY ROUNDS
    case $1 in
    oracle_100) echo "$2/test_oracle --no-shrink --rounds 100" ;;
    test_oracle) echo "$2/test_oracle --no-shrink --rounds $3" ;;
    *) echo "$2/$1" ;;
    esac
}

# run CALL LIBRARY MILLISECONDS MUTANT: of the processor's time, so that a busy machine
# kills nobody.
run() {
    (
        ulimit -c 0
        [ -n "$link_options" ] || ulimit -v 8000000
        # shellcheck disable=SC2086  # its words are wanted
        cd "$root" && LD_LIBRARY_PATH=$2 MUTANT_LIMIT=$3 MUTANT=$4 RANDOM_SEED=4711 $1 </dev/null >/dev/null 2>&1
    ) 2>/dev/null
}

# The objects of all mutants in one, and those that are left out of it.  What the compiler
# complains of, or what stands closest before it, is left out too.
write_all() {
    while read -r first file; do
        "$work/mutate" "$file" --all "$first" "$work/left-out" >"$work/all-in-one/$file"
    done <"$work/files"
}

complaints() { # LOG: the numbers
    grep 'error:' "$1" | grep -oE 'mutant_(reached\[|now == \(?)[0-9]+' | grep -oE '[0-9]+'
    # However the compiler, or who calls it, writes the path.
    grep -oE "all-in-one/$folder/[a-z0-9_]+\.[ch]:[0-9]+" "$1" | sort -u |
        while IFS=: read -r file line; do
            file=$work/$file
            awk -v line="$line" 'NR > line + 3 { exit }
                match($0, /(p|l|r|v|mutant_[a-z_]+\()[0-9]+/) {
                    last = substr($0, RSTART, RLENGTH); sub(/.*[^0-9]/, "", last)
                    if (NR >= line) exit }
                END { if (last != "") print last }' "$file"
        done
}

compile_all() { # RECORD-OPTION DIRECTORY
    local source
    mkdir -p "$2"
    cp "$work/sources" "$work/to-compile"
    while [ -s "$work/to-compile" ]; do
        write_all
        # shellcheck disable=SC2016  # $1 and $2 are the inner shell's
        xargs -P "$jobs" -I{} bash -c 'compile {} "$2/{}.o" "$work/all-in-one" "$1" \
            -include "$here/chosen.h" >"$2/{}.log" 2>&1 || echo {}' compile "$1" "$2" \
            <"$work/to-compile" >"$work/failed"
        mv "$work/failed" "$work/to-compile"
        while read -r source; do
            complaints "$2/$source.log"
        done <"$work/to-compile" | sort -u >"$work/complaints"
        if [ -s "$work/to-compile" ] && ! grep -qvxF -f "$work/left-out" "$work/complaints"; then
            cat "$2/$(head -n 1 "$work/to-compile").log" >&2
            echo "mutants.sh: does not compile with its mutants: $(tr '\n' ' ' <"$work/to-compile")" >&2
            exit 1
        fi
        echo "$(date +%T) left out: $(wc -l <"$work/complaints"), again: $(tr '\n' ' ' <"$work/to-compile")" >&2
        cat "$work/complaints" >>"$work/left-out"
    done
}

# judge_one WAY MUTANT FILE NUMBER PLACE CHANGE...: one line, the verdict; WAY is `all`, or
# `none` where no program failed with it: then the compiler has the last word.
judge_one() {
    local way=$1 file=$3 number=$4 where=$5 name limit call place verdict
    shift 5
    place=$(mktemp -d -p "$work")
    verdict=$(make_one "$file" "$number" "$place" "$way")
    if [ "$verdict" = survived ] && [ "$way" = all ]; then
        while read -r name limit call; do
            if ! run "$call" "$place" "$limit" 0; then
                verdict="killed by $name"
                break
            fi
        done <"$work/bin/programs"
    fi
    rm -rf "$place"
    echo "$verdict: $file:$where $*"
}

# make_one FILE NUMBER DIRECTORY [all]: says whether the compiler sees it at all
make_one() {
    local source same=yes
    local -A objects=()
    mkdir -p "$3/$folder"
    "$work/mutate" "$1" "$2" >"$3/$1"
    for source in $(sources_of "$1"); do
        [ -f "$3/$folder/$source" ] || cp "$folder/$source" "$3/$folder/"
        if ! compile "$source" "$3/$source.o" "$3" >/dev/null 2>&1; then
            echo uncompiled
            return
        fi
        cmp -s "$3/$source.o" "$work/plain/$source.o" || same=no
    done
    if [ $same = yes ]; then
        echo same
        return
    fi
    if [ "${4:-}" = all ]; then
        while read -r source; do
            objects[$source]=$work/plain/$source.o
            [ ! -f "$3/$source.o" ] || objects[$source]=$3/$source.o
        done <"$work/sources"
        link_library "$3/libmatcher.so" "${objects[@]}" "$work/plain/chosen.o" || {
            echo uncompiled
            return
        }
    fi
    echo survived
}

export -f judge_one make_one run compile sources_of link_library
export root here build folder work

# All mutants in one, twice: to be chosen from, and to record which are reached.
prepare_all() {
    local way option
    echo none >"$work/left-out"
    compile_all -DMUTANTS_RECORD "$work/record"
    compile_all -UMUTANTS_RECORD "$work/choose"
    for way in record choose; do
        option=-DMUTANTS_RECORD
        [ $way = record ] || option=-UMUTANTS_RECORD
        compile_chosen "$work/$way/chosen.o" $option &&
            link_library "$work/$way/libmatcher.so" "$work/$way"/*.o || exit 1
    done
    cat "$work/all-in-one/$folder"/*.[ch] | grep -oE '(mutant_[a-z_]+\(|[lp])[0-9]+' |
        grep -oE '[0-9]+$' | sort -un >"$work/chosen"
    # A number has two mutants, of which the first is named.
    cat "$work/all-in-one/$folder"/*.[ch] | grep -oE 'mutant_number\([0-9]+' |
        awk -F'(' '{ print $2 + 1 }' | sort -un - "$work/chosen" -o "$work/chosen"
}

# measure PROGRAM LIBRARY CALL: what a program reaches, and then how long it takes; with all
# mutants in, and none made, all must pass.
measure() {
    local TIMEFORMAT=%U
    if [ "$2" = "$work/choose" ]; then
        MUTANT_REACHED=$work/reached.$1 run "$3" "$work/record" 600000 none || return 1
    fi
    { time run "$3" "$2" 600000 none || echo "$1" >>"$work/failed"; } 2>"$work/seconds"
    [ ! -s "$work/failed" ] && echo "$(tail -n 1 "$work/seconds") $1" >>"$work/times"
}

# list_programs LIBRARY BINARIES ROUNDS: a line for each program, the quickest first: its name,
# two and a half times the milliseconds that it takes and a fifth of a second more, and what is
# run; and a line for each mutant, which of them reach it.
list_programs() {
    local program seconds index
    mkdir -p "$2"
    for program in $programs; do
        link_program "$program" "$2/$program" || exit 1
    done
    rm -f "$work/failed" "$work/times"
    for program in oracle_100 $programs; do
        measure "$program" "$1" "$(call_of "$program" "$2" "$3")" || {
            echo "mutants.sh: $program fails without any mutant" >&2
            exit 1
        }
    done
    sort -n "$work/times" | while read -r seconds program; do
        echo "$program $(awk -v s="$seconds" 'BEGIN { print int(s * 2500 + 200) }') $(call_of "$program" "$2" "$3")"
    done >"$2/programs"
    nl -v 0 "$2/programs" | while read -r index program _; do
        [ ! -f "$work/reached.$program" ] || sed "s|\$| $index|" "$work/reached.$program"
    done | awk '{ said[$1] = said[$1] " " $2 } END { for (n in said) print n said[n] }' >"$2/reached"
}

prepare() {
    local library=$work/plain
    # The yardstick for "the very same object": the unchanged file, compiled as a mutant is.
    # shellcheck disable=SC2016  # $work is the inner shell's
    xargs -P "$jobs" -I{} bash -c 'compile {} "$work/plain/{}.o" "$work/plain"' <"$work/sources" || exit 1
    compile_chosen "$work/plain/chosen.o" &&
        link_library "$work/plain/libmatcher.so" "$work"/plain/*.o || exit 1
    echo none >"$work/chosen"
    if [ "$(wc -l <"$work/drawn")" -gt "$few" ]; then
        prepare_all
        library=$work/choose
    fi
    cut -d' ' -f1 "$work/all" | grep -vxF -f "$work/chosen" >"$work/one-by-one" || true
    list_programs "$library" "$work/bin" 4000
    touch "$work/prepared"
}

# The same in the tree with sanitizers, with fewer rounds.
prepare_checked() {
    export ENTENTE_TEST_QUICK=1
    use_tree checked
    compile_all '-UMUTANTS_RECORD -fsanitize-coverage=trace-pc' "$work/checked"
    compile_chosen "$work/checked/chosen.o" -DMUTANTS_COUNTED &&
        link_library "$work/checked/libmatcher.so" "$work/checked"/*.o || exit 1
    mkdir -p "$work/checked/bin"
    link_program test_matcher_work "$work/checked/bin/test_matcher_work" || exit 1
    run "$work/checked/bin/test_matcher_work --write" "$work/checked" 600000 none || {
        echo "mutants.sh: steps are not counted" >&2
        exit 1
    }
    cp "$work/chosen" "$work/reached.test_matcher_work" # all of them: it does not take long
    # The slow ones, of which each takes more than all others, notice next to nothing more.
    programs=$(awk '$2 <= 1000 && $1 ~ /^test_/ { print $1 }' "$work/bin/programs" && echo test_oracle test_matcher_work)
    list_programs "$work/checked" "$work/checked/bin" 300
    use_tree plain
    touch "$work/prepared-checked"
}

[ -f "$work/prepared" ] || prepare
if [ -d "$checked" ] && [ -d "$work/choose" ] && [ ! -f "$work/prepared-checked" ]; then
    (prepare_checked) || exit 1
fi
echo "$(wc -l <"$work/all") mutants; of $(wc -l <"$work/drawn") that are wanted" \
    "$(cut -d' ' -f1 "$work/drawn" | grep -cxF -f "$work/one-by-one") are compiled one by one" >&2

# What was found before is not found again.
verdicts=${out:-$work/verdicts}
touch "$verdicts"
sed 's/^[^:]*: //' "$verdicts" | sort -u >"$work/known-places"
awk 'FILENAME == ARGV[1] { known[$0]; next }
    { n = $1; place = $2 ":" $4; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "")
      if (!(place " " $0 in known)) print n, place, $0 }' "$work/known-places" "$work/drawn" >"$work/left"
# Nor what is known to make no difference.
reasons() { # <NUMBER PLACE CHANGE: with the reason that is known, or none
    awk -v known="$here/equivalent.txt" '
        BEGIN {
            while ((getline line <known) > 0) {
                said[count++] = line
            }
        }
        {
            split($2, at, ":")
            if (!(at[1] in read)) {
                read[at[1]]
                for (n = 1; (getline line <at[1]) > 0; n++) {
                    gsub(/^ *| *$/, "", line)
                    code[at[1], n] = line
                }
            }
            change = $0
            sub(/^[^ ]+ [^ ]+ /, "", change)
            line = at[1] " | " code[at[1], at[2]] " | "
            reason = ""
            for (i = 0; i < count && reason == ""; i++) {
                for (any = 0; any <= 1 && reason == ""; any++) {
                    key = line (any ? "any" : change) " | "
                    reason = index(said[i], key) == 1 ? "\t: " substr(said[i], length(key) + 1) : ""
                }
            }
            print $0 "   [" code[at[1], at[2]] "]" reason
        }'
}
reasons <"$work/left" | sed -n 's/   \[.*\t: .*//p' >"$work/equivalent"
sed 's/^[^ ]* /survived: /' "$work/equivalent" >>"$verdicts"
grep -vxF -f "$work/equivalent" "$work/left" >"$work/left.new"
[ ! -s "$work/equivalent" ] || mv "$work/left.new" "$work/left"
# judge_chosen BINARIES LIBRARY GIGABYTES <NUMBER PLACE CHANGE
judge_chosen() {
    awk 'FILENAME == ARGV[1] { alone[$1]; next }
        FILENAME == ARGV[2] { n = $1; sub(/^[^ ]+/, ""); reached[n] = $0; next }
        !($1 in alone) { n = $1; sub(/^[^ ]+ /, ""); print n reached[n] " : " $0 }' \
        "$work/one-by-one" "$1/reached" - |
        (cd "$root" && LD_LIBRARY_PATH=$2 RANDOM_SEED=4711 "$work/judge" "$jobs" "$1/programs" "$3")
}
judge_chosen "$work/bin" "$work/choose" 8 <"$work/left" >>"$verdicts"

# Of those that no program noticed, the compiler has the last word.
judge_rest() { # WAY <PLACES
    # shellcheck disable=SC2016  # $1 is the inner shell's
    awk 'FILENAME == ARGV[1] { wanted[$0]; next }
        { line = $0; place = $2 ":" $4; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "")
          if (place " " $0 in wanted) print line }' - "$work/drawn" |
        xargs -r -d '\n' -P "$jobs" -I{} bash -c 'read -ra mutant <<<"$2" && judge_one "$1" "${mutant[@]}"' \
            judge "$1" {}
}
awk 'FILENAME == ARGV[1] { alone[$1]; next } $1 in alone { sub(/^[^ ]+ /, ""); print }' \
    "$work/one-by-one" "$work/left" | judge_rest all >>"$verdicts"
sed -n 's/^passed: //p' "$verdicts" | sort -u >"$work/passed"
grep -v '^passed: ' "$verdicts" | sed 's/^[^:]*: //' | sort -u | comm -13 - "$work/passed" | judge_rest none >"$work/compiled"
grep -v '^survived: ' "$work/compiled" >>"$verdicts"
sed -n 's/^survived: //p' "$work/compiled" |
    awk 'FILENAME == ARGV[1] { place = $2 ":" $4; n = $1; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, ""); number[place " " $0] = n; next }
        { print number[$0], $0 }' "$work/drawn" - >"$work/again"
if [ -d "$checked" ] && [ -f "$work/prepared-checked" ]; then
    ENTENTE_TEST_QUICK=1 judge_chosen "$work/checked/bin" "$work/checked" 0 <"$work/again" |
        sed 's/^passed: /survived: /; s/^killed by /killed by checked /' >>"$verdicts"
else
    sed 's/^[^ ]* /survived: /' "$work/again" >>"$verdicts"
fi

# Only what was asked for is counted.
awk '{ place = $2 ":" $4; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, ""); print place, $0 }' "$work/drawn" |
    sort -u >"$work/places"
awk 'FILENAME == ARGV[1] { wanted[$0]; next }
    { line = $0; sub(/^[^:]*: /, "", line); if (line in wanted) print }' "$work/places" "$verdicts" |
    grep -v '^passed: ' | sort -u >"$work/counted"
sed -n 's/^survived: /0 /p' "$work/counted" | reasons | cut -d' ' -f2- | tee "$work/survivors"

count() { grep -c "^$1" "$work/counted" || true; }
killed=$(count killed)
total=$((killed + $(count survived)))
awk '{ sub(/:$/, "", $1); file = $0; sub(/^[^:]*: /, "", file); sub(/^killed by [^ ]* /, "", file)
      sub(/:.*/, "", file); sub(/.* /, "", file); n[file]; c[file, $1]++ }
    END { for (f in n) printf "%-32s %5d killed %4d survived %4d not counted\n", f, c[f, "killed"],
          c[f, "survived"], c[f, "same"] + c[f, "uncompiled"] }' "$work/counted" | sort
echo "not counted: $(count uncompiled) do not compile, $(count same) compile to the same"
reasoned=$(grep -c $'\t: ' "$work/survivors" || true)
echo "survivors with a reason: $reasoned; of the others $killed of $((total - reasoned)) are caught"
echo "mutants: $killed of $total caught"
