# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # var_dir, log_dir, root, db_cluster come from lib.sh and db.sh
# shellcheck disable=SC2034  # and demo.sh uses what is set here
#
# demo_world.sh - what the demonstration takes place in: people, calendar files, keys,
# clients, the broker and the adapters as processes
#
# Everything lies in ./var/demo, is made anew at each start and stays until the next one.
# Sourced after lib.sh, db.sh and demo_week.sh.
#
#   ENTENTE_BUILD_DIR   take the programs from there and build nothing (the tests)
#   ENTENTE_DEMO_NAME   another name than `demo` for folder, database and logs (the tests)

demo_name=${ENTENTE_DEMO_NAME:-demo}
demo_dir=$var_dir/$demo_name
demo_bin=${ENTENTE_BUILD_DIR:-$root/build/release}/bin
demo_patience=60

# Five people.  The professionals' numbers begin like the test cards', the patient's is of
# the sphere for demonstrations: none of them is anybody's.
demo_people=(claire anne karim sophie jeanne)
declare -gA demo_id=(
    [claire]=idnps:899700041017 [anne]=idnps:899700041025 [karim]=idnps:899700041033
    [sophie]=idnps:899700041041 [jeanne]=ins-demo:239017599900156)
declare -gA demo_full_name=(
    [claire]="Claire Morel" [anne]="Anne Lefèvre" [karim]="Karim Haddad"
    [sophie]="Sophie Nguyen" [jeanne]="Jeanne Martin")
declare -gA demo_role=(
    [claire]="nurse, coordinates" [anne]="general practitioner" [karim]="social worker"
    [sophie]="occupational therapist" [jeanne]="the patient")
declare -gA demo_vendor=(
    [claire]=nextcloud [anne]=google [karim]=outlook [sophie]=outlook [jeanne]=apple)
declare -gA demo_template=(
    [claire]=nextcloud-claire-morel [anne]=google-anne-lefevre [karim]=outlook-karim-haddad
    [sophie]=outlook-sophie-nguyen [jeanne]=apple-jeanne-martin)
# How much of a meeting may stand in whose agenda (docs/ics.md).
declare -gA demo_title=(
    [claire]=full [anne]=full [karim]=neutral [sophie]=neutral [jeanne]=neutral)
declare -gA demo_hours=(
    [claire]="mon-fri 09:00-12:30 13:30-18:00" [anne]="mon-fri 09:00-12:30 13:30-18:00"
    [karim]="mon-fri 09:00-12:30 13:30-18:00" [sophie]="mon-fri 09:00-12:30 13:30-18:00"
    [jeanne]="mon-fri 09:00-19:00")
demo_vendors=(nextcloud google outlook apple)
declare -gA demo_pid=()

demo_entente() {
    "$demo_bin/entente" "$@"
}

# ---- waiting, and giving up -------------------------------------------------------------

# demo_until WHAT COMMAND...: asks again, twenty times a second, until the command
# succeeds.  The pause is a read that nobody answers.
demo_until() {
    local what=$1 end
    shift
    end=$(($(now_ms) + demo_patience * 1000))
    until "$@"; do
        demo_check_alive
        [ "$(now_ms)" -lt "$end" ] || demo_fail "$what: not within $demo_patience s."
        read -r -t 0.05 -u "$demo_silence" || true
    done
}

# No process may have ended by itself.
demo_check_alive() {
    local name
    for name in "${!demo_pid[@]}"; do
        if ! kill -0 "${demo_pid[$name]}" 2>/dev/null; then
            demo_fail "the process '$name' has ended by itself."
        fi
    done
}

# What went wrong, and the last words of everybody: on the standard error of ./run, which
# demo_main has kept, wherever that of the failed step goes.
demo_fail() {
    local log
    exec 2>&"$demo_stderr"
    printf '\ndemo: failed: %s\n' "$*" >&2
    for log in "$log_dir/$demo_name"-*.log; do
        if [ -s "$log" ]; then
            printf -- '--- the end of %s\n' "$log" >&2
            tail -n 15 -- "$log" >&2
        fi
    done
    exit 1
}

# ---- processes --------------------------------------------------------------------------

# demo_start NAME COMMAND...: in the demonstration's folder, so that no path in a
# configuration needs to be absolute.
demo_start() {
    local name=$1
    shift
    (cd "$demo_dir" && exec "$@" 7>&-) >>"$log_dir/$demo_name-$name.log" 2>&1 </dev/null &
    demo_pid[$name]=$!
    printf '%d\n' "$!" >"$var_dir/run/$demo_name-$name.pid"
}

# demo_stop NAME SIGNAL: and waits until it is gone.
demo_stop() {
    local name=$1 pid=${demo_pid[$1]:-} end
    [ -n "$pid" ] || return 0
    kill "-$2" "$pid" 2>/dev/null || true
    end=$(($(now_ms) + 10000))
    while kill -0 "$pid" 2>/dev/null && [ "$(now_ms)" -lt "$end" ]; do
        read -r -t 0.02 -u "$demo_silence" || true
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    unset "demo_pid[$name]"
    rm -f -- "$var_dir/run/$demo_name-$name.pid"
}

# What a demonstration that was cut off by SIGKILL left running: it must still be one of
# our programs.
demo_stop_leftovers() {
    local file pid
    for file in "$var_dir/run/$demo_name"-*.pid; do
        if [ ! -f "$file" ] || [ -L "$file" ]; then
            continue
        fi
        pid=$(head -n 1 -- "$file")
        if [[ $pid =~ ^[0-9]+$ ]]; then
            case $(readlink -- "/proc/$pid/exe" 2>/dev/null) in
            "$demo_bin"/entente*) kill -KILL "$pid" 2>/dev/null || true ;;
            esac
        fi
        rm -f -- "$file"
    done
}

