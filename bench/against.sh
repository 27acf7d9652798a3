#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# against.sh REV PROGRAM SEED - this tree's matcher and that of REV, in turns
#
# REV is cloned into var/bench/against, gets this tree's bench/, so that both answer the same
# questions, and is built as build/release is.  Where that does not compile, because the
# matcher's headers have changed, REV's own bench/ is taken.  Then both run by turns, and
# verdict.awk says of each cell what the pairs are worth.
#
# Exit code: 0 nothing is slower, 1 something is, 2 they could not be compared.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
rev=$1
program=$2
seed=$3
blocks=${ENTENTE_BENCH_BLOCKS:-6}

fail() {
    printf 'bench: %s\n' "$*" >&2
    exit 2
}

commit=$(git -C "$root" rev-parse --verify --quiet "$rev^{commit}") ||
    fail "there is no commit '$rev'"
home=$root/var/bench/against
clone=$home/$commit
mkdir -p -- "$home"
log=$home/build.log

build() {
    cmake -S "$clone" -B "$clone/build/release" -G Ninja -DCMAKE_C_COMPILER=gcc \
        -DCMAKE_BUILD_TYPE=RelWithDebInfo -DENTENTE_SANITIZE=OFF -DENTENTE_TEST_BUILD=OFF \
        -DBUILD_TESTING=OFF >"$log" 2>&1 &&
        cmake --build "$clone/build/release" --target bench_matcher >>"$log" 2>&1
}

if [ ! -d "$clone" ]; then
    rm -rf -- "$clone.new"
    git clone --quiet --shared --no-checkout -- "$root" "$clone.new"
    git -C "$clone.new" -c advice.detachedHead=false checkout --quiet "$commit"
    mv -- "$clone.new" "$clone"
fi
whose="this tree's bench/"
rm -rf -- "${clone:?}/bench"
cp -R -- "$root/bench" "$clone/bench"
if ! build; then
    whose="its own bench/"
    rm -rf -- "${clone:?}/bench"
    git -C "$clone" checkout --quiet "$commit" -- bench
    build || fail "the matcher of $rev cannot be measured: neither this tree's bench/ nor its own builds there ($log)"
fi
other=$clone/build/release/bin/bench_matcher

printf 'new      this tree\nold      %s %s, measured by %s\n' "${commit:0:12}" \
    "$(git -C "$root" log -1 --format=%s "$commit")" "$whose"
printf 'seed     %s\nload     %s\n' "$seed" "$(cut -d' ' -f1-3 /proc/loadavg)"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

measure() { # PROGRAM FILE
    "$1" --ours --quick --seed "$seed" --csv "$2" >"$work/out" 2>&1 ||
        fail "$1 could not measure: $(tail -n 1 "$work/out")"
}

# New, old, old, new: what warms up or slows down during a block meets both alike.
for ((block = 0; block < blocks; block++)); do
    measure "$program" "$work/new.$((2 * block)).csv"
    measure "$other" "$work/old.$((2 * block)).csv"
    measure "$other" "$work/old.$((2 * block + 1)).csv"
    measure "$program" "$work/new.$((2 * block + 1)).csv"
done
status=0
awk -f "$root/bench/verdict.awk" -v pairs="$((2 * blocks))" -v work="$work" /dev/null || status=$?
printf 'load at the end %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
exit "$status"
