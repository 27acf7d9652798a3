# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # root, var_dir, checkout_hash come from lib.sh
#
# db.sh - the private PostgreSQL: one cluster for the demonstration, one for the tests
#
# A cluster has a name (`demo`, `test`).  It listens on a unix socket only, belongs to an
# unprivileged person and is never one of Debian's own clusters.
#
#   as root       /var/lib/entente-<hash of the checkout>/<name>, with a link ./var/pg to
#                 the directory above; the server runs as the system user `entente`
#   otherwise     ./var/pg/<name>
#
# Sourced after lib.sh.  Functions: db_start, db_stop, db_status, db_running, db_environment,
# db_create, db_recreate,
# db_kill, db_remove, db_clusters.

db_role=entente
db_system_user=entente
db_bin_candidates="/usr/lib/postgresql/15/bin"
# sun_path holds 108 bytes with the closing NUL.
db_socket_limit=107
db_cluster=${ENTENTE_CLUSTER:-demo}

db_bin() {
    local directory
    for directory in $db_bin_candidates; do
        if [ -x "$directory/postgres" ]; then
            printf '%s' "$directory"
            return 0
        fi
    done
    die -c 3 "PostgreSQL 15 is not installed; './run setup' installs it."
}

# Sets db_home (the directory of all clusters), db_dir (of this one), db_socket_dir.
db_paths() {
    if is_root; then
        db_home=/var/lib/entente-$checkout_hash
    else
        db_home=$var_dir/pg
    fi
    db_dir=$db_home/$db_cluster
    db_data=$db_dir/data
    db_socket_dir=$db_dir/socket
    # A long path, or one with a character that libpq or postgresql.conf reads as syntax,
    # gives way to a short directory that only this person can enter.
    if [ "$(printf '%s' "$db_socket_dir/.s.PGSQL.5432.lock" | wc -c)" -gt "$db_socket_limit" ] ||
        [[ ! $db_socket_dir =~ ^[A-Za-z0-9/._+-]+$ ]]; then
        db_socket_dir=/tmp/entente-$(id -u)-$checkout_hash-$db_cluster
    fi
}

# Runs a server program as the person that the cluster belongs to, away from a directory
# that this person may not enter, and with nothing of our environment.
db_as() {
    local -a drop=()
    if is_root; then
        drop=(setpriv "--reuid=$db_system_user" "--regid=$db_system_user" --init-groups)
    fi
    (cd / && exec "${drop[@]}" env -i PATH="$(db_bin):/usr/bin:/bin" LC_ALL=C.UTF-8 TZ=UTC "$@")
}

db_make_user() {
    is_root || return 0
    if ! id -u "$db_system_user" >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin "$db_system_user"
    fi
}

# The directory of a cluster.  As root it lies in /var/lib, carries the mark that `reset`
# asks for, and only the data below it belong to the unprivileged person.
db_make_home() {
    if is_root; then
        [ -L "$db_home" ] && die "$db_home is a symbolic link; ./run leaves it alone."
        if [ ! -d "$db_home" ]; then
            mkdir -m 0755 -- "$db_home"
            printf '%s\n' "$root" >"$db_home/.entente"
        fi
        db_home_is_ours || die "$db_home was not made for this checkout; ./run leaves it alone."
        if [ -e "$var_dir/pg" ] && [ ! -L "$var_dir/pg" ]; then
            die "$var_dir/pg is in the way of the link to $db_home; './run reset' removes it."
        fi
        ln -sfn -- "$db_home" "$var_dir/pg"
    else
        [ -L "$db_home" ] && die "$db_home is a symbolic link; ./run leaves it alone."
        mkdir -p -- "$db_home"
    fi
    if [ ! -d "$db_dir" ]; then
        mkdir -m 0700 -- "$db_dir"
        if is_root; then
            chown "$db_system_user:$db_system_user" -- "$db_dir"
        fi
    fi
}

