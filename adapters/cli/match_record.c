// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_record.h"

#include "matcher/record.h"

#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
};

struct match_records {
    struct block *blocks; /* each aligned, with a record RECORD_ALIGN bytes behind */
    void *workspace;
    size_t workspace_size;
    void *scratch; /* where a record is built before its size is known */
    size_t scratch_size;
};

struct match_records *match_records_new(void)
{
    return calloc(1, sizeof(struct match_records));
}

void match_records_free(struct match_records *records)
{
    if (records == NULL) {
        return;
    }
    while (records->blocks != NULL) {
        struct block *block = records->blocks;
        records->blocks = block->next;
        free(block);
    }
    free(records->workspace);
    free(records->scratch);
    free(records);
}

/* Room in *memory for @size bytes at least. */
static bool make_room(void **memory, size_t *have, size_t size)
{
    if (size <= *have) {
        return true;
    }
    size_t rounded = (size + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
    free(*memory);
    *memory = aligned_alloc(RECORD_ALIGN, rounded);
    *have = *memory != NULL ? rounded : 0;
    return *memory != NULL;
}

void match_records_compile(struct match_records *records, struct match_person *person)
{
    if (records == NULL || person->source_count == 0 || person->record != NULL) {
        return;
    }
    const unsigned shape = RECORD_WIDE_RING;
    size_t bound = record_bound(person->sources, person->source_count, shape);
    size_t work = record_workspace_size(person->sources, person->source_count);
    if (bound == 0 || !make_room(&records->workspace, &records->workspace_size, work) ||
        !make_room(&records->scratch, &records->scratch_size, bound) ||
        record_build(person->sources, person->source_count, shape, records->workspace,
                     work, records->scratch, bound) != MATCH_OK) {
        return;
    }
    size_t size = record_size(records->scratch);
    struct block *block =
        aligned_alloc(RECORD_ALIGN, (RECORD_ALIGN + size + RECORD_ALIGN - 1) /
                                        RECORD_ALIGN * RECORD_ALIGN);
    if (block == NULL) {
        return;
    }
    block->next = records->blocks;
    records->blocks = block;
    void *memory = (char *)block + RECORD_ALIGN;
    memcpy(memory, records->scratch, size);
    person->record = memory;
    person->sources = NULL;
    person->source_count = 0;
}

bool match_records_silent(const struct match_person *person)
{
    if (person->record != NULL) {
        struct match_source known = {0};
        record_ranges(person->record, INT32_MIN / 2, INT32_MAX / 2, NULL, 0, &known);
        return known.coverage.start >= known.coverage.end;
    }
    bool silent = person->source_count == 0;
    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_span *coverage = &person->sources[i].coverage;
        silent = silent || coverage->start >= coverage->end;
    }
    return silent;
}
