// SPDX-License-Identifier: Apache-2.0

#include "adapters/sdk/source.h"

#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT_BYTES = 16 * 1024 * 1024 };

struct source *source_create(const char *name)
{
    struct source *source = calloc(1, sizeof *source);

    if (source) {
        source->name = strdup(name);
        if (!source->name) {
            free(source);
            return NULL;
        }
        arena_init(&source->memory, KEPT_BYTES);
    }
    return source;
}

void source_destroy(struct source *source)
{
    if (source) {
        arena_finish(&source->memory);
        free(source->name);
        free(source);
    }
}

void source_forget(struct source *source)
{
    arena_reset(&source->memory);
    source->kept = NULL;
}

static bool copy_range(struct arena *memory, const struct entente_range *range,
                       struct entente_range *ret_copy)
{
    *ret_copy = *range;
    ret_copy->place = arena_text(memory, range->place);
    if (range->place && !ret_copy->place) {
        return false;
    }
    if (range->meeting.size > 0) {
        ret_copy->meeting.data =
            arena_copy(memory, range->meeting.data, range->meeting.size);
        return ret_copy->meeting.data != NULL;
    }
    return true;
}

static bool copy_person(struct arena *memory, const struct entente_publish *publication,
                        struct entente_publish *copy)
{
    struct entente_identifier *person = arena_alloc(memory, sizeof *person);
    struct entente_span *coverage = arena_alloc(memory, sizeof *coverage);

    if (!person || !coverage) {
        return false;
    }
    person->system = arena_text(memory, publication->person->system);
    person->value = arena_text(memory, publication->person->value);
    *coverage = *publication->coverage;
    copy->person = person;
    copy->coverage = coverage;
    copy->source = arena_text(memory, publication->source);
    copy->structure = arena_text(memory, publication->structure);
    copy->name = arena_text(memory, publication->name);
    return person->value && copy->source &&
           (copy->structure || !publication->structure) &&
           (copy->name || !publication->name);
}

/* A copy of @publication with room for @capacity ranges, which are not filled in. */
static struct entente_publish *copy_head(struct arena *memory,
                                         const struct entente_publish *publication,
                                         size_t capacity)
{
    struct entente_publish *copy = arena_alloc(memory, sizeof *copy);

    if (!copy) {
        return NULL;
    }
    *copy = *publication;
    copy->publication = ENTENTE_SNAPSHOT;
    copy->ranges = arena_array(memory, capacity, sizeof *copy->ranges);
    copy->ranges_count = 0;
    return copy->ranges && copy_person(memory, publication, copy) ? copy : NULL;
}

static bool add_range(struct arena *memory, struct entente_publish *copy,
                      const struct entente_range *range, int32_t start, int32_t end)
{
    struct entente_range piece = *range;

    if (start >= end) {
        return true;
    }
    piece.start = start;
    piece.end = end;
    return copy_range(memory, &piece, &copy->ranges[copy->ranges_count++]);
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int compare_ranges(const void *left, const void *right)
{
    const struct entente_range *a = left;
    const struct entente_range *b = right;

    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    return (a->end > b->end) - (a->end < b->end);
}

/*
 * What the delta speaks about is taken out of the old ranges, which may be cut in two:
 *
 *     old      ####..########..##
 *     delta          [..##..]
 *     new      ####..#..##..#..##
 */
static bool merge(struct arena *memory, const struct entente_publish *old,
                  const struct entente_publish *delta, struct entente_publish *copy)
{
    int32_t from = delta->coverage->start;
    int32_t until = delta->coverage->end;

    for (size_t i = 0; i < old->ranges_count; i++) {
        const struct entente_range *range = &old->ranges[i];
        if (!add_range(memory, copy, range, range->start, smaller(range->end, from)) ||
            !add_range(memory, copy, range, larger(range->start, until), range->end)) {
            return false;
        }
    }
    for (size_t i = 0; i < delta->ranges_count; i++) {
        const struct entente_range *range = &delta->ranges[i];
        if (!add_range(memory, copy, range, range->start, range->end)) {
            return false;
        }
    }
    qsort(copy->ranges, copy->ranges_count, sizeof *copy->ranges, compare_ranges);
    copy->coverage->start = smaller(old->coverage->start, from);
    copy->coverage->end = larger(old->coverage->end, until);
    return true;
}

size_t source_count_with(const struct source *source,
                         const struct entente_publish *delta)
{
    size_t count = delta->ranges_count;

    for (size_t i = 0; source->kept && i < source->kept->ranges_count; i++) {
        const struct entente_range *range = &source->kept->ranges[i];
        count += range->start < delta->coverage->start;
        count += range->end > delta->coverage->end;
    }
    return count;
}

bool source_keep(struct source *source, const struct entente_publish *publication)
{
    bool whole = publication->publication != ENTENTE_DELTA;
    size_t count =
        whole ? publication->ranges_count : source_count_with(source, publication);
    struct arena memory;
    bool kept = count <= LIMIT_SOURCE_RANGES && (whole || source->kept);

    if (!kept) {
        return false;
    }
    arena_init(&memory, KEPT_BYTES);
    struct entente_publish *copy = copy_head(&memory, publication, count);
    kept = copy != NULL;
    if (whole) {
        for (size_t i = 0; kept && i < count; i++) {
            const struct entente_range *range = &publication->ranges[i];
            kept = add_range(&memory, copy, range, range->start, range->end);
        }
    } else {
        kept = kept && merge(&memory, source->kept, publication, copy);
    }
    if (!kept) {
        arena_finish(&memory);
        return false;
    }
    arena_finish(&source->memory);
    source->memory = memory;
    source->kept = copy;
    return true;
}
