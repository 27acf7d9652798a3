// SPDX-License-Identifier: Apache-2.0

/*
 * match_input_person.c - the time of one person in a match request: agendas and claims
 */
#include "adapters/cli/match_input.h"

#include "adapters/cli/match_keep.h"

#include <stdlib.h>
#include <string.h>

static const char *const source_fields[] = {
    "name", "stale", "coverage", "ranges", "notice_minutes", "daily_cap", NULL};
static const char *const range_fields[] = {
    "start",    "end",        "kind",  "certainty", "preference",
    "purposes", "modalities", "place", "audience",  NULL,
};
static const char *const span_fields[] = {"start", "end", NULL};
static const char *const claim_fields[] = {"start", "end", "place", NULL};

static const struct match_word range_kinds[] = {
    {"free", MATCH_FREE},
    {"busy", MATCH_BUSY},
    {"tentative", MATCH_TENTATIVE},
    {NULL, 0},
};

static const struct match_word preferences[] = {
    {"neutral", MATCH_NEUTRAL},
    {"preferred", MATCH_PREFERRED},
    {"avoid", MATCH_AVOID},
    {NULL, 0},
};

static const struct match_word certainties[] = {
    {"declared", MATCH_DECLARED},
    {"inferred", MATCH_INFERRED},
    {"typical", MATCH_TYPICAL},
    {NULL, 0},
};

/* To whom free time is offered, as on the wire. */
enum { FOR_PROFESSIONALS = 2 };
static const struct match_word audiences[] = {
    {"public", 1},
    {"professionals", FOR_PROFESSIONALS},
    {"snp", 4},
    {NULL, 0},
};

/* *ret_counts is false for free time that is not offered to professionals. */
static bool read_range(struct match_input *input, const struct match_reader *reader,
                       const struct match_place *place, struct match_range *range,
                       bool *ret_counts)
{
    unsigned kind = 0;
    unsigned certainty = MATCH_DECLARED;
    unsigned preference = MATCH_NEUTRAL;
    unsigned modalities = 0;
    unsigned audience = 0;

    if (!match_place_fields(reader, place, range_fields)) {
        return false;
    }
    struct match_place kind_place = match_place_child(place, "kind");
    struct match_place purposes = match_place_child(place, "purposes");
    if (!match_place_span(reader, place, &range->start, &range->end) ||
        !match_place_word(reader, &kind_place, range_kinds, &kind) ||
        !match_input_word(reader, place, "certainty", certainties, &certainty) ||
        !match_input_word(reader, place, "preference", preferences, &preference) ||
        !match_input_purposes(input, reader, &purposes, &range->purposes) ||
        !match_input_set(reader, place, "modalities", match_modality_bits,
                         &modalities) ||
        !match_input_set(reader, place, "audience", audiences, &audience) ||
        !match_input_place_if_any(input, reader, place, "place", &range->place)) {
        return false;
    }
    range->kind = (uint8_t)kind;
    range->certainty = (uint8_t)certainty;
    range->preference = (uint8_t)preference;
    range->modalities = (uint8_t)modalities;
    *ret_counts =
        kind != MATCH_FREE || audience == 0 || (audience & FOR_PROFESSIONALS) != 0;
    return true;
}

static int compare_ranges(const void *left, const void *right)
{
    const struct match_range *a = left;
    const struct match_range *b = right;
    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    return a->end < b->end ? -1 : a->end > b->end;
}

static bool read_coverage(const struct match_reader *reader,
                          const struct match_place *source, struct match_span *ret_span)
{
    bool stale = false;
    if (!match_place_flag(reader, source, "stale", &stale)) {
        return false;
    }
    struct match_place coverage = match_place_child(source, "coverage");
    if (coverage.value == NULL && stale) {
        return true;
    }
    if (coverage.value == NULL) {
        return match_place_refuse(
            reader, &coverage, MATCH_ERROR_FIELD_MISSING,
            "The field \"coverage\" is missing: the span, with start "
            "and end, for which this agenda has spoken; or say "
            "\"stale\": true.");
    }
    struct match_span span = {0, 0};
    if (!match_place_fields(reader, &coverage, span_fields) ||
        !match_place_span(reader, &coverage, &span.start, &span.end)) {
        return false;
    }
    if (!stale) {
        *ret_span = span;
    }
    return true;
}

static bool read_ranges(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *place, struct match_source *source)
{
    size_t count = 0;
    size_t kept = 0;
    struct match_place list = match_place_child(place, "ranges");
    if (!match_place_array(reader, &list, MATCH_INPUT_RANGES_MAX,
                           MATCH_ERROR_TOO_MANY_RANGES, &count)) {
        return false;
    }
    struct match_range *ranges =
        match_input_allocate(input, reader, &list, count, sizeof(*ranges));
    if (ranges == NULL) {
        return false;
    }
    bool is_sorted = true;
    for (size_t i = 0; i < count; i++) {
        struct match_place item = match_place_item(&list, i);
        bool counts = true;
        ranges[kept] = (struct match_range){0};
        if (!read_range(input, reader, &item, &ranges[kept], &counts)) {
            return false;
        }
        kept += counts;
        is_sorted = is_sorted && (kept < 2 || compare_ranges(&ranges[kept - 2],
                                                             &ranges[kept - 1]) <= 0);
    }
    if (!is_sorted) {
        qsort(ranges, kept, sizeof(*ranges), compare_ranges);
    }
    source->ranges = ranges;
    source->range_count = kept;
    return true;
}

