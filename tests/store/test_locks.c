// SPDX-License-Identifier: Apache-2.0

/*
 * What a batch has loaded is locked until it ends: its meetings, their people where that is
 * wanted, the people wanted beside, and nothing else.
 */
#include "proto/codec.h"
#include "tests/store/store_world.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

/* Can another connection lock the row, without waiting? */
static bool is_open(PGconn *other, const char *table, const char *id)
{
    char sql[200];
    snprintf(sql, sizeof(sql),
             "SELECT FROM %s WHERE id = '%s' FOR NO KEY UPDATE NOWAIT", table, id);
    PGresult *result = PQexec(other, sql);
    bool open = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (open) {
        assert_int_equal(PQntuples(result), 1);
    } else {
        assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "55P03");
    }
    PQclear(result);
    return open;
}

/* The row's id, as text. */
static const char *text_of(uint8_t n, char text[37])
{
    struct store_id id = world_id(n);
    codec_format_id((struct entente_bytes){.data = id.bytes, .size = 16}, text);
    return text;
}

/* Both meetings are of persons 1 and 9. */
static void write_meetings(struct world *world)
{
    struct store_meeting_change meetings[] = {
        {.meeting = world_meeting(world, 1, 1, ENTENTE_SEARCHING)},
        {.meeting = world_meeting(world, 2, 1, ENTENTE_SEARCHING)}};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .meetings = meetings, .meeting_count = 2};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
}

static void test_what_is_loaded_is_locked(void **state)
{
    struct world *world = *state;
    const struct store_id id = world_id(1);
    const int64_t person = 5;
    char text[37];
    write_meetings(world);
    PGconn *other = PQconnectdb(pg_database_conninfo(world->database));
    for (int with_people = 0; with_people <= 1; with_people++) {
        bool wanted = with_people == 1;
        struct store_wants wants = {.meetings = &id,
                                    .with_people = &wanted,
                                    .meeting_count = 1,
                                    .people = &person,
                                    .people_count = 1};
        assert_int_equal(world_load(world, &wants), STATUS_OK);
        assert_false(is_open(other, "meeting", text_of(1, text)));
        assert_true(is_open(other, "meeting", text_of(2, text)));
        assert_int_equal(is_open(other, "person", "1"), !wanted);
        assert_int_equal(is_open(other, "person", "9"), !wanted);
        assert_true(is_open(other, "person", "2"));
        assert_false(is_open(other, "person", "5"));
        store_batch_abandon(world->store, 0);
        world_restart(world, 0);
        assert_true(is_open(other, "person", "5"));
    }
    PQfinish(other);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {WORLD_TEST(test_what_is_loaded_is_locked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
