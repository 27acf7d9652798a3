// SPDX-License-Identifier: Apache-2.0

/*
 * codec_rows_meeting.c - the rows of meetings, their delivery, and the conversation
 * around them
 */
#include "proto/codec_rows.h"

#include "proto/envelope.pb-c.h"
#include "proto/stored.pb-c.h"

// clang-format off

#define S entente_attendance
static const struct codec_row attendance_rows[] = {
    UINT32(party, 0, 0, LIMIT_PARTIES - 1),
    ENUM(absence, 0),
};
#undef S

SHAPE(attendance, attendance);

#define S entente_chosen
static const struct codec_row chosen_rows[] = {
    UINT32(party, 0, 0, LIMIT_PARTIES - 1),
    UINT32S(members, 0, LIMIT_POOL_MEMBERS - 1, LIMIT_POOL_MEMBERS),
};
#undef S

SHAPE(chosen, chosen);

#define S entente_slot
static const struct codec_row slot_rows[] = {
    TIME(start, CODEC_NEEDED),
    TIME(end, CODEC_NEEDED),
    MESSAGES(absent, 0, attendance, LIMIT_PARTIES),
    INT32(date_band, 0, 2),
    UINT32(optional_present, 0, 1, LIMIT_PARTIES),
    UINT32(typical, 0, 1, INT32_MAX),
    UINT32(inferred, 0, 1, INT32_MAX),
    UINT32(preferred, 0, 1, INT32_MAX),
    UINT32(avoid, 0, 1, INT32_MAX),
    UINT32(unusable_minutes, 0, 1, INT32_MAX),
    UINT32(option, 0, 0, LIMIT_OPTIONS - 1),
    UINT32(heads, 0, 1, INT32_MAX),
    MESSAGES(chosen, 0, chosen, LIMIT_PARTIES),
    STARTS(again, LIMIT_OCCURRENCES - 1),
    UINT32S(asked, 0, LIMIT_PARTIES - 1, LIMIT_PARTIES),
};
#undef S

SHAPE_SPAN(slot, slot);

#define S entente_blame
static const struct codec_row blame_rows[] = {
    UINT32(party, 0, 0, LIMIT_PARTIES - 1),
    UINT32(busy, 0, 1, INT32_MAX),
    UINT32(unknown, 0, 1, INT32_MAX),
    UINT32(not_offered, 0, 1, INT32_MAX),
    UINT32(too_far, 0, 1, INT32_MAX),
};
#undef S

SHAPE(blame, blame);

#define S entente_relaxation
static const struct codec_row relaxation_rows[] = {
    ENUM(kind, CODEC_NEEDED),
    UINT32(party, 0, 0, LIMIT_PARTIES - 1),
    UINT32(needed, 0, 1, INT32_MAX),
    UINT32(minutes, 0, 1, INT32_MAX),
    ENUM(modality, 0),
    TEXT(place, 0, LIMIT_NAME_BYTES),
    UINT32(feasible, 0, 1, INT32_MAX),
    TIME(first, 0),
};
#undef S

SHAPE(relaxation, relaxation);

#define S entente_why_not
static const struct codec_row why_not_rows[] = {
    UINT32(candidates, 0, 1, INT32_MAX),
    UINT32(feasible, 0, 1, INT32_MAX),
    MESSAGES(blame, 0, blame, LIMIT_PARTIES),
    UINT32S(blocking, 0, LIMIT_PARTIES - 1, LIMIT_PARTIES),
    BOOL(blocking_is_exact),
    BOOL(quorum_blocks),
    MESSAGES(relaxations, 0, relaxation, LIMIT_RELAXATIONS),
    BOOL(too_large),
};
#undef S

SHAPE(why_not, why_not);

#define S entente_search_result
static const struct codec_row search_result_rows[] = {
    MESSAGES(slots, 0, slot, LIMIT_SLOTS),
    MESSAGE(why_not, 0, why_not),
};
#undef S

SHAPE(search_result, search_result);

#define S entente_free_at
static const struct codec_row free_at_rows[] = {
    TIME(start, CODEC_NEEDED),
    UINT32(count, 0, 1, LIMIT_POOL_MEMBERS),
    BYTES(members, (LIMIT_POOL_MEMBERS + 7) / 8),
};
#undef S

SHAPE(free_at, free_at);

#define S entente_free_people
static const struct codec_row free_people_rows[] = {
    MESSAGES(at, 0, free_at, LIMIT_WHO_STARTS),
    UINT32S(unknown, 0, LIMIT_POOL_MEMBERS - 1, LIMIT_POOL_MEMBERS),
    MESSAGES(people, 0, identifier, LIMIT_WHO_MINE),
};
#undef S

