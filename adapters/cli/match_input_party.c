// SPDX-License-Identifier: Apache-2.0

/*
 * match_input_party.c - the parties of a match request: their agendas, claims and
 * buffers
 */
#include "adapters/cli/match_input.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 200 };

static const char *const party_fields[] = {
    "id",      "name",
    "kind",    "importance",
    "claims",  "buffer_before_minutes",
    "sources", "buffer_after_minutes",
    NULL,
};
static const char *const party_later[] = {"modalities", "places", "members",
                                          "acting_at", NULL};
static const char *const source_fields[] = {"name", "stale", "coverage", "ranges",
                                            NULL};
static const char *const range_fields[] = {
    "start", "end", "kind", "certainty", "preference", "purposes", NULL,
};
static const char *const range_later[] = {"modalities", "places", "audience", NULL};
static const char *const span_fields[] = {"start", "end", NULL};

static const struct match_word importances[] = {
    {"indispensable", MATCH_INDISPENSABLE},
    {"optional", MATCH_OPTIONAL},
    {NULL, 0},
};

enum { POOL = 1 };
static const struct match_word kinds[] = {
    {"professional", 0}, {"patient", 0},  {"representative", 0},
    {"guest", 0},        {"resource", 0}, {"pool", POOL},
    {NULL, 0},
};

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

/* A word that may be left out. */
static bool read_word_if_any(const struct match_reader *reader,
                             const struct match_place *up, const char *key,
                             const struct match_word *words, unsigned *value)
{
    struct match_place place = match_place_child(up, key);
    return place.value == NULL || match_place_word(reader, &place, words, value);
}

static bool read_range(struct match_input *input, const struct match_reader *reader,
                       const struct match_place *place, struct match_range *range)
{
    unsigned kind = 0;
    unsigned certainty = MATCH_DECLARED;
    unsigned preference = MATCH_NEUTRAL;

    if (!match_place_fields(reader, place, range_fields, range_later)) {
        return false;
    }
    struct match_place kind_place = match_place_child(place, "kind");
    struct match_place purposes = match_place_child(place, "purposes");
    if (!match_place_span(reader, place, &range->start, &range->end) ||
        !match_place_word(reader, &kind_place, range_kinds, &kind) ||
        !read_word_if_any(reader, place, "certainty", certainties, &certainty) ||
        !read_word_if_any(reader, place, "preference", preferences, &preference) ||
        !match_input_purposes(input, reader, &purposes, &range->purposes)) {
        return false;
    }
    range->kind = (uint8_t)kind;
    range->certainty = (uint8_t)certainty;
    range->preference = (uint8_t)preference;
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
    if (!match_place_fields(reader, &coverage, span_fields, NULL) ||
        !match_place_span(reader, &coverage, &span.start, &span.end)) {
        return false;
    }
    if (!stale) {
        *ret_span = span;
    }
    return true;
}

static bool read_source(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *place, struct match_source *source)
{
    const char *name = "";
    if (!match_place_fields(reader, place, source_fields, NULL)) {
        return false;
    }
    struct match_place name_place = match_place_child(place, "name");
    if (name_place.value != NULL &&
        !match_place_text(reader, &name_place, NAME_MAX_BYTES, &name)) {
        return false;
    }

    struct match_place list = match_place_child(place, "ranges");
    if (!read_coverage(reader, place, &source->coverage) ||
        !match_place_array(reader, &list, MATCH_INPUT_RANGES_MAX,
                           MATCH_ERROR_TOO_MANY_RANGES, &source->range_count)) {
        return false;
    }
    struct match_range *ranges = match_input_allocate(
        input, reader, &list, source->range_count, sizeof(*ranges));
    if (ranges == NULL) {
        return false;
    }
    for (size_t i = 0; i < source->range_count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_range(input, reader, &item, &ranges[i])) {
            return false;
        }
    }
    qsort(ranges, source->range_count, sizeof(*ranges), compare_ranges);
    source->ranges = ranges;
    return true;
}

static bool read_sources(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *place, struct match_party *party)
{
    struct match_place list = match_place_child(place, "sources");
    if (!match_place_array(reader, &list, MATCH_INPUT_SOURCES_MAX,
                           MATCH_ERROR_TOO_MANY_SOURCES, &party->person.source_count)) {
        return false;
    }
    struct match_source *sources = match_input_allocate(
        input, reader, &list, party->person.source_count, sizeof(*sources));
    if (sources == NULL) {
        return false;
    }
    for (size_t i = 0; i < party->person.source_count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_source(input, reader, &item, &sources[i])) {
            return false;
        }
    }
    party->person.sources = sources;
    return true;
}

