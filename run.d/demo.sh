# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # root, var_dir, log_dir come from lib.sh
#
# demo.sh - the demonstration's story: one meeting, from the request to five agendas
#
# Everything is done by the real programs: `entente` and one `entente-ics` for each vendor
# talk to a broker over CURVE.  docs/demo.md tells the same story in words.
#
# Sourced by ./run after lib.sh and db.sh; demo_check and demo_main are for it.

# shellcheck source=run.d/demo_week.sh
. "$root/run.d/demo_week.sh"
# shellcheck source=run.d/demo_world.sh
. "$root/run.d/demo_world.sh"

demo_crash=no
demo_reason="Retour à domicile après une hospitalisation : organiser les passages et l'aménagement du logement"
demo_step_width=56

demo_check() {
    local word
    for word in "$@"; do
        case $word in
        --crash) demo_crash=yes ;;
        -h | --help)
            say "usage: ./run demo [--crash]"
            say "  --crash   the broker is killed (SIGKILL) at three moments of the story, and"
            say "            the database server at two"
            exit 0
            ;;
        *) die -c 2 "./run demo does not know $word (only --crash)." ;;
        esac
    done
}

# ---- what a person sees -----------------------------------------------------------------

demo_colours() {
    demo_bold='' demo_dim='' demo_green='' demo_red='' demo_plain=''
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
        demo_bold=$'\033[1m' demo_dim=$'\033[2m' demo_green=$'\033[32m'
        demo_red=$'\033[31m' demo_plain=$'\033[0m'
    fi
}

demo_chapter() {
    printf '\n%s%s%s\n\n' "$demo_bold" "$*" "$demo_plain"
}

