// SPDX-License-Identifier: Apache-2.0

/*
 * index_record.c - the part of index.h that compiles what agendas say
 */
#include "broker/index_internal.h"

#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

enum { MS_PER_DAY = 86400000 };

/* ---- memory to work in -------------------------------------------------------------
 */

static bool grow(void **memory, size_t *capacity, size_t wanted, size_t size)
{
    if (wanted <= *capacity && *memory != NULL) {
        return true;
    }
    size_t count = wanted + wanted / 2 + 64;
    void *grown = realloc(*memory, count * size);
    if (grown == NULL) {
        return false;
    }
    *memory = grown;
    *capacity = count;
    return true;
}

static bool has_ranges(struct index_bench *bench, size_t count)
{
    void *memory = bench->ranges;
    bool grown = grow(&memory, &bench->range_capacity, count, sizeof(*bench->ranges));
    bench->ranges = memory;
    return grown;
}

static bool has_record(struct index_bench *bench, size_t size)
{
    if (size <= bench->record_size) {
        return true;
    }
    size_t rounded = (size + size / 2 + RECORD_ALIGN) / RECORD_ALIGN * RECORD_ALIGN;
    void *larger = aligned_alloc(RECORD_ALIGN, rounded);
    if (larger == NULL) {
        return false;
    }
    free(bench->record);
    bench->record = larger;
    bench->record_size = rounded;
    return true;
}

void index_bench_finish(struct index_bench *bench)
{
    free(bench->ranges);
    free(bench->sources);
    free(bench->workspace);
    free(bench->record);
    *bench = (struct index_bench){0};
}

/* Build a record on the bench, as large as that is. */
static enum match_status build(struct index_bench *bench,
                               const struct match_source *sources, size_t count)
{
    if (bench->record == NULL || bench->workspace == NULL) {
        return MATCH_NO_ROOM;
    }
    return record_build(sources, count, RECORD_FOR_INDEX, bench->workspace,
                        bench->workspace_size, bench->record, bench->record_size);
}

/* NULL: they do not go into one record, or there is no memory. */
static const struct match_record *compile(struct index *index,
                                          const struct match_source *sources,
                                          size_t count, uint32_t *ret_units)
{
    struct index_bench *bench = &index->bench;
    enum match_status status = build(bench, sources, count);

    /* How much is needed is asked only when the bench was too small: that takes as long
     * as reading all ranges. */
    if (status == MATCH_NO_ROOM) {
        size_t bound = record_bound(sources, count, RECORD_FOR_INDEX);
        size_t workspace = record_workspace_size(sources, count);
        if (bound == 0 || !has_record(bench, bound) ||
            !grow(&bench->workspace, &bench->workspace_size, workspace, 1)) {
            return NULL;
        }
        status = build(bench, sources, count);
    }
    return status != MATCH_OK ? NULL
                              : shelf_keep(&index->shelf, bench->record,
                                           record_size(bench->record), ret_units);
}

/* A record is never changed, but it is given back. */
static void drop(struct index *index, const struct match_record *record, uint32_t units)
{
    void *memory;
    memcpy(&memory, &record, sizeof(memory));
    shelf_drop(&index->shelf, memory, units);
}

/* ---- ranges ------------------------------------------------------------------------
 */

static uint8_t preference_of(uint32_t preference)
{
    switch (preference) {
    case ENTENTE_PREFERRED:
        return MATCH_PREFERRED;
    case ENTENTE_AVOID:
        return MATCH_AVOID;
    default: /* absent, or neutral */
        return MATCH_NEUTRAL;
    }
}

static struct match_range to_match(struct index *index,
                                   const struct entente_range *range)
{
    struct match_range ret = {
        .start = range->start,
        .end = range->end,
        .kind = (uint8_t)range->kind,
        .certainty =
            (uint8_t)(range->certainty == 0 ? ENTENTE_DECLARED : range->certainty),
        .preference = preference_of(range->preference),
        .modalities = (uint8_t)range->modalities,
        .purposes = range->purposes,
    };
    ret.place = index_name_place(index, range->place);
    return ret;
}

