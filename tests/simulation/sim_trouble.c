// SPDX-License-Identifier: Apache-2.0

/*
 * sim_trouble.c - what goes wrong in a world, and who mends it
 */
#include "tests/simulation/sim.h"

enum { SECOND_US = 1000000 };

static void crash_node(void)
{
    unsigned node = (unsigned)sim_draw(world->node_count);
    if (node_is_up(node)) {
        node_crash(node);
        world->result.crashes++;
        sim_after(sim_between(SECOND_US / 2, 30 * (int64_t)SECOND_US), EVENT_REPAIR,
                  node, NULL, TROUBLE_BROKER);
    }
}

static void crash_adapter(void)
{
    unsigned adapter = (unsigned)sim_draw(world->adapter_count);
    if (adapter_is_up(adapter)) {
        adapter_crash(adapter);
        world->result.crashes++;
        sim_after(sim_between(SECOND_US / 10, 60 * (int64_t)SECOND_US), EVENT_REPAIR,
                  adapter, NULL, TROUBLE_ADAPTER);
    }
}

/* All brokers still hold more than the backup does, so that each of them notices. */
static bool all_nodes_know_more(void)
{
    bool all = true;
    for (unsigned i = 0; i < world->node_count; i++) {
        all = all && node_knows_more(i);
    }
    return all;
}

/* Whichever of them comes first notices. */
static bool all_adapters_are_ahead(void)
{
    bool all = true;
    for (unsigned i = 0; i < world->adapter_count; i++) {
        all = all && adapter_is_ahead(i);
    }
    return all;
}

/* The operator stops them. */
static void crash_nodes(void)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (node_is_up(i)) {
            node_crash(i);
            sim_after(sim_between(SECOND_US / 2, 30 * (int64_t)SECOND_US), EVENT_REPAIR,
                      i, NULL, TROUBLE_BROKER);
        }
    }
}

/* The database is lost, and what comes back is older.  Under living brokers, which end; or
 * the operator stops them, and says so or forgets to. */
static void restore(void)
{
    bool living = sim_chance(400000);
    bool forgets = !living && sim_chance(700000) && all_adapters_are_ahead();
    (void)sim_db_restore(world->db);
    const struct record record = {.kind = RECORD_REWOUND, .state = forgets ? 1 : 0};
    sim_record(&record);
    world->down_until_us = world->now_us + sim_between(0, 20 * (int64_t)SECOND_US);
    world->saved_us = 0;
    world->forgetful = forgets;
    world->result.crashes++;
    world->result.restores++;
    for (unsigned i = 0; i < world->adapter_count; i++) {
        adapter_backup_is_back(i);
    }
    if (!living || !all_nodes_know_more()) {
        crash_nodes();
    }
}

static void back_up(void)
{
    const struct record record = {.kind = RECORD_SAVED};
    sim_db_save(world->db);
    sim_record(&record);
    world->saved_us = world->now_us;
}

/* A backup that has just been taken is not older than anything. */
static void save_or_restore(void)
{
    bool old = world->saved_us != 0 &&
               world->now_us - world->saved_us > 10 * (int64_t)SECOND_US;
    if (sim_db_is_older(world->db)) {
        return;
    }
    if (old && sim_chance(600000)) {
        restore();
    } else if (world->saved_us == 0 || old) {
        back_up();
    }
}

void trouble_one(void)
{
    enum trouble trouble = 1U << sim_draw(TROUBLE_KINDS);
    if (!sim_has(trouble)) {
        return;
    }
    switch (trouble) {
    case TROUBLE_RESET:
        network_reset_one();
        break;
    case TROUBLE_PARTITION:
        network_partition();
        sim_after(sim_between(SECOND_US, 40 * (int64_t)SECOND_US), EVENT_REPAIR, 0,
                  NULL, TROUBLE_PARTITION);
        break;
    case TROUBLE_DATABASE:
        /* Whoever takes over has another clock; nobody goes back by it. */
        world->down_until_us = world->now_us + sim_between(0, 20 * (int64_t)SECOND_US);
        sim_db_crash(world->db);
        world->clock_offset_ms += sim_between(0, 400);
        world->result.crashes++;
        break;
    case TROUBLE_BROKER:
        crash_node();
        break;
    case TROUBLE_ADAPTER:
        crash_adapter();
        break;
    case TROUBLE_CLOCK:
        world->clock_offset_ms += sim_between(1000, INT64_C(8) * 3600000);
        break;
    case TROUBLE_FREEZE:
        node_freeze((unsigned)sim_draw(world->node_count),
                    sim_between(SECOND_US, 90 * (int64_t)SECOND_US));
        break;
    case TROUBLE_OLDER:
        save_or_restore();
        break;
    case TROUBLE_LOSS:
    case TROUBLE_DELAY:
    case TROUBLE_REPEAT:
    case TROUBLE_REORDER:
    case TROUBLE_CONFLICT:
    case TROUBLE_LINK:
    case TROUBLE_COMMIT:
    case TROUBLE_RESTORE:
    case TROUBLE_ALL:
        break; /* drawn where they happen */
    }
}

void trouble_rush(void)
{
    world->rush_until_us = world->now_us + 20000;
    world->rush_person = 1 + (int64_t)sim_draw((uint64_t)world->people_count);
    for (unsigned i = 0; i < world->adapter_count; i++) {
        adapter_rush(i, sim_between(0, 3000));
    }
}

void trouble_repair(const struct event *event)
{
    if (event->tag == TROUBLE_BROKER) {
        node_start(event->who);
    } else if (event->tag == TROUBLE_ADAPTER) {
        adapter_start(event->who);
    } else if (event->tag == TROUBLE_PARTITION) {
        network_heal();
    }
}