# demo_do NAME COMMAND...: one step of the story, in this shell: when it began and how long
# it took.  What the command says goes to ./var/log/NAME-story.log.
demo_do() {
    local name=$1 clock started took
    shift
    clock=$(TZ=$demo_zone date +%T)
    started=$(now_ms)
    printf '== %s %s\n' "$clock" "$name" >>"$demo_log"
    "$@" >>"$demo_log" 2>&1 || demo_fail "'$name' (exit $?)."
    took=$(($(now_ms) - started))
    printf '%s%s%s  %s %s%s %5d ms%s\n' "$demo_dim" "$clock" "$demo_plain" "$name" "$demo_dim" \
        "$(printf '%*s' "$((demo_step_width - ${#name}))" '' | tr ' ' '.')" "$took" "$demo_plain"
}

demo_introduce() {
    local who
    printf '%s\n\n' "The week from $(LC_ALL=C.UTF-8 demo_date "$demo_monday" '%A %-d %B %Y') on: the next one without a public holiday in France."
    for who in "${demo_people[@]}"; do
        printf '  %s' "${demo_full_name[$who]}"
        printf '%*s' "$((16 - ${#demo_full_name[$who]}))" ''
        printf '%-24s %-10s %s\n' "${demo_role[$who]}" "${demo_vendor[$who]}" \
            "var/$demo_name/$who.ics"
    done
}

# The meeting as the coordinator sees it: the agendas, the slot, who has answered.
demo_show() {
    printf '\n'
    demo_as claire show "$demo_meeting" --brief "$@" || demo_fail "'entente show' (exit $?)."
}

# ---- the steps --------------------------------------------------------------------------

# Everybody's agenda has arrived when a search among all of them finds a slot.
demo_all_published() {
    demo_as claire search "${demo_wish[@]}" --slots 1 --json | grep -q '"start"'
}

demo_ask() {
    demo_as claire request --as "${demo_id[claire]}" "${demo_wish[@]}" --json \
        --title "Réunion de coordination" --nature discharge \
        --reason "$demo_reason" >"$demo_dir/request.json" || return
    demo_meeting=$(sed -n 's/.*"id": *"\([0-9a-f-]\{36\}\)".*/\1/p' "$demo_dir/request.json" | head -n 1)
    [ -n "$demo_meeting" ]
}

demo_accept() {
    demo_as "$1" accept "$demo_meeting" --as "${demo_id[$1]}"
}

demo_shift() {
    local thursday
    thursday=$(demo_date "$((demo_monday + 3))")
    demo_as "$1" shift "$demo_meeting" --as "${demo_id[$1]}" \
        --range "${thursday}T09:00/${thursday}T12:30"
}

demo_accepts() {
    demo_do "${demo_full_name[$1]} accepts" demo_accept "$1"
}

# Written by all five, and found in each file once.
demo_await_agendas() {
    local who
    demo_as claire show "$demo_meeting" --brief --wait-for confirmed --wait-for-results 5 ||
        return
    for who in "${demo_people[@]}"; do
        [ "$(demo_events_in "$demo_dir/$who.ics" "$demo_meeting")" = 1 ] || return
    done
}

# ---- with --crash -----------------------------------------------------------------------

demo_kill_broker() {
    [ "$demo_crash" = yes ] || return 0
    demo_stop broker KILL
    printf '%s%s%s  %s%s%s\n' "$demo_dim" "$(TZ=$demo_zone date +%T)" "$demo_plain" \
        "$demo_red" "!! the broker is killed (SIGKILL) $1" "$demo_plain"
    demo_do "the broker is started again" demo_start_broker
}

# Every process of the server at once, as in a power cut; the broker stays and connects
# again.
demo_kill_database() {
    [ "$demo_crash" = yes ] || return 0
    db_kill
    printf '%s%s%s  %s%s%s\n' "$demo_dim" "$(TZ=$demo_zone date +%T)" "$demo_plain" \
        "$demo_red" "!! the database is killed (SIGKILL) $1" "$demo_plain"
    demo_do "the database is started again" demo_start_database
}

# An answer that is on its way when the broker dies is sent again by the SDK, under its
# old number, and carried out once; one that the broker could not write is kept by it until
# the database is there again.
# demo_accepts_through_a_crash WHO broker|database ANSWERS
demo_accepts_through_a_crash() {
    local pid status=0
    if [ "$demo_crash" = no ]; then
        demo_accepts "$1"
        return
    fi
    demo_accept "$1" >>"$demo_log" 2>&1 7>&- &
    pid=$!
    "demo_kill_$2" "while an answer is on its way"
    wait "$pid" || status=$?
    [ "$status" = 0 ] || demo_fail "the answer did not come through the crash (exit $status)."
    demo_do "${demo_full_name[$1]} accepts" \
        demo_as claire show "$demo_meeting" --wait-for-answers "$3"
}

# ---- the story --------------------------------------------------------------------------

demo_set_up() {
    demo_chapter "Setting the scene"
    demo_do "an empty database, migrated; keys" demo_make_database
    demo_do "five calendar files, dated" demo_write_agendas
    demo_do "the broker listens" demo_start_broker
    demo_do "four vendors get their keys" demo_add_clients
    demo_do "four calendar adapters are started" demo_start_adapters
    demo_do "all five agendas are published" \
        demo_until "all five agendas are published" demo_all_published
    printf '\n'
    demo_introduce
}

demo_first_round() {
    demo_chapter "1. ${demo_full_name[claire]} asks for 60 minutes with everybody, the patient included"
    printf 'Her reason, which only the parties see: %s\n\n' "$demo_reason"
    printf 'The two best slots for all five:\n'
    demo_as claire search "${demo_wish[@]}" --slots 2 >"$demo_dir/slots.txt" ||
        demo_fail "'entente search' (exit $?)."
    # Behind them stands why there are not more.
    grep '^  [0-9]' "$demo_dir/slots.txt" || demo_fail "'entente search' found no slot."
    printf '\n'
    demo_do "she asks, and says why; the best slot is proposed" demo_ask
    demo_kill_broker "right after the request was acknowledged"
    demo_show --wait-for proposed
    demo_chapter "2. Three accept (who asks has said yes)"
    demo_accepts_through_a_crash anne broker 2
    demo_accepts_through_a_crash sophie database 3
    demo_accepts jeanne
    demo_show --wait-for-answers 4
}

demo_second_round() {
    demo_chapter "3. ${demo_full_name[karim]} cannot: Thursday between 9:00 and 12:30 would suit"
    demo_do "he shifts; a new slot is found and proposed" demo_shift karim
    demo_show --wait-for proposed
    demo_chapter "4. All accept; the patient's answer is required, and comes last"
    demo_accepts claire
    demo_kill_database "right after an answer was acknowledged"
    demo_accepts anne
    demo_accepts sophie
    demo_show --wait-for-answers 4
    demo_accepts jeanne
    demo_kill_broker "right after the confirmation was acknowledged"
}

demo_the_end() {
    local who count written=0
    demo_chapter "5. Confirmed: the meeting is written into the agendas"
    demo_do "five agendas have written it" demo_await_agendas
    printf '\n'
    demo_as claire show "$demo_meeting" --wait-for confirmed || demo_fail "'entente show' (exit $?)."
    printf '\n'
    for who in "${demo_people[@]}"; do
        count=$(demo_events_in "$demo_dir/$who.ics" "$demo_meeting")
        written=$((written + (count == 1 ? 1 : 0)))
        printf '  %s%s%s var/%s/%s.ics\n' "$demo_green" \
            "$([ "$count" = 1 ] && printf '+1 event' || printf '%s events' "$count")" \
            "$demo_plain" "$demo_name" "$who"
    done
    printf '\nThe files stay in var/%s (var/%s/before: as they were), the logs in var/log.\n' \
        "$demo_name" "$demo_name"
    demo_end
    trap - EXIT
    printf 'demo: confirmed %s in %d of %d agendas\n' "$demo_meeting" "$written" \
        "${#demo_people[@]}"
    [ "$written" = "${#demo_people[@]}" ]
}

demo_main() {
    local friday
    export LC_ALL=C.UTF-8 LANGUAGE=en
    demo_colours
    exec 7>"$var_dir/$demo_name.lock"
    flock --nonblock 7 || die "another demonstration is under way in this checkout."
    # Nothing is ever said on this pipe: reading from it is how demo_until pauses.
    exec {demo_silence}<> <(:)
    exec {demo_stderr}>&2
    trap 'exit 130' INT TERM HUP
    trap demo_end EXIT
    [ -x "$demo_bin/entente" ] || die "there is no $demo_bin/entente."
    [ -x "$demo_bin/entente-ics" ] || die "there is no $demo_bin/entente-ics."
    demo_log=$log_dir/$demo_name-story.log
    demo_stop_leftovers
    demo_make_folder
    db_environment "entente_$demo_name"
    export ENTENTE_KEYS=$demo_dir/keys
    demo_monday=$(demo_find_monday "$(demo_today)")
    friday=$((demo_monday + 4))
    demo_wish=(--for 60 --zone "$demo_zone" --hours 08:00-19:00 --weekdays mon-fri
        --window "$(demo_date "$demo_monday")T08:00/$(demo_date "$friday")T19:00"
        --party "${demo_id[claire]}" --party "${demo_id[anne]}" --party "${demo_id[karim]}"
        --party "${demo_id[sophie]}" --patient "${demo_id[jeanne]}"
        --patient-presence hard --patient-must-accept)
    demo_set_up
    demo_first_round
    demo_second_round
    demo_the_end
}
