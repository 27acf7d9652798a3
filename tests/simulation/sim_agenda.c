// SPDX-License-Identifier: Apache-2.0

/*
 * sim_agenda.c - what agendas say
 */
#include "tests/simulation/sim_adapter.h"

#include <inttypes.h>

enum {
    DAY = 1440,
    HOUR = 60,
    LEASE_SECONDS = 86400,
    DAYS_AHEAD = 10,
    AGENDA_NAME = 32
};

static int64_t own_person(const struct adapter *adapter)
{
    int64_t count = (int64_t)world->adapter_count;
    int64_t last = people_last();
    int64_t first = adapter->number == 0 ? count : (int64_t)adapter->number;
    int64_t choices = first > last ? 0 : (last - first) / count + 1;
    return choices == 0 ? 0 : first + count * (int64_t)sim_draw((uint64_t)choices);
}

/* Every third has two agendas, and what the one says the other need not know. */
static bool has_another(int64_t person)
{
    return person % 3 == 0;
}

static void name_agenda(char *source, size_t size, int64_t person, bool another)
{
    snprintf(source, size, "%c%" PRId64, another ? 'b' : 'a', person);
}

void work_draw_agenda(char *source, size_t size, int64_t person)
{
    name_agenda(source, size, person, has_another(person) && sim_chance(400000));
}

static void publish(struct adapter *adapter, int64_t person, const char *source,
                    bool delta)
{
    struct who own;
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
    const struct entente_publish publication = {
        .source = source,
        .person = &work_who(&own, person)->identifier,
        .coverage = &coverage,
        .ranges = ranges,
        .ranges_count = count,
        .as_of_ms = sim_db_now_ms(),
        .lease_seconds = LEASE_SECONDS,
        .publication = delta ? ENTENTE_DELTA : ENTENTE_SNAPSHOT,
        .tacit_acceptance = !people_is_professional(person) ||
                            (people_may_be_silent(person) && sim_chance(300000)),
    };
    (void)entente_client_publish(adapter->client, &publication, NULL, NULL);
}

void work_publish_all(struct adapter *adapter)
{
    int64_t last = people_last();
    for (int64_t person = 1; person <= last; person++) {
        char source[AGENDA_NAME];
        if (!adapter_speaks_for(adapter, person)) {
            continue;
        }
        name_agenda(source, sizeof(source), person, false);
        publish(adapter, person, source, false);
        if (has_another(person)) {
            name_agenda(source, sizeof(source), person, true);
            publish(adapter, person, source, false);
        }
    }
}

void work_publish(struct adapter *adapter)
{
    char source[AGENDA_NAME];
    int64_t person = own_person(adapter);
    if (person != 0) {
        work_draw_agenda(source, sizeof(source), person);
        publish(adapter, person, source, sim_chance(500000));
    }
}

void work_withdraw(struct adapter *adapter)
{
    char source[AGENDA_NAME];
    int64_t person = own_person(adapter);
    if (person != 0 && sim_chance(200000)) {
        work_draw_agenda(source, sizeof(source), person);
        (void)entente_client_withdraw(adapter->client, source, NULL, NULL);
    }
}

/* Of one of the agendas that the event concerns; now and then of one that does not exist,
 * or nobody says of which. */
void work_event(struct adapter *adapter, const struct entente_event *event)
{
    static const uint32_t kinds[] = {ENTENTE_REFUSED, ENTENTE_REFUSED,
                                     ENTENTE_UNKNOWN_RESULT, ENTENTE_DELETED_RESULT};
    const struct entente_spec *spec = event->meeting->spec;
    int64_t person = 0;
    char source[AGENDA_NAME];
    bool confirmed = event->meeting->state == ENTENTE_CONFIRMED;
    if (!confirmed || world->healing || spec == NULL || !sim_chance(300000)) {
        return;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        int64_t one = adapter_person(spec->parties[i].identifier);
        if (adapter_speaks_for(adapter, one) && (person == 0 || sim_chance(500000))) {
            person = one;
        }
    }
    work_draw_agenda(source, sizeof(source), sim_chance(30000) ? 0 : person);
    (void)entente_client_event_result(
        adapter->client, event, sim_chance(100000) ? NULL : source,
        sim_chance(930000) ? ENTENTE_APPLIED : kinds[sim_draw(4)],
        ENTENTE_CONFLICT_IN_AGENDA, NULL);
}
