# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# words.sh - what the scripts of bench/ understand: sourced by each of them
#
#     bench_words "--seed --csv" "$@"
#
# leaves the value of each option that has one in given[--seed], 1 and nothing in front, and
# "--quick" in words where it is said.  The script that sources this has a function usage.

fail() {
    printf 'bench: %s\n' "$*" >&2
    exit "${code:-1}"
}

declare -A given=([--seed]=1)
words=()

bench_words() {
    local valued=" $1 "
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        --quick) words+=(--quick) ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            if [[ $1 != --* || $valued != *" $1 "* ]]; then
                usage >&2
                code=2 fail "what is $1?"
            fi
            [ $# -ge 2 ] || code=2 fail "$1 wants a value"
            given[$1]=$2
            shift
            ;;
        esac
        shift
    done
    [[ ${given[--seed]} =~ ^[0-9]+$ ]] || code=2 fail "--seed wants a number, not '${given[--seed]}'"
    words+=(--seed "${given[--seed]}")
}

# Wrong words are refused before anything is built for them: run.d/bench.sh asks for that.
bench_parsed() {
    [ -z "${ENTENTE_BENCH_PARSE:-}" ] || exit 0
}
