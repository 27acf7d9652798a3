// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_hello.c - a conversation begins: what was said, against what was issued
 */
#include "tests/simulation/store_sim_read.h"

#include <stdlib.h>

/* It has what nobody has issued or granted: the database is older than that. */
static bool is_ahead(const struct sim_client *client, const struct store_said *said)
{
    return !said->afresh && ((said->event_epoch == client->event_epoch &&
                              said->last_event > client->last_seq) ||
                             said->event_epoch > client->event_epoch ||
                             said->replies_epoch > client->request_epoch);
}

/* What it has not had is not there any more, or was numbered otherwise. */
static bool must_begin_again(const struct sim_client *client,
                             const struct store_said *said)
{
    bool same = said->event_epoch == client->event_epoch;
    uint64_t after = same ? said->last_event : 0;
    bool gone = client->forgotten_seq > after;
    return said->afresh ||
           (said->wants_events && ((said->event_epoch != 0 && !same) || gone));
}

static bool may_see(const struct sim_client *client, const struct sim_meeting *row)
{
    return client->row.sandbox || row->organizer == client->row.id ||
           row->image.meeting->spec->subject == NULL;
}

/* The live meetings of the client, and those that ended lately, numbered from 1. */
static void begin_again(struct sim_db *db, struct sim_client *client,
                        const struct store_said *said)
{
    const int64_t lately_ms = INT64_C(90) * 86400000;
    uint64_t than = said->afresh ? said->event_epoch : 0;
    client->event_epoch = (client->event_epoch > than ? client->event_epoch : than) + 1;
    client->last_seq = 0;
    client->acked_seq = 0;
    client->forgotten_seq = 0;
    for (size_t i = 0; i < db->meeting_count; i++) {
        struct sim_meeting *row = db->meetings[i];
        bool live = row->state <= ENTENTE_WAITING_ORGANIZER ||
                    row->updated_ms > db->now_ms - lately_ms;
        if (live && sim_concerns(client, row) && may_see(client, row)) {
            sim_issue(client, row, row->version, db->now_ms);
        }
    }
    if (db->driver.numbered != NULL) {
        db->driver.numbered(db->driver.context, client->row.id, false);
    }
}

static enum status hello(struct read_job *read, struct sim_db *db)
{
    struct sim_client *client = sim_client(db, read->client);
    const struct store_said *said = &read->said;
    if (client == NULL) {
        return STATUS_REFUSED;
    }
    if (db->mistake != SIM_NO_GENERATION && is_ahead(client, said)) {
        read->hello.ahead = true;
        return STATUS_REFUSED;
    }
    if (said->afresh && said->replies_epoch > client->request_epoch) {
        client->request_epoch = said->replies_epoch;
    }
    client->request_epoch++;
    client->publication_epoch++;
    client->replies_epoch = said->replies_epoch;
    client->replies_received = said->replies_received;
    client->is_recipient = true;
    if (must_begin_again(client, said)) {
        begin_again(db, client, said);
    }
    read->hello = (struct store_hello){.now_ms = db->now_ms,
                                       .generation = db->generation,
                                       .request_epoch = client->request_epoch,
                                       .publication_epoch = client->publication_epoch,
                                       .event_epoch = client->event_epoch,
                                       .last_issued = client->last_seq,
                                       .last_acked = client->acked_seq};
    const struct store_change row = {.kind = STORE_HELLO,
                                     .client = read->client,
                                     .version = (int64_t)client->request_epoch};
    sim_feed(db, -read->job.store->broker, &row);
    return STATUS_OK;
}

static enum status hello_work(struct sim_job *job, struct sim_txn **txn, bool *ret_last)
{
    (void)txn;
    *ret_last = true;
    return hello((struct read_job *)job, job->store->db);
}

static void hello_finish(struct sim_job *job, enum status status)
{
    struct read_job *read = (struct read_job *)job;
    bool told = status == STATUS_OK || read->hello.ahead;
    read->done.hello(job->context, status, told ? &read->hello : NULL);
    free(read);
}

void store_say_hello(struct store *store, int64_t client, const struct store_said *said,
                     store_hello_fn done, void *context)
{
    struct read_job *read = sim_ask(sizeof(*read), store, SIM_PUBLISHER, NULL, context);
    read->job.work = hello_work;
    read->job.finish = hello_finish;
    read->job.commits = true;
    if (said != NULL) {
        read->said = *said;
    }
    read->done.hello = done;
    read->client = client;
}
