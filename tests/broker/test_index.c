// SPDX-License-Identifier: Apache-2.0

#include "broker/index.h"

#include "broker/map.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t meeting_a[16] = {1};
static const uint8_t meeting_b[16] = {2};

static struct index *index_with(int64_t person, const char *value)
{
    struct index *index = index_create();
    assert_non_null(index);
    assert_true(
        index_add_person(index, person, ENTENTE_PROFESSIONAL, "s", value, NULL));
    return index;
}

static void test_people_are_found_by_identifier_and_by_blind_index(void **state)
{
    (void)state;
    struct index *index = index_with(7, "ab");
    uint8_t blind[INDEX_BLIND_SIZE] = {9};
    assert_true(index_add_person(index, 8, ENTENTE_PATIENT, NULL, NULL, blind));
    assert_int_equal(index_find(index, "s", "ab")->person, 7);
    assert_null(index_find(index, "sa", "b"));
    assert_null(index_find(index, "s", "abc"));
    assert_int_equal(index_find_blind(index, blind)->person, 8);
    blind[31] = 1;
    assert_null(index_find_blind(index, blind));
    assert_int_equal(index_people(index), 2);
    index_destroy(index);
}

static void test_a_meetings_claims_are_replaced_and_kept_in_order(void **state)
{
    (void)state;
    struct index *index = index_with(7, "ab");
    const struct index_hold late[] = {{{300, 360}, 0}};
    const struct index_hold both[] = {{{200, 260}, 0},
                                      {{100, 160}, index_name_place(index, "ward")}};
    struct index_hold got[2];
    assert_true(index_claim(index, 7, meeting_a, late, 1));
    assert_true(index_claim(index, 7, meeting_b, both, 2));
    const struct index_person *person = index_person(index, 7);
    assert_int_equal(person->claim_count, 3);
    assert_int_equal(person->claims[0].hold.span.start, 100);
    assert_string_equal(index_place_key(index, person->claims[0].hold.place), "ward");
    assert_int_equal(person->claims[2].hold.span.start, 300);
    assert_null(index_place_key(index, person->claims[2].hold.place));
    assert_int_equal(index_claims(index, 7, meeting_b, got, 2), 2);
    assert_true(index_claim(index, 7, meeting_b, NULL, 0));
    assert_int_equal(index_claims(index, 7, meeting_b, got, 2), 0);
    assert_int_equal(index_claims(index, 7, meeting_a, got, 2), 1);
    index_forget(index, 360);
    assert_int_equal(person->claim_count, 0);
    index_destroy(index);
}

static struct index_publication
publication(const char *key, const struct entente_range *ranges, size_t count)
{
    return (struct index_publication){.source = 1,
                                      .client = 3,
                                      .person = 7,
                                      .key = key,
                                      .name = "Anna",
                                      .epoch = 1,
                                      .sequence = 1,
                                      .coverage = {0, 1000},
                                      .lease_seconds = 60,
                                      .ranges = ranges,
                                      .range_count = count};
}

static void test_a_publication_replaces_the_source_and_comes_back_whole(void **state)
{
    (void)state;
    struct index *index = index_with(7, "ab");
    const struct entente_range plain[] = {
        {.start = 10, .end = 20, .kind = ENTENTE_FREE, .preference = ENTENTE_AVOID}};
    const struct entente_range rich[] = {
        {.start = 10,
         .end = 20,
         .kind = ENTENTE_BUSY,
         .place = "room 4",
         .meeting = {meeting_a, 16}},
        {.start = 30, .end = 40, .kind = ENTENTE_BUSY, .interruptible = true}};
    struct arena arena;
    struct entente_range *got = NULL;
    size_t count = 0;
    arena_init(&arena, 65536);

    struct index_publication first = publication("desk", plain, 1);
    assert_true(index_publish(index, &first));
    assert_true(index_source_ranges(index, index_source(index, 3, "desk"), &arena, &got,
                                    &count));
    assert_int_equal(count, 1);
    assert_int_equal(got[0].preference, ENTENTE_AVOID);
    assert_int_equal(got[0].certainty, ENTENTE_DECLARED);

    struct index_publication second = publication("desk", rich, 2);
    assert_true(index_publish(index, &second));
    assert_int_equal(index_sources(index), 1);
    assert_true(index_source_ranges(index, index_source(index, 3, "desk"), &arena, &got,
                                    &count));
    assert_int_equal(count, 2);
    assert_string_equal(got[0].place, "room 4");
    assert_memory_equal(got[0].meeting.data, meeting_a, 16);
    assert_true(got[1].interruptible);
    assert_int_equal(index_person(index, 7)->source_count, 1);

    size_t cursor = 0;
    assert_non_null(index_next_source(index, 3, &cursor));
    assert_null(index_next_source(index, 3, &cursor));
    index_withdraw(index, 3, "desk");
    assert_null(index_source(index, 3, "desk"));
    assert_int_equal(index_person(index, 7)->source_count, 0);
    assert_null(index_person(index, 7)->record);
    arena_finish(&arena);
    index_destroy(index);
}

