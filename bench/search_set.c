// SPDX-License-Identifier: Apache-2.0

#include "bench/search_set.h"

#include <stdlib.h>

static struct match_party party_of(const struct bench_person *person, uint64_t id,
                                   bool by_record)
{
    struct match_party party = {.importance = MATCH_INDISPENSABLE, .id = id};
    party.person.id = id;
    if (by_record) {
        party.person.record = person->record;
    } else {
        party.person.sources = &person->source;
        party.person.source_count = 1;
    }
    return party;
}

void search_set_init(struct search_set *set, const struct bench_cell *cell,
                     bool by_record)
{
    *set = (struct search_set){.cell = cell};
    set->requests = bench_memory(cell->request_count * sizeof(*set->requests));
    set->parties =
        bench_memory(cell->request_count * cell->parties * sizeof(*set->parties));
    set->window = (struct match_span){
        KIND_MONDAY, KIND_MONDAY + (minute_t)cell->people->days * MINUTES_PER_DAY};
    set->clock = (struct match_offset){KIND_MONDAY, CLOCK_AHEAD};
    for (size_t i = 0; i < cell->request_count; i++) {
        struct match_party *parties = set->parties + i * cell->parties;
        for (uint32_t j = 0; j < cell->parties; j++) {
            uint16_t who = cell->request[i][j];
            parties[j] = party_of(&cell->people->person[who], who, by_record);
        }
        set->requests[i] = (struct match_request){
            .duration = cell->duration,
            .grid = KIND_CELL,
            .windows = &set->window,
            .window_count = 1,
            .earliest = KIND_MONDAY,
            .now = KIND_MONDAY,
            .offsets = &set->clock,
            .offset_count = 1,
            .has_target = true,
            .target = cell->target[i],
            .quorum = cell->needed == cell->parties ? 0 : cell->needed,
            .parties = parties,
            .party_count = cell->parties,
            .wanted = cell->wanted == 0 ? 1 : cell->wanted,
        };
        size_t size = match_workspace_size(&set->requests[i]);
        set->workspace_size = size > set->workspace_size ? size : set->workspace_size;
    }
    set->workspace = bench_memory(set->workspace_size);
    set->result = bench_memory(sizeof(*set->result));
}

void search_set_finish(struct search_set *set)
{
    free(set->requests);
    free(set->parties);
    free(set->workspace);
    free(set->result);
    *set = (struct search_set){0};
}
