#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# cluster.sh - a PostgreSQL of its own for a test that takes it away
#
#   cluster.sh start NAME     starts it, made first if need be; prints its conninfo
#   cluster.sh stop NAME      an orderly end
#   cluster.sh kill NAME      SIGKILL to the server and to all its processes
#   cluster.sh promote NAME   it ends, begins again as a standby, and is promoted: from now on
#                             it is on another timeline
#   cluster.sh remove NAME    stops it and forgets its data
#   cluster.sh conninfo NAME  prints the conninfo, whether it runs or not
#
# Same person, settings and places as the cluster `test` (run.d/db.sh); NAME is one word of
# a-z, 0-9 and `-`, such as the name of the test.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
# shellcheck source=run.d/lib.sh
. "$root/run.d/lib.sh"
# shellcheck source=run.d/db.sh
. "$root/run.d/db.sh"

[ $# -eq 2 ] || die -c 2 "usage: cluster.sh start|stop|kill|promote|remove|conninfo NAME"
case $2 in
demo | test) die -c 2 "cluster '$2' is not a test's own." ;;
esac
[[ $2 =~ ^[a-z0-9][a-z0-9-]{0,30}$ ]] || die -c 2 "'$2' is not a name for a cluster."
db_cluster=$2

case $1 in
start)
    db_start >&2
    db_environment postgres
    printf '%s\n' "$ENTENTE_DB"
    ;;
stop) db_stop ;;
kill) db_kill ;;
promote)
    db_stop
    db_as touch -- "$db_data/standby.signal"
    db_start >&2
    db_as pg_ctl promote --silent --wait --timeout=60 --pgdata="$db_data" >&2
    ;;
remove) db_remove ;;
conninfo)
    db_environment postgres
    printf '%s\n' "$ENTENTE_DB"
    ;;
*) die -c 2 "unknown: cluster.sh $1" ;;
esac
