// SPDX-License-Identifier: Apache-2.0

/*
 * Which of many people can come: at a slot, and at each start of a day.
 */
#include "proto/limits.h"
#include "tests/scenario/seek.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 30000, STRANGER = 3 };

static struct entente_identifier members[LIMIT_POOL_MEMBERS];
static struct entente_party people;
static struct entente_who_is_free who;

static struct entente_who_is_free *about_the_circle(void)
{
    static const char *const names[] = {ANNA, BEN, CHRIS, "idnps:899700000099"};
    for (size_t i = 0; i < 4; i++) {
        members[i] = world_identifier(names[i]);
    }
    people = (struct entente_party){
        .kind = ENTENTE_POOL, .members = members, .members_count = 4};
    who = (struct entente_who_is_free){
        .people = &people, .start = world.day + 480, .duration_minutes = 60};
    return &who;
}

static const struct entente_free_people *told(void)
{
    const struct entente_free_people *told = NULL;
    enum entente_code code =
        entente_client_who_is_free(coordinator->sdk, &who, PATIENCE_MS, &told);
    if (code != ENTENTE_OK) {
        fail_msg("%s: %s", entente_code_name(code),
                 entente_client_sentence(coordinator->sdk));
    }
    return told;
}

static bool is_free(const struct entente_free_people *told, size_t start, size_t member)
{
    const struct entente_bytes *bits = &told->at[start].members;
    return member / 8 < bits->size && (bits->data[member / 8] >> member % 8 & 1) != 0;
}

static void test_who_is_free_at_a_slot(void **state)
{
    (void)state;
    const struct entente_range early = seek_range(480, 600, ENTENTE_FREE);
    const struct entente_range late = seek_range(540, 660, ENTENTE_FREE);
    seek_publish(anna, ANNA, &early, 1, NULL);
    seek_publish(ben, BEN, &late, 1, NULL);
    about_the_circle();
    const struct entente_free_people *result = told();
    assert_int_equal(result->at_count, 1);
    assert_int_equal(result->at[0].start, world.day + 480);
    assert_int_equal(result->at[0].count, 1);
    assert_true(is_free(result, 0, 0));
    assert_false(is_free(result, 0, 1));
    assert_int_equal(result->unknown_count, 1);
    assert_int_equal(result->unknown[0], STRANGER);
    assert_int_equal(result->people_count, 0);

    who.start = world.day + 540;
    result = told();
    assert_int_equal(result->at[0].count, 2);
    assert_true(is_free(result, 0, 1));

    /* Buffers hold for each of them; a quarter of an hour before Ben is not free. */
    people.buffer_after_minutes = 15;
    who.duration_minutes = 30;
    assert_int_equal(told()->at[0].count, 2);
}

static void test_who_is_free_at_each_start_of_a_day(void **state)
{
    (void)state;
    const struct entente_range hours[] = {seek_range(480, 600, ENTENTE_FREE),
                                          seek_range(840, 960, ENTENTE_FREE)};
    seek_publish(anna, ANNA, hours, 2, NULL);
    seek_publish(ben, BEN, hours, 1, NULL);
    about_the_circle();
    who.start = world.day;
    who.starts = LIMIT_WHO_STARTS;
    const struct entente_free_people *result = told();
    assert_int_equal(result->at_count, LIMIT_WHO_STARTS);
    for (size_t i = 0; i < result->at_count; i++) {
        int32_t start = (int32_t)i * 15;
        bool morning = start >= 480 && start <= 540;
        bool afternoon = start >= 840 && start <= 900;
        assert_int_equal(result->at[i].start, world.day + start);
        assert_int_equal(is_free(result, i, 0), morning || afternoon);
        assert_int_equal(is_free(result, i, 1), morning);
        assert_int_equal(result->at[i].count, morning ? 2 : afternoon ? 1 : 0);
    }
    /* The same as a search says of each of them alone. */
    struct seek seek;
    seek_begin(&seek, (const char *[]){BEN, NULL});
    seek.spec.apart_minutes = 15;
    seek.search.slots = 64;
    seek.window.end = world.day + DAY;
    const struct entente_search_result *slots = seek_found(&seek);
    size_t starts[5];
    assert_int_equal(slots->slots_count, 5);
    for (size_t i = 0; i < 5; i++) {
        starts[i] = (size_t)(slots->slots[i].start - world.day) / 15;
    }
    result = told();
    for (size_t i = 0; i < 5; i++) {
        assert_true(is_free(result, starts[i], 1));
    }
}

