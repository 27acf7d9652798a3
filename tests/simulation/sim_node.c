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

static void stop(struct node *node);

/* The broker has ended; whatever watches over it starts it again. */
static void node_gives_up(unsigned number)
{
    stop(node_of(number));
    network_node_died(number);
    sim_after(sim_between(SECOND_US / 2, INT64_C(5) * SECOND_US), EVENT_REPAIR, number,
              NULL, TROUBLE_BROKER);
}

void node_turn(struct event *event)
{
    struct node *node = node_of(event->who);
    node->has_turn = false;
    if (node->frozen_until_us > world->now_us) {
        turn_in(event->who, 0);
        return;
    }
    bool busy = loop_turn(node->broker);
    if (node->broker->stop) {
        node_gives_up(event->who);
        return;
    }
    if (busy) {
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

/* ---- for the simulated store -------------------------------------------------------
 */

bool node_knows_more(unsigned number)
{
    const struct node *node = node_of(number);
    return node->broker != NULL && sim_db_knows_more(node->broker->store);
}

const struct sim_driver *node_driver(void)
{
    static const struct sim_driver driver = {.runnable = runnable,
                                             .ready = ready,
                                             .fault = fault,
                                             .committed = record_committed,
                                             .orphan = orphan,
                                             .numbered = record_numbered,
                                             .forgotten = record_forgotten,
                                             .raised = record_raised};
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
    /* Who restores a backup begins a generation before brokers start again. */
    if (sim_db_is_older(world->db) && !world->forgetful) {
        sim_db_begin_generation(world->db);
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
