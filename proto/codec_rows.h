// SPDX-License-Identifier: Apache-2.0

/*
 * codec_rows.h - the words in which the codec's rows are written
 *
 * Only for codec_rows_*.c.  Each macro is one row; S is the plain struct of the table
 * at hand.  The type of the member is checked at compile time.
 */
#ifndef PROTO_CODEC_ROWS_H
#define PROTO_CODEC_ROWS_H

#include "proto/codec_table.h"
#include "proto/limits.h"

#include <assert.h>

#define CODEC_COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Types cannot stand in parentheses here. */
// NOLINTBEGIN(bugprone-macro-parentheses)

/* offsetof() that does not compile unless the member has @type. */
#define CODEC_AT(member, type)                                                         \
    (offsetof(struct S, member) +                                                      \
     0 * sizeof(char[_Generic(((struct S *)0)->member, type : 1, default               \
                              : -1)]))

#define CODEC_ROW(member, row_kind, row_flags, type, low, high)                        \
    {                                                                                  \
        .name = #member, .kind = (row_kind), .flags = (row_flags),                     \
        .offset = CODEC_AT(member, type), .min = (low), .max = (high)                  \
    }

#define CODEC_ROWS_OF(member, row_kind, row_flags, type, low, high, most)              \
    {                                                                                  \
        .name = #member, .kind = (row_kind), .flags = (row_flags),                     \
        .offset = CODEC_AT(member, type *),                                            \
        .count_offset = CODEC_AT(member##_count, size_t), .count_max = (most),         \
        .min = (low), .max = (high)                                                    \
    }

// NOLINTEND(bugprone-macro-parentheses)

#define TEXT(member, flags, bytes)                                                     \
    CODEC_ROW(member, KIND_TEXT, flags, const char *, 1, bytes)
#define TEXTS(member, flags, bytes, most)                                              \
    CODEC_ROWS_OF(member, KIND_TEXT, flags, const char *, 1, bytes, most)
#define ID(member, flags)                                                              \
    CODEC_ROW(member, KIND_BYTES, flags, struct entente_bytes, 16, 16)
#define DIGEST(member) CODEC_ROW(member, KIND_BYTES, 0, struct entente_bytes, 32, 32)
#define BYTES(member, bytes)                                                           \
    CODEC_ROW(member, KIND_BYTES, 0, struct entente_bytes, 1, bytes)
#define ENUM(member, flags) CODEC_ROW(member, KIND_ENUM, flags, uint32_t, 0, 0)
#define BITS(member, mask) CODEC_ROW(member, KIND_BITS, 0, uint32_t, 0, mask)
#define BOOL(member) CODEC_ROW(member, KIND_BOOL, 0, bool, 0, 1)
#define UINT32(member, flags, low, high)                                               \
    CODEC_ROW(member, KIND_UINT32, flags, uint32_t, low, high)
#define UINT32S(member, low, high, most)                                               \
    CODEC_ROWS_OF(member, KIND_UINT32, 0, uint32_t, low, high, most)
#define UINT64(member, flags)                                                          \
    CODEC_ROW(member, KIND_UINT64, flags, uint64_t, 1, INT64_MAX)
#define INT32(member, low, high) CODEC_ROW(member, KIND_INT32, 0, int32_t, low, high)
#define INT32S(member, low, high, most)                                                \
    CODEC_ROWS_OF(member, KIND_INT32, 0, int32_t, low, high, most)
#define INT64(member, low, high) CODEC_ROW(member, KIND_INT64, 0, int64_t, low, high)
#define INT64S(member, low, high, most)                                                \
    CODEC_ROWS_OF(member, KIND_INT64, 0, int64_t, low, high, most)

/* Minutes, and milliseconds, between 2020 and 2100. */
#define TIME(member, flags)                                                            \
    CODEC_ROW(member, KIND_INT32, flags, int32_t, CODEC_TIME_MIN, CODEC_TIME_MAX)

/* Minutes at which a meeting may start, so that its end is a time, too. */
#define START(member, flags)                                                           \
    CODEC_ROW(member, KIND_INT32, flags, int32_t, CODEC_TIME_MIN,                      \
              CODEC_TIME_MAX - LIMIT_DURATION_MINUTES)
#define STARTS(member, most)                                                           \
    CODEC_ROWS_OF(member, KIND_INT32, 0, int32_t, CODEC_TIME_MIN,                      \
                  CODEC_TIME_MAX - LIMIT_DURATION_MINUTES, most)
#define TIME_MS(member, flags)                                                         \
    CODEC_ROW(member, KIND_INT64, flags, int64_t, CODEC_TIME_MIN *INT64_C(60000),      \
              CODEC_TIME_MAX *INT64_C(60000))

#define MESSAGE(member, row_flags, type)                                               \
    {                                                                                  \
        .name = #member, .kind = KIND_MESSAGE, .flags = (row_flags),                   \
        .offset = CODEC_AT(member, struct entente_##type *),                           \
        .shape = &codec_shape_##type                                                   \
    }
#define MESSAGES(member, row_flags, type, most)                                        \
    {                                                                                  \
        .name = #member, .kind = KIND_MESSAGE, .flags = (row_flags),                   \
        .offset = CODEC_AT(member, struct entente_##type *),                           \
        .count_offset = CODEC_AT(member##_count, size_t), .count_max = (most),         \
        .shape = &codec_shape_##type                                                   \
    }

/* The shape of @plain over its rows; @generated is the prefix of its descriptor. */
#define SHAPE_OF(noun, plain, generated)                                               \
    struct codec_shape codec_shape_##noun = {                                          \
        .descriptor = &entente__##generated##__descriptor,                             \
        .size = sizeof(struct plain),                                                  \
        .rows = noun##_rows,                                                           \
        .row_count = CODEC_COUNT(noun##_rows),                                         \
    }
#define SHAPE(noun, generated) SHAPE_OF(noun, entente_##noun, generated)

/* The same for a struct that begins with a start and an end. */
#define SHAPE_SPAN(noun, generated)                                                    \
    static_assert(offsetof(struct entente_##noun, start) ==                            \
                          offsetof(struct entente_span, start) &&                      \
                      offsetof(struct entente_##noun, end) ==                          \
                          offsetof(struct entente_span, end),                          \
                  "codec_check_struct() reads it as a span");                          \
    struct codec_shape codec_shape_##noun = {                                          \
        .descriptor = &entente__##generated##__descriptor,                             \
        .size = sizeof(struct entente_##noun),                                         \
        .rows = noun##_rows,                                                           \
        .row_count = CODEC_COUNT(noun##_rows),                                         \
        .is_span = true,                                                               \
    }

extern struct codec_shape codec_shape_actor;
extern struct codec_shape codec_shape_range;
extern struct codec_shape codec_shape_span;
extern struct codec_shape codec_shape_publish;
extern struct codec_shape codec_shape_withdraw;
extern struct codec_shape codec_shape_source_state;
extern struct codec_shape codec_shape_query_free;
extern struct codec_shape codec_shape_free_ranges;
extern struct codec_shape codec_shape_place;
extern struct codec_shape codec_shape_option;
extern struct codec_shape codec_shape_leg;
extern struct codec_shape codec_shape_interval;
extern struct codec_shape codec_shape_spec;
extern struct codec_shape codec_shape_search;
extern struct codec_shape codec_shape_who_is_free;
extern struct codec_shape codec_shape_free_at;
extern struct codec_shape codec_shape_free_people;
extern struct codec_shape codec_shape_request;
extern struct codec_shape codec_shape_answer;
extern struct codec_shape codec_shape_decide;
extern struct codec_shape codec_shape_cancel;
extern struct codec_shape codec_shape_get;
extern struct codec_shape codec_shape_list;
extern struct codec_shape codec_shape_attendance;
extern struct codec_shape codec_shape_chosen;
extern struct codec_shape codec_shape_slot;
extern struct codec_shape codec_shape_blame;
extern struct codec_shape codec_shape_relaxation;
extern struct codec_shape codec_shape_why_not;
extern struct codec_shape codec_shape_search_result;
extern struct codec_shape codec_shape_proposal;
extern struct codec_shape codec_shape_result;
extern struct codec_shape codec_shape_meeting_list;
extern struct codec_shape codec_shape_event;
extern struct codec_shape codec_shape_event_ack;
extern struct codec_shape codec_shape_event_result;
extern struct codec_shape codec_shape_hello;
extern struct codec_shape codec_shape_welcome;
extern struct codec_shape codec_shape_heartbeat;
extern struct codec_shape codec_shape_pulse;
extern struct codec_shape codec_shape_error;
extern struct codec_shape codec_shape_done;
extern struct codec_shape codec_shape_resync;
extern struct codec_shape codec_shape_status_query;
extern struct codec_shape codec_shape_queue;
extern struct codec_shape codec_shape_status_report;
extern struct codec_shape codec_shape_graded;
extern struct codec_shape codec_shape_linked;
extern struct codec_shape codec_shape_owner_answer;
extern struct codec_shape codec_shape_preview;
extern struct codec_shape codec_shape_preview_result;
extern struct codec_shape codec_shape_touched_meeting;
extern struct codec_shape codec_shape_broken_gap;
extern struct codec_shape codec_shape_known;
extern struct codec_shape codec_shape_reconcile;
extern struct codec_shape codec_shape_reconciled;
extern struct codec_shape codec_shape_explain;
extern struct codec_shape codec_shape_said;
extern struct codec_shape codec_shape_decision_step;
extern struct codec_shape codec_shape_decision_record;
extern struct codec_shape codec_shape_series;
extern struct codec_shape codec_shape_kept_pool;

#endif
