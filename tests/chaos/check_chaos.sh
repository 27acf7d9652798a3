#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_chaos.sh BIN FOLDER - one short round of every fault; `./run chaos` is the long one
set -eu
seed=${RANDOM_SEED:-20261122}
echo "RANDOM_SEED=$seed"
exec "$(dirname "$0")/launch.sh" "$1" "$2" --seed "$seed" --seconds 1 --round-seconds 12
