// SPDX-License-Identifier: Apache-2.0

/*
 * codec_rows_request.c - the rows of people, availability, and what clients ask
 */
#include "proto/codec_rows.h"

#include "proto/negotiation.pb-c.h"

// clang-format off

#define S entente_identifier
static const struct codec_row identifier_rows[] = {
    TEXT(system, CODEC_NEEDED, LIMIT_IDENTIFIER_BYTES),
    TEXT(value, CODEC_NEEDED, LIMIT_IDENTIFIER_BYTES),
};
#undef S

SHAPE(identifier, identifier);

#define S entente_actor
static const struct codec_row actor_rows[] = {
    MESSAGE(who, CODEC_FROM_CLIENT, identifier),
    MESSAGE(on_behalf_of, 0, identifier),
    TEXT(structure, 0, LIMIT_NAME_BYTES),
    ENUM(channel, CODEC_FROM_CLIENT),
};
#undef S

SHAPE(actor, actor);

#define S entente_range
static const struct codec_row range_rows[] = {
    TIME(start, CODEC_NEEDED),
    TIME(end, CODEC_NEEDED),
    ENUM(kind, CODEC_NEEDED),
    ENUM(certainty, 0),
    ENUM(preference, 0),
    BITS(purposes, 0x7),
    BITS(audience, 0x7),
    BITS(modalities, 0x1E),
    TEXT(place, 0, LIMIT_NAME_BYTES),
    ID(meeting, 0),
    BOOL(interruptible),
};
#undef S

SHAPE_SPAN(range, range);

#define S entente_span
static const struct codec_row span_rows[] = {
    TIME(start, CODEC_NEEDED),
    TIME(end, CODEC_NEEDED),
};
#undef S

SHAPE_SPAN(span, span);

#define S entente_publish
static const struct codec_row publish_rows[] = {
    TEXT(source, CODEC_NEEDED, LIMIT_NAME_BYTES),
    MESSAGE(person, CODEC_NEEDED, identifier),
    TEXT(structure, 0, LIMIT_NAME_BYTES),
    TEXT(name, 0, LIMIT_NAME_BYTES),
    ENUM(publication, CODEC_NEEDED),
    UINT64(epoch, CODEC_NEEDED),
    UINT64(sequence, CODEC_NEEDED),
    UINT32(part, 0, 1, LIMIT_SOURCE_PARTS),
    UINT32(parts, 0, 1, LIMIT_SOURCE_PARTS),
    MESSAGE(coverage, CODEC_NEEDED, span),
    TIME_MS(as_of_ms, CODEC_NEEDED),
    UINT32(lease_seconds, CODEC_NEEDED, 1, LIMIT_LEASE_SECONDS),
    MESSAGES(ranges, 0, range, LIMIT_PART_RANGES),
    UINT32(notice_minutes, 0, 1, LIMIT_NOTICE_MINUTES),
    UINT32(daily_cap, 0, 1, LIMIT_DAILY_CAP),
    BOOL(tacit_acceptance),
};
#undef S

SHAPE(publish, publish);

#define S entente_withdraw
static const struct codec_row withdraw_rows[] = {
    TEXT(source, CODEC_NEEDED, LIMIT_NAME_BYTES),
    UINT64(epoch, CODEC_NEEDED),
    UINT64(sequence, CODEC_NEEDED),
};
#undef S

SHAPE(withdraw, withdraw);

#define S entente_source_state
static const struct codec_row source_state_rows[] = {
    TEXT(source, CODEC_NEEDED, LIMIT_NAME_BYTES),
    UINT64(epoch, 0),
    UINT64(sequence, 0),
    TIME_MS(lease_until_ms, 0),
    BOOL(stale),
};
#undef S

SHAPE(source_state, source_state);

#define S entente_query_free
static const struct codec_row query_free_rows[] = {
    MESSAGE(person, CODEC_NEEDED, identifier),
    TIME(from, CODEC_NEEDED),
    TIME(until, CODEC_NEEDED),
    BITS(purposes, 0x7),
};
#undef S

