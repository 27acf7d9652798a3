#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_catalogues.sh - every sentence is in every catalogue, and none is left over
set -eu
cd "$(dirname "$0")/../.."
for tool in xgettext msgcmp msgfmt; do
    command -v "$tool" >/dev/null || exit 77
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
po/make_template.sh "$folder/entente.pot"
for catalogue in po/*.po; do
    msgfmt --check-format --check-domain --output-file="$folder/entente.mo" "$catalogue"
    msgcmp "$catalogue" "$folder/entente.pot"
    sentences() { msgattrib --no-obsolete --no-wrap "$1" | grep -c '^msgid '; }
    if [ "$(sentences "$catalogue")" -ne "$(sentences "$folder/entente.pot")" ]; then
        echo "$catalogue has sentences that nobody says any more"
        exit 1
    fi
done
# What other folders say is listed apart; it must be what they say.
sed -n 's/^N_("\(.*\)")$/\1/p' adapters/cli/elsewhere.def | while IFS= read -r sentence; do
    tr -d '\n' <proto/identifier.c | sed 's/"  *"//g' | grep -qF "$sentence" || {
        echo "nobody says: $sentence"
        exit 1
    }
done
