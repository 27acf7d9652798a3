// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_start.c - a broker starts: outage, sign in, and everything for its index
 */
#include "tests/simulation/store_sim_rows.h"

#include "broker/due.h"

enum { OUTAGE_LEAST_MS = 10000, MS_PER_MINUTE = 60000 };

static void put_off(struct sim_meeting *row, struct entente_meeting *meeting,
                    int64_t outage_ms)
{
    uint32_t reason = DUE_SEARCH_END;
    int64_t until_ms = 0;
    if (meeting->state == ENTENTE_SEARCHING) {
        meeting->search_until_ms += outage_ms;
        until_ms = meeting->search_until_ms;
    } else if (meeting->proposal != NULL && meeting->hold_until_ms != 0) {
        int64_t start_ms = (int64_t)meeting->proposal->start * MS_PER_MINUTE;
        reason = DUE_ANSWERS_END;
        until_ms = meeting->hold_until_ms + outage_ms;
        until_ms = until_ms < start_ms ? until_ms : start_ms;
        meeting->hold_until_ms = until_ms;
        meeting->proposal->answer_by_ms = until_ms;
    }
    for (size_t i = 0; until_ms != 0 && i < row->due_count; i++) {
        if (row->dues[i].reason == reason) {
            row->dues[i].at_ms = until_ms;
        }
    }
    row->hold_until_ms =
        row->hold_until_ms == 0 || until_ms == 0 ? row->hold_until_ms : until_ms;
}

static bool is_waiting_for_people(uint32_t state)
{
    return state == ENTENTE_SEARCHING || state == ENTENTE_PROPOSED ||
           state == ENTENTE_MOVING || state == ENTENTE_WAITING_ORGANIZER;
}

/* Nobody's silence is taken for an answer because no broker was there to hear. */
static void extend(struct sim_db *db, int64_t outage_ms)
{
    for (size_t i = 0; i < db->client_count; i++) {
        int64_t *heard_ms = &db->clients[i]->row.heard_ms;
        if (*heard_ms != 0) {
            int64_t later_ms = *heard_ms + outage_ms;
            *heard_ms = later_ms < db->now_ms ? later_ms : db->now_ms;
        }
    }
    for (size_t i = 0; i < db->due_count; i++) {
        for (size_t j = 0; j < db->due[i]->due_count; j++) {
            uint32_t reason = db->due[i]->dues[j].reason;
            bool ends = reason == DUE_SEARCH_END || reason == DUE_ANSWERS_END;
            db->due[i]->dues[j].at_ms += ends ? outage_ms : 0;
        }
    }
    for (size_t i = 0; i < db->meeting_count; i++) {
        struct sim_meeting *row = db->meetings[i];
        if (is_waiting_for_people(row->state)) {
            put_off(row, row->image.meeting, outage_ms);
        }
    }
}

static void show(const struct sim_db *db, const struct store_visitor *visitor)
{
    for (size_t i = 0; i < db->people_count; i++) {
        visitor->person(visitor->context, &db->people[i]->row);
    }
    for (size_t i = 0; i < db->client_count; i++) {
        visitor->client(visitor->context, &db->clients[i]->row);
    }
    for (size_t i = 0; i < db->people_count; i++) {
        for (const struct sim_source *s = db->people[i]->sources; s != NULL;
             s = s->next) {
            visitor->source(visitor->context, &s->row);
        }
    }
    for (size_t i = 0; i < db->people_count; i++) {
        const struct sim_person *person = db->people[i];
        for (size_t j = 0; j < person->claim_count; j++) {
            if ((int64_t)person->claims[j].end * MS_PER_MINUTE > db->now_ms) {
                visitor->claim(visitor->context, &person->claims[j]);
            }
        }
    }
}

enum status store_start(const struct store_settings *settings,
                        const struct store_visitor *visitor, int64_t *ret_outage_ms)
{
    struct sim_db *db = sim_db_current();
    int64_t alive_ms = 0;
    enum status status = STATUS_OK;
    for (const struct sim_broker *b = db->brokers; b != NULL; b = b->next) {
        alive_ms = b->alive_ms > alive_ms ? b->alive_ms : alive_ms;
    }
    if (visitor->clock != NULL) {
        visitor->clock(visitor->context, db->now_ms);
    }
    int64_t outage_ms = alive_ms == 0 ? 0 : db->now_ms - alive_ms;
    if (outage_ms >= OUTAGE_LEAST_MS) {
        extend(db, outage_ms);
        *ret_outage_ms = outage_ms;
    }
    sim_alive(db, settings->broker);
    if (settings->beginning != NULL) {
        settings->beginning->generation = db->generation;
        settings->beginning->alive_ms = db->now_ms;
        settings->beginning->cursor_count =
            sim_feed_origins(db, settings->beginning->cursors);
    }
    show(db, visitor);
    return status;
}
