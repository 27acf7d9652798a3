// SPDX-License-Identifier: Apache-2.0

/*
 * What is refused: every bad status, each with a sentence and without an answer.
 */
#include "matcher/check.h"
#include "matcher/record.h"

#include "tests/matcher/story.h"

#include <stdlib.h>
#include <string.h>

enum { DAYS_400 = MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY };

static struct story story;
static struct match_span many_windows[MATCH_WINDOWS_MAX + 1];
static minute_t many_picked[MATCH_WINDOWS_MAX + 1];
static struct match_party many_parties[MATCH_PARTIES_MAX + 1];
static struct match_offset offsets[2];

/* A request that is fine: one party, one source, two ranges, two claims. */
static void begin(void)
{
    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "##C#BCCC##");
    assert_int_equal(story_status(&story), MATCH_OK);
    assert_int_equal(story.parties[0].person.claim_count, 2);
    memset(offsets, 0, sizeof(offsets));
    story.request.offsets = offsets;
}

/* The request is refused with @status by a search, and by a judgement too unless only
 * its windows are wrong; nothing is written. */
static void expect(enum match_status status)
{
    static struct match_result before;
    bool feasible = true;
    static uint64_t workspace[1 << 16];

    memset(&story.result, 0xa5, sizeof(story.result));
    memcpy(&before, &story.result, sizeof(before));

    enum match_status got =
        match_search(&story.request, workspace, sizeof(workspace), &story.result);
    assert_string_equal(match_status_text(got), match_status_text(status));
    assert_memory_equal(&before, &story.result, sizeof(before));
    uint32_t candidates = 7;
    assert_int_equal(match_count(&story.request, workspace, sizeof(workspace),
                                 &candidates, &candidates),
                     status);
    assert_int_equal(candidates, 7);
    if (status != MATCH_BAD_WINDOW) {
        got = match_judge(&story.request, 0, 0, workspace, sizeof(workspace),
                          &story.result, &feasible);
        assert_string_equal(match_status_text(got), match_status_text(status));
        assert_memory_equal(&before, &story.result, sizeof(before));
        assert_true(feasible);
    }
    begin();
}

static void test_every_status_has_its_own_sentence(void **state)
{
    (void)state;
    for (int i = MATCH_OK; i <= MATCH_NO_ROOM + 1; i++) {
        const char *text = match_status_text((enum match_status)i);
        assert_non_null(text);
        assert_true(strlen(text) > 0);
        for (int j = MATCH_OK; j < i; j++) {
            assert_string_not_equal(text, match_status_text((enum match_status)j));
        }
    }
}

static void test_bad_durations_and_grids(void **state)
{
    (void)state;
    static const int32_t durations[] = {0, -1, MATCH_DURATION_MAX + 1, INT32_MIN, 1500};
    static const int32_t grids[] = {-1, 1441, INT32_MAX, INT32_MIN};

    begin();
    for (size_t i = 0; i < ARRAY_SIZE(durations); i++) {
        story.request.duration = durations[i];
        expect(MATCH_BAD_DURATION);
    }
    for (size_t i = 0; i < ARRAY_SIZE(grids); i++) {
        story.request.grid = grids[i];
        expect(MATCH_BAD_GRID);
    }
}

