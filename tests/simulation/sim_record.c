// SPDX-License-Identifier: Apache-2.0

/*
 * sim_record.c - what the database has done, as records for the checker
 */
#include "tests/simulation/sim.h"

#include "proto/message.h"

#include <inttypes.h>
#include <string.h>

enum { SECOND_MS = 1000 };

/* ---- what has been committed -------------------------------------------------------
 */

static void record_claim(enum record_kind kind, const struct store_claim *claim)
{
    const struct record record = {.kind = kind,
                                  .person = claim->person,
                                  .meeting = sim_meeting_number(claim->meeting.bytes),
                                  .start = claim->start,
                                  .end = claim->end,
                                  .counter = (uint64_t)(sim_db_now_ms() / 60000)};
    sim_record(&record);
}

static void record_claims(const struct sim_commit *commit)
{
    const struct store_changes *batch = commit->batch;
    for (size_t i = 0; i < batch->claims_removed_count; i++) {
        record_claim(RECORD_UNCLAIM, &batch->claims_removed[i]);
    }
    for (size_t i = 0; i < commit->over_count; i++) {
        record_claim(RECORD_UNCLAIM, &commit->over[i]);
    }
    for (size_t i = 0; i < batch->claims_added_count; i++) {
        record_claim(RECORD_CLAIM, &batch->claims_added[i]);
    }
}

/* Of what concerns a patient, only clients that may work with one. */
static bool may_know(const struct entente_meeting *meeting, int64_t person)
{
    bool of_patient = meeting->spec->subject != NULL;
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        of_patient = of_patient || !people_is_professional(meeting->kept->people[i]);
    }
    return !of_patient || world->sandbox[person % world->adapter_count];
}

/* Whoever speaks for a patient is known for that, and says for whom; nobody comes in their
 * place, nor they in another's. */
static void check_representative(const struct entente_meeting *meeting,
                                 const struct entente_party *party, int64_t person)
{
    bool is_one = person != 0 && people_is_representative(person);
    bool right = party->kind == ENTENTE_REPRESENTATIVE
                     ? is_one && party->represents != NULL && party->replaces == 0
                     : !is_one;
    if (!right) {
        sim_violation("C7 person %" PRId64 " takes part in meeting %" PRIu64
                      " as what they are not",
                      person, sim_meeting_number(meeting->id.data));
    }
}

/* Silence is a yes of professionals alone, and of them only where they have agreed. */
static void check_silence(const struct entente_meeting *meeting)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        int64_t person = i < meeting->kept->people_count ? meeting->kept->people[i] : 0;
        bool yes = party->tacit && party->answer == ENTENTE_ACCEPT;
        check_representative(meeting, party, person);
        if (yes && (party->kind != ENTENTE_PROFESSIONAL || person == 0 ||
                    !people_may_be_silent(person))) {
            sim_violation("C7 person %" PRId64 " of meeting %" PRIu64
                          " accepts by silence, without having agreed to that",
                          person, sim_meeting_number(meeting->id.data));
        }
    }
}

static void record_meeting(const struct entente_meeting *meeting)
{
    const struct entente_kept *kept = meeting->kept;
    const struct record record = {.kind = RECORD_MEETING,
                                  .meeting = sim_meeting_number(meeting->id.data),
                                  .version = meeting->version,
                                  .state = meeting->state,
                                  .start = (int32_t)(meeting->updated_ms / 60000)};
    sim_record(&record);
    check_silence(meeting);
    for (size_t i = 0; i <= kept->people_count; i++) {
        int64_t person = i < kept->people_count ? kept->people[i] : 0;
        if (i < kept->people_count && (person == 0 || !may_know(meeting, person))) {
            continue;
        }
        const struct record member = {
            .kind = RECORD_MEMBER,
            .meeting = record.meeting,
            .client =
                person == 0 ? kept->organizer : 101 + person % world->adapter_count};
        sim_record(&member);
    }
}

/* The next of what was decided to be told to @client, from *place on; NULL: nothing. */
static const struct store_outbox *next_decided(const struct store_changes *batch,
                                               int64_t client, size_t *place)
{
    while (*place < batch->outbox_count) {
        const struct store_outbox *row = &batch->outbox[(*place)++];
        if (row->client == client) {
            return row;
        }
    }
    return NULL;
}

