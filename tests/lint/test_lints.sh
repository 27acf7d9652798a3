#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# test_lints.sh - every lint is silent on a clean tree and speaks on a planted violation
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

licence='// SPDX-License-Identifier: Apache-2.0'

# A small clean tree: one file for each folder and each home of a foreign library.
fresh() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/matcher" "$tree/proto" "$tree/broker/store" "$tree/adapters/sdk" \
        "$tree/adapters/ics" "$tree/adapters/cli" "$tree/tests" "$tree/bench" "$tree/docs"
    plant matcher/slot.h '#ifndef MATCHER_SLOT_H' '#define MATCHER_SLOT_H' '' 'struct slot;' '' '#endif'
    plant broker/seal.c '#include <openssl/evp.h>'
    plant broker/wire_zmq.c '#include "broker/wire.h"' '' '#include <zmq.h>'
    plant broker/store/store_pg.c '#include "matcher/slot.h"' '' '#include <libpq-fe.h>'
    plant proto/zone.c '#include <dirent.h>'
    plant proto/codec_event.c '#include "wire.pb-c.h"'
    plant adapters/cli/match.c '#include "adapters/sdk/client.h"' '#include "matcher/slot.h"' '' \
        '#include <jansson.h>'
    plant adapters/cli/main.c '#include "broker/operator.h"'
    plant adapters/ics/file.c '#include "adapters/sdk/client.h"' '' '#include <libical/ical.h>'
    plant tests/test_all.c '#include "broker/store/store.h"' '' '#include <zmq.h>' '' \
        '/* sprintf( in a comment, and' ' * sleep(1) too */' 'const char *name = "strcpy(a, b)";'
}

# plant FILE LINE...: a file that begins as ours do.
plant() {
    planted=$tree/$1
    shift
    {
        printf '%s\n' "$licence"
        printf '%s\n' "$@"
    } >"$planted"
}

# passes LINT / fails LINT WORD: the word must be part of what the lint prints.
passes() {
    if ! output=$("$here/check_$1.sh" "$tree" 2>&1); then
        printf 'check_%s.sh complains about a clean tree:\n%s\n' "$1" "$output"
        failures=$((failures + 1))
    fi
}

fails() {
    status=0
    output=$("$here/check_$1.sh" "$tree" 2>&1) || status=$?
    case $status:$output in
    77:*) printf 'check_%s.sh cannot run here: %s\n' "$1" "$output" ;;
    0:*)
        printf 'check_%s.sh does not see: %s\n' "$1" "$2"
        failures=$((failures + 1))
        ;;
    *"$2"*) ;;
    *)
        printf 'check_%s.sh fails without naming %s:\n%s\n' "$1" "$2" "$output"
        failures=$((failures + 1))
        ;;
    esac
}

# planted LINT FILE LINE...: a fresh tree with this one more file, which the lint must name.
planted() {
    lint=$1
    fresh
    shift
    plant "$@"
    fails "$lint" "$1"
}

fresh
for lint in layers size banned words; do
    passes "$lint"
done

planted layers matcher/bad.c '#include "proto/message.h"'
planted layers proto/bad.c '#include "matcher/slot.h"'
planted layers proto/zone.c '#include <libical/ical.h>'
planted layers broker/bad.c '#include "adapters/sdk/client.h"'
planted layers broker/loop.c '#include <zmq.h>'
planted layers broker/main.c '  #  include <libpq-fe.h>'
planted layers broker/store/bad.c '#include <libpq-fe.h>'
planted layers broker/audit.c '#include <openssl/sha.h>'
planted layers broker/bad.c '#include <jansson.h>'
planted layers broker/bad.c '#include "proto/wire.pb-c.h"'
planted layers broker/bad.c '#include "tests/support/world.h"'
planted layers adapters/sdk/bad.c '#include "matcher/slot.h"'
planted layers adapters/ics/bad.c '#include "broker/loop.h"'
planted layers adapters/ics/bad.c '#include "adapters/cli/show.h"'
planted layers adapters/cli/bad.c '#include "broker/loop.h"'
planted layers proto/bad.c '#include <protobuf-c/protobuf-c.h>'

