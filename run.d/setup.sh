# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# setup.sh - what must be installed, and how it gets there
#
# Three sets: what building and running need, what the tests need on top, and what
# `./run bench matcher` does (the peers, and a plotter).  Nothing is asked of apt when
# nothing is missing.  Sourced after lib.sh.

setup_packages_run="gcc libc6-dev cmake ninja-build pkg-config
    libzmq3-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler
    postgresql-15 postgresql-client-15 libpq-dev libssl-dev libical-dev libjansson-dev
    libinih-dev libcmocka-dev gettext tzdata util-linux procps git ca-certificates"
setup_packages_test="g++ spin clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev valgrind
    libboost-dev libroaring-dev iproute2 fiu-utils
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user"
setup_packages_bench="g++ libboost-dev libroaring-dev gnuplot-nox librsvg2-bin"
# Wanted where the distribution has them: Debian 12 still ships these names in tzdata.
setup_packages_optional="tzdata-legacy"

setup_is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# setup_missing run|test|bench: the packages of the set that are not installed, one a line.
setup_missing() {
    local package wanted=$setup_packages_run
    case $1 in
    test) wanted="$wanted $setup_packages_test" ;;
    bench) wanted="$wanted $setup_packages_bench" ;;
    esac
    for package in $wanted; do
        setup_is_installed "$package" || printf '%s\n' "$package"
    done
}

# Names that only some releases have: asked for together with the rest, never alone.
setup_optional() {
    local package
    for package in $setup_packages_optional; do
        if ! setup_is_installed "$package" && apt-cache show "$package" >/dev/null 2>&1; then
            printf '%s\n' "$package"
        fi
    done
}

setup_apt() {
    local -a become=()
    is_root || become=(sudo)
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l LC_ALL=C.UTF-8 \
        apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

setup_as_root() {
    if is_root; then
        "$@"
    else
        sudo "$@"
    fi
}

# Debian's postgresql-15 makes and starts a cluster named `main` when it is installed for
# the first time.  postgresql-common comes first, so that its configuration can say no for
# the time of our installation; the file that says so goes away again with the step.
setup_install() {
    local drop_in=/etc/postgresql-common/createcluster.d/entente-no-main-cluster.conf
    local guarded=no status=0
    # Neither apt nor the removal of our file may be cut short by an impatient key.
    trap '' INT TERM HUP
    setup_apt update || return
    case " $* " in
    *" postgresql-15 "*)
        setup_apt install --no-install-recommends postgresql-common || return
        if ! grep -q '^include_dir.*createcluster\.d' /etc/postgresql-common/createcluster.conf; then
            echo "createcluster.conf reads no createcluster.d: a 'main' cluster would be made." >&2
            return 1
        fi
        setup_as_root mkdir -p /etc/postgresql-common/createcluster.d || return
        if [ ! -e "$drop_in" ]; then
            echo "create_main_cluster = false" | setup_as_root tee "$drop_in" >/dev/null || return
            guarded=yes
        fi
        ;;
    esac
    # shellcheck disable=SC2046  # one word for each package
    setup_apt install --no-install-recommends "$@" $(setup_optional) || status=$?
    if [ "$guarded" = yes ]; then
        setup_as_root rm -f "$drop_in"
    fi
    return "$status"
}

# setup_need run|test|bench: returns when everything is there; otherwise installs it, or says
# exactly what to install and ends with 3.
setup_need() {
    local -a missing=()
    mapfile -t missing < <(setup_missing "$1")
    [ "${#missing[@]}" -eq 0 ] && return 0
    if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
        die -c 3 "this is no Debian system; install the equivalents of: ${missing[*]}"
    fi
    if ! is_root && ! setup_can_sudo; then
        warn "run: packages are missing, and you are neither root nor allowed to use sudo."
        warn "Ask somebody who is to run:"
        warn "    apt-get install --no-install-recommends ${missing[*]}"
        case " ${missing[*]} " in
        *" postgresql-15 "*)
            warn "Debian makes a cluster 'main' with it, which Entente does not need; who does not"
            warn "want it installs postgresql-common first and puts create_main_cluster = false"
            warn "into /etc/postgresql-common/createcluster.conf."
            ;;
        esac
        exit 3
    fi
    say "missing: ${missing[*]}"
    var_make
    step "install packages" setup_install "${missing[@]}" || exit 1
    mapfile -t missing < <(setup_missing "$1")
    [ "${#missing[@]}" -eq 0 ] || die -c 3 "still not installed: ${missing[*]}"
}

# Asks for the password, when there is one to ask for, before a step hides the terminal.
setup_can_sudo() {
    command -v sudo >/dev/null 2>&1 || return 1
    if sudo -n true 2>/dev/null; then
        return 0
    fi
    [ -t 0 ] && sudo -v
}
