// SPDX-License-Identifier: Apache-2.0

/*
 * sim_agenda.c - what agendas say
 */
#include "tests/simulation/sim_adapter.h"

#include <inttypes.h>

enum { DAY = 1440, HOUR = 60, LEASE_SECONDS = 86400, DAYS_AHEAD = 10 };

static int64_t own_person(const struct adapter *adapter)
{
    int64_t count = (int64_t)world->adapter_count;
    int64_t first = adapter->number == 0 ? count : (int64_t)adapter->number;
    int64_t choices =
        first > world->people_count ? 0 : (world->people_count - first) / count + 1;
    return choices == 0 ? 0 : first + count * (int64_t)sim_draw((uint64_t)choices);
}

static void publish(struct adapter *adapter, int64_t person, bool delta)
{
    struct who own;
    char source[16];
    struct entente_range ranges[DAYS_AHEAD * 2] = {{0}};
    size_t count = 0;
    int32_t today = work_now() / DAY * DAY;
    struct entente_span coverage = {today, today + DAYS_AHEAD * DAY};
    if (delta) {
        coverage.start = today + (int32_t)sim_draw(DAYS_AHEAD) * DAY;
        coverage.end = coverage.start + DAY;
    }
    for (int32_t day = coverage.start; day < coverage.end; day += DAY) {
        uint32_t kind = sim_chance(850000) ? ENTENTE_FREE : ENTENTE_BUSY;
        int32_t from = day + (int32_t)sim_between(6, 10) * HOUR;
        int32_t until = from + (int32_t)sim_between(1, 8) * HOUR;
        ranges[count++] =
            (struct entente_range){.start = from, .end = until, .kind = kind};
        if (sim_chance(300000)) {
            ranges[count++] = (struct entente_range){
                .start = until, .end = until + 2 * HOUR, .kind = ENTENTE_FREE};
        }
    }
    snprintf(source, sizeof(source), "a%" PRId64, person);
    const struct entente_publish publication = {
        .source = source,
        .person = &work_who(&own, person)->identifier,
        .coverage = &coverage,
        .ranges = ranges,
        .ranges_count = count,
        .as_of_ms = sim_db_now_ms(),
        .lease_seconds = LEASE_SECONDS,
        .publication = delta ? ENTENTE_DELTA : ENTENTE_SNAPSHOT,
        .tacit_acceptance = sim_chance(300000),
    };
    (void)entente_client_publish(adapter->client, &publication, NULL, NULL);
}

void work_publish_all(struct adapter *adapter)
{
    for (int64_t person = 1; person <= world->people_count; person++) {
        if (adapter_speaks_for(adapter, person)) {
            publish(adapter, person, false);
        }
    }
}

void work_publish(struct adapter *adapter)
{
    int64_t person = own_person(adapter);
    if (person != 0) {
        publish(adapter, person, sim_chance(500000));
    }
}

void work_withdraw(struct adapter *adapter)
{
    char source[16];
    int64_t person = own_person(adapter);
    snprintf(source, sizeof(source), "a%" PRId64, person);
    if (person != 0 && sim_chance(200000)) {
        (void)entente_client_withdraw(adapter->client, source, NULL, NULL);
    }
}
