// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec_request.c - the rules of a request: each refusal with its code and path
 */
#include "tests/proto/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void expect_request(struct story *story, unsigned code, const char *first,
                           const char *second)
{
    story_expect(story_say(story, ENTENTE_REQUEST, &story->request, NULL), code, first,
                 second);
}

static void a_plain_request_passes(void **state)
{
    struct story *story = *state;
    struct entente_envelope *envelope = NULL;
    struct codec_error error =
        story_say(story, ENTENTE_REQUEST, &story->request, &envelope);

    assert_int_equal(error.code, ERROR_NONE);
    assert_int_equal(envelope->request->spec->parties_count, 3);
    assert_int_equal(story_say(story, ENTENTE_SEARCH, &story->search, NULL).code,
                     ERROR_NONE);
}

static void a_meeting_lasts_a_minute_to_a_day(void **state)
{
    struct story *story = *state;

    story->spec.duration_minutes = 0;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.duration_minutes", NULL);
    story->spec.duration_minutes = 1500;
    expect_request(story, ERROR_OUT_OF_BOUNDS, "request.spec.duration_minutes", "1500");
    story->spec.duration_minutes = 1440;
    story->windows[0].end = MONDAY + 1440;
    expect_request(story, ERROR_NONE, NULL, NULL);
}

static void windows_or_picked_slots_but_not_both(void **state)
{
    struct story *story = *state;
    int32_t picked[2] = {MONDAY, MONDAY + 400 * 1440};

    story->spec.picked = picked;
    story->spec.picked_count = 2;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.windows",
                   "request.spec.picked");
    story->spec.windows_count = 0;
    expect_request(story, ERROR_NONE, NULL, NULL);
    picked[1]++;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.picked[0]",
                   "request.spec.picked[1]");
    story->spec.picked_count = 0;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.windows", NULL);
    story_expect(story_say(story, ENTENTE_SEARCH, &story->search, NULL),
                 ERROR_FIELD_MISSING, "search.spec.windows", NULL);
}

static void windows_are_sane(void **state)
{
    struct story *story = *state;

    story->windows[1] = (struct entente_span){MONDAY + 100, MONDAY + 100};
    story->spec.windows_count = 2;
    expect_request(story, ERROR_RANGE_EMPTY, "request.spec.windows", "1");
    story->windows[1].end = MONDAY + 99;
    expect_request(story, ERROR_RANGE_REVERSED, "request.spec.windows", "1");
    story->windows[1].end = MONDAY + 100 + 400 * 1440 + 1;
    expect_request(story, ERROR_RANGE_TOO_LONG, "request.spec.windows", "1");
    story->windows[1].end = MONDAY + 400 * 1440 + 1;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.windows[0]",
                   "request.spec.windows[1]");
    story->spec.windows_count = 1;
    story->windows[0].end = MONDAY + 59;
    expect_request(story, ERROR_WINDOW_TOO_SHORT, "request.spec.windows", NULL);
    for (int32_t i = 0; i < 65; i++) {
        story->windows[i] =
            (struct entente_span){MONDAY + 100 * i, MONDAY + 100 * i + 60};
    }
    story->spec.windows_count = 64;
    expect_request(story, ERROR_NONE, NULL, NULL);
    story->spec.windows_count = 65;
    expect_request(story, ERROR_TOO_MANY, "request.spec.windows", "65");
}

static void times_lie_between_2020_and_2100(void **state)
{
    struct story *story = *state;

    story->windows[0].start = CODEC_TIME_MIN - 1;
    expect_request(story, ERROR_OUT_OF_BOUNDS, "request.spec.windows[0].start",
                   "26297279");
    story->windows[0].start = -5;
    expect_request(story, ERROR_OUT_OF_BOUNDS, "request.spec.windows[0].start", "-5");
    story->windows[0].start = MONDAY;
    story->windows[0].end = CODEC_TIME_MAX + 1;
    expect_request(story, ERROR_OUT_OF_BOUNDS, "request.spec.windows[0].end",
                   "68899681");
}

/* What starts in time ends in time: the meeting that comes of it can be read, too. */
static void a_start_leaves_room_for_a_day(void **state)
{
    struct story *story = *state;
    int32_t picked[1] = {CODEC_TIME_MAX - 1440};

    story->spec.windows_count = 0;
    story->spec.picked = picked;
    story->spec.picked_count = 1;
    expect_request(story, ERROR_NONE, NULL, NULL);
    picked[0]++;
    expect_request(story, ERROR_OUT_OF_BOUNDS, "request.spec.picked[0]", "68898241");
}

