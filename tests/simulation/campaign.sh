#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# campaign.sh ROOT EVENTS - the simulation at full speed: a long walk through one world, the
# history checker against corrupted histories, and planted mistakes that must be found
#
# With sanitizers all this would take an hour: the programs are those of `./run simulate`.
set -eu
root=$1
events=$2
"$root/run" simulate --seed 20261122 --events "$events"
cmake --build "$root/build/simulate" --target test_history >"$root/build/simulate.log" 2>&1 ||
    { tail -n 40 "$root/build/simulate.log"; exit 1; }
cd "$root"
"$root/build/simulate/bin/test_history"
"$root/tests/simulation/check_simulate.sh" "$root/build/simulate/bin/simulate"
