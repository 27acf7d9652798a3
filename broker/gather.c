// SPDX-License-Identifier: Apache-2.0

#include "broker/gather.h"

#include <string.h>

/* Does the record say what counts for @meeting at @now_ms? */
static bool has_its_record(const struct index_person *person, const uint8_t *meeting,
                           int64_t now_ms)
{
    for (const struct index_source *s = person->sources; s != NULL; s = s->beside) {
        if (index_lease_until_ms(s) <= now_ms ||
            (meeting != NULL && index_source_echoes(s, meeting))) {
            return false;
        }
    }
    return person->record != NULL;
}

static bool gather_sources(const struct index_person *person, const uint8_t *meeting,
                           int64_t now_ms, struct arena *arena,
                           struct match_person *ret)
{
    struct match_source *sources =
        arena_array(arena, person->source_count, sizeof(*sources));
    if (sources == NULL) {
        return false;
    }
    size_t count = 0;
    for (const struct index_source *s = person->sources; s != NULL; s = s->beside) {
        if (index_lease_until_ms(s) <= now_ms) {
            count++; /* zeroed: it covers nothing */
            continue;
        }
        struct match_range *ranges =
            arena_array(arena, index_source_bound(s), sizeof(*ranges));
        if (ranges == NULL) {
            return false;
        }
        index_source_time(s, meeting, ranges, &sources[count++]);
    }
    ret->sources = sources;
    ret->source_count = count;
    return true;
}

static bool gather_claims(const struct index_person *person, const uint8_t *meeting,
                          struct arena *arena, struct match_person *ret)
{
    struct match_span *claims =
        arena_array(arena, person->claim_count, sizeof(*claims));
    uint16_t *places = arena_array(arena, person->claim_count, sizeof(*places));
    if (claims == NULL || places == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct index_claim *claim = &person->claims[i];
        const struct match_span span = claim->hold.span;
        struct match_span *last = count == 0 ? NULL : &claims[count - 1];
        if (meeting != NULL && memcmp(claim->meeting, meeting, 16) == 0) {
            continue;
        }
        /* The new time of a meeting that moves may lie over its old one. */
        if (last != NULL && span.start < last->end) {
            last->end = span.end > last->end ? span.end : last->end;
            places[count - 1] =
                places[count - 1] == claim->hold.place ? claim->hold.place : 0;
        } else {
            places[count] = claim->hold.place;
            claims[count++] = span;
        }
    }
    ret->claims = claims;
    ret->claim_places = places;
    ret->claim_count = count;
    ret->load = (uint32_t)count;
    return true;
}

bool gather_person_sources(const struct index_person *person, const uint8_t *meeting,
                           int64_t now_ms, struct arena *arena,
                           struct match_person *ret)
{
    *ret = (struct match_person){.id = (uint64_t)person->person};
    return gather_claims(person, meeting, arena, ret) &&
           gather_sources(person, meeting, now_ms, arena, ret);
}

bool gather_person(const struct index_person *person, const uint8_t *meeting,
                   int64_t now_ms, struct arena *arena, struct match_person *ret)
{
    *ret = (struct match_person){.id = (uint64_t)person->person};
    if (!gather_claims(person, meeting, arena, ret)) {
        return false;
    }
    if (has_its_record(person, meeting, now_ms)) {
        ret->record = person->record;
        return true;
    }
    return gather_sources(person, meeting, now_ms, arena, ret);
}
