# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # root comes from lib.sh
#
# mutants.sh - `./run mutants` and `./run coverage`: what the tests of the matcher would
# notice, and which lines and branches they reach
#
# Sourced after build.sh.

# The least that `./run coverage` is content with, in percent of lines and of branches.
coverage_lines=100
coverage_branches=100

mutants_usage() {
    cat <<'EOU'
usage: ./run mutants [--only WORDS] [--group GROUP] [--list]
       ./run mutants matcher [--file F]... [--sample N] [--seed S] [--jobs N]
       [--out FILE] [--known]

Without `matcher`: takes away what must hold, one thing at a time (each constraint, lock and guard,
the rows of the negotiation's table, the ZAP domain, each bound and rule of the wire, of the client
library and of the command line), and runs the tests that
must notice.

  --only WORDS   those with these words in their name
  --group GROUP  database: constraints, NOT NULL, unique indexes and triggers; leaves: of claim;
                 locks: of the store; table: rows of the negotiation; rows: the bounds of each field
                 on the wire; checks: refusals of the codec; sdk, cli: theirs; list: the others
  --list         makes none, and prints their names

With `matcher`: makes small wrong changes to matcher/, one at a time, and runs its tests until one notices.
What none notices is tried again with sanitizers, and its steps are counted.

  --file F     only the changes of this file, as search.c; may be given several times
  --sample N   so many changes, drawn at random; without it all of them, which takes an hour or two
  --seed S     of the sample; default 1
  --jobs N     so many at a time; default: as many as there are cores
  --out FILE   keeps the verdicts in FILE; those that are in it already are not found again
  --known      makes none, and prints the survivors that are known, each with the reason
Names each change that no test noticed, with the reason where one is known, and ends with
"mutants: K of N caught".  Exit code 2 for a wrong word.
EOU
}

mutants_command() {
    case " $* " in
    *" --help "* | *" -h "*)
        mutants_usage
        return
        ;;
    esac
    case ${1:-} in
    '' | --only | --group | --list)
        setup_need test
        var_make
        "$root/tests/mutation/spec.sh" "$root" "$root/build/spec" "$@"
        return
        ;;
    esac
    local folder=$1
    shift
    [ "$folder" = matcher ] || die -c 2 "unknown: ./run mutants $folder (only matcher)."
    case " $* " in *" --known "*) exec "$root/tests/mutation/mutants.sh" . matcher --known ;; esac
    setup_need test
    var_make
    build_configured mutants matcher -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O1 || return 1
    build_configured mutants-checked matcher -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O1 \
        -DENTENTE_SANITIZE=ON -DENTENTE_TEST_BUILD=ON || return 1
    "$root/tests/mutation/mutants.sh" "$root/build/mutants" "$folder" "$@"
}

coverage_usage() {
    cat <<EOU
usage: ./run coverage [--missing]

Runs the tests of matcher/ and counts which lines and branches they reach.

  --missing    also names each line and branch that none reaches

Kernels that this processor cannot run are not reached: all of it takes AVX-512.
What nothing can reach is in tests/matcher/unreachable.txt with the reason, is told, and does not count.
Exit code: 0 if $coverage_lines % of the lines and $coverage_branches % of the branches are reached, 1 if not.
EOU
}

# Only what tests/matcher needs is built, and only the matcher is watched.  Asserts are left
# out: a branch that nothing can take is no branch.  So are copies of a line that the
# compiler makes where it is told to inline: only what is written counts.
coverage_command() {
    local missing=no
    case ${1:-} in
    '') ;;
    --missing) missing=yes ;;
    -h | --help)
        coverage_usage
        return
        ;;
    *) die -c 2 "unknown: ./run coverage $1 (nothing, or --missing)." ;;
    esac
    setup_need test
    var_make
    build_configured coverage matcher -DCMAKE_BUILD_TYPE=Debug \
        "-DCMAKE_C_FLAGS=-w -DNDEBUG -Dalways_inline=unused" -DENTENTE_COVERAGE=ON || return 1
    find "$root/build/coverage" -name '*.gcda' -delete
    ENTENTE_TEST_QUICK=1 RANDOM_SEED=${RANDOM_SEED:-1} step "run tests/matcher" ctest --test-dir "$root/build/coverage/tests/matcher" \
        --output-on-failure --no-tests=error --parallel 2 -E '_fast$' || return 1
    coverage_report "$missing"
}

# build_configured NAME FOLDER CMAKE-ARGUMENT...: configures build/NAME and builds what
# tests/FOLDER consists of.
build_configured() {
    local name=$1 folder=$2
    shift 2
    step "configure $name" cmake -S "$root" -B "$root/build/$name" -G Ninja \
        -DCMAKE_C_COMPILER=gcc -DENTENTE_SANITIZE=OFF -DENTENTE_TEST_BUILD=OFF \
        -DBUILD_TESTING=ON "$@" || return 1
    step "build $name" ninja -C "$root/build/$name" "tests/$folder/all" || return 1
}

coverage_report() {
    # Headers are compiled into several objects: a line counts once, whoever reaches it.
    (cd "$root/build/coverage" && find matcher/CMakeFiles/matcher.dir -name '*.gcda' -exec \
        gcov --branch-probabilities --branch-counts --stdout {} + 2>/dev/null) |
        awk -v show="$1" -v least_lines="$coverage_lines" -v least_branches="$coverage_branches" \
            -v excuses="$root/tests/matcher/unreachable.txt" -f "$root/run.d/coverage.awk"
}
