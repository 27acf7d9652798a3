#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# with_postgres.sh - runs a command beside the tests' private PostgreSQL
#
#   tests/support/pg/with_postgres.sh COMMAND [ARGUMENT...]
#
# Starts the cluster `test` of this checkout (or joins the one that runs), exports
#   ENTENTE_TEST_DB    conninfo of its maintenance database; the role may create databases
#   PGHOST, PGPORT, PGUSER, PGDATABASE
# and ends with the command's own exit code.  The last one to leave stops the server, unless
# `./run db start test` asked for it to stay.  Prints nothing of its own on success.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
ENTENTE_CLUSTER="test"
# shellcheck source=run.d/lib.sh
. "$root/run.d/lib.sh"
# shellcheck source=run.d/db.sh
. "$root/run.d/db.sh"

[ $# -gt 0 ] || die -c 2 "usage: with_postgres.sh COMMAND [ARGUMENT...]"

# Everybody who uses the server holds this lock shared; who can take it alone is the last.
var_make
exec 8>"$var_dir/db-test.users"
flock --shared 8
if [ -n "${ENTENTE_STEPS:-}" ] && ! db_running; then
    step "start PostgreSQL" db_start
else
    db_start
fi
db_environment postgres
export ENTENTE_TEST_DB=$ENTENTE_DB

# shellcheck disable=SC2317  # called by the trap
leave() {
    if flock --exclusive --nonblock 8 && [ ! -e "$var_dir/db-test.keep" ]; then
        db_stop
    fi
}
trap leave EXIT

status=0
"$@" 8>&- || status=$?
exit "$status"