static void test_what_is_held_is_not_free(void **state)
{
    (void)state;
    const struct entente_range hours = seek_range(480, 600, ENTENTE_FREE);
    seek_publish(anna, ANNA, &hours, 1, NULL);
    seek_publish(ben, BEN, &hours, 1, NULL);
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    seek_begin(&seek, (const char *[]){ANNA, NULL});
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    about_the_circle();
    assert_false(is_free(told(), 0, 0));
    assert_true(is_free(told(), 0, 1));
    const struct entente_meeting over = {.id = {id, 16}};
    circle_called_off(&over);
    assert_true(is_free(told(), 0, 0));
}

/* So many that the broker keeps rows of those who publish; they follow what happens, and
 * until they do the records are asked. */
static void test_of_a_crowd_what_is_held_is_not_free_either(void **state)
{
    enum { CROWD = 80, TIMES = 20 };
    static char values[CROWD][16];
    (void)state;
    const struct entente_range hours = seek_range(480, 600, ENTENTE_FREE);
    const struct entente_range later = seek_range(540, 660, ENTENTE_FREE);
    seek_publish(anna, ANNA, &hours, 1, NULL);
    seek_publish(ben, BEN, &hours, 1, NULL);
    about_the_circle();
    for (size_t i = 4; i < CROWD; i++) {
        snprintf(values[i], sizeof(values[i]), "8996%08zu", i);
        members[i] = (struct entente_identifier){members[0].system, values[i]};
    }
    people.members_count = CROWD;
    for (int i = 0; i < TIMES; i++) {
        assert_int_equal(told()->at[0].count, 2);
    }
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    seek_begin(&seek, (const char *[]){ANNA, NULL});
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    for (int i = 0; i < TIMES; i++) {
        assert_false(is_free(told(), 0, 0));
        assert_true(is_free(told(), 0, 1));
    }
    const struct entente_meeting over = {.id = {id, 16}};
    circle_called_off(&over);
    seek_publish(ben, BEN, &later, 1, NULL);
    for (int i = 0; i < TIMES; i++) {
        assert_true(is_free(told(), 0, 0));
        assert_false(is_free(told(), 0, 1));
    }
}

static void test_as_it_is_asked_for(void **state)
{
    (void)state;
    struct entente_range hours = seek_range(480, 600, ENTENTE_FREE);
    hours.modalities = 1U << ENTENTE_VIDEO;
    hours.certainty = ENTENTE_TYPICAL;
    hours.purposes = ENTENTE_FOR_MEETINGS;
    seek_publish(anna, ANNA, &hours, 1, NULL);
    hours.purposes = ENTENTE_FOR_VISITS;
    seek_publish(ben, BEN, &hours, 1, NULL);
    about_the_circle();
    assert_int_equal(told()->at[0].count, 1);
    people.modality = ENTENTE_PHONE;
    assert_int_equal(told()->at[0].count, 0);
    people.modality = ENTENTE_VIDEO;
    assert_true(is_free(told(), 0, 0));
    who.certainties = 1U << ENTENTE_DECLARED;
    assert_int_equal(told()->at[0].count, 0);
    who.certainties = 0;
    who.purposes = ENTENTE_FOR_VISITS;
    assert_false(is_free(told(), 0, 0));
    assert_true(is_free(told(), 0, 1));
}