SHAPE(query_free, query_free);

#define S entente_free_ranges
static const struct codec_row free_ranges_rows[] = {
    MESSAGE(person, CODEC_NEEDED, identifier),
    MESSAGES(known, 0, span, LIMIT_PART_RANGES),
    MESSAGES(ranges, 0, range, LIMIT_PART_RANGES),
    TIME_MS(as_of_ms, 0),
};
#undef S

SHAPE(free_ranges, free_ranges);

#define S entente_graded
static const struct codec_row graded_rows[] = {
    START(start, CODEC_NEEDED),
    ENUM(grade, CODEC_NEEDED),
};
#undef S

SHAPE(graded, graded);

#define S entente_party
static const struct codec_row party_rows[] = {
    ENUM(kind, CODEC_NEEDED),
    ENUM(importance, 0),
    MESSAGE(identifier, 0, identifier),
    TEXT(structure, 0, LIMIT_NAME_BYTES),
    TEXT(name, 0, LIMIT_NAME_BYTES),
    ENUM(modality, 0),
    TEXT(place, 0, LIMIT_NAME_BYTES),
    TEXT(contact, CODEC_PROSE, LIMIT_ADDRESS_BYTES),
    UINT32(buffer_before_minutes, 0, 1, LIMIT_BUFFER_MINUTES),
    UINT32(buffer_after_minutes, 0, 1, LIMIT_BUFFER_MINUTES),
    BOOL(ask_if_unknown),
    UINT32(pool_size, 0, 1, LIMIT_POOL_MEMBERS),
    MESSAGES(members, 0, identifier, LIMIT_POOL_MEMBERS),
    MESSAGE(represents, 0, identifier),
    ENUM(answer, 0),
    ENUM(answer_reason, 0),
    UINT32(answer_proposal, 0, 1, INT32_MAX),
    TIME_MS(answer_ms, 0),
    MESSAGE(answer_actor, 0, actor),
    BOOL(dropped),
    BOOL(attends),
    ENUM(absence, 0),
    UINT32S(chosen, 0, LIMIT_POOL_MEMBERS - 1, LIMIT_POOL_MEMBERS),
    TEXT(member_system, 0, LIMIT_IDENTIFIER_BYTES),
    TEXTS(member_values, 0, LIMIT_IDENTIFIER_BYTES, LIMIT_POOL_MEMBERS),
    BOOL(asked),
    UINT32(answer_minutes, 0, 1, LIMIT_NOTICE_MINUTES),
    ENUM(silence, 0),
    UINT32(replaces, 0, 1, LIMIT_PARTIES),
    BOOL(recorded),
    UINT32(reminded, 0, 1, INT32_MAX),
    TIME_MS(answer_by_ms, 0),
    ENUM(diverged, 0),
    TIME_MS(diverged_until_ms, 0),
    MESSAGES(grades, 0, graded, LIMIT_HELD_SLOTS),
    BOOL(tacit),
    UINT32(from_pool, 0, 1, LIMIT_PARTIES),
    BOOL(despite_busy),
};
#undef S

SHAPE(party, party);

#define S entente_place
static const struct codec_row place_rows[] = {
    TEXT(key, CODEC_NEEDED, LIMIT_NAME_BYTES),
    TEXT(label, 0, LIMIT_NAME_BYTES),
    TEXT(address, CODEC_PROSE, LIMIT_ADDRESS_BYTES),
    TEXT(link, 0, LIMIT_LINK_BYTES),
};
#undef S

SHAPE(place, place);

#define S entente_option
static const struct codec_row option_rows[] = {
    ENUM(modality, CODEC_FROM_CLIENT),
    TEXT(place, 0, LIMIT_NAME_BYTES),
};
#undef S

SHAPE(option, option);

#define S entente_leg
static const struct codec_row leg_rows[] = {
    TEXT(from, CODEC_NEEDED, LIMIT_NAME_BYTES),
    TEXT(to, CODEC_NEEDED, LIMIT_NAME_BYTES),
    UINT32(minutes, 0, 1, LIMIT_TRAVEL_MINUTES),
};
#undef S

