#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# cli_wrong.sh PROGRAM - each line of wrong_words.txt is refused before anything is sent
#
# Nobody listens where the settings lead: what is not refused ends with another exit code.  A
# `_` stands for a space; `@NAME` for a file that is made here.
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
key=$(printf '%040d' 0)
printf '[broker]\nendpoint = tcp://127.0.0.1:9\npublic_key = %s\n[client]\npublic_key = %s\nsecret_key = %s\n' \
    "$key" "$key" "$key" >"$folder/client.ini"
chmod 600 "$folder/client.ini"
id=0192f4c1-7d1e-7abc-8def-0123456789ab
printf '%s 1\n%s 2\n' "$id" "$id" >"$folder/twice"
printf '%s none\n' "$id" >"$folder/bad"
printf '%0513d 1\n' 1 >"$folder/long"
seq -f 'idnps:%.0f' 4097 >"$folder/many"
printf '{"duration_minutes": 30, "windows": [{"start": "2030-01-02T08:00", "end": "2030-01-02T18:00"}], "parties": [{"identifier": "idnps:2"}]}' >"$folder/next"
head -c 2000000 /dev/zero >"$folder/huge"
export LC_ALL=C ENTENTE_CLIENT="$folder/client.ini"
wrong=0
lines=0
while read -r option line; do
    case $option in '#'* | '') continue ;; esac
    lines=$((lines + 1))
    set -f
    arguments=
    for word in $line; do
        arguments="$arguments$(printf '%s' "$word" | sed "s,@\([a-z]\),@$folder/\1,; s,^@\(/.*\),\1,; s,_, ,g")
"
    done
    saved=$IFS
    IFS='
'
    code=0
    # shellcheck disable=SC2086 # one word for each line
    said=$("$program" $arguments 2>&1 </dev/null) || code=$?
    IFS=$saved
    case $code,$said in
    2,*"$option "*) ;;
    *)
        echo "entente $line"
        echo "  exit code $code instead of 2, or not about $option: $said"
        wrong=$((wrong + 1))
        ;;
    esac
done <"$(dirname "$0")/wrong_words.txt"
echo "$lines command lines, $wrong wrong"
[ "$wrong" = 0 ] && [ "$lines" -gt 0 ]
