// SPDX-License-Identifier: Apache-2.0

/*
 * Laws of what is kept of a search: made again from its bytes it answers the same, from
 * sources and from records, and bytes that are not evidence are refused.  RANDOM_SEED in
 * the environment repeats a run.
 */
#include "broker/evidence.h"

#include "tests/matcher/laws.h"
#include "tests/matcher/recorded.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 3000, DAMAGES = 8, QUOTA = 64 << 20 };

static uint8_t room[EVIDENCE_BYTES];

static struct match_result *new_result(struct arena *arena,
                                       const struct match_request *request)
{
    struct match_result *result = arena_alloc(arena, sizeof(*result));
    assert_non_null(result);
    result->chosen_capacity = match_chosen_bound(request);
    result->chosen =
        arena_array(arena, result->chosen_capacity, sizeof(*result->chosen));
    assert_non_null(result->chosen);
    return result;
}

static struct match_result *answer(struct arena *arena,
                                   const struct match_request *request)
{
    struct match_result *result = new_result(arena, request);
    size_t size = match_workspace_size(request);
    void *workspace = malloc(size + 1);
    assert_int_equal(match_search(request, workspace, size, result), MATCH_OK);
    free(workspace);
    return result;
}

/* Whether it was small enough to be kept. */
static bool keep(struct arena *arena, const struct match_request *request,
                 struct entente_bytes *ret_bytes)
{
    const struct evidence evidence = {.request = *request,
                                      .result = answer(arena, request)};
    enum status status = evidence_write(&evidence, room, arena, ret_bytes);
    assert_true(status == STATUS_OK || status == STATUS_REFUSED);
    return status == STATUS_OK;
}

static void expect_the_same(struct arena *arena, const struct match_request *request)
{
    struct entente_bytes bytes;
    struct evidence again;
    if (!keep(arena, request, &bytes)) {
        return;
    }
    assert_int_equal(evidence_read(&bytes, arena, &again), STATUS_OK);
    struct match_result *now = answer(arena, &again.request);
    assert_true(evidence_agrees(&again.request, again.result, now));
    assert_true(evidence_agrees(request, again.result, answer(arena, request)));
}

static void test_a_search_made_again_answers_the_same(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, QUOTA);
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        laws_draw();
        expect_the_same(&arena, &question.request);
        const struct match_request *recorded = recorded_request(&question.request);
        if (recorded != NULL) {
            expect_the_same(&arena, recorded);
        }
        arena_reset(&arena);
    }
    arena_finish(&arena);
}

static void test_another_answer_does_not_agree(void **state)
{
    (void)state;
    struct arena arena;
    size_t tried = 0;
    arena_init(&arena, QUOTA);
    for (size_t round = 0; round < rounds_of(ROUNDS) / 10; round++) {
        laws_draw();
        struct match_result *result = answer(&arena, &question.request);
        struct match_result *other = answer(&arena, &question.request);
        if (result->count > 0) {
            other->slots[result->count - 1].start++;
            assert_false(evidence_agrees(&question.request, result, other));
            other->slots[result->count - 1].start--;
            other->slots[0].reason[0] ^= 1;
            assert_false(evidence_agrees(&question.request, result, other));
            other->slots[0].reason[0] ^= 1;
            other->count--;
            assert_false(evidence_agrees(&question.request, result, other));
            tried++;
        }
        arena_reset(&arena);
    }
    assert_true(tried > 0);
    arena_finish(&arena);
}

/* Whatever the bytes are: they are read, or they are refused. */
static void test_damaged_bytes_do_no_harm(void **state)
{
    (void)state;
    struct arena arena;
    struct evidence again;
    arena_init(&arena, QUOTA);
    for (size_t round = 0; round < rounds_of(ROUNDS) / 10; round++) {
        struct entente_bytes bytes;
        laws_draw();
        if (keep(&arena, &question.request, &bytes)) {
            uint8_t *copy = arena_copy(&arena, bytes.data, bytes.size);
            struct entente_bytes cut = {copy, bytes.size - 1};
            assert_int_equal(evidence_read(&cut, &arena, &again), STATUS_DAMAGED);
            for (size_t i = 0; i < DAMAGES; i++) {
                size_t at = (size_t)dice_between(&dice, 0, (int32_t)bytes.size - 1);
                copy[at] = (uint8_t)dice_between(&dice, 0, UINT8_MAX);
                struct entente_bytes damaged = {copy, bytes.size};
                enum status status = evidence_read(&damaged, &arena, &again);
                assert_true(status == STATUS_OK || status == STATUS_DAMAGED);
            }
        }
        arena_reset(&arena);
    }
    arena_finish(&arena);
}

static void test_bytes_of_another_shape_are_refused(void **state)
{
    (void)state;
    static const uint8_t other[] = {4, 0, 0, 0};
    const struct entente_bytes bytes = {other, sizeof(other)};
    const struct entente_bytes nothing = {other, 0};
    struct evidence again;
    struct arena arena;
    arena_init(&arena, QUOTA);
    assert_int_equal(evidence_read(&bytes, &arena, &again), STATUS_DAMAGED);
    assert_int_equal(evidence_read(&nothing, &arena, &again), STATUS_DAMAGED);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_search_made_again_answers_the_same),
        cmocka_unit_test(test_another_answer_does_not_agree),
        cmocka_unit_test(test_damaged_bytes_do_no_harm),
        cmocka_unit_test(test_bytes_of_another_shape_are_refused),
    };
    return cmocka_run_group_tests(tests, laws_set_up, NULL);
}