SHAPE(leg, leg);

#define S entente_interval
static const struct codec_row interval_rows[] = {
    UINT32(from_minutes, 0, 1, 1440),
    UINT32(until_minutes, CODEC_FROM_CLIENT, 1, 1440),
};
#undef S

SHAPE(interval, interval);

#define S entente_spec
static const struct codec_row spec_rows[] = {
    UINT32(duration_minutes, CODEC_FROM_CLIENT, 1, LIMIT_DURATION_MINUTES),
    UINT32(grid_minutes, 0, 1, LIMIT_DURATION_MINUTES),
    TEXT(zone, 0, LIMIT_ZONE_BYTES),
    MESSAGES(windows, 0, span, LIMIT_WINDOWS),
    STARTS(picked, LIMIT_WINDOWS),
    BITS(weekdays, 0x7F),
    MESSAGES(times_of_day, 0, interval, LIMIT_TIMES_OF_DAY),
    UINT32(notice_minutes, 0, 1, LIMIT_NOTICE_MINUTES),
    TIME(target, 0),
    BITS(certainties, 0xE),
    BITS(purposes, 0x7),
    UINT32(apart_minutes, 0, 1, LIMIT_NOTICE_MINUTES),
    ENUM(tentative, 0),
    TEXT(holiday_region, 0, LIMIT_NAME_BYTES),
    MESSAGES(parties, 0, party, LIMIT_PARTIES),
    MESSAGE(subject, 0, identifier),
    TEXT(subject_name, 0, LIMIT_NAME_BYTES),
    ENUM(patient_presence, 0),
    BOOL(patient_must_accept),
    ENUM(nature, 0),
    TEXT(reason, CODEC_PROSE, LIMIT_TEXT_BYTES),
    TEXT(title, 0, LIMIT_NAME_BYTES),
    MESSAGES(places, 0, place, LIMIT_PLACES),
    TEXT(link, 0, LIMIT_LINK_BYTES),
    ENUM(modality, 0),
    TEXT(place, 0, LIMIT_NAME_BYTES),
    ENUM(rule, 0),
    UINT32(answer_minutes, 0, 1, LIMIT_NOTICE_MINUTES),
    INT64(search_until_ms, 1, CODEC_TIME_MAX * INT64_C(60000)),
    MESSAGE(organizer, 0, identifier),
    TEXT(business_identifier, 0, LIMIT_NAME_BYTES),
    TEXT(mes_writer, 0, LIMIT_NAME_BYTES),
    MESSAGES(options, 0, option, LIMIT_OPTIONS),
    UINT32(quorum, 0, 1, LIMIT_QUORUM),
    BOOL(urgent),
    BOOL(without_public_holidays),
    UINT32(held_slots, 0, 1, LIMIT_SLOTS),
    UINT32(occurrences, 0, 1, LIMIT_RANGE_DAYS),
    TEXT(recurrence, 0, LIMIT_ADDRESS_BYTES),
    ENUM(step, 0),
    MESSAGES(legs, 0, leg, LIMIT_LEGS),
    ENUM(silence, 0),
    ENUM(patient_silence, 0),
    UINT32S(reminders, 0, LIMIT_NOTICE_MINUTES, LIMIT_REMINDERS),
    ENUM(priority, 0),
    ENUM(on_withdrawal, 0),
};
#undef S

SHAPE(spec, spec);

#define S entente_search
static const struct codec_row search_rows[] = {
    MESSAGE(spec, CODEC_NEEDED, spec),
    UINT32(slots, 0, 1, LIMIT_SLOTS),
    BOOL(explain),
    START(near, 0),
};
#undef S

SHAPE(search, search);

#define S entente_who_is_free
static const struct codec_row who_is_free_rows[] = {
    MESSAGE(people, CODEC_NEEDED, party),
    START(start, CODEC_NEEDED),
    UINT32(starts, 0, 1, LIMIT_WHO_STARTS),
    UINT32(step_minutes, 0, 1, LIMIT_DURATION_MINUTES),
    UINT32(duration_minutes, CODEC_NEEDED, 1, LIMIT_DURATION_MINUTES),
    BITS(certainties, 0xE),
    BITS(purposes, 0x7),
    ENUM(tentative, 0),
    BOOL(mine),
};
#undef S

