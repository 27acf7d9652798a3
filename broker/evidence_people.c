// SPDX-License-Identifier: Apache-2.0

/*
 * evidence_people.c - the part of evidence.h that knows whose time was looked at
 */
#include "broker/evidence_coder.h"

#include "matcher/record.h"

#include <assert.h>

const struct match_span *
evidence_pass_spans(struct coder *coder, const struct match_span *spans, size_t *count)
{
    struct match_span *read = coder_list(coder, count, sizeof(*read));
    minute_t before = 0;

    for (size_t i = 0; i < *count && coder_is_good(coder); i++) {
        assert(coder->writes ? spans != NULL : read != NULL);
        struct match_span span = coder->writes ? spans[i] : (struct match_span){0, 0};
        span.start = (minute_t)coder_near(coder, span.start, before);
        span.end = (minute_t)coder_near(coder, span.end, span.start);
        before = span.end;
        if (!coder->writes) {
            read[i] = span;
        }
    }
    return coder->writes ? spans : read;
}

static const uint16_t *pass_places(struct coder *coder, const uint16_t *places,
                                   size_t count)
{
    size_t number = places == NULL ? 0 : count;
    uint16_t *read = coder_list(coder, &number, sizeof(*read));

    for (size_t i = 0; i < number && coder_is_good(coder); i++) {
        assert(coder->writes ? places != NULL : read != NULL);
        uint16_t place = (uint16_t)coder_pass(coder, coder->writes ? places[i] : 0);
        if (!coder->writes) {
            read[i] = place;
        }
    }
    coder_insist(coder, number == 0 || number == count);
    if (coder->writes) {
        return places;
    }
    return number == 0 ? NULL : read;
}

/* ---- people ------------------------------------------------------------------------
 */

static bool is_alike(const struct match_range *a, const struct match_range *b)
{
    return a->kind == b->kind && a->certainty == b->certainty &&
           a->preference == b->preference && a->modalities == b->modalities &&
           a->purposes == b->purposes && a->place == b->place;
}

/* Most ranges say the same as the one before, at another time. */
static void pass_range(struct coder *coder, struct match_range *range,
                       const struct match_range *before)
{
    bool same = coder_pass(coder, is_alike(range, before)) != 0;

    range->start = (minute_t)coder_near(coder, range->start, before->start);
    range->end = (minute_t)coder_near(coder, range->end, range->start);
    if (same) {
        minute_t start = range->start;
        minute_t end = range->end;
        *range = *before;
        range->start = start;
        range->end = end;
        return;
    }
    range->kind = (uint8_t)coder_pass(coder, range->kind);
    range->certainty = (uint8_t)coder_pass(coder, range->certainty);
    range->preference = (uint8_t)coder_pass(coder, range->preference);
    range->modalities = (uint8_t)coder_pass(coder, range->modalities);
    range->purposes = (uint32_t)coder_pass(coder, range->purposes);
    range->place = (uint16_t)coder_pass(coder, range->place);
}

static void pass_source(struct coder *coder, struct match_source *source)
{
    struct match_range before = {0};
    size_t count = source->range_count;
    struct match_range *read = coder_list(coder, &count, sizeof(*read));

    source->coverage.start = (minute_t)coder_pass(coder, source->coverage.start);
    source->coverage.end =
        (minute_t)coder_near(coder, source->coverage.end, source->coverage.start);
    source->notice = (int32_t)coder_pass(coder, source->notice);
    source->daily_cap = (int32_t)coder_pass(coder, source->daily_cap);
    for (size_t i = 0; i < count && coder_is_good(coder); i++) {
        assert(coder->writes ? source->ranges != NULL : read != NULL);
        struct match_range range = coder->writes ? source->ranges[i] : before;
        pass_range(coder, &range, &before);
        before = range;
        if (!coder->writes) {
            read[i] = range;
        }
    }
    if (!coder->writes) {
        source->ranges = read;
        source->range_count = count;
    }
}

/* What of the record can matter, as a source. */
static bool tell_record(struct coder *coder, const struct match_span *reach,
                        struct match_person *person)
{
    size_t capacity = record_range_count(person->record);
    struct match_source *source = arena_alloc(coder->arena, sizeof(*source));
    struct match_range *ranges = arena_array(coder->arena, capacity, sizeof(*ranges));

    if (source == NULL || ranges == NULL) {
        return false;
    }
    source->range_count = record_ranges(person->record, reach->start, reach->end,
                                        ranges, capacity, source);
    source->ranges = ranges;
    person->sources = source;
    person->source_count = 1;
    person->record = NULL;
    return true;
}

