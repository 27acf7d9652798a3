# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # root comes from lib.sh
#
# simulate.sh - `./run simulate`: brokers, adapters, network, clock and database from one seed
#
# Sourced after build.sh.

# An optimised tree for what tests at full speed; nothing is built yet.
simulate_configure() {
    cmake -S "$root" -B "$root/build/simulate" -G Ninja -DCMAKE_C_COMPILER=gcc \
        -DCMAKE_BUILD_TYPE=RelWithDebInfo -DENTENTE_SANITIZE=OFF -DENTENTE_TEST_BUILD=ON \
        -DBUILD_TESTING=ON
}

# What the simulation needs, and no more.
simulate_build() {
    simulate_configure &&
        NINJA_STATUS='[%f/%t] ' cmake --build "$root/build/simulate" --target simulate \
            --parallel "$(build_jobs)"
}

simulate_command() {
    setup_need test
    var_make
    step "build simulate" simulate_build || return 1
    "$root/build/simulate/bin/simulate" "$@"
}