/* A search deadline in the past means at once, however long past it is. */
static void a_search_deadline_may_be_long_past(void **state)
{
    struct story *story = *state;
    static const uint8_t id[16] = {1};
    struct entente_meeting meeting = {.id = {id, 16},
                                      .version = 1,
                                      .state = ENTENTE_EXPIRED,
                                      .spec = &story->spec,
                                      .search_until_ms = 1};
    struct entente_meeting *stored = NULL;
    struct entente_bytes bytes = {0};

    story->spec.search_until_ms = 1;
    expect_request(story, ERROR_NONE, NULL, NULL);
    assert_true(codec_encode_meeting(&meeting, &story->arena, &bytes));
    assert_true(codec_decode_meeting(bytes, &story->arena, &stored));
    assert_int_equal(stored->search_until_ms, 1);
}

static void a_zone_looks_like_one(void **state)
{
    struct story *story = *state;
    static const char *const wrong[] = {"../../etc/passwd", "/etc/localtime",
                                        "Europe Paris", "Zürich"};

    story->spec.zone = "America/Argentina/Buenos_Aires";
    expect_request(story, ERROR_NONE, NULL, NULL);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        story->spec.zone = wrong[i];
        expect_request(story, ERROR_BAD_ZONE, wrong[i], NULL);
    }
}

static void times_of_day_have_a_length(void **state)
{
    struct story *story = *state;
    struct entente_interval times[9] = {{480, 720}, {840, 1440}};

    story->spec.times_of_day = times;
    story->spec.times_of_day_count = 2;
    expect_request(story, ERROR_NONE, NULL, NULL);
    times[1].from_minutes = 1440;
    expect_request(story, ERROR_RANGE_EMPTY, "request.spec.times_of_day", "1");
    times[1].until_minutes = 100;
    expect_request(story, ERROR_RANGE_REVERSED, "request.spec.times_of_day", "1");
    times[1].until_minutes = 1441;
    expect_request(story, ERROR_OUT_OF_BOUNDS,
                   "request.spec.times_of_day[1].until_minutes", "1441");
}

static void at_most_64_parties_meet(void **state)
{
    struct story *story = *state;

    story->spec.parties_count = 64;
    expect_request(story, ERROR_NONE, NULL, NULL);
    story->spec.parties_count = 65;
    expect_request(story, ERROR_TOO_MANY, "request.spec.parties", "65");
    story->spec.parties_count = 0;
    expect_request(story, ERROR_NO_PARTY, NULL, NULL);
    story->spec.parties_count = 1;
    story->parties[0].importance = ENTENTE_OPTIONAL;
    expect_request(story, ERROR_NO_PARTY, NULL, NULL);
}

static void nobody_is_a_party_twice(void **state)
{
    struct story *story = *state;

    story->parties[2].identifier = &story->people[0];
    expect_request(story, ERROR_PARTY_TWICE, "request.spec.parties[0]",
                   "request.spec.parties[2]");
}

static void identifiers_are_well_formed(void **state)
{
    struct story *story = *state;

    story->people[1].value = NULL;
    expect_request(story, ERROR_FIELD_MISSING,
                   "request.spec.parties[1].identifier.value", NULL);
    story->people[1].value = " 8";
    expect_request(story, ERROR_BAD_IDENTIFIER, "request.spec.parties[1].identifier",
                   NULL);
    story->people[1].value = "8";
    story->people[1].system = "IDNPS";
    expect_request(story, ERROR_BAD_IDENTIFIER, "request.spec.parties[1].identifier",
                   NULL);
    story->people[1].system = NULL;
    expect_request(story, ERROR_FIELD_MISSING,
                   "request.spec.parties[1].identifier.system", NULL);
}

static void each_kind_of_party_has_what_it_needs(void **state)
{
    struct story *story = *state;
    struct entente_party *party = &story->parties[2];

    party->identifier = NULL;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.parties[2].identifier",
                   NULL);
    party->kind = ENTENTE_GUEST;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.parties[2].name", NULL);
    party->name = "Aunt";
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.parties[2].contact", NULL);
    party->contact = "aunt@example.org";
    expect_request(story, ERROR_NONE, NULL, NULL);
    party->kind = ENTENTE_POOL;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.parties[2].members", NULL);
    party->members = &story->people[10];
    party->members_count = 3;
    expect_request(story, ERROR_POOL_TOO_SMALL, "request.spec.parties[2].pool_size",
                   "0");
    party->pool_size = 4;
    expect_request(story, ERROR_POOL_TOO_SMALL, "request.spec.parties[2].pool_size",
                   "4");
    party->pool_size = 2;
    expect_request(story, ERROR_NONE, NULL, NULL);
    party->kind = ENTENTE_RESOURCE;
    party->identifier = &story->people[2];
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.parties[2].kind",
                   "request.spec.parties[2].members");
    party->members_count = 0;
    party->pool_size = 0;
    expect_request(story, ERROR_NONE, NULL, NULL);
    party->represents = &story->people[20];
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.parties[2].kind",
                   "request.spec.parties[2].represents");
    party->kind = ENTENTE_REPRESENTATIVE;
    expect_request(story, ERROR_NONE, NULL, NULL);
    party->represents = NULL;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.parties[2].represents",
                   NULL);
}

