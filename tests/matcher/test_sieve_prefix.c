// SPDX-License-Identifier: Apache-2.0

/*
 * How many starts of a long list are looked at next: story by story.  More than needed costs
 * time only; fewer would be asked again.
 */
#include "matcher/sieve_prefix.h"

#include "tests/support/test.h"

enum {
    MONDAY = 20600,
    DAYS = 40,
    A_DAY = MINUTES_PER_DAY / 15, /* starts */
    COUNT = DAYS * A_DAY,
    WANTED = 10,
};

static minute_t starts[COUNT];

/* Nobody's record is known, so that one may prefer any time. */
static const struct match_party party = {.importance = MATCH_INDISPENSABLE};
static const struct match_span window = {MONDAY * MINUTES_PER_DAY,
                                         (MONDAY + DAYS) * MINUTES_PER_DAY};
static const struct match_request plain = {.duration = 15,
                                           .windows = &window,
                                           .window_count = 1,
                                           .parties = &party,
                                           .party_count = 1,
                                           .wanted = WANTED};

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        starts[i] = window.start + 15 * i;
    }
    return 0;
}

/* So many slots, of which the first @ideal cannot be better. */
static struct match_result result_of(size_t count, size_t ideal)
{
    struct match_result result = {.count = count};
    for (size_t i = 0; i < count; i++) {
        result.slots[i].merit.preferred = i < ideal ? 1 : 0;
    }
    return result;
}

static size_t after(const struct match_request *request, struct match_result result,
                    size_t before)
{
    return sieve_prefix_after(request, &result, starts, COUNT, before);
}

static size_t days(size_t count)
{
    return count * A_DAY;
}

static void test_few_starts_are_looked_at_at_once(void **state)
{
    (void)state;
    assert_int_equal(sieve_prefix(starts, 1, 0), 1);
    assert_int_equal(sieve_prefix(starts, 128, 0), 128);
    assert_int_equal(sieve_prefix(starts, 128, 5), 128);
}

static void test_days_become_more_and_more(void **state)
{
    (void)state;
    assert_int_equal(sieve_prefix(starts, COUNT, 0), days(2));
    assert_int_equal(sieve_prefix(starts, COUNT, days(2)), days(8));
    assert_int_equal(sieve_prefix(starts, COUNT, days(8)), days(32));
    assert_int_equal(sieve_prefix(starts, COUNT, days(32)), COUNT);
    /* Of some days that have few starts there are more: 128 at least. */
    assert_int_equal(sieve_prefix(starts + A_DAY / 2, 129, 0), 129);
    minute_t sparse[300];
    for (int i = 0; i < 300; i++) {
        sparse[i] = window.start + MINUTES_PER_DAY * i;
    }
    assert_int_equal(sieve_prefix(sparse, 300, 0), 128);
    assert_int_equal(sieve_prefix(sparse, 300, 1), 129);
    assert_int_equal(sieve_prefix(sparse, 300, 128), 300);
}

static void test_while_little_was_seen_there_is_no_hurry(void **state)
{
    (void)state;
    assert_int_equal(after(&plain, result_of(3, 0), days(2)), days(8));
    /* Six days and no minute: that is seen by now. */
    assert_int_equal(after(&plain, result_of(3, 0), days(6)), days(24));
}

static void test_where_enough_is_final_neither(void **state)
{
    (void)state;
    size_t before = days(6) + 1;
    assert_int_equal(after(&plain, result_of(3, 3), before), days(28));
    assert_int_equal(after(&plain, result_of(WANTED, 3), before), days(28));
    struct match_request urgent = plain;
    urgent.urgent = true;
    assert_int_equal(after(&urgent, result_of(3, 0), before), days(28));
}

static void test_otherwise_the_band_or_everything(void **state)
{
    (void)state;
    const size_t band = days(8); /* the first day, and the week after it */
    size_t before = days(6) + 1;
    /* All slots are there: something better may come until the band ends. */
    assert_int_equal(after(&plain, result_of(WANTED, 2), before), band);
    assert_int_equal(after(&plain, result_of(WANTED, 0), before), band);
    /* As many starts again will hardly bring three times as many slots. */
    assert_int_equal(after(&plain, result_of(3, 2), before), COUNT);
    assert_int_equal(after(&plain, result_of(WANTED - 1, 2), before), COUNT);
    /* Three of ten, and four times as many starts: this is likely to be enough. */
    struct match_request later = plain;
    later.has_target = true;
    later.target = window.start + 32 * MINUTES_PER_DAY;
    assert_int_equal(after(&later, result_of(2, 0), days(8)), COUNT);
    assert_int_equal(after(&later, result_of(3, 0), days(8)), days(33));
    /* A later one of two is not counted as final if an earlier one is not. */
    struct match_result late = result_of(3, 3);
    late.slots[0].merit.preferred = 0;
    assert_int_equal(after(&plain, late, before), COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_starts_are_looked_at_at_once),
        cmocka_unit_test(test_days_become_more_and_more),
        cmocka_unit_test(test_while_little_was_seen_there_is_no_hurry),
        cmocka_unit_test(test_where_enough_is_final_neither),
        cmocka_unit_test(test_otherwise_the_band_or_everything),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
