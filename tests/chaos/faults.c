// SPDX-License-Identifier: Apache-2.0

/*
 * faults.c - what befalls, drawn from the seed
 *
 * Faults are dealt from a deck that holds each of them, so that a round of some length
 * meets all; when the deck is empty it is shuffled again.
 */
#include "tests/chaos/chaos.h"

#include <inttypes.h>
#include <string.h>

enum { GAP_MIN_MS = 100, GAP_MAX_MS = 800, EASE_MAX = 5 };

static const char *const names[FAULT_COUNT] = {
#define FAULT_TEXT(name, text, count) text,
    FAULTS(FAULT_TEXT)
#undef FAULT_TEXT
};

const char *fault_name(enum fault fault)
{
    return names[fault];
}

static void shuffle(struct chaos *chaos)
{
    static const unsigned counts[FAULT_COUNT] = {
#define FAULT_CARDS(name, text, count) count,
        FAULTS(FAULT_CARDS)
#undef FAULT_CARDS
    };
    chaos->deck_count = 0;
    for (unsigned fault = 0; fault < FAULT_COUNT; fault++) {
        unsigned count = chaos->decks == 0 ? 1 : counts[fault];
        for (unsigned i = 0; i < count; i++) {
            chaos->deck[chaos->deck_count++] = (enum fault)fault;
        }
    }
    chaos->decks++;
    for (size_t i = chaos->deck_count; i > 1; i--) {
        size_t j = (size_t)chance_draw(&chaos->chance, i);
        enum fault moved = chaos->deck[i - 1];
        chaos->deck[i - 1] = chaos->deck[j];
        chaos->deck[j] = moved;
    }
}

static int64_t draw(struct chaos *chaos, int64_t from, int64_t until)
{
    return chance_between(&chaos->chance, from, until);
}

/* Most are short; some last longer than anybody's patience. */
static int64_t draw_long(struct chaos *chaos, int64_t from, int64_t until)
{
    int64_t drawn = draw(chaos, from, until);
    return chance_percent(&chaos->chance, 12) ? 3 * drawn : drawn;
}

static size_t any_broker(struct chaos *chaos)
{
    return (size_t)draw(chaos, 1, BROKERS);
}

static size_t any_adapter(struct chaos *chaos)
{
    return (size_t)draw(chaos, BROKERS + 1, NODES - 1);
}

static void order(struct chaos *chaos, const char *word, size_t route, int64_t value)
{
    if (chaos->orders != NULL) {
        fprintf(chaos->orders, "%s %zu %" PRId64 "\n", word, route, value);
        fflush(chaos->orders);
    }
}

/* ---- one fault each; what it befell, for the report --------------------------------
 */

static void kill_one(struct chaos *chaos, size_t number, int64_t latest_ms)
{
    if (chaos->processes[number].pid != 0) {
        process_kill(chaos, number, draw(chaos, 50, latest_ms));
        chaos->kills++;
        chaos_note(chaos, "%s is killed", chaos->processes[number].name);
    }
}

static void stop_one(struct chaos *chaos, size_t number, int64_t latest_ms)
{
    int64_t for_ms = draw_long(chaos, 200, latest_ms);
    process_stop(chaos, number, for_ms);
    chaos_note(chaos, "%s stands still for %" PRId64 " ms",
               chaos->processes[number].name, for_ms);
}

static void befall_backend(struct chaos *chaos, bool stop)
{
    pid_t pids[64];
    size_t count = database_backends(chaos, pids, 64);
    uint64_t drawn = chance_next(&chaos->chance);
    int64_t for_ms = draw(chaos, 200, 3000);
    if (count == 0) {
        return;
    }
    pid_t pid = pids[drawn % count];
    if (!stop) {
        kill(pid, SIGKILL);
        chaos->kills++;
        chaos_note(chaos, "a process of PostgreSQL is killed: %ld", (long)pid);
        return;
    }
    for (size_t i = 0; i < FROZEN_MAX; i++) {
        if (chaos->frozen[i].pid == 0) {
            kill(pid, SIGSTOP);
            chaos->frozen[i].pid = pid;
            chaos->frozen[i].wake_ms = chaos_now_ms() + for_ms;
            chaos_note(chaos, "a process of PostgreSQL stands still for %" PRId64 " ms",
                       for_ms);
            return;
        }
    }
}

static void cut_node(struct chaos *chaos, size_t node, int64_t for_ms, unsigned flaps)
{
    if (chaos->link_ms[node] == 0) {
        net_link(chaos, node, false);
        chaos->link_ms[node] = chaos_now_ms() + for_ms;
        chaos->flaps[node] = flaps;
        chaos->partitions += flaps == 0;
        chaos_note(chaos, "%s is cut off for %" PRId64 " ms%s",
                   chaos->processes[node].name, for_ms,
                   flaps == 0 ? "" : ", again and again");
    }
}

static void befall_route(struct chaos *chaos, const char *word, int64_t value,
                         int64_t for_ms)
{
    size_t route = (size_t)draw(chaos, 0, ROUTES - 1);
    /* Every third time between a broker and the database. */
    if (chance_percent(&chaos->chance, 33)) {
        route %= BROKERS;
    }
    if (chaos->route_ms[route] == 0) {
        order(chaos, word, route, value);
        chaos->route_ms[route] = chaos_now_ms() + for_ms;
        chaos->partitions += strcmp(word, "stall") == 0;
        chaos_note(chaos, "route %zu: %s for %" PRId64 " ms", route, word, for_ms);
    }
}

static void fill_disk(struct chaos *chaos)
{
    if (chaos->disk_ms == 0) {
        database_fill_disk(chaos);
        chaos->disk_ms = chaos_now_ms() + draw(chaos, 500, 2500);
        chaos_note(chaos, "the disk is full");
    }
}

