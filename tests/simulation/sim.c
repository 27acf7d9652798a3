// SPDX-License-Identifier: Apache-2.0

/*
 * sim.c - chance, time and order of one world, and its phases
 */
#include "tests/simulation/sim.h"
#include "tests/simulation/store_sim_rows.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct sim *world;

/* Monday, 2026-11-23T07:00Z. */
#define BEGIN_MS (INT64_C(1795392000000) + INT64_C(7) * 3600000)

enum phase { PHASE_STORM, PHASE_HEALED, PHASE_LEAP, PHASE_END };

enum {
    SECOND_US = 1000000,
    FAULT_EVERY_US = 2 * SECOND_US,
    CALM_US = 90 * SECOND_US, /* after healing, before time leaps */
    LEAP_MS = 12 * 3600000,
    LEAPS = 120,
    LEAP_US = 8 * SECOND_US,
};

/* ---- chance ------------------------------------------------------------------------
 */

uint64_t sim_draw(uint64_t limit)
{
    uint64_t value = world->chance += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    value ^= value >> 31;
    return limit == UINT64_MAX ? value : (uint64_t)(value % limit);
}

bool sim_chance(uint32_t in_a_million)
{
    return sim_draw(1000000) < in_a_million;
}

int64_t sim_between(int64_t least, int64_t most)
{
    return least + (int64_t)sim_draw((uint64_t)(most - least) + 1);
}

/* ---- the queue of events -----------------------------------------------------------
 */