static struct entente_range from_match(const struct index *index,
                                       const struct match_range *range)
{
    static const uint32_t preferences[] = {
        [MATCH_NEUTRAL] = ENTENTE_NEUTRAL,
        [MATCH_PREFERRED] = ENTENTE_PREFERRED,
        [MATCH_AVOID] = ENTENTE_AVOID,
    };
    struct entente_range ret = {
        .start = range->start,
        .end = range->end,
        .kind = range->kind,
        .place = index_place_key(index, range->place),
    };
    if (range->kind == MATCH_FREE) {
        ret.certainty = range->certainty;
        ret.preference = preferences[range->preference];
        ret.purposes = range->purposes;
        ret.modalities = range->modalities;
    }
    return ret;
}

/* A record does not hold it: it is for some people only, or for some questions, or the
 * numbers of places are used up (@place is its number). */
static bool is_special(const struct entente_range *range, uint16_t place)
{
    return range->meeting.size != 0 || range->audience != 0 || range->interruptible ||
           place == INDEX_PLACE_ELSEWHERE;
}

static int by_time(const void *a, const void *b)
{
    const struct match_range *one = a;
    const struct match_range *two = b;
    if (one->start != two->start) {
        return one->start < two->start ? -1 : 1;
    }
    return (one->end > two->end) - (one->end < two->end);
}

static void sort_ranges(struct match_range *ranges, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (by_time(&ranges[i - 1], &ranges[i]) > 0) {
            qsort(ranges, count, sizeof(*ranges), by_time);
            return;
        }
    }
}

/* ---- what one agenda says ----------------------------------------------------------
 */

/* Nothing before this minute is kept: a day is over everywhere when it has been over in
 * UTC for a day. */
static minute_t oldest_minute(const struct index *index)
{
    int64_t day = index->now_ms / MS_PER_DAY - 1;
    return day < 0 ? 0 : (minute_t)(day * MINUTES_PER_DAY);
}

/* What of @range is not over.  False: nothing. */
static bool cut(struct entente_range *range, minute_t oldest)
{
    range->start = range->start < oldest ? oldest : range->start;
    return range->start < range->end;
}

/* Free, but not for meetings. */
static bool is_for_others(const struct match_range *range)
{
    return range->kind == MATCH_FREE && range->purposes != 0 &&
           (range->purposes & ENTENTE_FOR_MEETINGS) == 0;
}

static size_t special_bytes(const struct entente_range *range)
{
    return sizeof(*range) + sizeof(struct match_range) + range->meeting.size +
           (range->place == NULL ? 0 : strlen(range->place) + 1);
}

/* Copy the special ranges with their texts behind them, all in one block. */
static bool fill_special(struct index *index, struct index_source_entry *entry,
                         const struct index_publication *publication, size_t count,
                         size_t bytes)
{
    struct index_source *source = &entry->source;
    struct entente_range *special = count == 0 ? NULL : malloc(bytes);
    if (special == NULL) {
        return count == 0;
    }
    struct match_range *times = (struct match_range *)(special + count);
    char *text = (char *)(times + count);
    size_t next = 0;
    for (size_t i = 0; i < publication->range_count; i++) {
        struct entente_range range = publication->ranges[i];
        struct match_range time = to_match(index, &range);
        if (!is_special(&range, time.place) || !cut(&range, oldest_minute(index)) ||
            next == count) {
            continue;
        }
        time.start = range.start;
        times[next] = time;
        if (range.place != NULL) {
            size_t size = strlen(range.place) + 1;
            range.place = memcpy(text, range.place, size);
            text += size;
        }
        if (range.meeting.size != 0) {
            range.meeting.data = memcpy(text, range.meeting.data, range.meeting.size);
            text += range.meeting.size;
        }
        special[next++] = range;
    }
    source->special = special;
    source->special_time = times;
    source->special_count = (uint32_t)next;
    entry->bytes += (uint32_t)bytes;
    return true;
}