static bool read_source(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *place, struct match_source *source)
{
    const char *name = "";
    if (!match_place_fields(reader, place, source_fields)) {
        return false;
    }
    struct match_place name_place = match_place_child(place, "name");
    if (name_place.value != NULL &&
        !match_place_text(reader, &name_place, MATCH_INPUT_NAME_BYTES, &name)) {
        return false;
    }
    if (!match_place_number(reader, place, "notice_minutes", 0, MATCH_NOTICE_MAX,
                            &source->notice) ||
        !match_place_number(reader, place, "daily_cap", 0, MATCH_INPUT_CAP_MAX,
                            &source->daily_cap)) {
        return false;
    }
    input->needs_now = input->needs_now || source->notice > 0;
    return read_coverage(reader, place, &source->coverage) &&
           read_ranges(input, reader, place, source);
}

static bool read_sources(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *place, struct match_person *person)
{
    struct match_place list = match_place_child(place, "sources");
    if (!match_place_array(reader, &list, MATCH_INPUT_SOURCES_MAX,
                           MATCH_ERROR_TOO_MANY_SOURCES, &person->source_count)) {
        return false;
    }
    struct match_source *sources = match_input_allocate(
        input, reader, &list, person->source_count, sizeof(*sources));
    if (sources == NULL) {
        return false;
    }
    for (size_t i = 0; i < person->source_count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_source(input, reader, &item, &sources[i])) {
            return false;
        }
    }
    person->sources = sources;
    return true;
}

struct claim {
    struct match_span span;
    uint16_t place;
};

static int compare_claims(const void *left, const void *right)
{
    const struct claim *a = left;
    const struct claim *b = right;
    if (a->span.start != b->span.start) {
        return a->span.start < b->span.start ? -1 : 1;
    }
    return a->span.end < b->span.end ? -1 : a->span.end > b->span.end;
}

/* The matcher wants claims sorted and disjoint; time claimed twice is claimed.  Claims
 * that touch stay two: a daily cap counts them.  False if two overlap at two places. */
static bool merge_claims(struct claim *claims, size_t count, size_t *ret_kept)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || claims[i].span.start >= claims[kept - 1].span.end) {
            claims[kept] = claims[i];
            kept++;
            continue;
        }
        struct claim *last = &claims[kept - 1];
        if (last->place != claims[i].place) {
            return false;
        }
        if (claims[i].span.end > last->span.end) {
            last->span.end = claims[i].span.end;
        }
    }
    *ret_kept = kept;
    return true;
}

static bool read_claims(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *place, struct match_person *person)
{
    size_t count = 0;
    struct match_place list = match_place_child(place, "claims");
    if (!match_place_array(reader, &list, MATCH_INPUT_CLAIMS_MAX,
                           MATCH_ERROR_TOO_MANY_CLAIMS, &count)) {
        return false;
    }
    if (count == 0) {
        return true;
    }
    struct claim *claims =
        match_input_allocate(input, reader, &list, count, sizeof(*claims));
    struct match_span *spans =
        match_input_allocate(input, reader, &list, count, sizeof(*spans));
    uint16_t *places =
        match_input_allocate(input, reader, &list, count, sizeof(*places));
    if (claims == NULL || spans == NULL || places == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!match_place_fields(reader, &item, claim_fields) ||
            !match_place_span(reader, &item, &claims[i].span.start,
                              &claims[i].span.end) ||
            !match_input_place_if_any(input, reader, &item, "place",
                                      &claims[i].place)) {
            return false;
        }
    }
    qsort(claims, count, sizeof(*claims), compare_claims);
    if (!merge_claims(claims, count, &count)) {
        return match_place_refuse(reader, &list, MATCH_ERROR_FIELD_CONFLICT,
                                  "Two claims overlap at two places; nobody can be at "
                                  "both.");
    }
    for (size_t i = 0; i < count; i++) {
        spans[i] = claims[i].span;
        places[i] = claims[i].place;
    }
    person->claim_count = count;
    person->claims = spans;
    person->claim_places = places;
    return true;
}

/* The agenda that a former line of the stream has brought. */
static bool read_kept(const struct match_input *input,
                      const struct match_reader *reader, const struct match_place *up,
                      struct match_person *person)
{
    const char *name = "";
    struct match_place place = match_place_child(up, "agenda");
    struct match_place sources = match_place_child(up, "sources");
    struct match_place claims = match_place_child(up, "claims");
    if (!match_place_text(reader, &place, MATCH_INPUT_NAME_BYTES, &name)) {
        return false;
    }
    if (sources.value != NULL || claims.value != NULL) {
        return match_place_refuse(reader, &place, MATCH_ERROR_FIELD_CONFLICT,
                                  "Give \"agenda\", or \"sources\" and \"claims\".");
    }
    const struct match_somebody *kept = match_keep_find(input->keep, name);
    if (kept == NULL) {
        return match_place_refuse(reader, &place, MATCH_ERROR_UNKNOWN_VALUE,
                                  "No agenda called \"%s\" has been given in "
                                  "\"agendas\" so far.",
                                  match_quote(name).text);
    }
    *person = kept->person;
    return true;
}

bool match_input_person(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *place, struct match_person *person)
{
    if (json_object_get(place->value, "agenda") != NULL) {
        return read_kept(input, reader, place, person);
    }
    return read_sources(input, reader, place, person) &&
           read_claims(input, reader, place, person);
}
