// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_divergence.c - agendas that diverge: noticed, counted, settled
 */
#include "broker/store/store_pg_divergence.h"

#include "broker/due.h"
#include "broker/overlap.h"

#include <assert.h>
#include <string.h>

static_assert(DUE_DIVERGENCE == 10, "stands as a number in the statements");
static_assert(BREAKER_MINUTES == 60 && DIVERGENCE_KEPT_DAYS == 1,
              "stand as intervals in the statements");

/* ---- load --------------------------------------------------------------------------
 */

/* Few clients diverge; what they did in the last hour is counted under the batch's own
 * snapshot. */
static const struct pg_statement breakers_load = {
    "breakers_load",
    "SELECT c.client, c.recent, c.tripped, c.lifted FROM ("
    "  SELECT d.client, count(*) AS recent,"
    "         (SELECT b.tripped IS NOT NULL FROM breaker b WHERE b.client = d.client)"
    "           AS tripped,"
    "         (SELECT b.lifted > (SELECT " PG_NOW ") FROM breaker b"
    "           WHERE b.client = d.client) AS lifted"
    "    FROM divergence d WHERE d.at > (SELECT " PG_NOW ") - interval '60 minutes'"
    "   GROUP BY d.client"
    "  UNION ALL"
    "  SELECT b.client, 0, b.tripped IS NOT NULL, b.lifted > (SELECT " PG_NOW ")"
    "    FROM breaker b WHERE b.client >= 0) AS c"};

static const struct pg_statement divergences_load = {
    "divergences_load",
    "SELECT meeting, person, client, kind, held_back FROM divergence"
    " WHERE meeting = ANY ($1::uuid[])"};

const struct pg_statement *const pg_divergence_load_statements[] = {
    &breakers_load, &divergences_load, NULL};

void pg_divergence_ask(struct pg_link *link, const struct store_wants *wants)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array ids = pg_array_begin(&args, PG_UUID, wants->meeting_count);
    for (size_t i = 0; i < wants->meeting_count; i++) {
        pg_array_uuid(&ids, wants->meetings[i].bytes);
    }
    pg_array_end(&ids);
    pg_link_send_plain(link, &breakers_load);
    pg_link_send(link, &divergences_load, &args);
}

static enum status take_breakers(const PGresult *result, struct arena *arena,
                                 struct store_loaded *loaded)
{
    size_t count = (size_t)PQntuples(result);
    struct store_breaker *breakers = arena_array(arena, count, sizeof(*breakers));
    if (breakers == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        breakers[i].client = pg_int8(result, (int)i, 0);
        breakers[i].recent = (uint32_t)pg_int8(result, (int)i, 1);
        breakers[i].tripped = pg_bool(result, (int)i, 2);
        breakers[i].lifted = pg_bool(result, (int)i, 3);
    }
    loaded->breakers = breakers;
    loaded->breaker_count = count;
    return STATUS_OK;
}

static enum status take_divergences(const PGresult *result, struct arena *arena,
                                    struct store_loaded *loaded)
{
    size_t count = (size_t)PQntuples(result);
    struct store_divergence *divergences =
        arena_array(arena, count, sizeof(*divergences));
    if (divergences == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        pg_uuid(result, (int)i, 0, divergences[i].meeting);
        divergences[i].person = pg_int8(result, (int)i, 1);
        divergences[i].client = pg_int8(result, (int)i, 2);
        divergences[i].kind = (uint32_t)pg_int2(result, (int)i, 3);
        divergences[i].held_back = pg_bool(result, (int)i, 4);
    }
    loaded->divergences = divergences;
    loaded->divergence_count = count;
    return STATUS_OK;
}

bool pg_divergence_take(const struct pg_statement *statement, const PGresult *result,
                        struct arena *arena, struct store_loaded *loaded,
                        enum status *ret_status)
{
    if (statement == &breakers_load) {
        *ret_status = take_breakers(result, arena, loaded);
        return true;
    }
    if (statement == &divergences_load) {
        *ret_status = take_divergences(result, arena, loaded);
        return true;
    }
    return false;
}

/* ---- write -------------------------------------------------------------------------
 */

static const struct pg_statement divergences_put = {
    "divergences_put",
    "INSERT INTO divergence AS d (meeting, person, client, kind, held_back, at)"
    " SELECT t.meeting, t.person, t.client, t.kind, t.held_back, $6::timestamptz"
    "   FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::int4[], $5::bool[])"
    "        AS t (meeting, person, client, kind, held_back)"
    "  ORDER BY 1, 2"
    " ON CONFLICT (meeting, person) DO UPDATE"
    "    SET client = excluded.client, kind = excluded.kind,"
    "        held_back = excluded.held_back, at = excluded.at"};