SHAPE(free_people, free_people);

#define S entente_proposal
static const struct codec_row proposal_rows[] = {
    UINT32(number, CODEC_NEEDED, 1, INT32_MAX),
    TIME(start, CODEC_NEEDED),
    TIME(end, CODEC_NEEDED),
    TIME_MS(answer_by_ms, 0),
    UINT32(option, 0, 0, LIMIT_OPTIONS - 1),
    MESSAGES(candidates, 0, slot, LIMIT_HELD_SLOTS),
};
#undef S

SHAPE(proposal, proposal);

#define S entente_series
static const struct codec_row series_rows[] = {
    ID(id, CODEC_NEEDED),
    UINT32(index, 0, 1, LIMIT_OCCURRENCES - 1),
    UINT32(count, CODEC_NEEDED, 1, LIMIT_OCCURRENCES),
    UINT32S(conflicts, 0, LIMIT_OCCURRENCES - 1, LIMIT_OCCURRENCES),
};
#undef S

SHAPE(series, series);

#define S entente_result
static const struct codec_row result_rows[] = {
    TEXT(client, 0, LIMIT_NAME_BYTES),
    TEXT(source, 0, LIMIT_NAME_BYTES),
    UINT32(version, 0, 1, INT32_MAX),
    ENUM(kind, 0),
    ENUM(reason, 0),
    TEXT(comment, CODEC_PROSE, LIMIT_TEXT_BYTES),
};
#undef S

SHAPE(result, result);

#define S entente_meeting
static const struct codec_row meeting_rows[] = {
    ID(id, CODEC_NEEDED),
    UINT32(version, CODEC_NEEDED, 1, INT32_MAX),
    ENUM(state, CODEC_NEEDED),
    MESSAGE(spec, 0, spec),
    MESSAGE(proposal, 0, proposal),
    MESSAGE(confirmed, 0, span),
    MESSAGES(alternatives, 0, slot, LIMIT_SLOTS),
    MESSAGE(why_not, 0, why_not),
    MESSAGES(results, 0, result, LIMIT_RESULTS),
    TEXT(last_event, 0, LIMIT_NAME_BYTES),
    MESSAGE(last_actor, 0, actor),
    ENUM(reason, 0),
    UINT32(rounds, 0, 1, INT32_MAX),
    TIME_MS(created_ms, 0),
    TIME_MS(updated_ms, 0),
    INT64(search_until_ms, 1, CODEC_TIME_MAX * INT64_C(60000)),
    TIME_MS(hold_until_ms, 0),
    TEXT(organizer_client, 0, LIMIT_NAME_BYTES),
    UINT32(confirmed_option, 0, 0, LIMIT_OPTIONS - 1),
    MESSAGE(series, 0, series),
};
#undef S

SHAPE(meeting, meeting);

#define S entente_meeting_list
static const struct codec_row meeting_list_rows[] = {
    MESSAGES(meetings, 0, meeting, LIMIT_LIST_MEETINGS),
    BOOL(more),
};
#undef S

SHAPE(meeting_list, meeting_list);

#define S entente_event
static const struct codec_row event_rows[] = {
    UINT64(sequence, CODEC_NEEDED),
    UINT64(epoch, 0),
    MESSAGE(meeting, CODEC_NEEDED, meeting),
};
#undef S

SHAPE(event, event);

#define S entente_event_ack
static const struct codec_row event_ack_rows[] = {
    UINT64(epoch, 0),
    UINT64(sequence, 0),
};
#undef S

SHAPE(event_ack, event_ack);

#define S entente_event_result
static const struct codec_row event_result_rows[] = {
    UINT64(sequence, 0),
    ID(meeting, CODEC_NEEDED),
    UINT32(version, CODEC_FROM_CLIENT, 1, INT32_MAX),
    TEXT(source, 0, LIMIT_NAME_BYTES),
    ENUM(kind, CODEC_FROM_CLIENT),
    ENUM(reason, 0),
    TEXT(comment, CODEC_PROSE, LIMIT_TEXT_BYTES),
};
#undef S

SHAPE(event_result, event_result);

#define S entente_hello
static const struct codec_row hello_rows[] = {
    UINT32(version_min, 0, 1, 1000),
    UINT32(version_max, 0, 1, 1000),
    TEXT(software, 0, LIMIT_NAME_BYTES),
    TEXT(software_version, 0, LIMIT_NAME_BYTES),
    TEXTS(capabilities, 0, LIMIT_NAME_BYTES, LIMIT_CAPABILITIES),
    UINT64(event_epoch, 0),
    UINT64(last_event, 0),
    UINT64(replies_epoch, 0),
    UINT64(replies_received, 0),
    BOOL(wants_events),
};
#undef S

