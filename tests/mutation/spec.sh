#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# spec.sh ROOT BUILD [--only WORDS] [--group GROUP] [--list] - what must hold is taken away, one
# thing at a time: does a test notice?
#
# Works on a copy of ROOT in BUILD.  Groups, each of them found in the sources, so that what is
# new is not forgotten:
#   list      spec.list: what is written nowhere in a form that could be found
#   leaves    the constraint of each leaf of `claim`
#   database  every constraint, NOT NULL, unique index and trigger of a migrated database
#   locks     every lock that a statement of the store takes
#   table     every row of the negotiation's table
#   rows      every bound of every field on the wire: least, most, length, count, needed
#   checks    every refusal of the codec, in which several fields count
#   sdk, cli  every refusal of the client library and of the command line
# `rows`, `checks`, `sdk`, `cli` and `database` are compiled once: the environment says what is
# missing.  One that cannot be applied, does not compile, or whose tests fail without it, is no
# mutant, and a mistake of the list.  Says `GROUP: K of N caught` of each group; the last line is
# `mutants: K of N caught`.
set -u
root=$(cd "$1" && pwd)
build=$2
shift 2
only=
group=
list_only=no
arguments=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --only) only=$2 && shift 2 ;;
    --group) group=$2 && shift 2 ;;
    --list) list_only=yes && shift ;;
    *) echo "unknown: $1" && exit 2 ;;
    esac
done
mkdir -p "$build"
build=$(cd "$build" && pwd)
tree=$build/tree
log=$build/log
if [ -z "${ENTENTE_TEST_DB:-}" ]; then
    exec "$root/tests/support/pg/with_postgres.sh" "$0" "$root" "$build" "${arguments[@]}"
fi

# Only what differs is copied: what is built from a mutant must be older than its source is now.
fresh=$build/fresh
rm -rf "$fresh"
mkdir -p "$tree" "$fresh"
(cd "$root" && git ls-files -coz --exclude-standard | xargs -0 -r tar cf - 2>/dev/null) | tar xf - -C "$fresh"
(cd "$fresh" && find . -type f) | while IFS= read -r name; do
    if ! cmp -s "$fresh/$name" "$tree/$name"; then
        mkdir -p "$tree/$(dirname "$name")"
        cp "$fresh/$name" "$tree/$name"
    fi
done
cmake -S "$tree" -B "$build/made" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DENTENTE_TEST_BUILD=ON \
    -DCMAKE_C_COMPILER=gcc -DCMAKE_C_FLAGS=-w \
    -DCMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER:-}" >"$log" 2>&1 || {
    cat "$log"
    exit 1
}

# ---- the groups: a line for each mutant ----------------------------------------------------
# name ;; file ;; sed's script ;; what is built ;; which tests must notice; where the script is
# `env NAME`, the file is left as it is, and the variable NAME holds the mutant's name.

list_list() {
    grep -v '^#' "$root/tests/mutation/spec.list"
}

list_leaves() {
    for leaf in 00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15; do
        echo "claim_$leaf: nobody twice ;; migrations/0002_meetings_and_claims.sql ;; /ALTER TABLE claim_$leaf ADD/,/;\$/d ;; test_migrate ;; store/migrate\$"
    done
}

list_database() {
    ninja -C "$build/made" test_constraints >>"$log" 2>&1
    "$build/made/bin/test_constraints" --mutants | while read -r statement; do
        tests='store/constraints$'
        case $statement in
        *TRIGGER*) tests='store/(migrate|transition|store_read)$' ;;
        esac
        echo "$statement ;; migrations/0001_people_and_clients.sql ;; env ENTENTE_SQL_MUTANT ;; test_constraints test_migrate test_store_read test_transition ;; $tests"
    done
}

# A lock that others may have at the same time is none.
list_locks() {
    # shellcheck disable=SC2028 # the backslashes are for sed
    (cd "$root" && grep -nE 'FOR (NO KEY )?UPDATE|pg_(try_)?advisory_(xact_)?lock\(|IN EXCLUSIVE MODE' broker/store/*.c) |
        grep -v 4617315517961601024 | while IFS=: read -r file line text; do
        kind=$(printf '%s\n' "$text" | grep -oE 'FOR (NO KEY )?UPDATE|pg_(try_)?advisory_(xact_)?lock|LOCK TABLE [a-z]*')
        echo "lock: $kind of ${file##*/} line $line ;; $file ;; ${line}s/ FOR NO KEY UPDATE\\| FOR UPDATE//; ${line}s/\\(advisory_[a-z_]*lock\\)(/\\1_shared(/; ${line}s/IN EXCLUSIVE MODE/IN ACCESS SHARE MODE/ ;; test_locks test_migrate test_admin ;; store/(locks|migrate|admin)\$"
    done
}

list_table() {
    sed -n '/^static const struct transition table/,/^};/=' "$root/broker/negotiation.c" | while read -r line; do
        row=$(sed -n "${line}p" "$root/broker/negotiation.c")
        case $row in
        *"{ "[A-Z_]*,*) ;;
        *) continue ;;
        esac
        name=$(printf '%s\n' "$row" | sed 's/^ *{ *\([A-Z_]*\), *\([A-Z_]*\).*/\1 \2/')
        echo "table: $name ;; broker/negotiation.c ;; ${line}d ;; test_negotiation ;; unit/negotiation\$|lint/diagram\$"
    done
}