planted size broker/long.c "$(yes 'int x;' | head -n 500)"
planted banned broker/bad.c 'void f(char *a) { strcpy(a, "x"); }'
planted banned tests/bad.c 'void f(void) { /* wait */ usleep (10); }'
planted banned bench/bad.c 'int f(void) { return rand(); }'
planted banned matcher/bad.c 'void *f(void) { return malloc(3); }'
planted banned broker/bad.c 'void f(long t) { localtime(&t); }'
planted words docs/bad.md "see /wo""rk/notes"
planted format broker/bad.c 'int  f( void ){return 1;}'
planted headers broker/bad.h 'size_t f(void);'

fresh
printf 'int x;\n' >"$tree/broker/bad.c"
fails banned broker/bad.c

# Documents: a tour through what is there, and what has gone.
documents() {
    fresh
    plant broker/loop.c 'static int' 'turn(void)' '{' '    return run();' '}' '' 'void stop(int a,' \
        '          int b)' '{' '}' '' 'int gone(int a);'
    printf '# Tree\n\n## One leaf\n' >"$tree/docs/tree.md"
    printf '[tree](tree.md)\n' >"$tree/docs/README.md"
    # shellcheck disable=SC2016  # backquotes are what is written there
    printf '%s\n' 'See `broker/loop.c:turn`, `broker/loop.c:stop`, `broker/l*.c`,' \
        '[a leaf](docs/tree.md#one-leaf) and [text](https://example.org).' >"$tree/ARCHITECTURE.md"
}
documents
passes tour
passes docs
# shellcheck disable=SC2016  # backquotes are what is written there
for stop in '`broker/loop.c:gone`' '`broker/loop.c:run`' '`broker/other.c:turn`'; do
    documents
    printf '%s\n' "$stop" >>"$tree/ARCHITECTURE.md"
    fails tour "$(printf '%s' "$stop" | tr -d '\140' | cut -d: -f1)"
done
# shellcheck disable=SC2016  # backquotes are what is written there
for pointer in '[x](docs/gone.md)' '[x](docs/tree.md#no-leaf)' '`broker/gone.c`' '`tests/gone/*.c`'; do
    documents
    printf '%s\n' "$pointer" >>"$tree/ARCHITECTURE.md"
    fails docs 'ARCHITECTURE.md:3'
done
documents
printf '# Lost\n' >"$tree/docs/lost.md"
fails docs lost.md
documents
yes line | head -n 60 >"$tree/README.md"
fails docs 'longer than a screen'

fresh
# shellcheck disable=SC2016  # backquotes are what is written there
printf '| `loop: N turns have been made` | fine |\n' >"$tree/docs/operator.md"
plant broker/loop.c 'void f(int n)' '{' '    log_line(LOG_INFO, "loop", "%d turns have "' \
    '             "been made",' '             n);' '    log_line(LOG_DEBUG, "loop", "turn");' '}'
passes log
plant broker/bad.c 'void f(void)' '{' '    log_line(LOG_ERROR, "loop", "all is lost: %s", why);' '}'
fails log broker/bad.c

fresh
mkdir -p "$tree/tests/lint" "$tree/tests/model"
cp "$here/negotiation_page.c" "$tree/tests/lint/"
cp "$here/../../broker/negotiation.c" "$here/../../broker/negotiation.h" "$tree/broker/"
"$here/check_diagram.sh" --write "$tree"
passes diagram
cp "$tree/tests/model/table.pml" "$tree/table.pml"
sed '/CONFIRMED && event == CANCEL/d' "$tree/table.pml" >"$tree/tests/model/table.pml"
fails diagram tests/model/table.pml
cp "$tree/table.pml" "$tree/tests/model/table.pml"
passes diagram
sed 's/"MOVING"/"DANCING"/' "$tree/broker/negotiation.c" >"$tree/broker/other.c"
mv "$tree/broker/other.c" "$tree/broker/negotiation.c"
"$here/check_diagram.sh" "$tree" >/dev/null 2>&1 && {
    echo "check_diagram.sh does not see a table that has changed"
    failures=$((failures + 1))
}

if [ "$failures" -gt 0 ]; then
    echo "$failures lints are not what they say"
    exit 1
fi
echo "every lint sees what is planted"
