// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_holds.c - how many slots a client holds that are not agreed, and how many of its
 *                    meetings wait
 *
 * Counted behind the locks of the people concerned, so that nobody holds more of one
 * person's time than is allowed, whichever broker is asked.
 */
#include "broker/store/store_pg_holds.h"

#include <stdio.h>
#include <string.h>

/* Whose meetings may come to hold a slot: SEARCHING, and by their organizer's decision
 * CONFIRMED and WAITING_ORGANIZER.  IS TRUE keeps the planner from making a join of it, which would be a nested loop: so it
 * is a look into a hash table. */
static const struct pg_statement holds_load = {
    "holds_load",
    "WITH holding AS MATERIALIZED ("
    "  SELECT organizer, people, coalesce(cardinality(candidates), 1) AS slots"
    "    FROM meeting WHERE state IN (2, 4, 5) AND held IS NOT NULL"
    "     AND organizer = ANY ($1::int8[] || ARRAY(SELECT organizer FROM meeting"
    "                           WHERE id = ANY ($3::uuid[]) AND state = 1)))"
    " SELECT organizer, 0::int8, sum(slots)::int8 FROM holding GROUP BY organizer"
    " UNION ALL"
    " SELECT organizer, p.person, sum(slots)::int8"
    "   FROM holding CROSS JOIN LATERAL unnest(people) AS p (person)"
    "  WHERE (p.person IN (SELECT unnest($2::int8[]) UNION ALL"
    "                      SELECT unnest(people) FROM meeting"
    "                       WHERE id = ANY ($3::uuid[]) AND state IN (1, 3, 5)))"
    "        IS TRUE"
    "  GROUP BY 1, 2"
    " UNION ALL"
    " SELECT organizer, -1::int8, count(*) FROM meeting"
    "  WHERE state = 1 AND organizer = ANY ($1) GROUP BY organizer"};

const struct pg_statement *const pg_holds_statements[] = {&holds_load, NULL};

void pg_holds_ask(struct pg_link *link, const struct store_wants *wants)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array holders = pg_array_begin(&args, PG_INT8, wants->holder_count);
    for (size_t i = 0; i < wants->holder_count; i++) {
        pg_array_int8(&holders, wants->holders[i]);
    }
    pg_array_end(&holders);
    struct pg_array people = pg_array_begin(&args, PG_INT8, wants->people_count);
    for (size_t i = 0; i < wants->people_count; i++) {
        pg_array_int8(&people, wants->people[i]);
    }
    pg_array_end(&people);
    struct pg_array ids = pg_array_begin(&args, PG_UUID, wants->meeting_count);
    for (size_t i = 0; i < wants->meeting_count; i++) {
        pg_array_uuid(&ids, wants->meetings[i].bytes);
    }
    pg_array_end(&ids);
    pg_link_send(link, &holds_load, &args);
}

bool pg_holds_take(const struct pg_statement *statement, const PGresult *result,
                   struct arena *arena, struct store_loaded *loaded,
                   enum status *ret_status)
{
    if (statement != &holds_load) {
        return false;
    }
    size_t count = (size_t)PQntuples(result);
    struct store_hold *holds = arena_array(arena, count, sizeof(*holds));
    *ret_status = holds == NULL ? STATUS_FAILED : STATUS_OK;
    for (size_t i = 0; holds != NULL && i < count; i++) {
        holds[i] = (struct store_hold){
            .client = pg_int8(result, (int)i, 0),
            .person = pg_int8(result, (int)i, 1),
            .slots = pg_int8(result, (int)i, 2),
        };
    }
    loaded->holds = holds;
    loaded->hold_count = holds == NULL ? 0 : count;
    return true;
}

const char *pg_holds_candidates(const struct entente_kept *kept,
                                char text[PG_CANDIDATES_BYTES])
{
    const size_t size = PG_CANDIDATES_BYTES;
    size_t used = 0;
    for (size_t i = 0; i < kept->candidates_count && used < size; i++) {
        int wrote =
            snprintf(text + used, size - used, "%s\"[%d,%d)\"", i == 0 ? "{" : ",",
                     (int)kept->candidates[i].start, (int)kept->candidates[i].end);
        used += wrote < 0 ? 0 : (size_t)wrote;
    }
    if (kept->candidates_count < 2 || used + 1 >= size) {
        return NULL;
    }
    memcpy(text + used, "}", 2);
    return text;
}
