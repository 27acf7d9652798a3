// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec_model.c - the rules of pools, travel and series in a request
 */
#include "tests/proto/story.h"

#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect_request(struct story *story, unsigned code, const char *first,
                           const char *second)
{
    story_expect(story_say(story, ENTENTE_REQUEST, &story->request, NULL), code, first,
                 second);
}

static void legs_lead_from_one_place_to_another_once(void **state)
{
    struct story *story = *state;
    struct entente_leg legs[LIMIT_LEGS + 1] = {{"a", "b", 20}, {"b", "a", 0}};

    story->spec.legs = legs;
    story->spec.legs_count = 2;
    expect_request(story, ERROR_NONE, NULL, NULL);
    legs[1] = (struct entente_leg){"a", "b", 30};
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.legs[0]",
                   "request.spec.legs[1]");
    legs[1].to = "a";
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.legs[1].from",
                   "request.spec.legs[1].to");
    legs[1].to = NULL;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.legs[1].to", NULL);
    legs[1] = (struct entente_leg){"b", "a", 1441};
    expect_request(story, ERROR_OUT_OF_BOUNDS, "request.spec.legs[1].minutes", "1441");
    for (size_t i = 0; i <= LIMIT_LEGS; i++) {
        legs[i] = (struct entente_leg){"a", story->people[i % 66].value, 5};
    }
    story->spec.legs_count = LIMIT_LEGS + 1;
    expect_request(story, ERROR_TOO_MANY, "request.spec.legs", "513");
}

static void fields_come_with_those_they_belong_to(void **state)
{
    struct story *story = *state;

    story->spec.holiday_region = "reunion";
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.holiday_region",
                   "request.spec.without_public_holidays");
    story->spec.without_public_holidays = true;
    expect_request(story, ERROR_NONE, NULL, NULL);
    story->spec.step = ENTENTE_MONTHLY;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.step",
                   "request.spec.occurrences");
    story->spec.occurrences = 2;
    expect_request(story, ERROR_NONE, NULL, NULL);
    story->spec.tentative = ENTENTE_TENTATIVE_SOFT;
    expect_request(story, ERROR_NONE, NULL, NULL);
    story->spec.tentative = 3;
    expect_request(story, ERROR_UNKNOWN_VALUE, "request.spec.tentative", "3");
    story->spec.tentative = 0;
    story->spec.quorum = LIMIT_QUORUM + 1;
    expect_request(story, ERROR_OUT_OF_BOUNDS, "request.spec.quorum", "4097");
}

static void make_pool(struct story *story, size_t party, size_t first, size_t count)
{
    story->parties[party] = (struct entente_party){.kind = ENTENTE_POOL,
                                                   .members = &story->people[first],
                                                   .members_count = count,
                                                   .pool_size = 1};
}

static void nobody_stands_twice_in_pools(void **state)
{
    struct story *story = *state;

    make_pool(story, 1, 10, 5);
    make_pool(story, 2, 15, 5);
    expect_request(story, ERROR_NONE, NULL, NULL);
    make_pool(story, 2, 14, 5);
    expect_request(story, ERROR_PARTY_TWICE, "request.spec.parties[1].members[4]",
                   "request.spec.parties[2].members[0]");
    make_pool(story, 2, 0, 5);
    expect_request(story, ERROR_PARTY_TWICE, "request.spec.parties[0]",
                   "request.spec.parties[2].members[0]");
    make_pool(story, 2, 15, 5);
    story->people[17] = story->people[16];
    expect_request(story, ERROR_PARTY_TWICE, "request.spec.parties[2].members[1]",
                   "request.spec.parties[2].members[2]");
    story->parties[2].identifier = &story->people[30];
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.parties[2].kind",
                   "request.spec.parties[2].identifier");
}

/* A pool of 4,096 whose members share their system is one frame. */
static void a_large_pool_fits_a_frame(void **state)
{
    struct story *story = *state;
    static const char *values[LIMIT_POOL_MEMBERS + 1];
    static char texts[LIMIT_POOL_MEMBERS + 1][16];
    struct entente_party *pool = &story->parties[1];
    struct entente_envelope *envelope = NULL;

    for (size_t i = 0; i <= LIMIT_POOL_MEMBERS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "8%011zu", i);
        values[i] = texts[i];
    }
    *pool = (struct entente_party){.kind = ENTENTE_POOL,
                                   .pool_size = 12,
                                   .member_system = "urn:oid:1.2.250.1.71.4.2.1",
                                   .member_values = values,
                                   .member_values_count = LIMIT_POOL_MEMBERS};
    struct codec_error error =
        story_say(story, ENTENTE_REQUEST, &story->request, &envelope);
    assert_int_equal(error.code, ERROR_NONE);
    const struct entente_party *read = &envelope->request->spec->parties[1];
    assert_int_equal(read->members_count, LIMIT_POOL_MEMBERS);
    assert_int_equal(read->member_values_count, LIMIT_POOL_MEMBERS);
    assert_string_equal(read->members[4095].system, "urn:oid:1.2.250.1.71.4.2.1");
    assert_string_equal(read->members[4095].value, "800000004095");

    pool->member_values_count++;
    expect_request(story, ERROR_TOO_MANY, "request.spec.parties[1].member_values",
                   "4097");
    pool->member_values_count = 0;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.parties[1].member_values",
                   NULL);
    pool->member_values_count = 20;
    pool->members = &story->people[10];
    pool->members_count = 2;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.parties[1].members",
                   "request.spec.parties[1].member_values");
    pool->members_count = 0;
    values[3] = " x";
    expect_request(story, ERROR_BAD_IDENTIFIER,
                   "request.spec.parties[1].member_values[3]", NULL);
    pool->member_system = NULL;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.parties[1].member_system",
                   NULL);
}

