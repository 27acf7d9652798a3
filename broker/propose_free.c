// SPDX-License-Identifier: Apache-2.0

/*
 * propose_free.c - the part of propose.h that tells when one person is free
 */
#include "broker/propose.h"

#include "broker/gather.h"
#include "broker/propose_internal.h"
#include "matcher/free_time.h"

static bool has_room(struct arena *arena, size_t bound, struct interval_set *ret)
{
    ret->start = arena_array(arena, bound, sizeof(*ret->start));
    ret->end = arena_array(arena, bound, sizeof(*ret->end));
    ret->capacity = bound;
    return ret->start != NULL && ret->end != NULL;
}

static void oldest(const struct index_person *person, struct entente_free_ranges *ret)
{
    for (const struct index_source *s = person->sources; s != NULL; s = s->beside) {
        int64_t as_of = s->as_of_ms;
        if (ret->as_of_ms == 0 || as_of < ret->as_of_ms) {
            ret->as_of_ms = as_of;
        }
    }
}

enum status propose_free(const struct index_person *person, int32_t from, int32_t until,
                         uint32_t purposes, int64_t now_ms, struct arena *arena,
                         struct entente_free_ranges *ret_ranges)
{
    struct match_request request = {.purposes = purposes};
    struct match_party party = {.importance = MATCH_INDISPENSABLE};
    struct free_time time = {0};
    struct free_time_scratch scratch = {0};
    if (!gather_person_sources(person, NULL, now_ms, arena, &party.person)) {
        return STATUS_FAILED;
    }
    size_t bound = free_time_bound(&party);
    struct entente_span *known = arena_alloc(arena, sizeof(*known));
    if (known == NULL || !has_room(arena, bound, &time.busy) ||
        !has_room(arena, bound, &time.free) ||
        !has_room(arena, bound, &scratch.offered) ||
        !has_room(arena, bound, &scratch.order)) {
        return STATUS_FAILED;
    }
    struct match_span within = {from, until};
    free_time_of(&request, &party, within, &scratch, &time);

    struct entente_range *ranges = arena_array(arena, time.free.count, sizeof(*ranges));
    if (ranges == NULL) {
        return STATUS_FAILED;
    }
    ret_ranges->ranges = ranges;
    ret_ranges->ranges_count = 0;
    for (size_t i = 0; i < time.free.count; i++) {
        struct match_span cut = free_time_overlap(
            within, (struct match_span){time.free.start[i], time.free.end[i]});
        if (cut.start < cut.end) {
            ranges[ret_ranges->ranges_count++] = (struct entente_range){
                .start = cut.start, .end = cut.end, .kind = ENTENTE_FREE};
        }
    }
    struct match_span sure = free_time_overlap(within, time.known);
    if (sure.start < sure.end) {
        *known = (struct entente_span){sure.start, sure.end};
        ret_ranges->known = known;
        ret_ranges->known_count = 1;
    }
    oldest(person, ret_ranges);
    return STATUS_OK;
}