static void test_ones_own_people(void **state)
{
    (void)state;
    const struct entente_range early = seek_range(480, 540, ENTENTE_FREE);
    struct world_client *house =
        world_add_client(&world, "house", false, (const char *[]){ANNA, CHRIS, NULL});
    seek_publish(house, ANNA, &early, 1, NULL);
    seek_publish(house, CHRIS, NULL, 0, NULL);
    about_the_circle();
    people.members_count = 0;
    who.mine = true;
    const struct entente_free_people *result = NULL;
    assert_int_equal(entente_client_who_is_free(house->sdk, &who, PATIENCE_MS, &result),
                     ENTENTE_OK);
    assert_int_equal(result->people_count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct entente_identifier one = world_identifier(ANNA);
        bool is_anna = strcmp(result->people[i].value, one.value) == 0;
        assert_int_equal(is_free(result, 0, i), is_anna);
    }
    /* The coordinator publishes for nobody. */
    result = told();
    assert_int_equal(result->people_count, 0);
    assert_int_equal(result->at[0].count, 0);
    assert_int_equal(entente_client_withdraw(house->sdk, ANNA, NULL, NULL), ENTENTE_OK);
    assert_int_equal(entente_client_withdraw(house->sdk, CHRIS, NULL, NULL),
                     ENTENTE_OK);
    do {
        assert_int_equal(
            entente_client_who_is_free(house->sdk, &who, PATIENCE_MS, &result),
            ENTENTE_OK);
    } while (result->people_count > 0);
}

/* Whether somebody is a patient here is nobody's business. */
static void test_patients_are_as_unknown_as_strangers(void **state)
{
    (void)state;
    const char *const patient = "ins-test:260058815400233";
    struct world_client *mes =
        world_add_client(&world, "mes", true, (const char *[]){patient, NULL});
    const struct entente_range hours = seek_range(480, 600, ENTENTE_FREE);
    seek_publish(mes, patient, &hours, 1, NULL);
    about_the_circle();
    members[0] = world_identifier(patient);
    const struct entente_free_people *result = told();
    assert_false(is_free(result, 0, 0));
    assert_int_equal(result->unknown_count, 2);
    const struct entente_free_people *own = NULL;
    people.members_count = 0;
    who.mine = true;
    assert_int_equal(entente_client_who_is_free(mes->sdk, &who, PATIENCE_MS, &own),
                     ENTENTE_OK);
    assert_int_equal(own->people_count, 0);
}

/* As many as a pool may have, at as many starts as may be asked for, in one frame. */
static void test_as_many_as_may_be(void **state)
{
    (void)state;
    static char values[LIMIT_POOL_MEMBERS][16];
    static const char *texts[LIMIT_POOL_MEMBERS];
    const struct entente_range hours = seek_range(480, 600, ENTENTE_FREE);
    seek_publish(anna, ANNA, &hours, 1, NULL);
    about_the_circle();
    for (size_t i = 0; i < LIMIT_POOL_MEMBERS; i++) {
        snprintf(values[i], sizeof(values[i]), "8996%08zu", i);
        texts[i] = values[i];
    }
    texts[LIMIT_POOL_MEMBERS - 1] = members[0].value;
    people.members_count = 0;
    people.member_system = members[0].system;
    people.member_values = texts;
    people.member_values_count = LIMIT_POOL_MEMBERS;
    who.start = world.day;
    who.starts = LIMIT_WHO_STARTS;
    const struct entente_free_people *result = told();
    assert_int_equal(result->at_count, LIMIT_WHO_STARTS);
    assert_true(is_free(result, 32, LIMIT_POOL_MEMBERS - 1));
    assert_int_equal(result->at[32].count, 1);
    assert_int_equal(result->unknown_count, LIMIT_POOL_MEMBERS - 1);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_free_at_a_slot),
        cmocka_unit_test(test_who_is_free_at_each_start_of_a_day),
        cmocka_unit_test(test_what_is_held_is_not_free),
        cmocka_unit_test(test_of_a_crowd_what_is_held_is_not_free_either),
        cmocka_unit_test(test_as_it_is_asked_for),
        cmocka_unit_test(test_ones_own_people),
        cmocka_unit_test(test_patients_are_as_unknown_as_strangers),
        cmocka_unit_test(test_as_many_as_may_be),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
