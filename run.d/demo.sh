# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# demo.sh - `./run demo`: one meeting from the request to five agendas

demo_main() {
    die "the demonstration is not written yet."
}
