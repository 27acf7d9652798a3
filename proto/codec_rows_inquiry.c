// SPDX-License-Identifier: Apache-2.0

/*
 * codec_rows_inquiry.c - the rows of questions about meetings, and their answers
 */
#include "proto/codec_rows.h"

#include "proto/inquiry.pb-c.h"

// clang-format off

#define S entente_preview
static const struct codec_row preview_rows[] = {
    MESSAGE(answer, 0, answer),
    MESSAGE(decide, 0, decide),
    MESSAGE(cancel, 0, cancel),
    MESSAGE(request, 0, request),
};
#undef S

SHAPE(preview, preview);

#define S entente_touched_meeting
static const struct codec_row touched_meeting_rows[] = {
    ID(meeting, 0),
    UINT32(index, 0, 1, LIMIT_OCCURRENCES - 1),
    ENUM(state, 0),
    MESSAGE(before, 0, span),
    MESSAGE(slot, 0, slot),
    UINT32S(asked_again, 0, LIMIT_PARTIES - 1, LIMIT_PARTIES),
    UINT32S(lost, 0, LIMIT_PARTIES - 1, LIMIT_PARTIES),
    UINT32(code, 0, 1, 65535),
    TEXTS(parameters, CODEC_PROSE, LIMIT_LINK_BYTES, LIMIT_ERROR_PARAMETERS),
    BOOL(conflict),
    START(wanted, 0),
    UINT32S(blocking, 0, LIMIT_PARTIES - 1, LIMIT_PARTIES),
};
#undef S

SHAPE(touched_meeting, touched_meeting);

#define S entente_broken_gap
static const struct codec_row broken_gap_rows[] = {
    UINT32(index, CODEC_NEEDED, 1, LIMIT_SEQUENCE),
    TIME(from, CODEC_NEEDED),
    TIME(until, CODEC_NEEDED),
    UINT32(min_gap_minutes, 0, 1, LIMIT_GAP_MINUTES),
    UINT32(max_gap_minutes, 0, 1, LIMIT_GAP_MINUTES),
};
#undef S

SHAPE(broken_gap, broken_gap);

#define S entente_preview_result
static const struct codec_row preview_result_rows[] = {
    ENUM(state, 0),
    MESSAGES(slots, 0, slot, LIMIT_SLOTS),
    UINT32S(asked_again, 0, LIMIT_PARTIES - 1, LIMIT_PARTIES),
    UINT32S(lost, 0, LIMIT_PARTIES - 1, LIMIT_PARTIES),
    UINT32(code, 0, 1, 65535),
    TEXTS(parameters, CODEC_PROSE, LIMIT_LINK_BYTES, LIMIT_ERROR_PARAMETERS),
    TEXT(sentence, CODEC_PROSE, LIMIT_TEXT_BYTES),
    UINT32S(replaced, 0, LIMIT_PARTIES - 1, LIMIT_PARTIES),
    MESSAGES(joined, 0, party, LIMIT_PARTIES),
    MESSAGES(meetings, 0, touched_meeting, LIMIT_OCCURRENCES),
    MESSAGES(broken_gaps, 0, broken_gap, LIMIT_SEQUENCE),
    MESSAGE(why_not, 0, why_not),
    BOOL(more),
};
#undef S

SHAPE(preview_result, preview_result);

#define S entente_known
static const struct codec_row known_rows[] = {
    ID(meeting, CODEC_NEEDED),
    UINT32(version, 0, 1, INT32_MAX),
};
#undef S

SHAPE(known, known);

#define S entente_reconcile
static const struct codec_row reconcile_rows[] = {
    DIGEST(digest),
    MESSAGES(known, 0, known, LIMIT_RECONCILE),
    ID(after, 0),
    BOOL(last),
};
#undef S

SHAPE(reconcile, reconcile);

#define S entente_reconciled
static const struct codec_row reconciled_rows[] = {
    BOOL(equal),
    MESSAGES(differing, 0, known, LIMIT_RECONCILE),
    BOOL(more),
};
#undef S

SHAPE(reconciled, reconciled);

#define S entente_explain
static const struct codec_row explain_rows[] = {
    ID(meeting, CODEC_NEEDED),
    UINT32(after, 0, 1, INT32_MAX),
    BOOL(replay),
};
#undef S

SHAPE(explain, explain);

#define S entente_said
static const struct codec_row said_rows[] = {
    ENUM(answer, 0),
    ENUM(reason, 0),
    MESSAGES(ranges, 0, span, LIMIT_PART_RANGES),
    START(counter_start, 0),
    UINT32(substitute, 0, 1, LIMIT_PARTIES),
    BOOL(tacit),
    BOOL(recorded),
    MESSAGES(grades, 0, graded, LIMIT_HELD_SLOTS),
};
#undef S

SHAPE(said, said);

#define S entente_decision_step
static const struct codec_row decision_step_rows[] = {
    UINT32(version, CODEC_NEEDED, 1, INT32_MAX),
    TIME_MS(at_ms, 0),
    TEXT(event, 0, LIMIT_NAME_BYTES),
    ENUM(from, 0),
    ENUM(to, 0),
    ENUM(channel, 0),
    UINT32(party, 0, 1, LIMIT_PARTIES),
    DIGEST(digest),
    MESSAGE(proposal, 0, proposal),
    TEXT(client, 0, LIMIT_NAME_BYTES),
    BOOL(lawful),
    ENUM(replay, 0),
    MESSAGE(said, 0, said),
};
#undef S

SHAPE(decision_step, decision_step);

#define S entente_decision_record
static const struct codec_row decision_record_rows[] = {
    ID(meeting, CODEC_NEEDED),
    TEXT(matcher, 0, LIMIT_NAME_BYTES),
    MESSAGES(steps, 0, decision_step, LIMIT_RECORD_STEPS),
    BOOL(more),
};
#undef S

SHAPE(decision_record, decision_record);
