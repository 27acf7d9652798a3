// SPDX-License-Identifier: Apache-2.0

/*
 * Places on an axis, and planes of them.
 */
#include "matcher/axis.h"

#include "tests/matcher/story.h"

#include <string.h>

enum { MOST = 600 };

static minute_t starts[MOST];
static uint32_t buckets[2 * MOST];

/* Every minute around the axis has the place that counting finds. */
static void expect_places(size_t count)
{
    struct axis axis;

    axis_make(starts, count, buckets, &axis);
    assert_int_equal(axis.words, (count + 63) / 64);
    assert_true(axis_bucket_bound(count, starts[count - 1] - starts[0]) <=
                ARRAY_SIZE(buckets));
    size_t place = 0;
    for (int64_t at = starts[0] - 70; at < starts[count - 1] + (int64_t)70; at++) {
        while (place < count && starts[place] < at) {
            place++;
        }
        assert_int_equal(axis_find(&axis, at), place);
        assert_int_equal(axis_find_after(&axis, place, at), place);
        assert_int_equal(axis_find_after(&axis, place / 2, at), place);
    }
    assert_int_equal(axis_find(&axis, INT64_MIN / 2), 0);
    assert_int_equal(axis_find(&axis, INT64_MAX / 2), count);
}

static void test_every_minute_has_its_place(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, 3, 63, 64, 65, 127, 128, 129, MOST};
    static const int32_t steps[] = {1, 4, 5, 6, 15, 97};

    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(steps); j++) {
            for (size_t k = 0; k < counts[i]; k++) {
                starts[k] = -5000 + (minute_t)k * steps[j];
            }
            expect_places(counts[i]);
        }
    }
}

static void test_crowded_starts_have_their_places_too(void **state)
{
    (void)state;
    /* Three hundred in a row, and the others a hundred days later. */
    for (int i = 0; i < MOST; i++) {
        starts[i] = i < 300 ? 7 + i : 144000 + 3 * i;
    }
    expect_places(MOST);
    for (int i = 0; i < MOST; i++) {
        starts[i] = INT32_MAX - 9 * (MOST - 1 - i);
    }
    struct axis axis;
    axis_make(starts, MOST, buckets, &axis);
    assert_int_equal(axis_find(&axis, INT32_MAX), MOST - 1);
    assert_int_equal(axis_find(&axis, (int64_t)INT32_MAX + 1), MOST);
}

static void test_planes_are_sets_of_places(void **state)
{
    (void)state;
    static const size_t edges[] = {0, 1, 31, 63, 64, 65, 127, 128, 129, 191, 192};
    uint64_t plane[3];

    for (size_t i = 0; i < ARRAY_SIZE(edges); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(edges); j++) {
            size_t inside = edges[i] < edges[j] ? edges[j] - edges[i] : 0;
            plane_zero(plane, 3);
            assert_true(plane_is_empty(plane, 3));
            plane_set(plane, edges[i], edges[j]);
            assert_int_equal(plane_count(plane, 3), inside);
            assert_int_equal(plane_is_empty(plane, 3), inside == 0);
            for (size_t k = 0; k < 192; k++) {
                assert_int_equal(plane_has(plane, k), edges[i] <= k && k < edges[j]);
            }
            size_t next = inside > 0 ? edges[i] : 192;
            assert_int_equal(plane_next(plane, 3, 0), next);
            assert_int_equal(plane_next(plane, 3, 192), 192);
            memset(plane, 0xff, sizeof(plane));
            plane_clear(plane, edges[i], edges[j]);
            assert_int_equal(plane_count(plane, 3), 192 - inside);
            for (size_t k = 0; k < 192; k++) {
                assert_int_equal(plane_has(plane, k),
                                 k < edges[i] || edges[j] <= k || edges[i] >= edges[j]);
            }
        }
    }
}

static void test_a_full_plane_ends_with_the_axis(void **state)
{
    (void)state;
    uint64_t plane[3];
    struct axis axis;

    for (size_t count = 1; count <= 192; count++) {
        starts[count - 1] = (minute_t)count * 10;
        axis_make(starts, count, buckets, &axis);
        plane_fill(&axis, plane);
        assert_int_equal(plane_count(plane, axis.words), count);
        assert_true(plane_has(plane, count - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_minute_has_its_place),
        cmocka_unit_test(test_crowded_starts_have_their_places_too),
        cmocka_unit_test(test_planes_are_sets_of_places),
        cmocka_unit_test(test_a_full_plane_ends_with_the_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
