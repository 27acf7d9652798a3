# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # root, log_dir, var_dir come from lib.sh
#
# chaos.sh - `./run chaos`: real brokers, adapters and a PostgreSQL in network namespaces, and
# what befalls them
#
# Sourced after build.sh and simulate.sh, whose tree it builds in.

chaos_usage() {
    cat <<'EOU'
usage: ./run chaos [--minutes N] [--seed S] [--report FILE]
  --minutes N    how long faults go on, about (default 5); ends after the round it is in
  --seed S       draws the same faults again (default: a new one, which is told)
  --report FILE  default ./var/log/chaos-report.log
Two brokers, four adapters and one PostgreSQL, each in a network namespace of its own, all
traffic through a relay.  From the seed come: SIGKILL and SIGSTOP of brokers, adapters,
postmaster and its processes, partitions, delay, loss, resets, a full disk, fsync errors.
Every half minute all is healed, time passes until each meeting has ended, and the history
of what was asked, told and committed is checked, beside `entente audit`.
Exit codes: 0 nothing found, 1 found or failed, 3 no namespaces here.
What it leaves is in ./var/chaos: logs, the trails of the adapters, the history.
EOU
}

chaos_build() {
    simulate_configure &&
        NINJA_STATUS='[%f/%t] ' cmake --build "$root/build/simulate" --target chaos \
            --parallel "$(build_jobs)"
}

chaos_command() {
    local minutes=5 seed='' report='' status=0
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help)
            chaos_usage
            return 0
            ;;
        --minutes | --seed | --report)
            if [ $# -lt 2 ]; then
                warn "run: $1 needs a value"
                return 2
            fi
            case $1 in
            --minutes) minutes=$2 ;;
            --seed) seed=$2 ;;
            --report) report=$2 ;;
            esac
            shift 2
            ;;
        *)
            warn "run: './run chaos' does not know $1"
            chaos_usage >&2
            return 2
            ;;
        esac
    done
    if ! [[ $minutes =~ ^[1-9][0-9]{0,3}$ ]]; then
        warn "run: --minutes is a number from 1 to 9999"
        return 2
    fi
    seed=${seed:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
    if ! [[ $seed =~ ^[0-9]{1,19}$ ]]; then
        warn "run: --seed is a number"
        return 2
    fi
    setup_need test
    var_make
    report=${report:-$log_dir/chaos-report.log}
    step "build chaos" chaos_build || return 1
    "$root/tests/chaos/launch.sh" "$root/build/simulate/bin" "$var_dir/chaos" \
        --report "$report" --seed "$seed" --seconds "$((minutes * 60))" --round-seconds 30 ||
        status=$?
    [ "$status" -ne 77 ] || status=3
    return "$status"
}