# The trap: adapters first, so that none of them complains about the broker.
demo_end() {
    local name
    trap '' INT TERM HUP
    for name in "${demo_vendors[@]}"; do
        if [ -n "${demo_pid[$name]:-}" ]; then
            kill -TERM "${demo_pid[$name]}" 2>/dev/null || true
        fi
    done
    for name in "${demo_vendors[@]}" broker; do
        demo_stop "$name" TERM
    done
    demo_leave_database
}

# The server ends with the demonstration, unless somebody else works on it or
# `./run db start` asked for it to stay.
demo_leave_database() {
    local others
    [ "$db_cluster" != "test" ] && [ ! -e "$var_dir/db-$db_cluster.keep" ] || return 0
    db_running || return 0
    others=$(db_psql --command "SELECT count(*) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()" 2>/dev/null) || return 0
    if [ "$others" = 0 ]; then
        db_stop
    fi
}

# ---- what lies in the folder ------------------------------------------------------------

demo_make_folder() {
    [ -L "$demo_dir" ] && die "$demo_dir is a symbolic link; ./run leaves it alone."
    [ -L "$var_dir/run" ] && die "$var_dir/run is a symbolic link; ./run leaves it alone."
    rm -rf --one-file-system -- "$demo_dir"
    rm -f -- "$log_dir/$demo_name"-*.log
    mkdir -p -- "$var_dir/run" "$demo_dir/keys" "$demo_dir/clients" "$demo_dir/before"
    chmod 0700 -- "$demo_dir/keys" "$demo_dir/clients"
}

# The five calendar files, dated, and a copy of how they were before.
demo_write_agendas() {
    local who
    for who in "${demo_people[@]}"; do
        demo_date_template "$demo_monday" \
            <"$root/adapters/ics/samples/${demo_template[$who]}.ics" \
            >"$demo_dir/$who.ics" || return
        cp -- "$demo_dir/$who.ics" "$demo_dir/before/$who.ics" || return
    done
}

demo_make_database() {
    db_recreate "entente_$demo_name" || return
    demo_entente migrate || return
    demo_entente keys make
}

# One client for each vendor's calendar adapter and one for its command line: a second
# connection with the same key would take the place of the first.
demo_add_clients() {
    local vendor who kind
    local -a words
    demo_endpoint=$(cat -- "$demo_dir/endpoint") || return
    for vendor in "${demo_vendors[@]}"; do
        words=()
        for who in "${demo_people[@]}"; do
            if [ "${demo_vendor[$who]}" = "$vendor" ]; then
                words+=(--speaks-for "${demo_id[$who]}")
            fi
        done
        # Whoever has a part in a meeting with a patient works with test identities only.
        words+=(--sandbox)
        for kind in agenda desk; do
            demo_entente client add "$vendor-$kind" "${words[@]}" \
                --endpoint "$demo_endpoint" \
                --write-to "$demo_dir/clients/$vendor-$kind.ini" || return
        done
    done
}

# What `entente-ics` reads for one vendor.
demo_write_config() {
    local vendor=$1 who
    printf '[adapter]\nclient = clients/%s-agenda.ini\ndays = 90\nlease = 3600\n' "$vendor"
    for who in "${demo_people[@]}"; do
        [ "${demo_vendor[$who]}" = "$vendor" ] || continue
        printf '\n[agenda %s]\nfile = %s.ics\nperson = %s\nname = %s\n' "$who" "$who" \
            "${demo_id[$who]}" "${demo_full_name[$who]}"
        printf 'zone = %s\nhours = %s\ntitle = %s\n' "$demo_zone" "${demo_hours[$who]}" \
            "${demo_title[$who]}"
    done
}

demo_start_database() {
    db_start || return
    db_environment "entente_$demo_name"
}

demo_start_broker() {
    rm -f -- "$demo_dir/endpoint"
    demo_start broker "$demo_bin/entente" broker --listen "${demo_endpoint:-tcp://127.0.0.1:0}" \
        --endpoint-file endpoint
    demo_until "the broker listens" test -e "$demo_dir/endpoint"
}

demo_start_adapters() {
    local vendor
    for vendor in "${demo_vendors[@]}"; do
        demo_write_config "$vendor" >"$demo_dir/$vendor.ini" || return
        demo_start "$vendor" "$demo_bin/entente-ics" --config "$vendor.ini"
    done
}

# demo_as WHO COMMAND [WORD]...: a command at the desk of this person's vendor.
demo_as() {
    local who=$1 verb=$2
    shift 2
    demo_entente "$verb" "$@" --client "$demo_dir/clients/${demo_vendor[$who]}-desk.ini" \
        --timeout "$demo_patience"
}

# demo_events_in FILE MEETING: how many events of the meeting stand in it as confirmed.
demo_events_in() {
    awk -v uid="UID:$2@entente" '
        { sub(/\r$/, "") }
        $0 == "BEGIN:VEVENT" { ours = 0; confirmed = 0 }
        $0 == uid { ours = 1 }
        $0 == "STATUS:CONFIRMED" { confirmed = 1 }
        $0 == "END:VEVENT" { count += ours && confirmed }
        END { print count + 0 }' "$1"
}
