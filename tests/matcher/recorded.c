// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/recorded.h"

#include "matcher/kernel.h"
#include "matcher/record.h"

#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 4096, RANGES = 1 << 17, FAR = 1 << 30 };

static struct {
    struct match_request request;
    struct match_party parties[MATCH_PARTIES_MAX];
    struct match_person members[PEOPLE];
    size_t member_count;
    void *records[PEOPLE + MATCH_PARTIES_MAX];
    size_t record_count;
    unsigned shape; /* every one in turn */

    /* What the records say. */
    struct match_source sources[PEOPLE + MATCH_PARTIES_MAX];
    size_t source_count;
    struct match_range ranges[RANGES];
    size_t range_count;
} kept;

static const struct {
    enum match_kernel kernel;
    const char *name;
} kernels[] = {
    {MATCH_KERNEL_SCALAR, "by record, scalar"},
    {MATCH_KERNEL_SSE4, "by record, x86-64-v2"},
    {MATCH_KERNEL_AVX2, "by record, avx2"},
    {MATCH_KERNEL_AVX512, "by record, avx512"},
    {MATCH_KERNEL_NEON, "by record, neon"},
};

static void forget(void)
{
    for (size_t i = 0; i < kept.record_count; i++) {
        free(kept.records[i]);
    }
    kept.record_count = 0;
    kept.member_count = 0;
}

/* Put a record in the place of the sources.  Somebody without any has none, and here and
 * there somebody keeps them, so that both kinds meet. */
static bool record_person(struct match_person *person)
{
    if (person->source_count == 0 || (person->id >> 40) % 8 == 0) {
        return true;
    }
    size_t bound = record_bound(person->sources, person->source_count, kept.shape);
    size_t size = record_workspace_size(person->sources, person->source_count);
    if (bound == 0) {
        return false;
    }
    void *memory = aligned_alloc(RECORD_ALIGN, (bound + RECORD_ALIGN - 1) /
                                                   RECORD_ALIGN * RECORD_ALIGN);
    void *workspace = malloc(size + 1);
    if (memory == NULL || workspace == NULL) {
        abort();
    }
    kept.records[kept.record_count] = memory;
    kept.record_count++;
    enum match_status status = record_build(person->sources, person->source_count,
                                            kept.shape, workspace, size, memory, bound);
    free(workspace);
    person->record = memory;
    person->sources = NULL;
    person->source_count = 0;
    return status == MATCH_OK;
}

static bool record_party(struct match_party *party)
{
    if (party->member_count == 0) {
        return record_person(&party->person);
    }
    struct match_person *members = &kept.members[kept.member_count];
    if (kept.member_count + party->member_count > PEOPLE) {
        return false;
    }
    memcpy(members, party->members, party->member_count * sizeof(*members));
    kept.member_count += party->member_count;
    party->members = members;
    for (size_t i = 0; i < party->member_count; i++) {
        if (!record_person(&members[i])) {
            return false;
        }
    }
    return true;
}

const struct match_request *recorded_request(const struct match_request *request)
{
    forget();
    kept.shape = (kept.shape + 1) % (RECORD_WIDE_RING + RECORD_WITH_PLANE + 1);
    kept.request = *request;
    memcpy(kept.parties, request->parties,
           request->party_count * sizeof(kept.parties[0]));
    kept.request.parties = kept.parties;
    for (size_t p = 0; p < request->party_count; p++) {
        if (!record_party(&kept.parties[p])) {
            return NULL;
        }
    }
    return &kept.request;
}

static void unrecord_person(struct match_person *person)
{
    if (person->record == NULL) {
        return;
    }
    struct match_source *source = &kept.sources[kept.source_count];
    struct match_range *ranges = &kept.ranges[kept.range_count];
    size_t room = RANGES - kept.range_count;
    memset(source, 0, sizeof(*source));
    size_t count = record_ranges(person->record, -FAR, FAR, ranges, room, source);
    if (count > room || count > record_range_count(person->record)) {
        abort();
    }
    kept.source_count++;
    kept.range_count += count;
    source->ranges = ranges;
    source->range_count = count;
    person->record = NULL;
    person->sources = source;
    person->source_count = 1;
}

const struct match_request *recorded_again(void)
{
    kept.source_count = 0;
    kept.range_count = 0;
    for (size_t p = 0; p < kept.request.party_count; p++) {
        if (kept.parties[p].member_count == 0) {
            unrecord_person(&kept.parties[p].person);
        }
    }
    for (size_t m = 0; m < kept.member_count; m++) {
        unrecord_person(&kept.members[m]);
    }
    return &kept.request;
}

size_t recorded_kernel_count(void)
{
    return sizeof(kernels) / sizeof(kernels[0]);
}

const char *recorded_use_kernel(size_t number)
{
    return match_kernel_force(kernels[number].kernel) ? kernels[number].name : NULL;
}

void recorded_use_best_kernel(void)
{
    match_kernel_force(MATCH_KERNEL_AUTO);
}