static void test_bad_windows(void **state)
{
    (void)state;
    begin();
    story.request.window_count = 0;
    expect(MATCH_BAD_WINDOW);
    story.windows[0] = (struct match_span){100, 100};
    expect(MATCH_BAD_WINDOW);
    story.windows[0] = (struct match_span){100, 99};
    expect(MATCH_BAD_WINDOW);
    story.windows[0] = (struct match_span){0, DAYS_400 + 1};
    expect(MATCH_BAD_WINDOW);
    story.windows[0] = (struct match_span){INT32_MIN, INT32_MAX};
    expect(MATCH_BAD_WINDOW);

    story.request.windows = NULL;
    expect(MATCH_BAD_WINDOW);

    /* Two small ones, too far apart. */
    story.windows[0] = (struct match_span){DAYS_400, DAYS_400 + 60};
    story.windows[1] = (struct match_span){0, 60};
    story.request.window_count = 2;
    expect(MATCH_BAD_WINDOW);

    for (size_t i = 0; i < ARRAY_SIZE(many_windows); i++) {
        many_windows[i] = (struct match_span){0, 60};
    }
    story.request.windows = many_windows;
    story.request.window_count = ARRAY_SIZE(many_windows);
    expect(MATCH_BAD_WINDOW);
    story.request.windows = many_windows;
    story.request.window_count = ARRAY_SIZE(many_windows) - 1;
    assert_int_equal(story_status(&story), MATCH_OK);
}

static void test_bad_picks(void **state)
{
    (void)state;
    static const minute_t far[] = {0, DAYS_400 - 59};
    static const minute_t late[] = {INT32_MAX - 59};

    begin();
    story.request.picked = many_picked;
    story.request.picked_count = ARRAY_SIZE(many_picked);
    expect(MATCH_BAD_WINDOW);
    story.request.picked = far;
    story.request.picked_count = ARRAY_SIZE(far);
    expect(MATCH_BAD_WINDOW);
    story.request.picked = late;
    story.request.picked_count = ARRAY_SIZE(late);
    expect(MATCH_BAD_WINDOW);
}

static void test_bad_parties(void **state)
{
    (void)state;
    begin();
    story.request.party_count = 0;
    expect(MATCH_BAD_PARTIES);
    story.request.parties = NULL;
    expect(MATCH_BAD_PARTIES);
    for (size_t i = 0; i < ARRAY_SIZE(many_parties); i++) {
        many_parties[i].importance = MATCH_OPTIONAL;
    }
    story.request.parties = many_parties;
    story.request.party_count = ARRAY_SIZE(many_parties);
    expect(MATCH_BAD_PARTIES);
    story.request.parties = many_parties;
    story.request.party_count = ARRAY_SIZE(many_parties) - 1;
    assert_int_equal(story_status(&story), MATCH_OK);
    begin();
    story.parties[0].importance = (enum match_importance)0;
    expect(MATCH_BAD_PARTIES);
    story.parties[0].importance = (enum match_importance)3;
    expect(MATCH_BAD_PARTIES);
}

static void test_bad_ranges(void **state)
{
    (void)state;
    struct match_range *ranges = story.ranges[0][0];

    begin();
    ranges[0].end = ranges[0].start;
    expect(MATCH_BAD_RANGES);
    ranges[0].end = ranges[0].start - 1;
    expect(MATCH_BAD_RANGES);
    ranges[1].start = ranges[0].start - 1;
    expect(MATCH_BAD_RANGES);
    ranges[1].start = ranges[0].start;
    ranges[1].end = ranges[0].end - 1;
    expect(MATCH_BAD_RANGES);
    ranges[0].kind = 0;
    expect(MATCH_BAD_RANGES);
    ranges[0].kind = 4;
    expect(MATCH_BAD_RANGES);
    ranges[0].certainty = 0;
    expect(MATCH_BAD_RANGES);
    ranges[0].certainty = 4;
    expect(MATCH_BAD_RANGES);
    ranges[0].preference = 3;
    expect(MATCH_BAD_RANGES);

    story.claims[0][0].end = story.claims[0][0].start;
    expect(MATCH_BAD_RANGES);
    story.claims[0][0].end = story.claims[0][0].start - 1;
    expect(MATCH_BAD_RANGES);
    story.claims[0][0].end = story.claims[0][1].start + 1;
    expect(MATCH_BAD_RANGES);
    story.claims[0][1].start = story.claims[0][0].start - 20;
    expect(MATCH_BAD_RANGES);
}