/* What is settled neither counts nor is looked at any more. */
static const struct pg_statement divergences_settle = {
    "divergences_settle", "DELETE FROM divergence d"
                          " USING unnest($1::uuid[], $2::int8[]) AS t (meeting, person)"
                          " WHERE d.meeting = t.meeting AND d.person = t.person"};

static const struct pg_statement divergences_forget = {
    "divergences_forget",
    "DELETE FROM divergence d WHERE d.at < $1::timestamptz - interval '1 day'"
    "   AND NOT EXISTS (SELECT FROM breaker b"
    "                    WHERE b.client = d.client AND b.tripped IS NOT NULL)"};

static const struct pg_statement breakers_trip = {
    "breakers_trip",
    "INSERT INTO breaker AS b (client, tripped)"
    " SELECT DISTINCT t.client, $2::timestamptz FROM unnest($1::int8[]) AS t (client)"
    "  ORDER BY 1"
    " ON CONFLICT (client) DO UPDATE"
    "    SET tripped = coalesce(b.tripped, excluded.tripped), lifted = NULL"};

const struct pg_statement *const pg_divergence_write_statements[] = {
    &divergences_put, &divergences_settle, &divergences_forget, &breakers_trip, NULL};

/* How many of the changes say that something diverges, or that it is settled. */
static size_t count_of(const struct store_changes *changes, bool settled)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->divergence_count; i++) {
        count += (changes->divergences[i].kind == 0) == settled ? 1 : 0;
    }
    return count;
}

static void send_diverging(struct pg_link *link, const struct store_changes *changes)
{
    size_t count = count_of(changes, false);
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    struct pg_array people = pg_array_begin(&args, PG_INT8, count);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, count);
    struct pg_array kinds = pg_array_begin(&args, PG_INT4, count);
    struct pg_array held_back = pg_array_begin(&args, PG_BOOL, count);
    for (size_t i = 0; i < changes->divergence_count; i++) {
        const struct store_divergence *one = &changes->divergences[i];
        if (one->kind != 0) {
            pg_array_uuid(&meetings, one->meeting);
            pg_array_int8(&people, one->person);
            pg_array_int8(&clients, one->client);
            pg_array_int4(&kinds, (int32_t)one->kind);
            pg_array_bool(&held_back, one->held_back);
        }
    }
    pg_array_end(&meetings);
    pg_array_end(&people);
    pg_array_end(&clients);
    pg_array_end(&kinds);
    pg_array_end(&held_back);
    pg_args_time(&args, changes->now_ms);
    pg_link_send(link, &divergences_put, &args);
    pg_args_init(&args, &link->scratch);
    pg_args_time(&args, changes->now_ms);
    pg_link_send(link, &divergences_forget, &args);
}

static void send_settled(struct pg_link *link, const struct store_changes *changes)
{
    size_t count = count_of(changes, true);
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    struct pg_array people = pg_array_begin(&args, PG_INT8, count);
    for (size_t i = 0; i < changes->divergence_count; i++) {
        if (changes->divergences[i].kind == 0) {
            pg_array_uuid(&meetings, changes->divergences[i].meeting);
            pg_array_int8(&people, changes->divergences[i].person);
        }
    }
    pg_array_end(&meetings);
    pg_array_end(&people);
    pg_link_send(link, &divergences_settle, &args);
}

static void send_trips(struct pg_link *link, const struct store_changes *changes)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, changes->trip_count);
    for (size_t i = 0; i < changes->trip_count; i++) {
        pg_array_int8(&clients, changes->trips[i]);
    }
    pg_array_end(&clients);
    pg_args_time(&args, changes->now_ms);
    pg_link_send(link, &breakers_trip, &args);
}

void pg_divergence_write(struct pg_link *link, const struct store_changes *changes)
{
    if (count_of(changes, true) > 0) {
        send_settled(link, changes);
    }
    if (count_of(changes, false) > 0) {
        send_diverging(link, changes);
    }
    if (changes->trip_count > 0) {
        send_trips(link, changes);
    }
}

/* ---- publish -----------------------------------------------------------------------
 */

/* No meeting is longer than a day: older claims are over. */
static const struct pg_statement publish_claims = {
    "publish_claims",
    "SELECT t.person, c.meeting, lower(c.during), upper(c.during)"
    "  FROM (SELECT DISTINCT p FROM unnest($1::int8[]) AS u (p)) AS t (person)"
    " CROSS JOIN LATERAL (SELECT * FROM claim WHERE claim.person = t.person"
    "   AND lower(claim.during) > $2::int4 OFFSET 0) AS c"};

