# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# demo.sh - `./run demo`: one meeting from the request to five agendas
#
# Sourced by ./run, which calls demo_check before anything is built, and demo_main when the
# packages are installed, build/release is up to date and the cluster `demo` runs (PGHOST
# and ENTENTE_DB point at its maintenance database; db_recreate NAME and db_environment NAME
# give a fresh one).  Programs that stay in the background leave var/run/NAME.pid, where
# `./run reset` looks.

# demo_check ARGUMENT...: refuses what the demonstration does not know.
demo_check() {
    die "the demonstration is not written yet."
}

demo_main() {
    :
}