static void fail_fsync(struct chaos *chaos)
{
    if (chaos->with_fiu && chaos->fsync_ms == 0) {
        chaos->fsync_fails = true;
        chaos->fsync_ms = chaos_now_ms() + draw(chaos, 1500, 4000);
        chaos_note(chaos, "PostgreSQL starts again, and its fsync fails now and then");
        kill_one(chaos, 0, 100);
    }
}

static void befall(struct chaos *chaos, enum fault fault)
{
    chaos->done[fault]++;
    switch (fault) {
    case FAULT_KILL_BROKER:
        kill_one(chaos, any_broker(chaos), 1500);
        break;
    case FAULT_KILL_ADAPTER:
        kill_one(chaos, any_adapter(chaos), 1000);
        break;
    case FAULT_KILL_BACKEND:
        befall_backend(chaos, false);
        break;
    case FAULT_KILL_POSTMASTER:
        kill_one(chaos, 0, 1000);
        break;
    case FAULT_STOP_BROKER:
        stop_one(chaos, any_broker(chaos), 4000);
        break;
    case FAULT_STOP_ADAPTER:
        stop_one(chaos, any_adapter(chaos), 4000);
        break;
    case FAULT_STOP_BACKEND:
        befall_backend(chaos, true);
        break;
    case FAULT_STOP_POSTMASTER:
        stop_one(chaos, 0, 2000);
        break;
    case FAULT_PARTITION_NODE:
        cut_node(chaos, (size_t)draw(chaos, 0, NODES - 1), draw_long(chaos, 300, 4000),
                 0);
        break;
    case FAULT_PARTITION_ROUTE:
        befall_route(chaos, "stall", 0, draw_long(chaos, 300, 5000));
        break;
    case FAULT_FLAP:
        cut_node(chaos, (size_t)draw(chaos, 0, NODES - 1), draw(chaos, 20, 200),
                 (unsigned)draw(chaos, 4, 16));
        break;
    case FAULT_DELAY:
        befall_route(chaos, "delay", draw(chaos, 5, 400), draw(chaos, 500, 4000));
        break;
    case FAULT_LOSE:
        befall_route(chaos, "lose", 0, draw(chaos, 100, 1500));
        break;
    case FAULT_RESET:
        befall_route(chaos, "reset", 0, 1);
        break;
    case FAULT_REFUSE:
        befall_route(chaos, "refuse", 0, draw(chaos, 200, 2000));
        break;
    case FAULT_DISK_FULL:
        fill_disk(chaos);
        break;
    case FAULT_FSYNC:
        fail_fsync(chaos);
        break;
    case FAULT_COUNT:
        break;
    }
}

/* ---- and what is over --------------------------------------------------------------
 */

/* A link that flaps is up for as long as it was down. */
static void mend_link(struct chaos *chaos, size_t node, int64_t now)
{
    bool goes_down = chaos->flaps[node] > 0 && chaos->flaps[node]-- % 2 == 0;
    net_link(chaos, node, !goes_down);
    chaos->link_ms[node] =
        chaos->flaps[node] > 0 || goes_down ? now + draw(chaos, 20, 200) : 0;
}

static void mend(struct chaos *chaos, int64_t now)
{
    for (size_t i = 0; i < NODES; i++) {
        if (chaos->link_ms[i] != 0 && chaos->link_ms[i] <= now) {
            mend_link(chaos, i, now);
        }
    }
    for (size_t i = 0; i < ROUTES; i++) {
        if (chaos->route_ms[i] != 0 && chaos->route_ms[i] <= now) {
            order(chaos, "heal", i, 0);
            chaos->route_ms[i] = 0;
        }
    }
    for (size_t i = 0; i < FROZEN_MAX; i++) {
        if (chaos->frozen[i].pid != 0 && chaos->frozen[i].wake_ms <= now) {
            kill(chaos->frozen[i].pid, SIGCONT);
            chaos->frozen[i].pid = 0;
        }
    }
    if (chaos->disk_ms != 0 && chaos->disk_ms <= now) {
        database_free_disk(chaos);
        chaos->disk_ms = 0;
    }
    if (chaos->fsync_ms != 0 && chaos->fsync_ms <= now) {
        chaos->fsync_ms = 0;
        chaos->fsync_fails = false;
        kill_one(chaos, 0, 100);
    }
}

void faults_tick(struct chaos *chaos, int64_t now)
{
    mend(chaos, now);
    if (!chaos->active || now < chaos->fault_ms) {
        return;
    }
    if (chaos->deck_count == 0) {
        shuffle(chaos);
    }
    befall(chaos, chaos->deck[--chaos->deck_count]);
    chaos->fault_ms = now + chaos->ease * draw(chaos, GAP_MIN_MS, GAP_MAX_MS);
}

void faults_begin(struct chaos *chaos)
{
    /* After the first round some are storms, and in some a fault meets those who work. */
    chaos->ease = chaos->rounds == 0 ? 1 : draw(chaos, 1, EASE_MAX);
    chaos->active = true;
    chaos->fault_ms = chaos_now_ms();
}

void faults_heal(struct chaos *chaos)
{
    chaos->active = false;
    for (size_t i = 0; i < NODES; i++) {
        chaos->flaps[i] = 0;
        chaos->link_ms[i] = 0;
        net_link(chaos, i, true);
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        struct process *process = &chaos->processes[i];
        process->wake_ms = process->wake_ms == 0 ? 0 : 1;
        process->start_ms = process->start_ms == 0 ? 0 : 1;
    }
    mend(chaos, INT64_MAX / 2);
    if (chaos->orders != NULL) {
        fputs("heal all\n", chaos->orders);
        fflush(chaos->orders);
    }
    chaos_note(chaos, "all is healed");
}