/* Too much for a record, or a record would say it in more words than may be stored. */
static bool keep_ranges(struct index_source_entry *entry,
                        const struct match_range *ranges, size_t count)
{
    size_t bytes = count * sizeof(*ranges);
    struct match_range *copy = malloc(bytes == 0 ? 1 : bytes);
    if (copy == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(copy, ranges, bytes);
    }
    entry->source.ranges = copy;
    entry->source.range_count = (uint32_t)count;
    entry->bytes += (uint32_t)bytes;
    return true;
}

static bool fill_record(struct index *index, struct index_source_entry *entry,
                        size_t count)
{
    struct index_source *source = &entry->source;
    const struct match_source said = {
        .coverage = source->coverage,
        .ranges = index->bench.ranges,
        .range_count = count,
        .notice = source->notice,
        .daily_cap = source->daily_cap,
    };
    source->record = compile(index, &said, 1, &entry->record_units);
    if (source->record != NULL &&
        record_range_count(source->record) <= LIMIT_SOURCE_RANGES) {
        return true;
    }
    drop(index, source->record, entry->record_units);
    source->record = NULL;
    return keep_ranges(entry, index->bench.ranges, count);
}

bool index_record_fill(struct index *index, struct index_source_entry *entry,
                       const struct index_publication *publication)
{
    struct match_span *coverage = &entry->source.coverage;
    minute_t oldest = oldest_minute(index);
    size_t special = 0;
    size_t bytes = 0;
    size_t count = 0;
    if (!has_ranges(&index->bench, publication->range_count)) {
        return false;
    }
    for (size_t i = 0; i < publication->range_count; i++) {
        struct entente_range range = publication->ranges[i];
        if (!cut(&range, oldest)) {
            continue;
        }
        struct match_range time = to_match(index, &range);
        entry->source.offers_else |= is_for_others(&time);
        if (is_special(&range, time.place)) {
            special++;
            bytes += special_bytes(&range);
        } else {
            index->bench.ranges[count++] = time;
        }
    }
    coverage->start = coverage->start < oldest ? oldest : coverage->start;
    coverage->start = coverage->start > coverage->end ? coverage->end : coverage->start;
    sort_ranges(index->bench.ranges, count);
    if (!fill_special(index, entry, publication, special, bytes) ||
        !fill_record(index, entry, count)) {
        index_record_empty(index, entry);
        return false;
    }
    return true;
}

static void free_const(const void *memory)
{
    void *own;
    memcpy(&own, &memory, sizeof(own));
    free(own);
}

void index_record_empty(struct index *index, struct index_source_entry *entry)
{
    struct index_source *source = &entry->source;
    drop(index, source->record, entry->record_units);
    free_const(source->ranges);
    free_const(source->special);
    source->record = NULL;
    source->ranges = NULL;
    source->special = NULL;
}

/* ---- what it said, again -----------------------------------------------------------
 */

size_t index_source_bound(const struct index_source *source)
{
    size_t count = source->record == NULL ? source->range_count
                                          : record_range_count(source->record);
    return count + source->special_count;
}

static bool is_own(const struct entente_range *range, const uint8_t *meeting)
{
    return meeting != NULL && range->meeting.size == 16 &&
           memcmp(range->meeting.data, meeting, 16) == 0;
}

bool index_source_echoes(const struct index_source *source, const uint8_t *meeting)
{
    for (size_t i = 0; i < source->special_count; i++) {
        if (is_own(&source->special[i], meeting)) {
            return true;
        }
    }
    return false;
}