SHAPE(who_is_free, who_is_free);

#define S entente_linked
static const struct codec_row linked_rows[] = {
    MESSAGE(spec, CODEC_NEEDED, spec),
    UINT32(min_gap_minutes, 0, 1, LIMIT_GAP_MINUTES),
    UINT32(max_gap_minutes, 0, 1, LIMIT_GAP_MINUTES),
};
#undef S

SHAPE(linked, linked);

#define S entente_request
static const struct codec_row request_rows[] = {
    MESSAGE(spec, CODEC_NEEDED, spec),
    MESSAGE(actor, CODEC_FROM_CLIENT, actor),
    MESSAGES(sequence, 0, linked, LIMIT_SEQUENCE),
};
#undef S

SHAPE(request, request);

#define S entente_answer
static const struct codec_row answer_rows[] = {
    ID(meeting, CODEC_NEEDED),
    UINT32(proposal, CODEC_NEEDED, 1, INT32_MAX),
    MESSAGE(party, CODEC_FROM_CLIENT, identifier),
    ENUM(kind, CODEC_FROM_CLIENT),
    ENUM(reason, 0),
    TEXT(comment, CODEC_PROSE, LIMIT_TEXT_BYTES),
    MESSAGES(ranges, 0, span, LIMIT_PART_RANGES),
    START(counter_start, 0),
    MESSAGE(actor, CODEC_FROM_CLIENT, actor),
    MESSAGE(substitute, 0, party),
    MESSAGES(grades, 0, graded, LIMIT_HELD_SLOTS),
    BOOL(series),
};
#undef S

SHAPE(answer, answer);

#define S entente_decide
static const struct codec_row decide_rows[] = {
    ID(meeting, CODEC_NEEDED),
    UINT32(version, CODEC_FROM_CLIENT, 1, INT32_MAX),
    ENUM(decision, CODEC_FROM_CLIENT),
    START(start, 0),
    MESSAGE(party, 0, identifier),
    MESSAGE(actor, CODEC_FROM_CLIENT, actor),
    MESSAGES(windows, 0, span, LIMIT_WINDOWS),
    INT64(search_until_ms, 1, CODEC_TIME_MAX * INT64_C(60000)),
    MESSAGE(substitute, 0, party),
    BOOL(series),
    STARTS(picked, LIMIT_WINDOWS),
};
#undef S

SHAPE(decide, decide);

#define S entente_cancel
static const struct codec_row cancel_rows[] = {
    ID(meeting, CODEC_NEEDED),
    MESSAGE(party, 0, identifier),
    ENUM(reason, 0),
    TEXT(comment, CODEC_PROSE, LIMIT_TEXT_BYTES),
    MESSAGE(actor, CODEC_FROM_CLIENT, actor),
    BOOL(series),
};
#undef S

SHAPE(cancel, cancel);

#define S entente_owner_answer
static const struct codec_row owner_answer_rows[] = {
    ID(meeting, CODEC_NEEDED),
    MESSAGE(party, CODEC_FROM_CLIENT, identifier),
    ENUM(decision, CODEC_FROM_CLIENT),
    TEXT(comment, CODEC_PROSE, LIMIT_TEXT_BYTES),
    MESSAGE(actor, CODEC_FROM_CLIENT, actor),
};
#undef S

SHAPE(owner_answer, owner_answer);

#define S entente_get
static const struct codec_row get_rows[] = {
    ID(meeting, CODEC_NEEDED),
};
#undef S

SHAPE(get, get);

#define S entente_list
static const struct codec_row list_rows[] = {
    ENUM(state, 0),
    BOOL(all),
    ID(after, 0),
    UINT32(limit, 0, 1, LIMIT_LIST_MEETINGS),
    ID(series, 0),
};
#undef S

SHAPE(list, list);