/* What stands in the tables now, whatever counters say: each row that was not there before
 * is one that was decided, in that order, and none is missing.  Whether their numbers have
 * no gap, the checker sees. */
static void record_issues(const struct store_changes *batch, unsigned number)
{
    size_t place = 0;
    int64_t client = 101 + number;
    uint64_t epoch = sim_db_recipient(world->db, client).epoch;
    struct sim_event_row row;
    while (sim_db_event(world->db, client, &world->rows_seen[number], &row)) {
        const struct store_outbox *decided = next_decided(batch, client, &place);
        if (decided == NULL || decided->version != row.version ||
            memcmp(&decided->meeting, &row.meeting, sizeof(row.meeting)) != 0) {
            sim_violation("C5 event %" PRIu64 " of client %" PRId64
                          " is not what was decided",
                          row.sequence, client);
        }
        const struct record record = {.kind = RECORD_ISSUE,
                                      .client = client,
                                      .epoch = epoch,
                                      .counter = row.sequence,
                                      .meeting = sim_meeting_number(row.meeting.bytes),
                                      .version = row.version};
        sim_record(&record);
    }
    if (next_decided(batch, client, &place) != NULL) {
        sim_violation("C5 client %" PRId64 " is to be told of what is not there",
                      client);
    }
}

void record_committed(void *context, const struct sim_commit *commit)
{
    const struct store_changes *batch = commit->batch;
    (void)context;
    record_claims(commit);
    for (size_t i = 0; i < batch->meeting_count; i++) {
        record_meeting(batch->meetings[i].meeting);
    }
    for (size_t i = 0; i < batch->command_count; i++) {
        const struct store_command *command = &batch->commands[i];
        const struct record record = {.kind = RECORD_COMMAND,
                                      .client = command->key.client,
                                      .epoch = command->key.epoch,
                                      .counter = command->key.counter,
                                      .meeting =
                                          sim_meeting_number(command->meeting.bytes),
                                      .version = command->version};
        sim_record(&record);
    }
    for (unsigned i = 0; i < world->adapter_count; i++) {
        record_issues(batch, i);
    }
    const struct record end = {.kind = RECORD_COMMIT};
    sim_record(&end);
}

/* ---- restores and purges -----------------------------------------------------------
 */

void record_numbered(void *context, int64_t client, bool carried)
{
    struct record record = {.kind = RECORD_NUMBERED,
                            .client = client,
                            .epoch = sim_db_recipient(world->db, client).epoch,
                            .state = carried ? 1 : 0};
    size_t *seen = &world->rows_seen[client - 101];
    struct sim_event_row row;
    (void)context;
    sim_record(&record);
    if (carried) {
        return;
    }
    *seen = 0;
    while (sim_db_event(world->db, client, seen, &row)) {
        record.kind = RECORD_ISSUE;
        record.state = 0;
        record.counter = row.sequence;
        record.meeting = sim_meeting_number(row.meeting.bytes);
        record.version = row.shown;
        sim_record(&record);
    }
}

void record_forgotten(void *context, int64_t client, uint64_t sequence, int64_t age_ms)
{
    int64_t kept_ms = world->retention.outbox_s * SECOND_MS;
    const struct record record = {.kind = RECORD_FORGET,
                                  .client = client,
                                  .epoch = sim_db_recipient(world->db, client).epoch,
                                  .counter = sequence,
                                  .state = age_ms > 10 * kept_ms ? 1 : 0};
    (void)context;
    if (age_ms <= kept_ms) {
        sim_violation("C5 event %" PRIu64 " of client %" PRId64 " is forgotten early",
                      sequence, client);
    }
    sim_record(&record);
}

void record_raised(void *context, struct store_id meeting, uint32_t version)
{
    const struct record record = {.kind = RECORD_RAISED,
                                  .meeting = sim_meeting_number(meeting.bytes),
                                  .version = version};
    (void)context;
    sim_record(&record);
}