/* What is neither special; into @ret, which has room. */
static size_t plain_ranges(const struct index_source *source, struct match_range *ret)
{
    struct match_source ignored;
    if (source->record == NULL) {
        if (source->range_count > 0) {
            memcpy(ret, source->ranges, source->range_count * sizeof(*ret));
        }
        return source->range_count;
    }
    return record_ranges(source->record, source->coverage.start, source->coverage.end,
                         ret, record_range_count(source->record), &ignored);
}

void index_source_time(const struct index_source *source, const uint8_t *meeting,
                       struct match_range *ret, struct match_source *ret_source)
{
    size_t count = plain_ranges(source, ret);
    for (size_t i = 0; i < source->special_count; i++) {
        const struct entente_range *range = &source->special[i];
        /* On call is interruptible, not busy; an agenda's echo of this very meeting never
         * stands in the meeting's way. */
        if (range->kind == ENTENTE_FREE ||
            (!range->interruptible && !is_own(range, meeting))) {
            ret[count++] = source->special_time[i];
        }
    }
    sort_ranges(ret, count);
    *ret_source = (struct match_source){
        .coverage = source->coverage,
        .ranges = ret,
        .range_count = count,
        .notice = source->notice,
        .daily_cap = source->daily_cap,
    };
}

bool index_source_ranges(const struct index *index, const struct index_source *source,
                         struct arena *arena, struct entente_range **ret_ranges,
                         size_t *ret_count)
{
    size_t bound = index_source_bound(source);
    struct match_range *plain = arena_array(arena, bound, sizeof(*plain));
    struct entente_range *ranges = arena_array(arena, bound, sizeof(*ranges));
    if (plain == NULL || ranges == NULL) {
        return false;
    }
    size_t count = plain_ranges(source, plain);
    for (size_t i = 0; i < count; i++) {
        ranges[i] = from_match(index, &plain[i]);
    }
    for (size_t i = 0; i < source->special_count; i++) {
        ranges[count++] = source->special[i];
    }
    if (source->special_count > 0) {
        qsort(ranges, count, sizeof(*ranges), index_compare_ranges);
    }
    *ret_ranges = ranges;
    *ret_count = count;
    return true;
}

/* ---- what all agendas of a person say ----------------------------------------------
 */

void index_record_forget(struct index *index, struct index_entry *entry)
{
    if (entry->record_units != 0) {
        drop(index, entry->person.record, entry->record_units);
    }
    entry->record_units = 0;
    entry->person.record = NULL;
}

static const struct match_record *
join(struct index *index, const struct index_person *person, uint32_t *ret_units)
{
    struct index_bench *bench = &index->bench;
    void *memory = bench->sources;
    size_t bound = 0;
    size_t used = 0;
    size_t count = 0;
    for (const struct index_source *s = person->sources; s != NULL; s = s->beside) {
        bound += index_source_bound(s);
    }
    bool grown = grow(&memory, &bench->source_capacity, person->source_count,
                      sizeof(*bench->sources));
    bench->sources = memory;
    if (!grown || !has_ranges(bench, bound)) {
        return NULL;
    }
    for (const struct index_source *s = person->sources; s != NULL; s = s->beside) {
        index_source_time(s, NULL, bench->ranges + used, &bench->sources[count]);
        used += bench->sources[count++].range_count;
    }
    return compile(index, bench->sources, count, ret_units);
}

void index_record_join(struct index *index, struct index_entry *entry)
{
    struct index_person *person = &entry->person;
    const struct match_record *before = person->record;
    uint32_t units_before = entry->record_units;
    const struct index_source *only =
        person->source_count == 1 ? person->sources : NULL;
    entry->record_units = 0;
    if (person->sources == NULL) {
        person->record = NULL;
    } else if (only != NULL && only->record != NULL && only->special_count == 0) {
        person->record = only->record;
    } else {
        person->record = join(index, person, &entry->record_units);
    }
    if (units_before != 0) {
        drop(index, before, units_before);
    }
    index_rows_note_all(index, entry);
}
