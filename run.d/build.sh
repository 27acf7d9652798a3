# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # root comes from lib.sh
#
# build.sh - the build directories and what each is for (CMakePresets.json has the same)
#
#   build/release   what is run and measured: RelWithDebInfo, asserts stay on
#   build/test      Debug, ASan and UBSan, the tests' clock and failpoints compiled in
#   build/long      as build/release with the tests' parts: the long test
#   build/clang     compiled by clang with the same warnings, never run
#   build/plain     Debug without sanitizers: what valgrind runs
#   build/memory    the matcher's tests with clang's MemorySanitizer
#
# Sourced after lib.sh.

build_jobs() {
    nproc 2>/dev/null || printf 2
}

# build_tree NAME CMAKE-ARGUMENT...: configures and builds build/NAME in one step.  The
# arguments are always given, so that an old cache cannot keep another answer.
build_tree() {
    local name=$1
    shift
    if [ -e "$root/build" ] && [ ! -w "$root/build" ]; then
        die "$root/build belongs to $(stat -c %U -- "$root/build"); remove it or become that person."
    fi
    step "build $name" build_configure_and_make "$name" "$@"
}

build_configure_and_make() {
    local name=$1
    shift
    cmake -S "$root" -B "$root/build/$name" -G Ninja "$@" &&
        NINJA_STATUS='[%f/%t] ' cmake --build "$root/build/$name" --parallel "$(build_jobs)"
}

build_release() {
    build_tree release -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        -DENTENTE_SANITIZE=OFF -DENTENTE_TEST_BUILD=OFF -DBUILD_TESTING=OFF
}

# build_tests test|long|plain|clang NO_SKIP
build_tests() {
    local -a flags=()
    case $1 in
    test) flags=(-DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug -DENTENTE_SANITIZE=ON) ;;
    long) flags=(-DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo -DENTENTE_SANITIZE=OFF) ;;
    plain) flags=(-DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug -DENTENTE_SANITIZE=OFF) ;;
    clang) flags=(-DCMAKE_C_COMPILER=clang-14 -DCMAKE_BUILD_TYPE=Debug -DENTENTE_SANITIZE=OFF) ;;
    esac
    build_tree "$1" "${flags[@]}" -DENTENTE_TEST_BUILD=ON -DBUILD_TESTING=ON \
        -DENTENTE_NO_SKIP="${2:-OFF}"
}
