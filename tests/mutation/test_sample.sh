#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# test_sample.sh BUILD COUNT LEAST - of COUNT mutants of the matcher, drawn with RANDOM_SEED,
# at least LEAST percent are noticed
#
# Without RANDOM_SEED the sample of a commit is always the same: so few would fail by chance.
# The tree of `./run mutants` lies in BUILD, and is made there if it is missing.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
build=$1
seed=${RANDOM_SEED:-1}
echo "RANDOM_SEED=$seed"
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O1 \
    -DENTENTE_SANITIZE=OFF -DENTENTE_TEST_BUILD=OFF -DBUILD_TESTING=ON >/dev/null
ninja -C "$build" tests/matcher/all >/dev/null
"$root/tests/mutation/mutants.sh" "$build" matcher --sample "$2" --seed "$seed" --jobs 1 |
    tee "$build/mutants.log"
awk -v least="$3" '/^mutants: / { caught = $2; of = $4 } END { exit !(of > 0 && 100 * caught >= least * of) }' \
    "$build/mutants.log"