SHAPE(hello, hello);

#define S entente_welcome
static const struct codec_row welcome_rows[] = {
    UINT32(version, CODEC_NEEDED, 1, INT32_MAX),
    TEXT(client, 0, LIMIT_NAME_BYTES),
    TIME_MS(now_ms, 0),
    UINT64(request_epoch, 0),
    UINT64(publication_epoch, 0),
    UINT64(event_epoch, 0),
    UINT64(last_event_acked, 0),
    UINT64(last_event_issued, 0),
    TEXTS(capabilities, 0, LIMIT_NAME_BYTES, LIMIT_CAPABILITIES),
    MESSAGES(sources, 0, source_state, LIMIT_WELCOME_SOURCES),
    UINT32(credit_events, 0, 1, INT32_MAX),
    BOOL(sandbox),
};
#undef S

SHAPE(welcome, welcome);

#define S entente_heartbeat
static const struct codec_row heartbeat_rows[] = {
    UINT64(replies_epoch, 0),
    UINT64(replies_received, 0),
};
#undef S

SHAPE(heartbeat, heartbeat);

#define S entente_pulse
static const struct codec_row pulse_rows[] = {
    TIME_MS(now_ms, 0),
    MESSAGES(stale, 0, source_state, LIMIT_WELCOME_SOURCES),
};
#undef S

SHAPE(pulse, pulse);

#define S entente_error
static const struct codec_row error_rows[] = {
    UINT32(code, CODEC_NEEDED, 1, 65535),
    TEXTS(parameters, CODEC_PROSE, LIMIT_LINK_BYTES, LIMIT_ERROR_PARAMETERS),
    TEXT(sentence, CODEC_PROSE, LIMIT_TEXT_BYTES),
    MESSAGE(meeting, 0, meeting),
};
#undef S

SHAPE(error, error);

#define S entente_done
static const struct codec_row done_rows[] = {
    MESSAGE(source, 0, source_state),
};
#undef S

SHAPE(done, done);

#define S entente_resync
static const struct codec_row resync_rows[] = {
    MESSAGE(source, CODEC_NEEDED, source_state),
};
#undef S

SHAPE(resync, resync);

#define S entente_status_query
static const struct codec_row status_query_rows[] = {
    BOOL(everything),
};
#undef S

SHAPE(status_query, status_query);

#define S entente_queue
static const struct codec_row queue_rows[] = {
    TEXT(name, CODEC_NEEDED, LIMIT_NAME_BYTES),
    UINT64(length, 0),
    INT64(oldest_ms, 1, INT64_MAX),
};
#undef S

SHAPE(queue, queue);

#define S entente_status_report
static const struct codec_row status_report_rows[] = {
    TIME_MS(now_ms, 0),
    TIME_MS(started_ms, 0),
    UINT64(people, 0),
    UINT64(sources, 0),
    UINT64(stale_sources, 0),
    UINT64(meetings_open, 0),
    UINT64(undelivered_events, 0),
    UINT64(overdue_holds, 0),
    UINT64(clients_connected, 0),
    UINT64(refused_results, 0),
    UINT64(unknown_fields, 0),
    MESSAGES(queues, 0, queue, LIMIT_QUEUES),
    MESSAGES(stale, 0, source_state, LIMIT_LIST_MEETINGS),
};
#undef S

SHAPE(status_report, status_report);

#define S entente_kept_pool
static const struct codec_row kept_pool_rows[] = {
    UINT32(number, 0, 1, LIMIT_PARTIES),
    UINT32(needed, 0, 1, LIMIT_POOL_MEMBERS),
    MESSAGE(party, 0, party),
    INT64S(people, INT64_MIN, INT64_MAX, LIMIT_POOL_MEMBERS),
    UINT32S(asked, 0, LIMIT_POOL_MEMBERS - 1, LIMIT_POOL_MEMBERS),
};
#undef S

SHAPE(kept_pool, kept_pool);

#define S entente_owner_note
static const struct codec_row owner_note_rows[] = {
    UINT32(party, 0, 0, LIMIT_PARTIES - 1),
    INT64(client, INT64_MIN, INT64_MAX),
    INT32(known_start, 0, INT32_MAX),
    INT64(known_until_ms, 0, INT64_MAX),
    UINT32(withdrew, 0, 0, 64),
    INT32(also_known_start, 0, INT32_MAX),
    INT64(also_known_until_ms, 0, INT64_MAX),
    INT32(gone_start, 0, INT32_MAX),
};
#undef S

SHAPE(owner_note, owner_note);

