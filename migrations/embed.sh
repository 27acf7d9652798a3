#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# embed.sh OUTPUT FILE... - write the migrations as a C array (broker/store/store_pg_migrate.h)
set -eu
output=$1
shift
{
    echo '#include "broker/store/store_pg_migrate.h"'
    echo 'const struct migration migrations[] = {'
    for file in "$@"; do
        name=$(basename "$file")
        number=$(echo "$name" | sed 's/^0*\([0-9]*\)_.*/\1/')
        echo "    {$number, \"$name\","
        sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/     "/' -e 's/$/\\n"/' "$file"
        echo '    },'
    done
    echo '};'
    echo 'const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);'
} > "$output.part"
mv "$output.part" "$output"