static bool touches(const struct match_span *reach, minute_t start, minute_t end)
{
    return end > reach->start && start < reach->end;
}

/* Leave out the ranges that lie beyond @reach. */
static bool narrow_sources(struct coder *coder, const struct match_span *reach,
                           struct match_person *person)
{
    struct match_source *sources =
        arena_array(coder->arena, person->source_count, sizeof(*sources));

    for (size_t i = 0; sources != NULL && i < person->source_count; i++) {
        const struct match_source *whole = &person->sources[i];
        struct match_range *ranges =
            arena_array(coder->arena, whole->range_count, sizeof(*ranges));
        if (ranges == NULL) {
            return false;
        }
        sources[i] = *whole;
        sources[i].ranges = ranges;
        sources[i].range_count = 0;
        for (size_t j = 0; j < whole->range_count; j++) {
            if (touches(reach, whole->ranges[j].start, whole->ranges[j].end)) {
                ranges[sources[i].range_count++] = whole->ranges[j];
            }
        }
    }
    person->sources = sources;
    return sources != NULL;
}

static bool narrow_claims(struct coder *coder, const struct match_span *reach,
                          struct match_person *person)
{
    struct match_span *claims =
        arena_array(coder->arena, person->claim_count, sizeof(*claims));
    uint16_t *places = arena_array(coder->arena, person->claim_count, sizeof(*places));
    size_t count = 0;

    if (claims == NULL || places == NULL) {
        return false;
    }
    for (size_t i = 0; i < person->claim_count; i++) {
        if (touches(reach, person->claims[i].start, person->claims[i].end)) {
            places[count] = person->claim_places == NULL ? 0 : person->claim_places[i];
            claims[count++] = person->claims[i];
        }
    }
    person->claims = claims;
    person->claim_places = person->claim_places == NULL ? NULL : places;
    person->claim_count = count;
    return true;
}

static void pass_person(struct coder *coder, const struct match_span *reach,
                        struct match_person *person)
{
    if (coder->writes) {
        bool told = person->record != NULL ? tell_record(coder, reach, person)
                                           : narrow_sources(coder, reach, person);
        if (!told || !narrow_claims(coder, reach, person)) {
            coder->exhausted = true;
            return;
        }
    }
    size_t count = person->source_count;
    struct match_source *read = coder_list(coder, &count, sizeof(*read));

    person->id = (uint64_t)coder_pass(coder, (int64_t)person->id);
    person->load = (uint32_t)coder_pass(coder, person->load);
    for (size_t i = 0; i < count && coder_is_good(coder); i++) {
        assert(coder->writes ? person->sources != NULL : read != NULL);
        struct match_source source =
            coder->writes ? person->sources[i] : (struct match_source){0};
        pass_source(coder, &source);
        if (!coder->writes) {
            read[i] = source;
        }
    }
    if (!coder->writes) {
        person->sources = read;
        person->source_count = count;
    }
    person->claims = evidence_pass_spans(coder, person->claims, &person->claim_count);
    person->claim_places =
        pass_places(coder, person->claim_places, person->claim_count);
}

void evidence_pass_party(struct coder *coder, const struct match_span *reach,
                         struct match_party *party)
{
    size_t count = party->member_count;
    struct match_person *read = coder_list(coder, &count, sizeof(*read));

    party->importance = (enum match_importance)coder_pass(coder, party->importance);
    party->id = (uint64_t)coder_pass(coder, (int64_t)party->id);
    party->needed = (size_t)coder_pass(coder, (int64_t)party->needed);
    party->buffer_before = (int32_t)coder_pass(coder, party->buffer_before);
    party->buffer_after = (int32_t)coder_pass(coder, party->buffer_after);
    party->modality = (uint8_t)coder_pass(coder, party->modality);
    party->place = (uint16_t)coder_pass(coder, party->place);
    party->ask_if_unknown = coder_pass(coder, party->ask_if_unknown) != 0;
    coder_insist(coder, count <= MATCH_POOL_MAX && party->needed <= count);
    for (size_t i = 0; i < count && coder_is_good(coder); i++) {
        assert(coder->writes ? party->members != NULL : read != NULL);
        struct match_person member =
            coder->writes ? party->members[i] : (struct match_person){0};
        pass_person(coder, reach, &member);
        if (!coder->writes) {
            read[i] = member;
        }
    }
    if (!coder->writes) {
        party->members = count == 0 ? NULL : read;
        party->member_count = count;
    }
    if (count == 0) {
        pass_person(coder, reach, &party->person);
    }
}