/* What was known to diverge may have been put right.  A meeting stands once, also where
 * two of its people, or both its times, are published over: the clock differs by row. */
static const struct pg_statement publish_diverged = {
    "publish_diverged",
    "INSERT INTO due (meeting, reason, at)"
    " SELECT t.meeting, 10, " PG_NOW
    "   FROM (SELECT DISTINCT d.meeting FROM divergence d"
    "          WHERE d.person = ANY ($1::int8[])) AS t"
    "  ORDER BY 1"
    " ON CONFLICT (meeting, reason) DO UPDATE SET at = least(due.at, excluded.at)"};

static const struct pg_statement publish_diverges = {
    "publish_diverges",
    "INSERT INTO due (meeting, reason, at)"
    " SELECT t.meeting, 10, " PG_NOW
    "   FROM (SELECT DISTINCT u.meeting FROM unnest($1::uuid[]) AS u (meeting)) AS t"
    "  ORDER BY 1"
    " ON CONFLICT (meeting, reason) DO UPDATE SET at = least(due.at, excluded.at)"};

const struct pg_statement *const pg_divergence_publish_statements[] = {
    &publish_claims, &publish_diverged, &publish_diverges, NULL};

static void put_people(struct pg_args *args, struct pg_link *link,
                       const struct store_publication *publications, size_t count)
{
    pg_args_init(args, &link->scratch);
    struct pg_array people = pg_array_begin(args, PG_INT8, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_int8(&people, publications[i].person);
    }
    pg_array_end(&people);
}

void pg_divergence_ask_claims(struct pg_link *link,
                              const struct store_publication *publications,
                              size_t count)
{
    enum { MINUTES_PER_DAY = 1440 };
    int32_t from = INT32_MAX;
    for (size_t i = 0; i < count; i++) {
        if (!publications[i].withdrawn && publications[i].coverage_start < from) {
            from = publications[i].coverage_start;
        }
    }
    struct pg_args args;
    put_people(&args, link, publications, count);
    pg_link_send(link, &publish_diverged, &args);
    put_people(&args, link, publications, count);
    pg_args_int4(&args, from < MINUTES_PER_DAY ? 0 : from - MINUTES_PER_DAY);
    pg_link_send(link, &publish_claims, &args);
}

bool pg_divergence_take_claims(const struct pg_statement *statement,
                               const PGresult *result, struct arena *arena,
                               struct pg_claimed **ret_claims, size_t *ret_count,
                               enum status *ret_status)
{
    if (statement != &publish_claims) {
        return false;
    }
    size_t count = (size_t)PQntuples(result);
    struct pg_claimed *claims = arena_array(arena, count, sizeof(*claims));
    if (claims == NULL) {
        *ret_status = STATUS_FAILED;
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        claims[i].person = pg_int8(result, (int)i, 0);
        pg_uuid(result, (int)i, 1, claims[i].meeting.bytes);
        claims[i].start = pg_int4(result, (int)i, 2);
        claims[i].end = pg_int4(result, (int)i, 3);
    }
    *ret_claims = claims;
    *ret_count = count;
    *ret_status = STATUS_OK;
    return true;
}

static bool lies_under(const struct pg_claimed *claim,
                       const struct store_publication *publications, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (publications[i].person == claim->person && !publications[i].withdrawn &&
            overlap_is_taken(publications[i].ranges, publications[i].range_count,
                             claim->start, claim->end)) {
            return true;
        }
    }
    return false;
}

bool pg_divergence_note(struct pg_link *link,
                        const struct store_publication *publications, size_t count,
                        const struct pg_claimed *claims, size_t claim_count)
{
    struct store_id *meetings =
        arena_array(&link->scratch, claim_count, sizeof(*meetings));
    size_t found = 0;
    for (size_t i = 0; meetings != NULL && i < claim_count; i++) {
        if (lies_under(&claims[i], publications, count)) {
            meetings[found++] = claims[i].meeting;
        }
    }
    if (found == 0 && meetings != NULL) {
        return false;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array ids = pg_array_begin(&args, PG_UUID, found);
    for (size_t i = 0; i < found; i++) {
        pg_array_uuid(&ids, meetings[i].bytes);
    }
    pg_array_end(&ids);
    args.failed = args.failed || meetings == NULL;
    pg_link_send(link, &publish_diverges, &args);
    return true;
}
