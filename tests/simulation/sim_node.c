// SPDX-License-Identifier: Apache-2.0

/*
 * sim_node.c - brokers: the real ones, begun, turned and ended as the process does it
 */
#include "tests/simulation/sim.h"

#include "broker/broker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MILLISECOND_US = 1000, SECOND_US = 1000000, SLOW = 100 };

/* Questions, two pages for each client, whoever comes, and what the broker wants to know. */
enum { READS_MAX = BROKER_READING + 3 * SIM_ADAPTERS + 4 };

struct node {
    struct broker *broker; /* NULL: it does not run */
    int64_t turn_us;
    uint64_t turn_tag;
    bool has_turn;
    int64_t frozen_until_us;
    bool dying;
    unsigned sends_left;
    uint64_t life; /* counts its starts */
    bool returning[SIM_LINKS];
    int64_t slow; /* so many times as long as others its statements take */
};

static struct node *node_of(unsigned number)
{
    return world->nodes[number];
}

bool node_is_up(unsigned number)
{
    return node_of(number)->broker != NULL;
}

enum wire_verdict node_judge(unsigned number, const char *key)
{
    return keeper_judge(node_of(number)->broker, key);
}

bool node_is_dying(unsigned number)
{
    struct node *node = node_of(number);
    return node->dying && (node->sends_left == 0 || node->sends_left-- == 0);
}

/* ---- turns -------------------------------------------------------------------------
 */

static void turn_in(unsigned number, int64_t delay_us)
{
    struct node *node = node_of(number);
    int64_t at_us = world->now_us + delay_us;
    at_us = at_us < node->frozen_until_us ? node->frozen_until_us : at_us;
    if (node->broker == NULL || (node->has_turn && node->turn_us <= at_us)) {
        return;
    }
    node->has_turn = true;
    node->turn_us = at_us;
    sim_after(at_us - world->now_us, EVENT_TURN, number, NULL, ++node->turn_tag);
}

void node_wake(unsigned number)
{
    turn_in(number, sim_between(10, 100));
}

bool node_is_stale(const struct event *event)
{
    const struct node *node = node_of(event->who);
    return node->broker == NULL || event->tag != node->turn_tag;
}

void node_turn(struct event *event)
{
    struct node *node = node_of(event->who);
    node->has_turn = false;
    if (node->frozen_until_us > world->now_us) {
        turn_in(event->who, 0);
        return;
    }
    if (loop_turn(node->broker)) {
        node_wake(event->who);
        return;
    }
    int wait_ms = keeper_timeout_ms(node->broker);
    turn_in(event->who, (wait_ms < 1 ? 1 : wait_ms) * (int64_t)MILLISECOND_US);
}

void node_freeze(unsigned number, int64_t for_us)
{
    node_of(number)->frozen_until_us = world->now_us + for_us;
}

/* ---- the database ------------------------------------------------------------------
 */

static unsigned number_of(const struct store *store)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (world->nodes[i] != NULL && world->nodes[i]->broker != NULL &&
            world->nodes[i]->broker->store == store) {
            return i;
        }
    }
    return SIM_BROKERS;
}

static void runnable(void *context, struct store *store, unsigned link)
{
    unsigned number = number_of(store);
    (void)context;
    if (number < SIM_BROKERS) {
        sim_after(sim_between(50, 400) * node_of(number)->slow, EVENT_STATEMENT,
                  number * SIM_LINKS + link, NULL, node_of(number)->life);
    }
}

static void ready(void *context, struct store *store)
{
    unsigned number = number_of(store);
    (void)context;
    if (number >= SIM_BROKERS) {
        return;
    }
    struct node *node = node_of(number);
    for (unsigned i = 0; i < SIM_LINKS; i++) {
        if (!sim_db_is_connected(store, i) && !node->returning[i]) {
            node->returning[i] = true;
            sim_after(sim_between(20, 3000) * MILLISECOND_US, EVENT_RECONNECT,
                      number * SIM_LINKS + i, NULL, node->life);
        }
    }
    turn_in(number, sim_between(50, 300));
}

