// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_transition.h"

#include "broker/negotiation.h"

#include <string.h>

enum { ARENA = 1 << 20 };

static bool is_row(const PGresult *rows, int row, const struct transition *ours)
{
    return pg_int2(rows, row, 2) == (int32_t)ours->to &&
           pg_int4(rows, row, 3) == (int32_t)ours->effects &&
           pg_bool(rows, row, 4) == ((ours->effects & REFUSE) != 0) &&
           strcmp(pg_text(rows, row, 5), negotiation_event_name(ours->event)) == 0 &&
           strcmp(pg_text(rows, row, 6), ours->code) == 0 &&
           strcmp(pg_text(rows, row, 7), ours->why) == 0;
}

enum status pg_transition_match(PGconn *connection, bool *ret_match)
{
    PGresult *rows;
    size_t count;
    (void)negotiation_table(&count);
    enum status status =
        pg_sync_ask(connection,
                    "SELECT from_state, event, to_state, effects, refuses, name, code,"
                    " why FROM transition",
                    NULL, &rows);
    if (status != STATUS_OK) {
        return status;
    }
    /* A pair stands at most once on either side. */
    bool match = (size_t)PQntuples(rows) == count;
    for (int i = 0; i < PQntuples(rows) && match; i++) {
        const struct transition *ours =
            negotiation_find((enum negotiation_state)pg_int2(rows, i, 0),
                             (enum negotiation_event)pg_int2(rows, i, 1));
        match = ours != NULL && is_row(rows, i, ours);
    }
    PQclear(rows);
    *ret_match = match;
    return STATUS_OK;
}

static void put_numbers(struct pg_args *args)
{
    enum { FROM, EVENT, TO, EFFECTS, COLUMNS };
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (int column = FROM; column < COLUMNS; column++) {
        struct pg_array array = pg_array_begin(args, PG_INT4, count);
        for (size_t i = 0; i < count; i++) {
            const int32_t numbers[COLUMNS] = {
                (int32_t)table[i].from, (int32_t)table[i].event, (int32_t)table[i].to,
                (int32_t)table[i].effects};
            pg_array_int4(&array, numbers[column]);
        }
        pg_array_end(&array);
    }
}

static void put_texts(struct pg_args *args)
{
    enum { NAME, CODE, WHY, COLUMNS };
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (int column = NAME; column < COLUMNS; column++) {
        struct pg_array array = pg_array_begin(args, PG_TEXT, count);
        for (size_t i = 0; i < count; i++) {
            const char *const texts[COLUMNS] = {negotiation_event_name(table[i].event),
                                                table[i].code, table[i].why};
            pg_array_text(&array, texts[column]);
        }
        pg_array_end(&array);
    }
}

static enum status put_rows(PGconn *connection)
{
    struct arena arena;
    struct pg_args args;
    arena_init(&arena, ARENA);
    pg_args_init(&args, &arena);
    put_numbers(&args);
    put_texts(&args);
    pg_args_int4(&args, REFUSE);
    enum status status =
        pg_sync_run(connection,
                    "INSERT INTO transition (from_state, event, to_state, effects,"
                    " refuses, name, code, why)"
                    " SELECT t.from_state, t.event, t.to_state, t.effects,"
                    "        t.effects & $8::int4 <> 0, t.name, t.code, t.why"
                    "   FROM unnest($1::int4[], $2::int4[], $3::int4[], $4::int4[],"
                    "               $5::text[], $6::text[], $7::text[])"
                    "        AS t (from_state, event, to_state, effects, name, code,"
                    "              why)",
                    &args);
    arena_finish(&arena);
    return status;
}

enum status pg_transition_fill(PGconn *connection)
{
    enum status status =
        pg_sync_script(connection, "BEGIN; DELETE FROM transition WHERE true");
    if (status == STATUS_OK) {
        status = put_rows(connection);
    }
    enum status ending =
        pg_sync_script(connection, status == STATUS_OK ? "COMMIT" : "ROLLBACK");
    return status == STATUS_OK ? ending : status;
}