db_home_is_ours() {
    [ ! -L "$db_home" ] && [ -d "$db_home" ] && [ "$(owner_of "$db_home")" = 0 ] &&
        [ ! -L "$db_home/.entente" ] && [ "$(cat -- "$db_home/.entente" 2>/dev/null)" = "$root" ]
}

db_make_socket_dir() {
    local owner
    owner=$(id -u)
    if is_root; then
        owner=$(id -u "$db_system_user")
    fi
    if [ ! -e "$db_socket_dir" ] && [ ! -L "$db_socket_dir" ]; then
        mkdir -m 0700 -- "$db_socket_dir"
        if is_root; then
            chown "$db_system_user:$db_system_user" -- "$db_socket_dir"
        fi
    fi
    if [ -L "$db_socket_dir" ] || [ ! -d "$db_socket_dir" ] ||
        [ "$(owner_of "$db_socket_dir")" != "$owner" ]; then
        die "$db_socket_dir is not a directory of ours; remove it."
    fi
    chmod 0700 -- "$db_socket_dir"
}

# The process that really serves this data directory, or nothing.  postmaster.pid alone
# does not say it: after a crash its number may belong to somebody else.
db_pid() {
    local pid
    pid=$(head -n 1 -- "$db_data/postmaster.pid" 2>/dev/null) || return 1
    [[ $pid =~ ^[0-9]+$ ]] || return 1
    [ "$(db_as readlink -- "/proc/$pid/cwd")" = "$(db_as readlink -f -- "$db_data")" ] || return 1
    printf '%s' "$pid"
}

db_running() {
    db_paths
    db_pid >/dev/null
}

db_write_settings() {
    db_as tee -- "$db_data/entente.conf" >/dev/null <<EOC
# Written by ./run at every start; DESIGN.md section 8 says why.
listen_addresses = ''
port = 5432
unix_socket_directories = '$db_socket_dir'
unix_socket_permissions = 0700
max_connections = 100
fsync = on
synchronous_commit = on
full_page_writes = on
wal_log_hints = on
data_sync_retry = off
shared_buffers = 256MB
wal_recycle = on
wal_init_zero = on
min_wal_size = 1GB
max_wal_size = 2GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
deadlock_timeout = 50ms
log_lock_waits = off
log_min_messages = warning
log_line_prefix = '%m [%p] %q%u@%d '
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
EOC
    local person
    person=$(id -un)
    db_as tee -- "$db_data/pg_hba.conf" >/dev/null <<EOC
# Only who can enter the socket's directory gets here, and must be one of pg_ident.conf.
local all all peer map=entente
EOC
    {
        printf 'entente "%s" %s\n' "$person" "$db_role"
        if is_root; then
            printf 'entente %s %s\n' "$db_system_user" "$db_role"
        fi
    } | db_as tee -- "$db_data/pg_ident.conf" >/dev/null
}

# A cluster appears under its name only when initdb has finished.
db_init() {
    db_as rm -rf -- "$db_dir/data.new"
    db_as initdb --pgdata="$db_dir/data.new" --data-checksums --encoding=UTF8 \
        --locale=C.UTF-8 --username="$db_role" --auth=peer >"$log_dir/initdb-$db_cluster.log" 2>&1 ||
        die "initdb failed; see $log_dir/initdb-$db_cluster.log"
    printf "include 'entente.conf'\n" |
        db_as tee -a -- "$db_dir/data.new/postgresql.conf" >/dev/null
    db_as mv -T -- "$db_dir/data.new" "$db_data"
}

db_log_tail() {
    db_as tail -n 20 -- "$db_dir/server.log" >&2 || true
}

# A killed server may leave its children alive for a moment; they hold the old shared
# memory, and a new server refuses to start beside them.
db_launch() {
    local attempt
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        if db_as pg_ctl start --silent --wait --timeout=60 --pgdata="$db_data" \
            --log="$db_dir/server.log" >/dev/null 2>&1 </dev/null 8>&- 9>&-; then
            return 0
        fi
        db_as tail -n 5 -- "$db_dir/server.log" |
            grep -q 'pre-existing shared memory block' || break
        [ "$attempt" -lt 10 ] && sleep 0.5
    done
    db_log_tail
    die "the private PostgreSQL does not start; its log is $db_dir/server.log"
}

