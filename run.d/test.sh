# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # root, log_dir come from lib.sh
#
# test.sh - `./run test`: build with sanitizers, start a PostgreSQL, hand over to ctest
#
# The last lines of the output are ctest's own summary; nothing is printed after it.

test_usage() {
    cat <<'EOU'
usage: ./run test [--quick|--long] [CTEST-ARGUMENT...]
  (nothing)  gcc with ASan and UBSan, a clang build, every test (three quarters of an hour on 2 cores)
  --quick    the same without the tests labelled `long`      (about a quarter of an hour)
  --long     without sanitizers, with the long rounds (10,000 of contention)
Further arguments go to ctest: ./run test --quick -R unit/   or   ./run test -- --rerun-failed
Variables: ENTENTE_CORPUS (calendar files, default ../shared), CI (a test that cannot run fails),
RANDOM_SEED (repeats a random test).
EOU
}

test_corpus() {
    if [ -z "${ENTENTE_CORPUS:-}" ] && [ -d "$root/../shared" ]; then
        ENTENTE_CORPUS=$(cd "$root/../shared" && pwd)
    fi
    if [ -n "${ENTENTE_CORPUS:-}" ] && [ -d "$ENTENTE_CORPUS" ]; then
        export ENTENTE_CORPUS
    else
        unset ENTENTE_CORPUS
        say "no corpus of calendar files (ENTENTE_CORPUS, ../shared): tests that read it are skipped"
    fi
}

test_main() {
    local mode=full tree=test no_skip=OFF
    local -a select=()
    while [ $# -gt 0 ]; do
        case $1 in
        --quick) mode=quick ;;
        --long) mode=long ;;
        -h | --help)
            test_usage
            return 0
            ;;
        --)
            shift
            break
            ;;
        --*)
            warn "run: './run test' does not know $1"
            test_usage >&2
            return 2
            ;;
        *) break ;;
        esac
        shift
    done
    if [ -n "${CI:-}" ]; then
        no_skip=ON
        export ENTENTE_NO_SKIP=1
    fi
    setup_need test
    var_make
    test_corpus
    case $mode in
    quick)
        select=(-LE '^long$')
        export ENTENTE_TEST_QUICK=1
        ;;
    long)
        tree=long
        export ENTENTE_TEST_LONG=1
        ;;
    esac
    build_tests "$tree" "$no_skip" || return 1
    if [ "$mode" = full ]; then
        build_tests clang "$no_skip" || return 1
    fi
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1}
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
    export ENTENTE_STEPS=1
    exec "$root/tests/support/pg/with_postgres.sh" ctest --test-dir "$root/build/$tree" \
        --output-on-failure --no-tests=error --parallel 2 "${select[@]}" "$@"
}
