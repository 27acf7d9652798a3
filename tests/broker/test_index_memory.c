// SPDX-License-Identifier: Apache-2.0

/*
 * The memory of the index: who reads keeps what it reads, what is given back is used again,
 * and a person takes few bytes.
 */
#include "broker/index.h"
#include "tests/broker/anna.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

static void test_what_is_pinned_stays_as_it_is(void **state)
{
    (void)state;
    struct index *index = index_with_anna();
    const struct entente_range early[] = {range(600, 660, ENTENTE_FREE)};
    const struct entente_range late[] = {range(900, 960, ENTENTE_FREE)};
    struct shelf_pin first;
    struct shelf_pin second;
    struct match_range got[4];
    struct match_source source;
    publish(index, "desk", early, 1);
    const struct match_record *record = index_person(index, ANNA)->record;
    index_pin(index, &first);
    publish(index, "desk", late, 1);
    index_pin(index, &second);
    assert_ptr_not_equal(record, index_person(index, ANNA)->record);
    publish(index, "desk", early, 1);
    publish(index, "desk", late, 1);
    assert_int_equal(record_ranges(record, today, today + DAY, got, 4, &source), 1);
    assert_int_equal(got[0].start, today + 600);

    /* Let go in any order; the memory then serves again. */
    index_unpin(index, &first);
    index_unpin(index, &second);
    publish(index, "desk", early, 1);
    publish(index, "desk", late, 1);
    size_t bytes = index_bytes(index);
    for (int i = 0; i < 100; i++) {
        publish(index, "desk", early, 1);
        publish(index, "desk", late, 1);
    }
    assert_int_equal(index_bytes(index), bytes);
    index_destroy(index);
}

/* A fresh record is no larger than the ranges would be, once there are as many as an
 * office publishes. */
static void test_a_quarter_of_an_office_in_few_bytes(void **state)
{
    (void)state;
    enum { PEOPLE = 200, RANGES = 150 };
    struct index *index = index_create();
    static struct entente_range ranges[RANGES];
    for (int32_t i = 0; i < RANGES; i++) {
        int32_t start = i / 2 * DAY + 480 + i % 2 * 240;
        ranges[i] = range(start, start + 60 + i % 7 * 15, ENTENTE_FREE);
    }
    for (int64_t person = 1; person <= PEOPLE; person++) {
        char value[24];
        snprintf(value, sizeof(value), "8997%08d", (int)person);
        assert_true(
            index_add_person(index, person, ENTENTE_PROFESSIONAL, "s", value, NULL));
        const struct index_publication publication = {
            .source = person,
            .client = 1 + person % 4,
            .person = person,
            .key = value,
            .coverage = {today, today + 90 * DAY},
            .lease_seconds = 604800,
            .renewed_ms = (int64_t)today * 60000,
            .ranges = ranges,
            .range_count = RANGES,
        };
        assert_true(index_publish(index, &publication));
    }
    print_message("%zu bytes a person\n", index_bytes(index) / PEOPLE);
    assert_true(index_bytes(index) / PEOPLE < 2416);
    index_destroy(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_pinned_stays_as_it_is),
        cmocka_unit_test(test_a_quarter_of_an_office_in_few_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
