#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make_template.sh OUTPUT - every sentence that a catalogue must have: those marked in
# adapters/cli, and the errors of the wire
#
# After a change: po/make_template.sh /tmp/entente.pot, then for each language
#     msgmerge --no-fuzzy-matching --update po/fr.po /tmp/entente.pot
# and translate what is new.  tests/adapters/check_catalogues.sh compares.
set -eu
output=$1
cd "$(dirname "$0")/.."
# shellcheck disable=SC2046  # our names have no spaces
xgettext --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=ERROR:4 \
    --add-comments=TRANSLATORS --no-location --package-name=entente --output="$output" \
    proto/errors.def $(find adapters/cli \( -name '*.c' -o -name '*.def' \) | LC_ALL=C sort)