static void nobody_is_asked_from_a_pool(void **state)
{
    struct story *story = *state;

    story->parties[0].ask_if_unknown = true;
    expect_request(story, ERROR_NONE, NULL, NULL);
    make_pool(story, 2, 15, 5);
    story->parties[2].ask_if_unknown = true;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.parties[2].kind",
                   "request.spec.parties[2].ask_if_unknown");
}

static void expect_who(struct story *story, struct entente_who_is_free *who,
                       unsigned code, const char *first)
{
    story_expect(story_say(story, ENTENTE_WHO_IS_FREE, who, NULL), code, first, NULL);
}

static void who_is_free_names_people_or_means_ones_own(void **state)
{
    struct story *story = *state;
    struct entente_party people = {
        .kind = ENTENTE_POOL, .members = &story->people[10], .members_count = 5};
    struct entente_who_is_free who = {
        .people = &people, .start = MONDAY, .starts = 96, .duration_minutes = 60};

    expect_who(story, &who, ERROR_NONE, NULL);
    who.starts = LIMIT_WHO_STARTS + 1;
    expect_who(story, &who, ERROR_OUT_OF_BOUNDS, "who_is_free.starts");
    who.starts = LIMIT_WHO_STARTS;
    who.step_minutes = 1440;
    who.start = CODEC_TIME_MAX - 1440 - 95 * 1440;
    expect_who(story, &who, ERROR_NONE, NULL);
    who.start++;
    expect_who(story, &who, ERROR_OUT_OF_BOUNDS, "who_is_free.starts");
    who.start = MONDAY;
    who.mine = true;
    expect_who(story, &who, ERROR_FIELD_CONFLICT, "who_is_free.mine");
    people.members_count = 0;
    expect_who(story, &who, ERROR_NONE, NULL);
    who.mine = false;
    expect_who(story, &who, ERROR_FIELD_MISSING, "who_is_free.people.members");
    people.members_count = 5;
    people.ask_if_unknown = true;
    expect_who(story, &who, ERROR_FIELD_CONFLICT, "who_is_free.people.kind");
    people.ask_if_unknown = false;
    people.kind = ENTENTE_PROFESSIONAL;
    expect_who(story, &who, ERROR_FIELD_CONFLICT, "who_is_free.people.kind");
    who.duration_minutes = 0;
    expect_who(story, &who, ERROR_FIELD_MISSING, "who_is_free.duration_minutes");
}

/* A set has at most a bit for each member of the largest pool. */
static void a_set_of_people_is_no_larger_than_a_pool(void **state)
{
    struct story *story = *state;
    static uint8_t bits[LIMIT_POOL_MEMBERS / 8 + 1];
    struct entente_free_at at = {.start = MONDAY,
                                 .members = {bits, LIMIT_POOL_MEMBERS / 8}};
    struct entente_free_people people = {.at = &at, .at_count = 1};
    struct entente_envelope *envelope = NULL;

    bits[3] = 0x11;
    assert_int_equal(story_say(story, ENTENTE_FREE_PEOPLE, &people, &envelope).code,
                     ERROR_NONE);
    assert_int_equal(envelope->free_people->at[0].members.size, LIMIT_POOL_MEMBERS / 8);
    assert_int_equal(envelope->free_people->at[0].members.data[3], 0x11);
    at.members.size++;
    story_expect(story_say(story, ENTENTE_FREE_PEOPLE, &people, NULL),
                 ERROR_TEXT_TOO_LONG, "free_people.at[0].members", "512");
    at.members.size = 0;
    assert_int_equal(story_say(story, ENTENTE_FREE_PEOPLE, &people, &envelope).code,
                     ERROR_NONE);
    assert_int_equal(envelope->free_people->at[0].members.size, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(legs_lead_from_one_place_to_another_once),
        TEST(fields_come_with_those_they_belong_to),
        TEST(nobody_stands_twice_in_pools),
        TEST(a_large_pool_fits_a_frame),
        TEST(nobody_is_asked_from_a_pool),
        TEST(who_is_free_names_people_or_means_ones_own),
        TEST(a_set_of_people_is_no_larger_than_a_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
