# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # root comes from lib.sh
#
# bench.sh - `./run bench` and `./run bench matcher`: build/release and a PostgreSQL, then
# bench/run.sh or bench/matcher.sh
#
# Sourced after lib.sh, setup.sh, db.sh and build.sh.

bench_command() {
    local script=$root/bench/run.sh packages=run
    if [ "${1:-}" = matcher ]; then
        shift
        script=$root/bench/matcher.sh packages=bench
    fi
    # What is wrong with the words is said before anything is installed or built.
    case " $* " in
    *" --help "* | *" -h "*) exec "$script" --help ;;
    esac
    ENTENTE_BENCH_PARSE=1 "$script" "$@" || return
    setup_need "$packages"
    setup_need run
    var_make
    build_release
    step "start PostgreSQL" db_start
    db_environment postgres
    exec "$script" "$@"
}
