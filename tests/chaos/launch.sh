#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# launch.sh BIN FOLDER ARGUMENT... - runs BIN/chaos in namespaces that end with it
#
# Network, mounts and processes are the campaign's own: whatever way it ends, what it
# started dies with its first process, and its links and its disk are gone.  Root needs no
# more; others get a user namespace in which they stay who they are.  Keys, logs, trails,
# the history and the report lie in FOLDER, which is made anew.
#
# Ends with 77 where such namespaces cannot be made, with 1 where they must be (CI or
# ENTENTE_NO_SKIP is set), and says so in one line.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=run.d/lib.sh
. "$root/run.d/lib.sh"
# shellcheck source=run.d/db.sh
. "$root/run.d/db.sh"

[ $# -ge 2 ] || die -c 2 "usage: launch.sh BIN FOLDER ARGUMENT..."
bin=$1
folder=$2
shift 2

must_run() {
    [ -n "${CI:-}" ] || [ -n "${ENTENTE_NO_SKIP:-}" ]
}

skip() {
    if must_run; then
        warn "FAILED: chaos cannot run here: $*"
        exit 1
    fi
    warn "SKIPPED: chaos cannot run here: $*"
    exit 77
}

command -v ip >/dev/null 2>&1 || skip "there is no 'ip' (package iproute2)"
namespaces=(unshare --net --mount --pid --fork --kill-child)
is_root || namespaces+=(--user --map-current-user --keep-caps)
# A container may forbid a /proc of one's own: then whoever outlives the campaign is ended by
# the death of the process that started it.
if "${namespaces[@]}" --mount-proc true 2>/dev/null; then
    namespaces+=(--mount-proc)
else
    namespaces=(unshare --net --mount)
    is_root || namespaces+=(--user --map-current-user --keep-caps)
fi
place=$(mktemp -d /tmp/entente-chaos-XXXXXX)
# shellcheck disable=SC2317  # called by the trap
leave() {
    rmdir -- "$place" 2>/dev/null || true
}
trap leave EXIT
# shellcheck disable=SC2016  # expanded by the inner shell
tried=$("${namespaces[@]}" sh -c 'mount -t tmpfs none "$1" && ip link add h0 type veth peer name n0' \
    sh "$place" 2>&1) || skip "no namespaces of its own: $(printf '%s' "$tried" | head -n 1)"

pg_bin=$(db_bin)
arguments=(--bin "$bin" --pg-bin "$pg_bin" --place "$place" --folder "$folder")
if is_root; then
    db_make_user
    arguments+=(--pg-user "$db_system_user")
fi
if command -v fiu-run >/dev/null 2>&1; then
    arguments+=(--fiu)
elif must_run; then
    skip "there is no 'fiu-run' (package fiu-utils)"
else
    warn "no fsync errors in this campaign: there is no 'fiu-run' (package fiu-utils)"
fi
rm -rf --one-file-system -- "$folder"
mkdir -m 0700 -- "$folder"

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}:exitcode=97"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-halt_on_error=1}:exitcode=97"
status=0
"${namespaces[@]}" -- "$bin/chaos" "${arguments[@]}" "$@" || status=$?
exit "$status"