static void the_subject_and_the_presence_are_two_facts_that_fit(void **state)
{
    struct story *story = *state;
    struct entente_spec *spec = &story->spec;

    spec->subject = &story->people[30];
    expect_request(story, ERROR_NONE, NULL, NULL);
    spec->patient_must_accept = true;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.patient_presence",
                   "request.spec.patient_must_accept");
    spec->patient_presence = ENTENTE_HARD;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.patient_presence",
                   "request.spec.parties");
    story->parties[1].kind = ENTENTE_PATIENT;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.subject",
                   "request.spec.parties");
    spec->subject = NULL;
    expect_request(story, ERROR_FIELD_MISSING, "request.spec.subject", NULL);
    spec->subject = &story->people[1];
    expect_request(story, ERROR_NONE, NULL, NULL);
    story->parties[2].kind = ENTENTE_PATIENT;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.patient_presence",
                   "request.spec.parties");
    story->parties[2].kind = ENTENTE_PROFESSIONAL;
    spec->patient_must_accept = false;
    spec->patient_presence = ENTENTE_ABSENT;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.patient_presence",
                   "request.spec.parties");
}

static void places_are_named_once_and_exist(void **state)
{
    struct story *story = *state;

    story->parties[1].place = "a";
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.parties[1].place",
                   "request.spec.places");
    story->places[0].key = "a";
    story->places[1].key = "a";
    story->spec.places = story->places;
    story->spec.places_count = 2;
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.places[0].key",
                   "request.spec.places[1].key");
    story->places[1].key = "b";
    expect_request(story, ERROR_NONE, NULL, NULL);
    story->spec.place = "c";
    expect_request(story, ERROR_FIELD_CONFLICT, "request.spec.place",
                   "request.spec.places");
}

static void what_the_broker_fills_in_is_ignored_in_a_request(void **state)
{
    struct story *story = *state;
    struct entente_envelope *envelope = NULL;

    story->parties[1].answer = ENTENTE_ACCEPT;
    story->parties[1].attends = true;
    story->parties[1].answer_actor = &story->actor;
    struct codec_error error =
        story_say(story, ENTENTE_REQUEST, &story->request, &envelope);
    assert_int_equal(error.code, ERROR_NONE);
    assert_int_equal(envelope->request->spec->parties[1].answer, 0);
    assert_false(envelope->request->spec->parties[1].attends);
    assert_null(envelope->request->spec->parties[1].answer_actor);
}

static void a_day_is_divided_evenly(void **state)
{
    struct story *story = *state;
    static const uint32_t even[] = {1, 5, 15, 20, 45, 90, 480, 720, 1440};
    static const uint32_t uneven[] = {7, 11, 25, 50, 721, 1439};

    for (size_t i = 0; i < sizeof(even) / sizeof(even[0]); i++) {
        story->spec.grid_minutes = even[i];
        expect_request(story, ERROR_NONE, NULL, NULL);
    }
    for (size_t i = 0; i < sizeof(uneven) / sizeof(uneven[0]); i++) {
        story->spec.grid_minutes = uneven[i];
        expect_request(story, ERROR_GRID_UNEVEN, "request.spec.grid_minutes", NULL);
    }
}

static void every_act_names_who_did_it(void **state)
{
    struct story *story = *state;

    story->actor.who = NULL;
    expect_request(story, ERROR_FIELD_MISSING, "request.actor.who", NULL);
    story->request.actor = NULL;
    expect_request(story, ERROR_FIELD_MISSING, "request.actor", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plain_request_passes),
        TEST(a_meeting_lasts_a_minute_to_a_day),
        TEST(windows_or_picked_slots_but_not_both),
        TEST(windows_are_sane),
        TEST(times_lie_between_2020_and_2100),
        TEST(a_start_leaves_room_for_a_day),
        TEST(a_search_deadline_may_be_long_past),
        TEST(a_zone_looks_like_one),
        TEST(times_of_day_have_a_length),
        TEST(at_most_64_parties_meet),
        TEST(nobody_is_a_party_twice),
        TEST(identifiers_are_well_formed),
        TEST(each_kind_of_party_has_what_it_needs),
        TEST(the_subject_and_the_presence_are_two_facts_that_fit),
        TEST(places_are_named_once_and_exist),
        TEST(what_the_broker_fills_in_is_ignored_in_a_request),
        TEST(a_day_is_divided_evenly),
        TEST(every_act_names_who_did_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