#define S entente_kept_yes
static const struct codec_row kept_yes_rows[] = {
    UINT32(party, 0, 0, LIMIT_PARTIES - 1),
    BOOL(recorded),
    BOOL(tacit),
    BOOL(asked),
    BOOL(unheard),
};
#undef S

SHAPE(kept_yes, kept_yes);

enum { SIBLINGS_BYTES = 16 * LIMIT_OCCURRENCES }; /* an id for each */

#define S entente_kept
static const struct codec_row kept_rows[] = {
    INT64S(people, INT64_MIN, INT64_MAX, LIMIT_PARTIES),
    INT64(organizer, INT64_MIN, INT64_MAX),
    INT32(held_start, 0, INT32_MAX),
    INT32(held_end, 0, INT32_MAX),
    INT32(firm_start, 0, INT32_MAX),
    INT32(firm_end, 0, INT32_MAX),
    MESSAGES(pools, 0, kept_pool, LIMIT_PARTIES),
    INT32S(refused_starts, 0, INT32_MAX, LIMIT_REFUSED_STARTS),
    MESSAGES(candidates, 0, span, LIMIT_HELD_SLOTS),
    MESSAGES(notes, 0, owner_note, LIMIT_PARTIES),
    UINT32(firm_version, 0, 0, INT32_MAX),
    TIME_MS(reminded_ms, 0),
    TIME_MS(organizer_asked_ms, 0),
    INT64S(asked_ms, 0, INT64_MAX, LIMIT_PARTIES),
    BYTES(siblings, SIBLINGS_BYTES),
    BOOL(linked),
    UINT32(min_gap_minutes, 0, 1, LIMIT_GAP_MINUTES),
    UINT32(max_gap_minutes, 0, 1, LIMIT_GAP_MINUTES),
    MESSAGES(agreed, 0, kept_yes, LIMIT_PARTIES),
    UINT32(open_version, 0, 0, INT32_MAX),
    TIME_MS(open_updated_ms, 0),
    UINT32S(own_versions, 0, INT32_MAX, LIMIT_PARTIES),
};
#undef S

SHAPE(kept, kept);

#define S codec_stored_meeting
static const struct codec_row stored_meeting_rows[] = {
    MESSAGE(meeting, CODEC_NEEDED, meeting),
    MESSAGE(kept, 0, kept),
};
#undef S

SHAPE_OF(stored_meeting, codec_stored_meeting, stored_meeting);

#define S codec_stored_ranges
static const struct codec_row stored_ranges_rows[] = {
    MESSAGES(ranges, 0, range, LIMIT_SOURCE_RANGES),
};
#undef S

SHAPE_OF(stored_ranges, codec_stored_ranges, stored_ranges);

#define S entente_envelope
static const struct codec_row envelope_rows[] = {
    UINT32(version, 0, 1, 1000),
    UINT64(request_epoch, 0),
    UINT64(request_counter, 0),
    MESSAGE(hello, 0, hello),
    MESSAGE(heartbeat, 0, heartbeat),
    MESSAGE(publish, 0, publish),
    MESSAGE(withdraw, 0, withdraw),
    MESSAGE(query_free, 0, query_free),
    MESSAGE(search, 0, search),
    MESSAGE(request, 0, request),
    MESSAGE(answer, 0, answer),
    MESSAGE(decide, 0, decide),
    MESSAGE(cancel, 0, cancel),
    MESSAGE(get, 0, get),
    MESSAGE(list, 0, list),
    MESSAGE(event_ack, 0, event_ack),
    MESSAGE(event_result, 0, event_result),
    MESSAGE(status_query, 0, status_query),
    MESSAGE(who_is_free, 0, who_is_free),
    MESSAGE(owner_answer, 0, owner_answer),
    MESSAGE(preview, 0, preview),
    MESSAGE(reconcile, 0, reconcile),
    MESSAGE(explain, 0, explain),
    MESSAGE(welcome, 0, welcome),
    MESSAGE(pulse, 0, pulse),
    MESSAGE(error, 0, error),
    MESSAGE(done, 0, done),
    MESSAGE(free_ranges, 0, free_ranges),
    MESSAGE(search_result, 0, search_result),
    MESSAGE(meeting, 0, meeting),
    MESSAGE(meeting_list, 0, meeting_list),
    MESSAGE(event, 0, event),
    MESSAGE(status_report, 0, status_report),
    MESSAGE(resync, 0, resync),
    MESSAGE(free_people, 0, free_people),
    MESSAGE(preview_result, 0, preview_result),
    MESSAGE(reconciled, 0, reconciled),
    MESSAGE(decision_record, 0, decision_record),
};
#undef S

SHAPE(envelope, envelope);
