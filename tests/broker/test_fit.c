// SPDX-License-Identifier: Apache-2.0

/*
 * What is said is made to fit into a frame: what matters least is left out first.
 */
#include "broker/fit.h"
#include "proto/limits.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 1440, NOON = 29700000, ARENA_BYTES = 64 << 20 };

static const struct entente_bytes id = {(const uint8_t *)"0123456789abcdef", 16};
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

/* Slots to which everybody of two large pools comes. */
static struct entente_slot *large_slots(size_t count)
{
    struct entente_slot *slots = arena_array(&arena, count, sizeof(*slots));
    struct entente_chosen *chosen = arena_array(&arena, 2, sizeof(*chosen));
    chosen->members = arena_array(&arena, LIMIT_POOL_MEMBERS, sizeof(*chosen->members));
    chosen->members_count = LIMIT_POOL_MEMBERS;
    for (uint32_t i = 0; i < LIMIT_POOL_MEMBERS; i++) {
        chosen->members[i] = i;
    }
    chosen[1] = chosen[0];
    chosen[1].party = 1;
    for (size_t i = 0; i < count; i++) {
        slots[i] = (struct entente_slot){.start = NOON + DAY * (int32_t)i,
                                         .end = NOON + DAY * (int32_t)i + 60,
                                         .chosen = chosen,
                                         .chosen_count = 2};
    }
    return slots;
}

/* What is heard of @envelope once it has been made to fit. */
static struct entente_envelope *said(struct entente_envelope *envelope)
{
    struct entente_bytes frame = {0};
    struct entente_envelope *heard = NULL;
    struct codec_error error = {0};
    struct codec_notes notes;
    envelope->request_epoch = 1;
    envelope->request_counter = 1;
    assert_true(fit_encode(envelope, &arena, &frame));
    assert_true(frame.size <= LIMIT_FRAME_BYTES);
    assert_true(codec_decode(frame.data, frame.size, CODEC_BROKER, &arena, &heard,
                             &error, &notes));
    return heard;
}

static void test_a_large_poll_keeps_its_slots(void **state)
{
    (void)state;
    struct entente_proposal proposal = {.number = 1,
                                        .start = NOON,
                                        .end = NOON + 60,
                                        .candidates = large_slots(8),
                                        .candidates_count = 8};
    struct entente_meeting meeting = {
        .id = id, .version = 1, .state = ENTENTE_PROPOSED, .proposal = &proposal};
    const struct entente_meeting *heard =
        said(&(struct entente_envelope){.body = ENTENTE_MEETING, .meeting = &meeting})
            ->meeting;
    assert_int_equal(heard->proposal->candidates_count, 8);
    assert_int_equal(heard->proposal->candidates[7].start, NOON + 7 * DAY);
    assert_int_equal(heard->proposal->candidates[7].chosen_count, 0);
    assert_int_equal(proposal.candidates[7].chosen_count, 2);
}

static void test_a_large_preview_keeps_the_best_slots(void **state)
{
    (void)state;
    struct entente_preview_result result = {
        .state = ENTENTE_PROPOSED, .slots = large_slots(16), .slots_count = 16};
    const struct entente_preview_result *heard =
        said(&(struct entente_envelope){.body = ENTENTE_PREVIEW_RESULT,
                                        .preview_result = &result})
            ->preview_result;
    assert_in_range(heard->slots_count, 1, 15);
    assert_int_equal(heard->slots[0].start, NOON);
}

/* Where even without slots it is too much, the first meetings are told, and that there are
 * more. */
static void test_a_preview_of_a_long_series_keeps_the_first_meetings(void **state)
{
    (void)state;
    static struct entente_touched_meeting meetings[LIMIT_OCCURRENCES];
    for (uint32_t i = 0; i < LIMIT_OCCURRENCES; i++) {
        meetings[i] = (struct entente_touched_meeting){
            .meeting = id, .index = i, .slot = &large_slots(16)[0]};
    }
    struct entente_preview_result result = {.state = ENTENTE_PROPOSED,
                                            .slots = large_slots(2),
                                            .slots_count = 2,
                                            .meetings = meetings,
                                            .meetings_count = LIMIT_OCCURRENCES};
    const struct entente_preview_result *heard =
        said(&(struct entente_envelope){.body = ENTENTE_PREVIEW_RESULT,
                                        .preview_result = &result})
            ->preview_result;
    assert_in_range(heard->meetings_count, 1, LIMIT_OCCURRENCES - 1);
    assert_true(heard->more);
    assert_int_equal(heard->meetings[1].index, 1);
}

/* The longest page of a record that there is needs nothing taken away. */
static void test_a_page_of_a_record_fits(void **state)
{
    (void)state;
    static struct entente_decision_step steps[LIMIT_RECORD_STEPS];
    static char name[LIMIT_NAME_BYTES + 1];
    static const uint8_t digest[32];
    struct entente_proposal proposal = {
        .number = 1, .start = NOON, .end = NOON + 60, .option = LIMIT_OPTIONS - 1};
    memset(name, 'a', LIMIT_NAME_BYTES);
    for (uint32_t i = 0; i < LIMIT_RECORD_STEPS; i++) {
        steps[i] = (struct entente_decision_step){.version = i + 1,
                                                  .event = name,
                                                  .client = name,
                                                  .digest = {digest, sizeof(digest)},
                                                  .proposal = &proposal,
                                                  .party = LIMIT_PARTIES,
                                                  .lawful = true};
    }
    struct entente_decision_record record = {
        .meeting = id, .steps = steps, .steps_count = LIMIT_RECORD_STEPS};
    const struct entente_decision_record *heard =
        said(&(struct entente_envelope){.body = ENTENTE_DECISION_RECORD,
                                        .decision_record = &record})
            ->decision_record;
    assert_int_equal(heard->steps_count, LIMIT_RECORD_STEPS);
    assert_false(heard->more);
}

/* Where many have named many times that would suit, a page has fewer steps. */
static void test_a_record_of_many_words_takes_more_pages(void **state)
{
    (void)state;
    static struct entente_decision_step steps[LIMIT_RECORD_STEPS];
    static struct entente_span ranges[LIMIT_PART_RANGES];
    for (int32_t i = 0; i < LIMIT_PART_RANGES; i++) {
        ranges[i] = (struct entente_span){NOON + i * 120, NOON + i * 120 + 60};
    }
    struct entente_said words = {
        .answer = ENTENTE_SHIFT, .ranges = ranges, .ranges_count = LIMIT_PART_RANGES};
    for (uint32_t i = 0; i < LIMIT_RECORD_STEPS; i++) {
        steps[i] = (struct entente_decision_step){.version = i + 1, .said = &words};
    }
    struct entente_decision_record record = {
        .meeting = id, .steps = steps, .steps_count = LIMIT_RECORD_STEPS};
    const struct entente_decision_record *heard =
        said(&(struct entente_envelope){.body = ENTENTE_DECISION_RECORD,
                                        .decision_record = &record})
            ->decision_record;
    assert_in_range(heard->steps_count, 1, LIMIT_RECORD_STEPS - 1);
    assert_int_equal(heard->steps[0].said->ranges_count, LIMIT_PART_RANGES);
    assert_true(heard->more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_large_poll_keeps_its_slots),
        cmocka_unit_test(test_a_large_preview_keeps_the_best_slots),
        cmocka_unit_test(test_a_preview_of_a_long_series_keeps_the_first_meetings),
        cmocka_unit_test(test_a_page_of_a_record_fits),
        cmocka_unit_test(test_a_record_of_many_words_takes_more_pages),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