static void test_a_lease_runs_from_when_the_client_was_last_heard(void **state)
{
    (void)state;
    struct index *index = index_with(7, "ab");
    struct index_publication one = publication("desk", NULL, 0);
    assert_true(index_heard(index, 3, 1000));
    assert_true(index_publish(index, &one));
    const struct index_source *source = index_source(index, 3, "desk");
    assert_int_equal(index_lease_until_ms(source), 61000);
    assert_true(index_heard(index, 3, 5000));
    assert_int_equal(index_lease_until_ms(source), 65000);
    assert_true(index_heard(index, 3, 4000));
    assert_int_equal(index_lease_until_ms(source), 65000);
    index_destroy(index);
}

static void test_a_lease_of_no_length_has_always_run_out(void **state)
{
    (void)state;
    struct index *index = index_with(7, "ab");
    struct index_publication lapsed = publication("desk", NULL, 0);
    lapsed.lease_seconds = 0;
    assert_true(index_publish(index, &lapsed));
    assert_true(index_heard(index, 3, 90000));
    assert_int_equal(index_lease_until_ms(index_source(index, 3, "desk")), 0);
    index_destroy(index);
}

static void test_a_lease_that_has_run_out_begins_again_with_a_publication(void **state)
{
    (void)state;
    struct index *index = index_with(7, "ab");
    struct index_publication old = publication("old", NULL, 0);
    struct index_publication other = publication("other", NULL, 0);
    old.renewed_ms = 1000;
    other.renewed_ms = 50000;
    assert_true(index_publish(index, &old));
    assert_true(index_publish(index, &other));
    const struct index_source *source = index_source(index, 3, "old");
    /* The other agenda of the client lives on. */
    assert_true(index_heard(index, 3, 61000));
    assert_int_equal(index_lease_until_ms(source), 61000);
    assert_int_equal(index_lease_until_ms(index_source(index, 3, "other")), 121000);
    assert_true(index_note_lapse(index, source));
    assert_false(index_note_lapse(index, source));

    /* Read again from the database, it is no younger; said again, it is. */
    old.renewed_ms = 0;
    assert_true(index_publish(index, &old));
    source = index_source(index, 3, "old");
    assert_int_equal(index_lease_until_ms(source), 61000);
    assert_false(index_note_lapse(index, source));
    old.renewed_ms = 70000;
    assert_true(index_publish(index, &old));
    source = index_source(index, 3, "old");
    assert_int_equal(index_lease_until_ms(source), 130000);
    assert_true(index_note_lapse(index, source));
    index_destroy(index);
}

/* The same random changes to the map and to a plain array. */
static void test_a_map_remembers_what_an_array_remembers(void **state)
{
    (void)state;
    enum { KEYS = 300, STEPS = 20000 };
    static int marks[KEYS];
    bool there[KEYS] = {false};
    const char *given = getenv("RANDOM_SEED");
    unsigned long long seed = given == NULL ? 20261121 : strtoull(given, NULL, 10);
    print_message("RANDOM_SEED=%llu\n", seed);
    struct map map = {0};
    for (size_t step = 0; step < STEPS; step++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        size_t key = (size_t)(seed >> 33) % KEYS;
        if ((seed >> 20) % 3 != 0) {
            assert_true(map_put(&map, key, &marks[key]));
            there[key] = true;
        } else {
            map_remove(&map, key);
            there[key] = false;
        }
        key = (size_t)(seed >> 40) % KEYS;
        assert_ptr_equal(map_get(&map, key), there[key] ? (void *)&marks[key] : NULL);
    }
    size_t cursor = 0;
    size_t count = 0;
    while (map_next(&map, &cursor) != NULL) {
        count++;
    }
    assert_int_equal(count, map.count);
    map_finish(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people_are_found_by_identifier_and_by_blind_index),
        cmocka_unit_test(test_a_meetings_claims_are_replaced_and_kept_in_order),
        cmocka_unit_test(test_a_publication_replaces_the_source_and_comes_back_whole),
        cmocka_unit_test(test_a_lease_runs_from_when_the_client_was_last_heard),
        cmocka_unit_test(test_a_lease_of_no_length_has_always_run_out),
        cmocka_unit_test(test_a_lease_that_has_run_out_begins_again_with_a_publication),
        cmocka_unit_test(test_a_map_remembers_what_an_array_remembers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