/* What the first party's source says, as a record. */
static void *record_first(void)
{
    static uint64_t work[1 << 13];
    size_t size = 1 << 16;
    void *memory = aligned_alloc(RECORD_ALIGN, size);

    assert_non_null(memory);
    assert_int_equal(record_build(story.sources[0], 1, RECORD_FOR_INDEX, work,
                                  sizeof(work), memory, size),
                     MATCH_OK);
    return memory;
}

static void test_sources_beside_a_record_are_too_many(void **state)
{
    (void)state;
    begin();
    void *memory = record_first();

    story.parties[0].person.record = memory;
    expect(MATCH_BAD_RANGES);
    story.parties[0].person.record = memory;
    story.parties[0].person.sources = NULL;
    story.parties[0].person.source_count = 0;
    assert_int_equal(story_status(&story), MATCH_OK);
    free(memory);
}

static void test_what_is_wrong_beside_a_record(void **state)
{
    (void)state;
    begin();
    void *memory = record_first();
    struct match_party party = story.parties[0];

    party.person = (struct match_person){.record = memory};
    party.importance = (enum match_importance)3;
    story.parties[0] = party;
    expect(MATCH_BAD_PARTIES);
    party.importance = MATCH_OPTIONAL;
    party.buffer_after = MATCH_BUFFER_MAX + 1;
    story.parties[0] = party;
    expect(MATCH_BAD_LIMITS);
    story.parties[0].person.record = memory;
    story.parties[0].person.source_count = 0;
    story.claims[0][0].end = story.claims[0][0].start;
    expect(MATCH_BAD_RANGES);
    free(memory);
}

/* Somebody of whom a record says that they are never free. */
static void *begin_never_free(void)
{
    begin();
    story.sources[0][0].range_count = 0;
    void *memory = record_first();

    story.parties[0].person = (struct match_person){.record = memory};
    return memory;
}

static void test_an_empty_answer_is_checked_as_well(void **state)
{
    (void)state;
    static struct match_span claims[] = {{10, 20}, {15, 30}};
    static struct match_range range = {.start = 20, .end = 20, .kind = MATCH_BUSY};
    static struct match_source source = {.ranges = &range, .range_count = 1};
    static struct match_person twins[2] = {{.id = 5}, {.id = 5}};
    void *memory = begin_never_free();
    struct match_party *other = &story.parties[1];
    size_t size = match_workspace_size(&story.request);
    void *workspace = malloc(size);

    assert_int_equal(match_search(&story.request, workspace, size, &story.result),
                     MATCH_OK);
    assert_int_equal(story.result.count, 0);
    /* That nobody is free is read from the record. */
    assert_int_equal(match_search(&story.request, NULL, 0, &story.result), MATCH_OK);
    assert_int_equal(story.result.count, 0);

    story.parties[0].person.claims = claims;
    story.parties[0].person.claim_count = 2;
    assert_int_equal(story_status(&story), MATCH_BAD_RANGES);
    claims[1].start = 20;
    assert_int_equal(story_status(&story), MATCH_OK);
    assert_int_equal(story.result.count, 0);
    assert_int_equal(match_search(&story.request, workspace, size, &story.result),
                     MATCH_NO_ROOM);

    story.request.party_count = 2;
    *other = (struct match_party){.importance = MATCH_OPTIONAL,
                                  .id = 7,
                                  .person = {.sources = &source, .source_count = 1}};
    assert_int_equal(story_status(&story), MATCH_BAD_RANGES);
    range.end = 21;
    assert_int_equal(story_status(&story), MATCH_OK);
    *other = (struct match_party){
        .importance = MATCH_OPTIONAL, .members = twins, .member_count = 2, .needed = 1};
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    twins[1].id = 6;
    assert_int_equal(story_status(&story), MATCH_OK);
    assert_int_equal(story.result.count, 0);
    free(workspace);
    free(memory);
}

