#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run_arm64.sh [ROOT] - the NEON kernels, compiled for their processor and run under QEMU
#
# Builds build/arm64.
set -eu
root=$(cd "${1:-$(dirname "$0")/../..}" && pwd -P)
build=$root/build/arm64
for program in aarch64-linux-gnu-gcc qemu-aarch64; do
    command -v "$program" >/dev/null 2>&1 || { echo "no $program here"; exit 77; }
done

cmake -S "$root/tests/arm64" -B "$build" -G Ninja -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
cmake --build "$build" >"$build.log" 2>&1 || { tail -n 50 "$build.log"; exit 1; }

for test in kernel common common_edges people_kernel quick wide; do
    qemu-aarch64 "$build/test_$test" || { echo "test_$test failed"; exit 1; }
done
qemu-aarch64 "$build/test_oracle" --rounds 2000 --no-shrink
