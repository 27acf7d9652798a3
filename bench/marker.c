// SPDX-License-Identifier: Apache-2.0

#include "bench/marker.h"

#include "bench/agenda.h"
#include "bench/report.h"
#include "bench/stand.h"

enum { DAYS_BEHIND = 30, HOURS = 300 };

void marker_create(struct marker *marker, uint64_t seed)
{
    minute_t monday = workload_monday();
    struct workload_random random = workload_stream(seed, 0);
    marker->coverage = (struct entente_span){
        monday, monday + (WORKLOAD_DAYS + DAYS_BEHIND) * MINUTES_PER_DAY};
    marker->count = workload_office_ranges(&random, monday, marker->ranges);
}

static bool sees(const struct marker *marker, int32_t hour)
{
    char value[24];
    struct entente_identifier who = stand_person(0, value);
    struct entente_party party = {.kind = ENTENTE_PROFESSIONAL,
                                  .importance = ENTENTE_INDISPENSABLE,
                                  .identifier = &who};
    struct entente_spec spec = {
        .duration_minutes = 30,
        .zone = "Europe/Paris",
        .picked = &hour,
        .picked_count = 1,
        .parties = &party,
        .parties_count = 1,
        .nature = ENTENTE_SYNTHESIS,
    };
    const struct entente_search search = {.spec = &spec, .slots = 1};
    const struct entente_search_result *result = NULL;
    enum entente_code code =
        entente_client_search(marker->searcher, &search, STAND_PATIENCE_MS, &result);
    if (code != ENTENTE_OK) {
        report_die("search: %s", entente_client_sentence(marker->searcher));
    }
    return result->slots_count == 1;
}

struct marker_times marker_round(struct marker *marker, int round)
{
    int32_t hour = marker->coverage.start + (WORKLOAD_DAYS + 1) * MINUTES_PER_DAY +
                   round % HOURS * 60;
    marker->ranges[marker->count] =
        (struct entente_range){.start = hour, .end = hour + 60, .kind = ENTENTE_FREE};
    const struct agenda_ranges ranges = {marker->ranges, marker->count + 1};
    double began = report_now();
    if (sees(marker, hour)) {
        report_die("the hour was there before it was published");
    }
    double asked = report_now();
    agenda_publish(marker->publisher, 0, &marker->coverage, &ranges);
    double told = report_now();
    while (!sees(marker, hour)) {
    }
    double seen = report_now();
    return (struct marker_times){.search = (asked - began) * 1000,
                                 .durable = (told - asked) * 1000,
                                 .matchable = (seen - asked) * 1000};
}
