# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# lib.sh - what every part of ./run shares: messages, timed steps, privileges, ./var
#
# Sourced, never executed.  The caller has set `root`, the absolute path of the checkout.

umask 022
# shellcheck disable=SC2154  # `root` comes from the caller
var_dir=$root/var
log_dir=$var_dir/log
# shellcheck disable=SC2034  # for db.sh
checkout_hash=$(printf '%s' "$root" | sha256sum | cut -c1-12)
step_width=36

say() {
    printf '%s\n' "$*"
}

warn() {
    printf '%s\n' "$*" >&2
}

# die [-c CODE] SENTENCE...: the only way in which a part of ./run gives up.
die() {
    local code=1
    if [ "$1" = -c ]; then
        code=$2
        shift 2
    fi
    printf 'run: %s\n' "$*" >&2
    exit "$code"
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

owner_of() {
    stat -c %u -- "$1"
}

# Seconds since the start of the machine's clock, with nine decimals cut to milliseconds.
now_ms() {
    local nanoseconds
    nanoseconds=$(date +%s%N)
    printf '%s' "$((nanoseconds / 1000000))"
}

seconds_since() {
    local elapsed=$(($(now_ms) - $1))
    printf '%d.%d' "$((elapsed / 1000))" "$((elapsed % 1000 / 100))"
}

# ./var is ours only when it is a real directory of this user with our mark in it: what
# somebody else put there is neither used nor removed.
var_check() {
    if [ -L "$var_dir" ]; then
        die "$var_dir is a symbolic link; remove it, ./run wants to make a directory there."
    fi
    [ -e "$var_dir" ] || return 0
    if [ ! -d "$var_dir" ]; then
        die "$var_dir is not a directory; ./run leaves it alone and cannot go on."
    fi
    if [ "$(owner_of "$var_dir")" != "$(id -u)" ]; then
        die "$var_dir belongs to $(stat -c %U -- "$var_dir"), you are $(id -un):" \
            "run as the same person, or let the owner run './run reset'."
    fi
    if [ ! -f "$var_dir/.entente" ] || [ -L "$var_dir/.entente" ]; then
        die "$var_dir was not made by ./run (it has no file .entente); move it away first."
    fi
}

var_make() {
    var_check
    if [ ! -d "$var_dir" ]; then
        mkdir -- "$var_dir" || die "$var_dir cannot be made."
        printf 'Made by ./run; "./run reset" removes it.\n' >"$var_dir/.entente"
    fi
    [ -L "$log_dir" ] && die "$log_dir is a symbolic link; ./run does not write through it."
    [ -d "$log_dir" ] || mkdir -- "$log_dir"
}

# dots NAME SECONDS: the one line that a step leaves behind.
dots() {
    local name=$1 count=$((step_width - ${#1} - 1))
    [ "$count" -lt 3 ] && count=3
    printf '%s %s %6s s' "$name" "$(printf '%*s' "$count" '' | tr ' ' '.')" "$2"
}

# Shows that a long step is alive: the last line of its log on a terminal, else a dot now
# and then on the line that the step will end.
step_progress() {
    local name=$1 log=$2 started=$3 last shown=0 columns room
    if [ -t 1 ]; then
        columns=$(tput cols 2>/dev/null) || columns=80
        last=$(tail -n 1 -- "$log" 2>/dev/null | tr -d '\r' | tr -c '[:print:]\n' '?')
        room=$((columns - step_width - 12))
        [ "$room" -lt 0 ] && room=0
        printf '\r\033[K%s  %s' "$(dots "$name" "$(seconds_since "$started")")" "${last:0:room}"
    else
        shown=$(($(now_ms) - started))
        if [ "$((shown / 2000))" -gt "$step_dots" ] && [ "$step_dots" -lt 30 ]; then
            printf '.'
            step_dots=$((step_dots + 1))
        fi
    fi
}

step_end() {
    local name=$1 elapsed=$2 count
    if [ -t 1 ]; then
        printf '\r\033[K%s\n' "$(dots "$name" "$elapsed")"
    else
        count=$((step_width - ${#name} - 1 - step_dots))
        [ "$count" -lt 0 ] && count=0
        printf '%s %6s s\n' "$(printf '%*s' "$count" '' | tr ' ' '.')" "$elapsed"
    fi
}

# step NAME COMMAND...: runs the command with its output in ./var/log/NAME.log and leaves
# one line with the time it took.  A failure shows the end of that log.
#
# The command gets a process group of its own, so that an interrupt ends all of it.
step() {
    local name=$1 log started status=0
    shift
    log=$log_dir/$(printf '%s' "$name" | tr -c 'a-zA-Z0-9' '-').log
    started=$(now_ms)
    step_dots=0
    printf '%s ' "$name"
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    step_pid=$!
    set +m
    trap 'kill -TERM -- "-$step_pid" 2>/dev/null; printf "\n"; exit 130' INT TERM HUP
    while kill -0 "$step_pid" 2>/dev/null; do
        step_progress "$name" "$log" "$started"
        sleep 0.1
    done
    wait "$step_pid" || status=$?
    trap - INT TERM HUP
    step_end "$name" "$(seconds_since "$started")"
    if [ "$status" -ne 0 ]; then
        tail -n 40 -- "$log" >&2
        warn "run: '$name' failed (exit $status); the whole output is in $log"
    fi
    return "$status"
}
