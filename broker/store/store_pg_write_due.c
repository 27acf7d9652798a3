// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_write_due.c - when meetings are to be looked at, and which of them wait
 */
#include "broker/due.h"
#include "broker/store/store_pg_write.h"

#include <assert.h>

static_assert(DUE_SEARCH == 1 && DUE_DIVERGENCE == 10,
              "stand as numbers in the statements");

/* A search that came due after this batch had read its clock is not done yet, and whether
 * agendas agree is looked at whatever else happens (dues_done takes it away). */
static const struct pg_statement dues_forget = {
    "dues_forget",
    "DELETE FROM due WHERE meeting = ANY ($1::uuid[]) AND reason <> 10"
    "   AND NOT (reason = 1 AND at > $3 AND meeting = ANY ($2::uuid[]))"};

static const struct pg_statement dues_add = {
    "dues_add", "INSERT INTO due (meeting, reason, at)"
                " SELECT t.meeting, t.reason, min(t.at)"
                "   FROM unnest($1::uuid[], $2::int4[], $3::timestamptz[])"
                "        AS t (meeting, reason, at)"
                "  GROUP BY 1, 2 ORDER BY 1, 2"
                " ON CONFLICT (meeting, reason)"
                " DO UPDATE SET at = least(due.at, excluded.at)"};

static const struct pg_statement dues_done = {
    "dues_done", "DELETE FROM due d"
                 " USING unnest($1::uuid[], $2::int4[]) AS t (meeting, reason)"
                 " WHERE d.meeting = ANY ($1::uuid[]) AND d.meeting = t.meeting"
                 "   AND d.reason = t.reason AND d.at <= $3"};

static const struct pg_statement waiting_forget = {
    "waiting_forget", "DELETE FROM waiting WHERE meeting = ANY ($1::uuid[])"};

static const struct pg_statement waiting_add = {
    "waiting_add",
    "INSERT INTO waiting (person, meeting, priority, since)"
    " SELECT DISTINCT t.person, t.meeting, t.priority, t.since"
    "   FROM unnest($1::int8[], $2::uuid[], $3::int4[], $4::timestamptz[])"
    "        AS t (person, meeting, priority, since) ORDER BY 1, 2"
    " ON CONFLICT DO NOTHING"};

const struct pg_statement *const pg_write_due_statements[] = {
    &dues_forget, &dues_done, &dues_add, &waiting_forget, &waiting_add, NULL};

static void send_dues(struct pg_link *link, const struct pg_statement *statement,
                      const struct store_due *dues, size_t count, int64_t now_ms)
{
    if (count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    struct pg_array reasons = pg_array_begin(&args, PG_INT4, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_uuid(&meetings, dues[i].meeting.bytes);
        pg_array_int4(&reasons, (int32_t)dues[i].reason);
    }
    pg_array_end(&meetings);
    pg_array_end(&reasons);
    if (statement == &dues_add) {
        struct pg_array times = pg_array_begin(&args, PG_TIMESTAMPTZ, count);
        for (size_t i = 0; i < count; i++) {
            pg_array_time(&times, dues[i].at_ms);
        }
        pg_array_end(&times);
    } else {
        pg_args_time(&args, now_ms);
    }
    pg_link_send(link, statement, &args);
}

enum changed { CHANGED_ALL, CHANGED_DUES, CHANGED_WAITING };

static bool is_changed(const struct store_meeting_change *change, enum changed which)
{
    return which == CHANGED_ALL || (which == CHANGED_DUES && !change->keeps_dues) ||
           (which == CHANGED_WAITING && change->waits);
}

/* The ids of the meetings that change, of those whose dues do, or of those that wait. */
static size_t put_changed(const struct store_changes *changes, struct pg_args *args,
                          enum changed which)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->meeting_count; i++) {
        count += is_changed(&changes->meetings[i], which) ? 1 : 0;
    }
    struct pg_array ids = pg_array_begin(args, PG_UUID, count);
    for (size_t i = 0; i < changes->meeting_count; i++) {
        if (is_changed(&changes->meetings[i], which)) {
            pg_array_uuid(&ids, changes->meetings[i].meeting->id.data);
        }
    }
    pg_array_end(&ids);
    return count;
}

void pg_write_dues(struct pg_link *link, const struct store_changes *changes)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    if (put_changed(changes, &args, CHANGED_DUES) > 0) {
        put_changed(changes, &args, CHANGED_WAITING);
        pg_args_time(&args, changes->now_ms);
        pg_link_send(link, &dues_forget, &args);
    }
    send_dues(link, &dues_done, changes->dues_done, changes->dues_done_count,
              changes->now_ms);
    send_dues(link, &dues_add, changes->dues, changes->due_count, changes->now_ms);
}

/* One row for each person and meeting. */
struct waiting_args {
    struct pg_array people;
    struct pg_array meetings;
    struct pg_array priorities;
    struct pg_array since;
};

/* With @args NULL they are only counted. */
static size_t put_waiting(const struct entente_meeting *meeting, const int64_t *people,
                          size_t people_count, struct waiting_args *args)
{
    uint32_t priority = meeting->spec->priority;
    size_t count = 0;
    for (size_t i = 0; i < people_count; i++) {
        if (people[i] == 0) {
            continue;
        }
        count++;
        if (args != NULL) {
            pg_array_int8(&args->people, people[i]);
            pg_array_uuid(&args->meetings, meeting->id.data);
            pg_array_int4(&args->priorities,
                          priority == 0 ? ENTENTE_ROUTINE : (int32_t)priority);
            pg_array_time(&args->since, meeting->created_ms);
        }
    }
    return count;
}

/* A meeting waits for its parties, and for whoever may be chosen of its pools. */
static size_t put_all_waiting(const struct store_changes *changes,
                              struct waiting_args *args)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->meeting_count; i++) {
        const struct entente_meeting *meeting = changes->meetings[i].meeting;
        const struct entente_kept *kept = meeting->kept;
        if (!changes->meetings[i].waits) {
            continue;
        }
        count += put_waiting(meeting, kept->people, kept->people_count, args);
        for (size_t j = 0; j < kept->pools_count; j++) {
            count += put_waiting(meeting, kept->pools[j].people,
                                 kept->pools[j].people_count, args);
        }
    }
    return count;
}

void pg_write_waiting(struct pg_link *link, const struct store_changes *changes)
{
    if (changes->meeting_count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    put_changed(changes, &args, CHANGED_ALL);
    pg_link_send(link, &waiting_forget, &args);

    size_t count = put_all_waiting(changes, NULL);
    if (count == 0) {
        return;
    }
    pg_args_init(&args, &link->scratch);
    struct waiting_args waiting = {
        .people = pg_array_begin(&args, PG_INT8, count),
        .meetings = pg_array_begin(&args, PG_UUID, count),
        .priorities = pg_array_begin(&args, PG_INT4, count),
        .since = pg_array_begin(&args, PG_TIMESTAMPTZ, count),
    };
    put_all_waiting(changes, &waiting);
    pg_array_end(&waiting.people);
    pg_array_end(&waiting.meetings);
    pg_array_end(&waiting.priorities);
    pg_array_end(&waiting.since);
    pg_link_send(link, &waiting_add, &args);
}