static enum sim_fault fault(void *context, struct store *store, unsigned link,
                            bool commit)
{
    static const enum sim_fault lost[] = {SIM_LOST_DONE, SIM_LOST_UNDONE,
                                          SIM_LOST_LATER};
    (void)context;
    if (sim_db_waiting(store, link) > READS_MAX && link == SIM_READER) {
        sim_violation("C5 %zu questions stand before what a client is to be told",
                      sim_db_waiting(store, link));
    }
    if (world->healing) {
        return SIM_FINE;
    }
    if ((world->troubles & TROUBLE_CONFLICT) != 0 && link != SIM_READER &&
        sim_chance(3000)) {
        return SIM_CONFLICT;
    }
    if ((world->troubles & TROUBLE_LINK) != 0 && sim_chance(300)) {
        return SIM_LOST;
    }
    if (commit && (world->troubles & TROUBLE_COMMIT) != 0 && sim_chance(5000)) {
        return lost[sim_draw(3)];
    }
    return SIM_FINE;
}

static void orphan(void *context, struct sim_txn *txn)
{
    (void)context;
    sim_after(sim_between(0, INT64_C(5) * SECOND_US), EVENT_SETTLE, 0, txn,
              sim_chance(500000) ? 1 : 0);
}

void node_store_works(struct event *event)
{
    struct node *node = node_of(event->who / SIM_LINKS);
    if (node->broker != NULL && node->life == event->tag) {
        (void)sim_db_work(node->broker->store, event->who % SIM_LINKS);
    }
}

void node_reconnect(struct event *event)
{
    struct node *node = node_of(event->who / SIM_LINKS);
    if (node->broker == NULL || node->life != event->tag) {
        return;
    }
    if (world->down_until_us > world->now_us) {
        sim_after(world->down_until_us - world->now_us + sim_between(0, SECOND_US),
                  EVENT_RECONNECT, event->who, NULL, event->tag);
        return;
    }
    node->returning[event->who % SIM_LINKS] = false;
    sim_db_connect(node->broker->store, event->who % SIM_LINKS);
}

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

static void committed(void *context, const struct sim_commit *commit)
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

const struct sim_driver *node_driver(void)
{
    static const struct sim_driver driver = {.runnable = runnable,
                                             .ready = ready,
                                             .fault = fault,
                                             .committed = committed,
                                             .orphan = orphan};
    return &driver;
}

/* ---- life --------------------------------------------------------------------------
 */

void node_create(unsigned number)
{
    world->nodes[number] = calloc(1, sizeof(struct node));
    if (world->nodes[number] == NULL) {
        abort();
    }
}

void node_start(unsigned number)
{
    struct node *node = node_of(number);
    const char *message = NULL;
    if (node->broker != NULL) {
        return;
    }
    if (world->down_until_us > world->now_us) {
        sim_after(SECOND_US, EVENT_REPAIR, number, NULL, TROUBLE_BROKER);
        return;
    }
    struct broker *broker = calloc(1, sizeof(*broker));
    if (broker == NULL || seal_open("", &broker->seal, &message) != STATUS_OK) {
        abort();
    }
    const struct store_settings settings = {.broker = (int64_t)number + 1,
                                            .seal = broker->seal};
    *node = (struct node){.broker = broker,
                          .slow = 1,
                          .life = node->life + 1,
                          .turn_tag = node->turn_tag + 1};
    if (!life_begin(broker, &settings)) {
        sim_violation("a broker does not start");
    }
    /* Commands are few here, and two batches shall be under way all the same. */
    broker->batch_ahead = (size_t)sim_between(1, 3);
    node->slow = sim_chance(500000) ? SLOW : 1;
    broker->wire = network_wire(number);
    node_wake(number);
}

static void stop(struct node *node)
{
    if (node->broker != NULL) {
        struct broker *broker = node->broker;
        node->dying = true;
        node->sends_left = 0;
        life_end(broker);
        seal_close(broker->seal);
        free(broker);
        node->broker = NULL;
    }
}

/* In the middle of a turn: some of what it says still leaves. */
void node_crash(unsigned number)
{
    struct node *node = node_of(number);
    node->dying = true;
    node->sends_left = (unsigned)sim_draw(6);
    if (node->frozen_until_us <= world->now_us && sim_chance(500000)) {
        (void)loop_turn(node->broker);
    }
    sim_db_leave_behind(node->broker->store);
    stop(node);
    network_node_died(number);
}

void node_destroy(unsigned number)
{
    stop(node_of(number));
    free(world->nodes[number]);
    world->nodes[number] = NULL;
}
