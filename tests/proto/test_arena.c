// SPDX-License-Identifier: Apache-2.0

/*
 * test_arena.c - memory with a quota
 */
#include "proto/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void memory_is_zeroed_and_aligned_also_the_second_time(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 2000; size += 7) {
            unsigned char *bytes = arena_alloc(&arena, size);
            assert_non_null(bytes);
            assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++) {
                assert_int_equal(bytes[i], 0);
            }
            memset(bytes, 0xAB, size);
        }
        arena_reset(&arena);
        assert_int_equal(arena.used, 0);
    }
    arena_finish(&arena);
}

static void the_quota_holds_and_stays_used_up(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1000);
    assert_non_null(arena_alloc(&arena, 900));
    assert_null(arena_alloc(&arena, 200));
    assert_null(arena_alloc(&arena, 1));
    assert_null(arena_alloc(&arena, 0));
    arena_reset(&arena);
    assert_non_null(arena_alloc(&arena, 990));
    arena_finish(&arena);
    assert_non_null(arena_alloc(&arena, 10));
    arena_finish(&arena);
}

static void sizes_that_overflow_are_refused(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, SIZE_MAX);
    assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
    arena_reset(&arena);
    assert_null(arena_alloc(&arena, SIZE_MAX));
    arena_reset(&arena);
    assert_null(arena_alloc(&arena, SIZE_MAX - 16));
    arena_finish(&arena);
}

static void blocks_are_used_again_after_a_reset(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 10 << 20);
    unsigned char *first = arena_alloc(&arena, 100);
    unsigned char *large = arena_alloc(&arena, 200000);
    assert_non_null(large);
    large[199999] = 1;
    arena_reset(&arena);
    assert_ptr_equal(arena_alloc(&arena, 100), first);
    assert_ptr_equal(arena_alloc(&arena, 200000), large);
    assert_int_equal(large[199999], 0);
    arena_finish(&arena);
}

static void what_fits_a_block_lies_together_in_order(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (int round = 0; round < 3; round++) {
        const unsigned char *first = arena_alloc(&arena, 1);
        size_t before = arena.used;
        while (arena.used + 1008 <= ARENA_BLOCK_BYTES) {
            const unsigned char *next = arena_copy(&arena, "what was said", 14);
            assert_ptr_equal(next, first + before);
            for (size_t i = 14; i < arena.used - before; i++) {
                assert_int_equal(next[i], 0); /* the rounding as well */
            }
            before = arena.used;
            assert_ptr_equal(arena_alloc(&arena, 900), first + before);
            memset(arena_alloc(&arena, 3), 0xAB, 3);
            before = arena.used;
        }
        assert_non_null(arena_alloc(&arena, 200000)); /* another block */
        arena_reset(&arena);
    }
    arena_finish(&arena);
}

static void copies_are_copies(void **state)
{
    struct arena arena;
    char text[] = "réunion";

    (void)state;
    arena_init(&arena, 4096);
    char *copy = arena_text(&arena, text);
    text[0] = 'x';
    assert_string_equal(copy, "réunion");
    assert_null(arena_text(&arena, NULL));
    assert_memory_equal(arena_copy(&arena, "\0\1\2", 3), "\0\1\2", 3);
    assert_non_null(arena_copy(&arena, NULL, 0));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned_also_the_second_time),
        cmocka_unit_test(the_quota_holds_and_stays_used_up),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(blocks_are_used_again_after_a_reset),
        cmocka_unit_test(what_fits_a_block_lies_together_in_order),
        cmocka_unit_test(copies_are_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