list_rows() {
    ninja -C "$build/made" test_bounds >>"$log" 2>&1
    "$build/made/bin/test_bounds" --mutants | while read -r name; do
        echo "$name ;; proto/codec_table.c ;; env ENTENTE_ROW_MUTANT ;; test_bounds test_needed ;; unit/(bounds|needed)\$"
    done
}

# branches WORD FILE: each line of FILE that refuses by WORD, and the `if` that leads to it:
# `LINE IF never` where the refusal stands in its block; `LINE IF always` where it stands behind
# it or in its `else`, because the block is what happens to all that is right.
branches() {
    awk -v word="^ .*$1" '
        function forget(depth,  i) { for (i in above) if (i + 0 >= depth) delete above[i] }
        /^{/ { delete above; last = 0 }
        /^ *[^ ]/ { match($0, /^ */); depth = RLENGTH }
        /^ *(for|while|switch|do)[ ({]/ { forget(depth) }
        /^ *} else {/ { above[depth] = above[depth] " always" }
        /^ *(} else )?if \(/ { forget(depth); above[depth] = NR " never"; last = NR }
        $0 ~ word {
            found = ""
            for (i = depth - 4; i > 0 && found == ""; i -= 4) found = above[i]
            if (found == "" && last > 0) found = last " always"
            sub(/ never always/, " always", found)
            if (found != "") print NR, found
        }' "$root/$2"
}

# list_refusals TARGETS TESTS WORD HOW FILE...: the lines of these files that refuse by WORD.
list_refusals() {
    local targets=$1 tests=$2 word=$3 how=$4
    shift 4
    for file in "$@"; do
        if [ "$how" = or ]; then
            grep -nE "^ .*$word" "$root/$file" | cut -d : -f 1
        else
            branches "$word" "$file" | cut -d ' ' -f 1
        fi | while read -r line; do
            echo "$file:$line $(sed -n "${line}{s/^ *//; s/;;*//g; p}" "$root/$file" | cut -c 1-60) ;; $file ;; env ENTENTE_CHECK_MUTANT ;; $targets ;; $tests"
        done
    done
}

codec_files() {
    (cd "$root" && ls proto/codec.c proto/codec_check*.c proto/codec_pool.c proto/codec_read.c proto/codec_scan.c)
}

codec_word='(codec_refuse|refuse_[a-z]+)\('
sdk_word='return (refuse|client_refuse|client_fail)\(|return "The'
cli_word='(words_complain|return refuse_line)\('

list_checks() {
    # shellcheck disable=SC2046 # one word for each file
    list_refusals \
        "test_codec test_codec_rules test_codec_acts test_codec_request test_codec_model test_codec_hostile test_codec_memory test_codec_scan test_codec_ranges test_envelope test_bounds test_needed" \
        'unit/(codec|codec_rules|codec_acts|codec_request|codec_model|codec_hostile|codec_memory|codec_scan|codec_ranges|envelope|bounds|needed)$' \
        "$codec_word" or $(codec_files)
}

list_sdk() {
    # shellcheck disable=SC2046
    list_refusals "test_sdk_events test_sdk_parts test_sdk_publish test_sdk_session test_sdk_calls test_sdk_refusals" \
        'unit/sdk_(events|parts|publish|session|calls|refusals)$' "$sdk_word" if $(cd "$root" && ls adapters/sdk/*.c)
}

list_cli() {
    # shellcheck disable=SC2046
    list_refusals "entente test_cli_words test_cli_rules test_cli_agree" \
        'unit/cli_(words|rules|wrong)$|system/cli_agree$' "$cli_word" if $(cd "$root" && ls adapters/cli/*.c)
}

# ---- refusals that the environment leaves out -----------------------------------------------

cat >"$build/left_out.h" <<'EOH'
#include <stdlib.h>
#include <string.h>
static inline int left_out(const char *place)
{
    const char *wanted = getenv("ENTENTE_CHECK_MUTANT");
    size_t size = strlen(place);
    return wanted != NULL && strncmp(wanted, place, size) == 0 && wanted[size] == ' ';
}
#define never_IF(place, ...) if ((__VA_ARGS__) && !left_out(place))
#define always_IF(place, ...) if ((__VA_ARGS__) || left_out(place))
EOH

# instrument WORD HOW FILE...: `or`: before the call stands `left_out(...) ||`; `if`: the
# condition that leads to it is evaluated, and then what it must be for nothing to be refused.
instrument() {
    local word=$1 how=$2
    shift 2
    for file in "$@"; do
        { [ "$how" = or ] || branches "$word" "$file"; } |
            awk -v word="^ .*$word" -v how="$how" -v file="$file" '
            FILENAME == "-" { leads[$2] = leads[$2] $3 "_IF(\"" file ":" $1 "\", "; next }
            { text[FNR] = $0; lines = FNR }
            FNR in leads {
                more = gsub(/_IF\(/, "_IF(", leads[FNR])
                if (more > 1) { print file ":" FNR " leads to " more > "/dev/stderr"; exit 1 }
                sub(/if \(/, leads[FNR], text[FNR])
            }
            $0 ~ word && how == "or" {
                match($0, /(codec_refuse|refuse_[a-z]+)\(/)
                text[FNR] = substr($0, 1, RSTART - 1) "left_out(\"" file ":" FNR "\") || " substr($0, RSTART)
            }
            END {
                print "#include \"left_out.h\""
                print "#line 1"
                for (i = 1; i <= lines; i++) print text[i]
            }' - "$root/$file" >"$tree/$file"
    done
}

prepare() {
    proved='|'
    cp "$build/left_out.h" "$tree/left_out.h"
    # shellcheck disable=SC2046
    case $1 in
    checks) instrument "$codec_word" or $(codec_files) ;;
    sdk) instrument "$sdk_word" if $(cd "$root" && grep -lE "$sdk_word" adapters/sdk/*.c) ;;
    cli) instrument "$cli_word" if $(cd "$root" && grep -lE "$cli_word" adapters/cli/*.c) ;;
    esac
}

restore() {
    # shellcheck disable=SC2046
    case $1 in
    checks) for file in $(codec_files); do cp "$root/$file" "$tree/$file"; done ;;
    sdk | cli) cp "$root"/adapters/"$1"/*.c "$tree/adapters/$1/" ;;
    esac
}

# ---- one after the other --------------------------------------------------------------------

run_tests() {
    (cd "$tree" && ctest --test-dir "$build/made" --no-tests=error --stop-on-failure --timeout 120 -R "$1" >>"$log" 2>&1)
}

caught=0
count=0
broken=0
proved='|'

# prove TARGETS TESTS: a test that fails without a mutant notices none.  Once for each set of tests.
prove() {
    case $proved in *"|$2|"*) return 0 ;; esac
    # shellcheck disable=SC2086 # one word for each target
    ninja -C "$build/made" $1 >>"$log" 2>&1 && run_tests "$2" || return 1
    proved="$proved$2|"
}

# judge NAME FILE SCRIPT TARGETS TESTS
judge() {
    local name=$1 file=$2 script=$3 targets=$4 tests=$5
    : >"$log"
    if ! prove "$targets" "$tests"; then
        echo "FAILS ANYWAY $name: $tests"
        broken=$((broken + 1))
        return
    fi
    case $script in
    env*) export "${script#env }=$name" ;;
    *)
        cp "$root/$file" "$tree/$file"
        sed -i "$script" "$tree/$file"
        if cmp -s "$root/$file" "$tree/$file"; then
            echo "NOT APPLIED  $name"
            broken=$((broken + 1))
            return
        fi
        ;;
    esac
    # shellcheck disable=SC2086 # one word for each target
    if [ "$targets" != "$made" ] && ! (unset ENTENTE_SQL_MUTANT ENTENTE_ROW_MUTANT ENTENTE_CHECK_MUTANT && ninja -C "$build/made" $targets) >>"$log" 2>&1; then
        echo "NOT COMPILED $name"
        broken=$((broken + 1))
    else
        count=$((count + 1))
        if run_tests "$tests"; then
            echo "MISSED       $name   ($file)"
        elif grep -q '(Not Run)$' "$log"; then
            echo "NOT RUN      $name"
            broken=$((broken + 1))
            count=$((count - 1))
        else
            caught=$((caught + 1))
            echo "caught       $name   by $(sed -n 's/^[^#]*Test *#[0-9]*: \([^ ]*\) .*\(Failed\|Timeout\|Exception\).*/\1/p' "$log" | head -n 1)"
        fi
    fi
    case $script in
    env*) unset "${script#env }" && made=$targets ;;
    *) cp "$root/$file" "$tree/$file" && made= ;;
    esac
}

for each in list leaves database locks table rows checks sdk cli; do
    [ -z "$group" ] || [ "$group" = "$each" ] || continue
    if [ "$list_only" = yes ]; then
        "list_$each" | sed "s/^/$each: /; s/ ;; .*//"
        continue
    fi
    before=$count
    caught_before=$caught
    made=
    prepare "$each"
    while IFS= read -r entry; do
        name=${entry%% ;; *}
        rest=${entry#* ;; }
        file=${rest%% ;; *}
        rest=${rest#* ;; }
        script=${rest%% ;; *}
        rest=${rest#* ;; }
        case $name in
        *"$only"*) judge "$name" "$file" "$script" "${rest%% ;; *}" "${rest#* ;; }" </dev/null ;;
        esac
    done < <("list_$each")
    restore "$each"
    [ "$count" = "$before" ] || echo "$each: $((caught - caught_before)) of $((count - before)) caught"
done
[ "$list_only" = no ] || exit 0
[ "$broken" = 0 ] || echo "$broken of the list are no mutants any more"
echo "mutants: $caught of $count caught"
[ "$caught" = "$count" ] && [ "$broken" = 0 ] && [ "$count" -gt 0 ]