# Starts the cluster unless it runs already.  Callers may race: one starts, others wait.
db_start() {
    db_bin >/dev/null || exit 3
    db_paths
    var_make
    exec 9>"$var_dir/db-$db_cluster.lock"
    flock 9
    db_make_user
    db_make_home
    db_make_socket_dir
    if ! db_pid >/dev/null; then
        if db_as test -e "$db_data/postmaster.pid"; then
            db_as rm -f -- "$db_data/postmaster.pid" \
                "$db_socket_dir/.s.PGSQL.5432" "$db_socket_dir/.s.PGSQL.5432.lock"
        fi
        db_as test -d "$db_data" || db_init
        db_write_settings
        db_launch
    fi
    exec 9>&-
    db_environment entente
}

db_stop() {
    db_paths
    if db_pid >/dev/null; then
        db_as pg_ctl stop --silent --wait --timeout=60 --mode=fast --pgdata="$db_data" >/dev/null 2>&1 ||
            db_as pg_ctl stop --silent --wait --mode=immediate --pgdata="$db_data" >/dev/null 2>&1 ||
            die "the private PostgreSQL (process $(db_pid)) does not stop."
    fi
}

# The power cut: every process of the cluster gets SIGKILL.  The children are
# found by their parent.
db_kill() {
    db_paths
    local server pid
    server=$(db_pid) || return 0
    for pid in "$server" $(db_as pgrep --parent "$server"); do
        db_as kill -KILL "$pid" 2>/dev/null || true
    done
    while db_pid >/dev/null; do
        sleep 0.05
    done
}

# Stops the cluster and forgets its data and its socket.
db_remove() {
    db_stop
    if is_root; then
        [ -e "$db_home" ] || return 0
        db_home_is_ours || die "$db_home was not made for this checkout; it stays."
    elif [ -L "$db_home" ]; then
        die "$db_home is a symbolic link; it stays."
    fi
    rm -rf --one-file-system -- "$db_dir"
    if [ ! -L "$db_socket_dir" ] && [ -d "$db_socket_dir" ] && [ -O "$db_socket_dir" ]; then
        rm -rf --one-file-system -- "$db_socket_dir"
    fi
}

# The names of the clusters that this checkout has made.
db_clusters() {
    db_paths
    local directory
    for directory in "$db_home"/*/; do
        if [ -d "$directory" ]; then
            basename -- "$directory"
        fi
    done
}

db_status() {
    db_paths
    local pid
    if pid=$(db_pid); then
        say "PostgreSQL '$db_cluster' runs: process $pid, data $db_data, socket $db_socket_dir"
        return 0
    fi
    say "PostgreSQL '$db_cluster' does not run (data $db_data)"
    return 1
}

# db_environment DATABASE: libpq's own variables and one conninfo string.
db_environment() {
    local database=$1
    db_paths
    export PGHOST=$db_socket_dir PGPORT=5432 PGUSER=$db_role PGDATABASE=$database
    export ENTENTE_DB="host=$db_socket_dir port=5432 user=$db_role dbname=$database"
}

db_psql() {
    psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 \
        "host=$db_socket_dir port=5432 user=$db_role dbname=${db_database:-postgres}" "$@"
}

db_check_name() {
    [[ $1 =~ ^[a-z][a-z0-9_]{0,62}$ ]] || die -c 2 "'$1' is not a name for a database."
}

# db_create NAME: makes the database unless it exists.
db_create() {
    db_check_name "$1"
    if [ -z "$(db_psql --command "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; then
        db_psql --command "CREATE DATABASE $1"
    fi
}

# db_recreate NAME: an empty database, whatever was there before.
db_recreate() {
    db_check_name "$1"
    db_psql --command "DROP DATABASE IF EXISTS $1 WITH (FORCE)" --command "CREATE DATABASE $1"
}
