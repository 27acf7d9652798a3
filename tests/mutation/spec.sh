#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# spec.sh ROOT BUILD [--only WORDS] - what must hold is taken away, one thing at a time: does a
# test notice?
#
# Works on a copy of ROOT in BUILD.  The list is spec.list, and three families that are made
# here.  One that cannot be applied, or does not compile, is no mutant, and a mistake of the
# list.  The last line is `mutants: K of N caught`.
set -u
root=$(cd "$1" && pwd)
build=$2
shift 2
only=
if [ "${1:-}" = --only ]; then
    only=$2
fi
mkdir -p "$build"
build=$(cd "$build" && pwd)
tree=$build/tree
log=$build/log
if [ -z "${ENTENTE_TEST_DB:-}" ]; then
    exec "$root/tests/support/pg/with_postgres.sh" "$0" "$root" "$build" ${only:+--only "$only"}
fi

mkdir -p "$tree"
(cd "$root" && git ls-files -z | xargs -0 -r tar cf - 2>/dev/null) | tar xf - -C "$tree"
cmake -S "$tree" -B "$build/made" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DENTENTE_TEST_BUILD=ON \
    -DCMAKE_C_COMPILER=gcc -DCMAKE_C_FLAGS=-w \
    -DCMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER:-}" >"$log" 2>&1 || {
    cat "$log"
    exit 1
}

list() {
    grep -v '^#' "$root/tests/mutation/spec.list"
    for leaf in 00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15; do
        echo "claim_$leaf: nobody twice ;; migrations/0002_meetings_and_claims.sql ;; /ALTER TABLE claim_$leaf ADD/,/;\$/d ;; test_migrate ;; store/migrate\$"
    done
    sed -n '/^static const struct transition table/,/^};/=' "$root/broker/negotiation.c" | while read -r line; do
        row=$(sed -n "${line}p" "$root/broker/negotiation.c")
        case $row in
        *"{ "[A-Z_]*,*) ;;
        *) continue ;;
        esac
        name=$(printf '%s\n' "$row" | sed 's/^ *{ *\([A-Z_]*\), *\([A-Z_]*\).*/\1 \2/')
        echo "table: $name ;; broker/negotiation.c ;; ${line}d ;; test_negotiation ;; unit/negotiation\$|lint/diagram\$"
    done
    for file in codec_rows_request.c codec_rows_meeting.c; do
        grep -n 'CODEC_NEEDED\|CODEC_FROM_CLIENT' "$root/proto/$file" | while IFS=: read -r line text; do
            field=$(printf "%s\n" "$text" | sed "s,^ *[A-Z0-9_]*(\([a-z_0-9]*\).*,\1,")
            echo "wire: $field of line $line is not needed ;; proto/$file ;; ${line}s/CODEC_NEEDED\\|CODEC_FROM_CLIENT/CODEC_OPTIONAL/ ;; test_codec test_codec_rules test_codec_acts test_codec_request test_codec_hostile test_golden test_needed ;; unit/(codec|codec_rules|codec_acts|codec_request|codec_hostile|golden|needed)\$"
        done
    done
}

run_tests() {
    (cd "$tree" && ctest --test-dir "$build/made" --no-tests=error -R "$1" >>"$log" 2>&1)
}

caught=0
count=0
broken=0
while IFS= read -r entry; do
    name=${entry%% ;; *}
    rest=${entry#* ;; }
    file=${rest%% ;; *}
    rest=${rest#* ;; }
    script=${rest%% ;; *}
    rest=${rest#* ;; }
    targets=${rest%% ;; *}
    tests=${rest#* ;; }
    case $name in
    *"$only"*) ;;
    *) continue ;;
    esac
    cp "$root/$file" "$tree/$file"
    sed -i "$script" "$tree/$file"
    : >"$log"
    if cmp -s "$root/$file" "$tree/$file"; then
        echo "NOT APPLIED  $name"
        broken=$((broken + 1))
    elif ! ninja -C "$build/made" $targets >>"$log" 2>&1; then
        # shellcheck disable=SC2086 # one word for each target
        echo "NOT COMPILED $name"
        broken=$((broken + 1))
    else
        count=$((count + 1))
        if run_tests "$tests"; then
            echo "MISSED       $name   ($file)"
        else
            caught=$((caught + 1))
            echo "caught       $name   by $(sed -n 's/^[^#]*Test *#[0-9]*: \([^ ]*\) .*\(Failed\|Timeout\|Exception\).*/\1/p' "$log" | head -n 1)"
        fi
    fi
    cp "$root/$file" "$tree/$file"
done < <(list)
[ "$broken" = 0 ] || echo "$broken of the list are no mutants any more"
echo "mutants: $caught of $count caught"
[ "$caught" = "$count" ] && [ "$broken" = 0 ] && [ "$count" -gt 0 ]
