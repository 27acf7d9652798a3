// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/record_story.h"

#include <stdlib.h>

unsigned char *workspace;
struct match_record *record;
struct match_record *patched;
struct match_range *told;
struct match_range *ranges;

struct match_range offer(minute_t start, minute_t end)
{
    return (struct match_range){
        .start = start, .end = end, .kind = MATCH_FREE, .certainty = MATCH_DECLARED};
}

struct match_range engaged(minute_t start, minute_t end, uint16_t place)
{
    return (struct match_range){
        .start = start, .end = end, .kind = MATCH_BUSY, .place = place};
}

struct match_source covered(const struct match_range *of, size_t count)
{
    return (struct match_source){.coverage = {AT(-1000, 0, 0), AT(1000, 0, 0)},
                                 .ranges = of,
                                 .range_count = count};
}

void build(const struct match_source *sources, size_t count, unsigned shape)
{
    assert_in_range(record_workspace_size(sources, count), 0, MEMORY);
    assert_in_range(record_bound(sources, count, shape), 1, MEMORY);
    assert_int_equal(
        record_build(sources, count, shape, workspace, MEMORY, record, MEMORY),
        MATCH_OK);
    assert_true(record_size(record) <= record_bound(sources, count, shape));
}

void refuse(const struct match_source *source, enum match_status status)
{
    assert_int_equal(
        record_build(source, 1, RECORD_FOR_INDEX, workspace, MEMORY, record, MEMORY),
        status);
}

void patch(struct match_span span, const struct match_source *source)
{
    assert_in_range(record_patch_workspace_size(record, source), 0, MEMORY);
    assert_int_equal(
        record_patch(record, &span, source, workspace, MEMORY, patched, MEMORY),
        MATCH_OK);
    assert_true(record_size(patched) <= record_patch_bound(record, source));
}

size_t tell(const struct match_record *of, struct match_source *ret_source)
{
    return record_ranges(of, INT32_MIN, INT32_MAX, told, MANY, ret_source);
}

void assert_told(const struct match_record *of, const struct match_range *wanted,
                 size_t count)
{
    struct match_source source;
    assert_int_equal(tell(of, &source), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(told[i].start, wanted[i].start);
        assert_int_equal(told[i].end, wanted[i].end);
        assert_int_equal(told[i].kind, wanted[i].kind);
        assert_int_equal(told[i].certainty, wanted[i].certainty);
        assert_int_equal(told[i].preference, wanted[i].preference);
        assert_int_equal(told[i].modalities, wanted[i].modalities);
        assert_int_equal(told[i].purposes, wanted[i].purposes);
        assert_int_equal(told[i].place, wanted[i].place);
    }
}

int record_story_set_up(void **state)
{
    (void)state;
    workspace = malloc(MEMORY);
    record = aligned_alloc(RECORD_ALIGN, MEMORY);
    patched = aligned_alloc(RECORD_ALIGN, MEMORY);
    told = malloc(MANY * sizeof(*told));
    ranges = malloc(MANY * sizeof(*ranges));
    return workspace && record && patched && told && ranges ? 0 : -1;
}

int record_story_tear_down(void **state)
{
    (void)state;
    free(workspace);
    free(record);
    free(patched);
    free(told);
    free(ranges);
    return 0;
}