static int compare_spans(const void *left, const void *right)
{
    const struct match_span *a = left;
    const struct match_span *b = right;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* The matcher wants claims sorted and disjoint; time claimed twice is claimed. */
static size_t merge_spans(struct match_span *spans, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && spans[i].start <= spans[kept - 1].end) {
            if (spans[i].end > spans[kept - 1].end) {
                spans[kept - 1].end = spans[i].end;
            }
        } else {
            spans[kept] = spans[i];
            kept++;
        }
    }
    return kept;
}

static bool read_claims(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *place, struct match_party *party)
{
    size_t count = 0;
    struct match_place list = match_place_child(place, "claims");
    if (!match_place_array(reader, &list, MATCH_INPUT_CLAIMS_MAX,
                           MATCH_ERROR_TOO_MANY_CLAIMS, &count)) {
        return false;
    }
    struct match_span *claims =
        match_input_allocate(input, reader, &list, count, sizeof(*claims));
    if (claims == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!match_place_fields(reader, &item, span_fields, NULL) ||
            !match_place_span(reader, &item, &claims[i].start, &claims[i].end)) {
            return false;
        }
    }
    qsort(claims, count, sizeof(*claims), compare_spans);
    party->person.claim_count = merge_spans(claims, count);
    party->person.claims = claims;
    return true;
}

static bool read_name(struct match_input *input, const struct match_reader *reader,
                      const struct match_place *party, size_t index)
{
    struct match_place place = match_place_child(party, "name");
    if (!match_place_text(reader, &place, NAME_MAX_BYTES, &input->names[index])) {
        return false;
    }
    for (size_t i = 0; i < index; i++) {
        if (strcmp(input->names[i], input->names[index]) == 0) {
            return match_place_refuse(
                reader, &place, MATCH_ERROR_PARTY_TWICE,
                "Party %zu has the same name, \"%s\"; each party needs its own.", i,
                match_quote(input->names[index]).text);
        }
    }
    return true;
}

static bool read_party(struct match_input *input, const struct match_reader *reader,
                       const struct match_place *place, size_t index)
{
    struct match_party *party = &input->parties[index];
    unsigned kind = 0;
    unsigned importance = MATCH_INDISPENSABLE;
    int32_t id = (int32_t)index;

    if (!match_place_fields(reader, place, party_fields, party_later) ||
        !read_name(input, reader, place, index) ||
        !match_place_number(reader, place, "id", 0, INT32_MAX, &id) ||
        !read_word_if_any(reader, place, "kind", kinds, &kind) ||
        !read_word_if_any(reader, place, "importance", importances, &importance)) {
        return false;
    }
    if (kind == POOL) {
        struct match_place field = match_place_child(place, "kind");
        return match_place_refuse(reader, &field, MATCH_ERROR_NOT_YET,
                                  "Pools are understood but not served yet; name the "
                                  "people one by one.");
    }
    party->id = (uint64_t)id;
    party->importance =
        importance == MATCH_OPTIONAL ? MATCH_OPTIONAL : MATCH_INDISPENSABLE;
    return match_place_number(reader, place, "buffer_before_minutes", 0,
                              MATCH_BUFFER_MAX, &party->buffer_before) &&
           match_place_number(reader, place, "buffer_after_minutes", 0,
                              MATCH_BUFFER_MAX, &party->buffer_after) &&
           read_sources(input, reader, place, party) &&
           read_claims(input, reader, place, party);
}

bool match_input_parties(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *root)
{
    size_t count = 0;
    struct match_place list = match_place_child(root, "parties");
    if (!match_place_array(reader, &list, MATCH_PARTIES_MAX,
                           MATCH_ERROR_TOO_MANY_PARTIES, &count)) {
        return false;
    }
    if (count == 0) {
        return match_place_refuse(
            reader, &list, MATCH_ERROR_NO_PARTY,
            "There is nobody to bring together; give at least one "
            "party.");
    }
    for (size_t i = 0; i < count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_party(input, reader, &item, i)) {
            return false;
        }
    }
    input->request.parties = input->parties;
    input->request.party_count = count;
    return true;
}