/* What is said of three parties, of which those before @bad are wrong in three ways, in
 * the order of @order. */
static enum match_status status_of(const size_t order[static 3], size_t bad)
{
    static const struct match_person nobody = {.id = 1};
    const struct match_party parties[] = {
        {.importance = MATCH_OPTIONAL, .buffer_after = -1},
        {.importance = MATCH_OPTIONAL, .members = &nobody, .member_count = 1},
        {.importance = (enum match_importance)0},
    };

    begin();
    story.request.parties = many_parties;
    story.request.party_count = 3;
    for (size_t i = 0; i < 3; i++) {
        many_parties[i] = order[i] < bad
                              ? parties[order[i]]
                              : (struct match_party){.importance = MATCH_OPTIONAL};
    }
    return match_search(&story.request, NULL, 0, &story.result);
}

/* As slot.h says, whoever comes first. */
static void test_parties_come_before_pools_and_these_before_limits(void **state)
{
    (void)state;
    static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {0, 2, 1}};

    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        assert_int_equal(status_of(orders[i], 0), MATCH_NO_ROOM);
        assert_int_equal(status_of(orders[i], 1), MATCH_BAD_LIMITS);
        assert_int_equal(status_of(orders[i], 2), MATCH_BAD_POOL);
        assert_int_equal(status_of(orders[i], 3), MATCH_BAD_PARTIES);
    }
}

static void test_what_is_sorted_may_touch_and_overlap(void **state)
{
    (void)state;
    struct match_range *ranges = story.ranges[0][0];

    begin();
    ranges[1].start = ranges[0].start;
    ranges[1].end = ranges[0].end;
    assert_int_equal(story_status(&story), MATCH_OK);
    story.claims[0][0].end = story.claims[0][1].start;
    assert_int_equal(story_status(&story), MATCH_OK);
    /* What a busy range says of certainty and preference does not matter. */
    ranges[3].kind = MATCH_BUSY;
    ranges[3].certainty = 200;
    ranges[3].preference = 200;
    assert_int_equal(story_status(&story), MATCH_OK);
}

static void test_bad_limits(void **state)
{
    (void)state;
    static const struct match_span times[] = {
        {-1, 60}, {60, 60}, {120, 60}, {1400, 1441}, {INT32_MIN, INT32_MAX},
    };

    begin();
    story.request.weekdays = 0x80;
    expect(MATCH_BAD_LIMITS);
    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        story.request.times_of_day[0] = times[i];
        story.request.times_of_day_count = 1;
        expect(MATCH_BAD_LIMITS);
    }
    story.request.times_of_day_count = MATCH_TIMES_OF_DAY_MAX + 1;
    expect(MATCH_BAD_LIMITS);
    story.request.wanted = 0;
    expect(MATCH_BAD_LIMITS);
    story.request.wanted = MATCH_SLOTS_MAX + 1;
    expect(MATCH_BAD_LIMITS);
    story.request.apart = -1;
    expect(MATCH_BAD_LIMITS);
    story.parties[0].buffer_before = -1;
    expect(MATCH_BAD_LIMITS);
    story.parties[0].buffer_before = MATCH_BUFFER_MAX + 1;
    expect(MATCH_BAD_LIMITS);
    story.parties[0].buffer_after = -1;
    expect(MATCH_BAD_LIMITS);
    story.parties[0].buffer_after = MATCH_BUFFER_MAX + 1;
    expect(MATCH_BAD_LIMITS);
    story.request.offset_count = 2; /* both from 0 */
    expect(MATCH_BAD_LIMITS);
    offsets[0].from = 1;
    story.request.offset_count = 2;
    expect(MATCH_BAD_LIMITS);
    offsets[0].offset_minutes = 1441;
    story.request.offset_count = 1;
    expect(MATCH_BAD_LIMITS);
    offsets[0].offset_minutes = -1441;
    story.request.offset_count = 1;
    expect(MATCH_BAD_LIMITS);
}

