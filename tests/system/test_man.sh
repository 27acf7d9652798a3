#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# test_man.sh ENTENTE ROOT - the manual page has every command and every option of --help
#
# Says what it lacks, one line each.
set -eu
entente=$1
page=$(sed 's/\\-/-/g; s/\\f[A-Z]//g' "$2/docs/man/entente.1")
lacks=0

commands=$("$entente" --help | awk '/^  [a-z]/ { print $1 }')
[ "$(echo "$commands" | wc -l)" -gt 20 ] || { echo "entente --help names too few commands"; exit 1; }
for command in $commands; do
    # Where they stand the line begins with a macro of bold letters.
    echo "$page" | grep -qE "^\.B[A-Z]* \"?$command( |\"|$)" || { echo "no entente $command"; lacks=1; }
    options=$("$entente" "$command" --help | grep -oE '^  --[a-z-]+' | sort -u)
    for option in $options; do
        echo "$page" | grep -qE -e "$option([^a-z-]|$)" || { echo "no $option of entente $command"; lacks=1; }
    done
done
exit "$lacks"