static bool is_sooner(const struct event *a, const struct event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

void sim_after(int64_t delay_us, enum event_kind kind, uint32_t who, void *what,
               uint64_t tag)
{
    if (world->heap_count == world->heap_capacity) {
        world->heap_capacity = world->heap_capacity * 2 + 1024;
        world->heap =
            sim_need(realloc(world->heap, world->heap_capacity * sizeof(*world->heap)));
    }
    const struct event event = {.at_us = world->now_us + delay_us,
                                .order = world->order++,
                                .kind = kind,
                                .who = who,
                                .what = what,
                                .tag = tag};
    size_t i = world->heap_count++;
    for (; i > 0 && is_sooner(&event, &world->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        world->heap[i] = world->heap[(i - 1) / 2];
    }
    world->heap[i] = event;
}

static struct event next_event(void)
{
    struct event first = world->heap[0];
    struct event last = world->heap[--world->heap_count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < world->heap_count; i = child) {
        if (child + 1 < world->heap_count &&
            is_sooner(&world->heap[child + 1], &world->heap[child])) {
            child++;
        }
        if (!is_sooner(&world->heap[child], &last)) {
            break;
        }
        world->heap[i] = world->heap[child];
    }
    world->heap[i] = last;
    return first;
}

/* ---- trace, violations -------------------------------------------------------------
 */

static void stir(uint64_t value)
{
    uint64_t digest = world->result.digest ^ value;
    digest *= UINT64_C(0x9e3779b97f4a7c15);
    world->result.digest = digest ^ digest >> 32;
}

void sim_note(const char *what, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    stir(size);
    for (size_t at = 0; at < size; at += 8) {
        uint64_t word = 0;
        memcpy(&word, byte + at, size - at < 8 ? size - at : 8);
        stir(word);
    }
    if (world->plan.trace != NULL) {
        fprintf(world->plan.trace, "    %s %zu bytes %016" PRIx64 "\n", what, size,
                world->result.digest);
    }
}

void sim_violation(const char *format, ...)
{
    va_list arguments;
    if (world->result.violation != NULL || world->result.overtaken > 0) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(world->violation, sizeof(world->violation), format, arguments);
    va_end(arguments);
    world->result.violation = world->violation;
    world->result.violated_at = world->result.events;
    world->over = true;
}

void sim_record(const struct record *record)
{
    const char *said = checker_take(world->checker, record);
    if (world->plan.record != NULL) {
        world->plan.record(world->plan.context, record);
    }
    if (world->plan.trace != NULL) {
        fputs("    * ", world->plan.trace);
        record_print(world->plan.trace, record);
    }
    if (checker_is_overtaken(world->checker)) {
        world->result.overtaken = 1;
        world->over = true;
    } else if (said != NULL) {
        sim_violation("%s", said);
    }
}

enum { BOOTED_MS = 100000000 }; /* no monotonic clock begins at 0 */

int64_t sim_mono_ms(void)
{
    return BOOTED_MS + world->now_us / 1000;
}

int64_t sim_db_now_ms(void)
{
    return BEGIN_MS + world->now_us / 1000 + world->clock_offset_ms;
}

uint64_t sim_meeting_number(const uint8_t *id)
{
    uint64_t halves[2];
    memcpy(halves, id, sizeof(halves));
    return (halves[0] * 31 + halves[1]) | 1;
}

/* ---- trouble -----------------------------------------------------------------------
 */

bool sim_has(enum trouble trouble)
{
    return !world->healing && (world->troubles & trouble) != 0;
}

/* ---- phases ------------------------------------------------------------------------
 */

static void heal(void)
{
    world->healing = true;
    network_heal();
    for (unsigned i = 0; i < world->node_count; i++) {
        node_start(i);
    }
    for (unsigned i = 0; i < world->adapter_count; i++) {
        adapter_start(i);
        adapter_wake(i, 0);
    }
    const struct record record = {.kind = RECORD_HEALED};
    sim_record(&record);
}

static bool all_over(void)
{
    bool over = true;
    for (size_t i = 0; i < sim_db_meetings(world->db) && over; i++) {
        over = sim_db_meeting(world->db, i).state > ENTENTE_WAITING_ORGANIZER;
    }
    for (unsigned i = 0; i < world->adapter_count; i++) {
        over = over && adapter_is_settled(i);
    }
    return over;
}

static void next_phase(const struct event *event)
{
    uint64_t leap = event->tag;
    if (!world->healing) {
        heal();
        sim_after(CALM_US, EVENT_PHASE, 0, NULL, 0);
        return;
    }
    if (all_over() || leap >= LEAPS) {
        const struct record record = {.kind = RECORD_END,
                                      .start = (int32_t)(sim_db_now_ms() / 60000)};
        sim_record(&record);
        world->over = true;
        return;
    }
    for (unsigned i = 0; i < world->adapter_count; i++) {
        if (!adapter_keeps_up(i)) {
            sim_violation("C5 client %u is not told what was issued long ago", 101 + i);
        }
    }
    world->clock_offset_ms += LEAP_MS;
    sim_after(LEAP_US, EVENT_PHASE, 0, NULL, leap + 1);
}

static void happen(struct event *event)
{
    sim_db_set_clock(world->db, sim_db_now_ms(), sim_mono_ms());
    switch ((enum event_kind)event->kind) {
    case EVENT_FRAME:
        network_frame(event);
        break;
    case EVENT_OPEN:
        network_opened(event);
        break;
    case EVENT_CLOSE:
        network_closed(event);
        break;
    case EVENT_TURN:
        node_turn(event);
        break;
    case EVENT_STEP:
        adapter_step(event);
        break;
    case EVENT_STATEMENT:
        node_store_works(event);
        break;
    case EVENT_SETTLE:
        sim_db_settle(event->what, event->tag != 0);
        break;
    case EVENT_RECONNECT:
        node_reconnect(event);
        break;
    case EVENT_ACT:
        adapter_act(event);
        break;
    case EVENT_FAULT:
        if (!world->healing) {
            trouble_one();
            if (sim_chance(500000)) {
                trouble_rush();
            }
            sim_after(sim_between(1, FAULT_EVERY_US), EVENT_FAULT, 0, NULL, 0);
        }
        break;
    case EVENT_REPAIR:
        trouble_repair(event);
        break;
    case EVENT_PHASE:
        next_phase(event);
        break;
    case EVENT_KINDS:
        break;
    }
}

/* ---- a run -------------------------------------------------------------------------
 */

static const char *const kind_texts[] = {
#define SIM_KIND(name, text) text,
    SIM_KINDS(SIM_KIND)
#undef SIM_KIND
};

static void begin(const struct sim_plan *plan)
{
    world->plan = *plan;
    world->chance = plan->seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
    world->result.digest = plan->seed;
    /* Everything is drawn, also what the plan says otherwise: a shrunk run then differs
     * only where it was shrunk. */
    unsigned nodes = 1 + (unsigned)sim_draw(SIM_BROKERS);
    unsigned adapters = 3 + (unsigned)sim_draw(SIM_ADAPTERS - 2);
    unsigned troubles =
        (unsigned)(sim_draw(TROUBLE_ALL + 1) | sim_draw(TROUBLE_ALL + 1));
    int64_t people = adapters + (int64_t)sim_draw(SIM_PEOPLE - adapters + 1);
    int64_t storm_us = sim_between(30, 400) * (int64_t)SECOND_US;
    world->node_count = plan->brokers != 0 ? plan->brokers : nodes;
    world->adapter_count = plan->adapters != 0 ? plan->adapters : adapters;
    world->people_count = people < world->adapter_count ? world->adapter_count : people;
    world->troubles = troubles & plan->troubles;
    world->checker = checker_create();
    world->network = network_create();
    world->db = sim_db_create(node_driver());
    sim_db_use(world->db);
    sim_db_plant(world->db, plan->mistake);
    world->retention =
        (struct store_retention){.command_s = INT64_C(30) * 86400,
                                 .outbox_s = sim_between(1, INT64_C(7) * 1440) * 60,
                                 .feed_s = sim_between(1, 60) * 60,
                                 .evidence_s = sim_between(1, 90) * 86400};
    sim_db_keep(world->db, &world->retention);
    sim_db_set_clock(world->db, sim_db_now_ms(), sim_mono_ms());
    people_begin();
    for (unsigned i = 0; i < world->node_count; i++) {
        node_create(i);
        node_start(i);
    }
    for (unsigned i = 0; i < world->adapter_count; i++) {
        adapter_create(i);
        adapter_start(i);
    }
    sim_after(FAULT_EVERY_US, EVENT_FAULT, 0, NULL, 0);
    sim_after(storm_us, EVENT_PHASE, 0, NULL, 0);
}

static void end(void)
{
    for (unsigned i = 0; i < world->adapter_count; i++) {
        adapter_destroy(i);
    }
    for (unsigned i = 0; i < world->node_count; i++) {
        node_destroy(i);
    }
    for (size_t i = 0; i < sim_db_meetings(world->db); i++) {
        world->result.meetings++;
        world->result.confirmed += sim_db_meeting(world->db, i).state == ENTENTE_DONE;
    }
    network_destroy(world->network);
    sim_db_destroy(world->db);
    checker_destroy(world->checker);
    free(world->heap);
}

void sim_run(const struct sim_plan *plan, struct sim_result *ret_result)
{
    static char violation[512];
    world = sim_need(calloc(1, sizeof(*world)));
    begin(plan);
    while (!world->over && world->heap_count > 0 &&
           (plan->events == 0 || world->result.events < plan->events)) {
        struct event event = next_event();
        world->now_us = event.at_us;
        if ((event.kind == EVENT_TURN && node_is_stale(&event)) ||
            (event.kind == EVENT_STEP && adapter_is_stale(&event))) {
            continue; /* only a place in the queue */
        }
        world->result.events++;
        world->result.by_kind[event.kind]++;
        if (plan->progress != NULL) {
            *plan->progress = world->result.events;
        }
        stir((uint64_t)event.at_us ^ ((uint64_t)event.kind << 56) ^
             ((uint64_t)event.who << 40));
        if (plan->trace != NULL) {
            fprintf(plan->trace, "%" PRIu64 " %" PRId64 " %s %" PRIu32 "\n",
                    world->result.events, event.at_us, kind_texts[event.kind],
                    event.who);
        }
        happen(&event);
    }
    end();
    *ret_result = world->result;
    if (world->result.violation != NULL) {
        memcpy(violation, world->violation, sizeof(violation));
        ret_result->violation = violation;
    }
    free(world);
    world = NULL;
}