static void test_a_byte_less_is_no_room(void **state)
{
    (void)state;
    bool feasible = false;

    begin();
    size_t size = match_workspace_size(&story.request);
    void *workspace = malloc(size);
    assert_int_equal(match_search(&story.request, workspace, size, &story.result),
                     MATCH_OK);
    memset(&story.result, 0x5a, sizeof(story.result));
    assert_int_equal(match_search(&story.request, workspace, size - 1, &story.result),
                     MATCH_NO_ROOM);
    assert_int_equal(match_search(&story.request, NULL, size, &story.result),
                     MATCH_NO_ROOM);
    assert_int_equal(match_explain(&story.request, &(struct match_leeway){0}, NULL,
                                   size, &story.why),
                     MATCH_NO_ROOM);
    assert_int_equal(match_explain(&story.request, &(struct match_leeway){0}, workspace,
                                   size - 1, &story.why),
                     MATCH_NO_ROOM);
    assert_int_equal(story.result.slots[0].start, 0x5a5a5a5a);
    assert_int_equal(match_judge(&story.request, 0, 0, workspace, size - 1,
                                 &story.result, &feasible),
                     MATCH_NO_ROOM);
    /* What is wrong with the request is said before that. */
    story.request.grid = -1;
    assert_int_equal(match_search(&story.request, NULL, 0, &story.result),
                     MATCH_BAD_GRID);
    assert_int_equal(match_workspace_size(&story.request), 0);
    free(workspace);
}

static void test_the_ends_of_time_are_met_calmly(void **state)
{
    (void)state;
    static const struct match_span ends[] = {
        {INT32_MIN, INT32_MIN + 1440},
        {INT32_MAX - 1440, INT32_MAX},
    };
    struct match_slot slot;

    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        begin();
        struct match_range *range = &story.ranges[0][0][0];
        *range = (struct match_range){
            .start = ends[i].start,
            .end = ends[i].end,
            .kind = MATCH_FREE,
            .certainty = MATCH_DECLARED,
        };
        story.sources[0][0].range_count = 1;
        story.sources[0][0].coverage = (struct match_span){INT32_MIN, INT32_MAX};
        story.parties[0].person.claim_count = 0;
        story.windows[0] = ends[i];
        story.request.grid = 1;
        offsets[0].offset_minutes = i == 0 ? -840 : 840;
        story.request.offset_count = 1;
        assert_int_equal(story_status(&story), MATCH_OK);
        assert_int_equal(story.why.feasible, 1440 - 60 + 1);
        assert_int_equal(story.result.slots[0].start, ends[i].start);
        assert_true(story_judge(&story, ends[i].end - 60, &slot));
    }
    bool feasible = false;
    static uint64_t workspace[1 << 16];
    assert_int_equal(match_judge(&story.request, INT32_MAX - 59, 0, workspace,
                                 sizeof(workspace), &story.result, &feasible),
                     MATCH_BAD_WINDOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status_has_its_own_sentence),
        cmocka_unit_test(test_bad_durations_and_grids),
        cmocka_unit_test(test_bad_windows),
        cmocka_unit_test(test_bad_picks),
        cmocka_unit_test(test_bad_parties),
        cmocka_unit_test(test_bad_ranges),
        cmocka_unit_test(test_sources_beside_a_record_are_too_many),
        cmocka_unit_test(test_what_is_wrong_beside_a_record),
        cmocka_unit_test(test_an_empty_answer_is_checked_as_well),
        cmocka_unit_test(test_parties_come_before_pools_and_these_before_limits),
        cmocka_unit_test(test_what_is_sorted_may_touch_and_overlap),
        cmocka_unit_test(test_bad_limits),
        cmocka_unit_test(test_a_byte_less_is_no_room),
        cmocka_unit_test(test_the_ends_of_time_are_met_calmly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
