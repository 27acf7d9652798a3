// SPDX-License-Identifier: Apache-2.0

/*
 * Bad input, meetings: what is asked for, and twice, and by whom, and what is not
 * served yet.  Nothing that is refused leaves a trace.
 */
#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"
#define PATIENT "ins-test:285017300000000"

enum { HOUR = 60, DAY = 1440 };

static struct world world;
static struct raw_client asks; /* speaks for nobody */
static struct raw_client anna;
static struct raw_client box; /* sandbox, speaks for the patient */

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    raw_join(&asks, &world, "asks", false, NULL);
    raw_join(&anna, &world, "anna", false, (const char *[]){ANNA, BEN, NULL});
    raw_join(&box, &world, "box", true, (const char *[]){PATIENT, NULL});
    raw_is_free(&anna, ANNA, ANNA);
    raw_is_free(&anna, BEN, BEN);
    raw_is_free(&box, PATIENT, "agenda");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    raw_close(&asks);
    raw_close(&anna);
    raw_close(&box);
    world_destroy(&world);
    return 0;
}

/* ---- words of the stories ----------------------------------------------------------
 */

static struct entente_identifier who[LIMIT_PARTIES + 1];
static struct entente_party parties[LIMIT_PARTIES + 1];
static struct entente_span window;
static struct entente_spec spec;
static struct entente_actor actor;
static struct entente_request request;
static struct entente_search search;

/* A sound request for an hour of Anna and Ben. */
static struct entente_spec *sound(void)
{
    who[0] = world_identifier(ANNA);
    who[1] = world_identifier(BEN);
    parties[0] = world_party(&who[0], false);
    parties[1] = world_party(&who[1], false);
    window = (struct entente_span){world.day, world.day + 3 * DAY};
    spec = world_spec(parties, 2, &window);
    actor = (struct entente_actor){.who = &who[0], .channel = ENTENTE_OWN_SOFTWARE};
    return &spec;
}

static struct entente_envelope asking(void)
{
    request = (struct entente_request){.spec = &spec, .actor = &actor};
    return (struct entente_envelope){.body = ENTENTE_REQUEST, .request = &request};
}

static int64_t meetings(void)
{
    return pg_database_number(world.database, "SELECT count(*) FROM meeting");
}

/* Refused as a request and as a search; no meeting came of it. */
static void refused_for(struct raw_client *client, unsigned code)
{
    int64_t before = meetings();
    const struct entente_envelope ask = asking();
    assert_true(raw_is_refused(raw_ask(client, &ask), code));
    search = (struct entente_search){.spec = &spec};
    unsigned said = raw_code(
        client, &(struct entente_envelope){.body = ENTENTE_SEARCH, .search = &search});
    /* A search in the past finds nothing; it is no mistake. */
    assert_true(said == code || code == ERROR_WINDOW_PAST);
    assert_int_equal(meetings(), before);
}

static void refused(unsigned code)
{
    refused_for(&asks, code);
}

static unsigned search_code(void)
{
    search = (struct entente_search){.spec = &spec};
    return raw_code(
        &asks, &(struct entente_envelope){.body = ENTENTE_SEARCH, .search = &search});
}

/* A search holds nothing, and needs no rule. */
static void refused_to_hold(unsigned code)
{
    int64_t before = meetings();
    const struct entente_envelope ask = asking();
    assert_int_equal(raw_code(&asks, &ask), code);
    assert_int_equal(search_code(), 0);
    assert_int_equal(meetings(), before);
}

static void call_off(struct raw_client *client, const uint8_t *id)
{
    struct entente_cancel cancel = {
        .meeting = {id, 16}, .reason = ENTENTE_NO_LONGER_NEEDED, .actor = &actor};
    assert_int_equal(raw_code(client, &(struct entente_envelope){.body = ENTENTE_CANCEL,
                                                                 .cancel = &cancel}),
                     0);
}

/* ---- what is decided ---------------------------------------------------------------
 */

/* Other windows are as large as those of a request may be, and no larger. */
static void test_a_decision_searches_no_more_than_a_request(void **state)
{
    (void)state;
    static struct entente_option options[LIMIT_OPTIONS];
    struct entente_span year = {world.day, world.day + 399 * DAY};
    uint8_t id[16];
    sound()->grid_minutes = 1;
    for (size_t i = 0; i < LIMIT_OPTIONS; i++) {
        options[i].modality = ENTENTE_VIDEO;
    }
    spec.options = options;
    spec.options_count = LIMIT_OPTIONS;
    window = year;
    struct entente_envelope ask = asking();
    assert_int_equal(raw_code(&asks, &ask), ERROR_OUT_OF_BOUNDS);
    window = (struct entente_span){world.day + 40 * DAY, world.day + 41 * DAY};
    ask = asking();
    const struct entente_envelope *reply = raw_ask(&asks, &ask);
    assert_int_equal(reply->body, ENTENTE_MEETING);
    assert_int_equal(reply->meeting->state, ENTENTE_SEARCHING);
    memcpy(id, reply->meeting->id.data, 16);
    struct entente_decide decide = {.meeting = {id, 16},
                                    .version = reply->meeting->version,
                                    .decision = ENTENTE_SEARCH_ON,
                                    .windows = &year,
                                    .windows_count = 1,
                                    .actor = &actor};
    const struct entente_envelope elsewhere = {.body = ENTENTE_DECIDE,
                                               .decide = &decide};
    assert_true(raw_is_refused(raw_ask(&asks, &elsewhere), ERROR_OUT_OF_BOUNDS));
    /* Two hours of it are fine, and one is held: then the whole is refused as a move, too. */
    struct entente_span hour = {world.day + 9 * HOUR, world.day + 11 * HOUR};
    decide.windows = &hour;
    reply = raw_ask(&asks, &elsewhere);
    assert_int_equal(reply->body, ENTENTE_MEETING);
    assert_int_equal(reply->meeting->state, ENTENTE_PROPOSED);
    for (size_t i = 0; i < 2; i++) {
        struct entente_answer answer = {.meeting = {id, 16},
                                        .proposal = reply->meeting->proposal->number,
                                        .party = &who[i],
                                        .kind = ENTENTE_ACCEPT,
                                        .actor = &actor};
        const struct entente_envelope says = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
        reply = raw_ask(&anna, &says);
        assert_int_equal(reply->body, ENTENTE_MEETING);
    }
    assert_int_equal(reply->meeting->state, ENTENTE_CONFIRMED);
    decide.decision = ENTENTE_MOVE;
    decide.version = reply->meeting->version;
    decide.windows = &year;
    assert_true(raw_is_refused(raw_ask(&asks, &elsewhere), ERROR_OUT_OF_BOUNDS));
    call_off(&asks, id);
}

/* ---- what is asked for -------------------------------------------------------------
 */

static void test_parties(void **state)
{
    (void)state;
    sound()->parties_count = 0;
    refused(ERROR_NO_PARTY);
    sound();
    who[1] = world_identifier(ANNA);
    refused(ERROR_PARTY_TWICE);
    sound();
    who[1] = world_identifier("idnps:899799999999");
    refused(ERROR_UNKNOWN_PERSON);
    sound();
    for (size_t i = 2; i <= LIMIT_PARTIES; i++) {
        char name[40];
        snprintf(name, sizeof(name), "idnps:8997111111%02zu", i);
        who[i] = world_identifier(name);
        parties[i] = world_party(&who[i], true);
    }
    spec.parties_count = LIMIT_PARTIES + 1;
    refused(ERROR_TOO_MANY);
    sound();
    parties[0].importance = parties[1].importance = ENTENTE_OPTIONAL;
    refused(ERROR_NO_PARTY);
    sound()->organizer = &who[0];
    refused(ERROR_NOT_SPEAKING_FOR);
}

static void test_pools_that_are_too_large_to_hold(void **state)
{
    (void)state;
    static struct entente_identifier members[LIMIT_REQUEST_MEMBERS + 1];
    static char values[LIMIT_REQUEST_MEMBERS + 1][16];
    sound();
    for (size_t i = 0; i <= LIMIT_REQUEST_MEMBERS; i++) {
        snprintf(values[i], sizeof(values[i]), "8996%08zu", i);
        members[i] = (struct entente_identifier){who[1].system, values[i]};
    }
    members[0] = who[1];
    parties[1] = (struct entente_party){.kind = ENTENTE_POOL,
                                        .members = members,
                                        .members_count = LIMIT_REQUEST_MEMBERS + 1,
                                        .pool_size = 1};
    const struct entente_envelope ask = asking();
    assert_true(raw_is_refused(raw_ask(&asks, &ask), ERROR_TOO_MANY));
    assert_int_equal(search_code(), 0);
    parties[1].pool_size = LIMIT_PARTIES;
    parties[1].members_count = LIMIT_PARTIES;
    assert_true(raw_is_refused(raw_ask(&asks, &ask), ERROR_TOO_MANY));
    assert_int_equal(search_code(), ERROR_UNKNOWN_PERSON);
}

static void test_times(void **state)
{
    (void)state;
    sound()->duration_minutes = 0;
    refused(ERROR_FIELD_MISSING);
    sound()->duration_minutes = 25 * HOUR;
    refused(ERROR_OUT_OF_BOUNDS);
    sound();
    window = (struct entente_span){world.day - 30 * DAY, world.day - 29 * DAY};
    refused(ERROR_WINDOW_PAST);
    sound();
    window.end = window.start + 59;
    refused(ERROR_WINDOW_TOO_SHORT);
    sound();
    window.end = window.start + 401 * DAY;
    refused(ERROR_RANGE_TOO_LONG);
    sound()->windows_count = 0;
    refused(ERROR_FIELD_MISSING);
    sound()->zone = "Europe/Atlantis";
    refused(ERROR_BAD_ZONE);
    sound()->zone = "../../etc/passwd";
    refused(ERROR_BAD_ZONE);
    sound()->grid_minutes = 100000;
    refused(ERROR_OUT_OF_BOUNDS);
}

static void test_rules_that_do_not_fit(void **state)
{
    (void)state;
    sound()->rule = ENTENTE_QUORUM;
    refused_to_hold(ERROR_FIELD_MISSING);
    sound()->quorum = 3; /* of two */
    refused_to_hold(ERROR_OUT_OF_BOUNDS);
    sound()->quorum = 2;
    parties[1].kind = ENTENTE_RESOURCE; /* a room is nobody */
    refused_to_hold(ERROR_OUT_OF_BOUNDS);
    sound()->held_slots = 9;
    refused_to_hold(ERROR_OUT_OF_BOUNDS);
    sound()->rule = 9;
    refused(ERROR_UNKNOWN_VALUE);
    sound()->recurrence = "FREQ=WEEKLY";
    refused(ERROR_BAD_RECURRENCE);
}

/* ---- patients ----------------------------------------------------------------------
 */

static void test_production_identifiers_are_refused_everywhere(void **state)
{
    (void)state;
    const char *written[] = {"ins:199017300000001", "nia:199017300000001",
                             "URN:oid:1.2.250.1.213.1.4.8|199017300000001",
                             "URN:OID:1.2.250.1.213.1.4.9|199017300000001"};
    for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        struct entente_identifier ins = world_identifier(written[i]);
        sound()->subject = &ins;
        refused(ERROR_PRODUCTION_INS);
        refused_for(&box, ERROR_PRODUCTION_INS);
        sound();
        who[1] = ins;
        refused(ERROR_PRODUCTION_INS);
        sound();
        actor.on_behalf_of = &ins;
        const struct entente_envelope ask = asking();
        assert_int_equal(raw_code(&box, &ask), ERROR_PRODUCTION_INS);
        struct entente_query_free query = {
            .person = &ins, .from = world.day, .until = world.day + DAY};
        assert_int_equal(
            raw_code(&box, &(struct entente_envelope){.body = ENTENTE_QUERY_FREE,
                                                      .query_free = &query}),
            ERROR_PRODUCTION_INS);
        struct entente_span coverage = {world.day, world.day + DAY};
        struct entente_publish publish = {.source = "ins",
                                          .person = &ins,
                                          .publication = ENTENTE_SNAPSHOT,
                                          .epoch = box.publication_epoch,
                                          .sequence = 1,
                                          .coverage = &coverage,
                                          .as_of_ms = (int64_t)world.day * 60000,
                                          .lease_seconds = 60};
        assert_int_equal(
            raw_code(&box, &(struct entente_envelope){.body = ENTENTE_PUBLISH,
                                                      .publish = &publish}),
            ERROR_PRODUCTION_INS);
    }
    const char *words[] = {"entente",      "client", "add", "bad",
                           "--speaks-for", "ins:1",  NULL};
    assert_int_not_equal(world_entente(&world, words), 0);
    assert_false(pg_database_contains(world.database, "199017300000001"));
}

static void with_the_patient(uint32_t kind)
{
    sound();
    who[1] = world_identifier(PATIENT);
    parties[1].kind = kind;
    if (kind == ENTENTE_PATIENT) {
        spec.subject = &who[1];
        spec.patient_presence = ENTENTE_HARD;
    }
}

static void test_patients_need_the_sandbox(void **state)
{
    (void)state;
    struct entente_identifier patient = world_identifier(PATIENT);
    with_the_patient(ENTENTE_PATIENT);
    refused(ERROR_SANDBOX_ONLY);
    sound()->subject = &patient;
    refused(ERROR_SANDBOX_ONLY);
    /* A patient is one under every other name. */
    with_the_patient(ENTENTE_PROFESSIONAL);
    refused(ERROR_SANDBOX_ONLY);
    refused_for(&box, ERROR_FIELD_CONFLICT);
    with_the_patient(ENTENTE_PATIENT);
    const struct entente_envelope ask = asking();
    const struct entente_envelope *reply = raw_ask(&box, &ask);
    assert_int_equal(reply->body, ENTENTE_MEETING);
    uint8_t id[16];
    memcpy(id, reply->meeting->id.data, 16);
    call_off(&box, id);
    struct entente_query_free query = {
        .person = &patient, .from = world.day, .until = world.day + DAY};
    assert_int_equal(
        raw_code(&asks, &(struct entente_envelope){.body = ENTENTE_QUERY_FREE,
                                                   .query_free = &query}),
        ERROR_UNKNOWN_PERSON); /* nor may it learn that the patient is known */
}

/* ---- twice -------------------------------------------------------------------------
 */

static void test_a_request_said_twice_is_one_meeting(void **state)
{
    (void)state;
    int64_t before = meetings();
    sound();
    struct entente_envelope ask = asking();
    ask.request_epoch = asks.request_epoch;
    ask.request_counter = ++asks.counter;
    size_t size;
    const uint8_t *frame = raw_write(&asks, &ask, &size);
    uint8_t ids[3][16];
    /* Back to back, so that they fall into one batch; then once more. */
    raw_send(&asks, frame, size);
    raw_send(&asks, frame, size);
    for (int i = 0; i < 3; i++) {
        if (i == 2) {
            raw_send(&asks, frame, size);
        }
        const struct entente_envelope *reply = raw_reply(&asks, asks.counter);
        assert_int_equal(reply->body, ENTENTE_MEETING);
        memcpy(ids[i], reply->meeting->id.data, 16);
    }
    assert_memory_equal(ids[0], ids[1], 16);
    assert_memory_equal(ids[0], ids[2], 16);
    assert_int_equal(meetings(), before + 1);

    /* With another content: refused, back to back as well. */
    spec.duration_minutes = 30;
    assert_true(raw_is_refused(raw_ask(&asks, &ask), ERROR_SAME_ID_OTHER_CONTENT));
    ask.request_counter = ++asks.counter;
    raw_say(&asks, &ask);
    spec.duration_minutes = 45;
    raw_say(&asks, &ask);
    unsigned conflicts = 0;
    for (int i = 0; i < 2; i++) {
        const struct entente_envelope *reply = raw_reply(&asks, asks.counter);
        if (reply->body == ENTENTE_MEETING) {
            assert_int_equal(reply->meeting->spec->duration_minutes, 30);
            memcpy(ids[1], reply->meeting->id.data, 16);
        } else {
            assert_true(raw_is_refused(reply, ERROR_SAME_ID_OTHER_CONTENT));
            conflicts++;
        }
    }
    assert_int_equal(conflicts, 1);
    assert_int_equal(meetings(), before + 2);

    /* The broker that comes next remembers. */
    world_stop_broker(&world, SIGKILL);
    world_start_broker(&world, NULL);
    uint64_t epoch = asks.request_epoch;
    raw_close(&asks);
    raw_open(&asks, &world, "asks");
    raw_greet(&asks);
    raw_close(&anna);
    raw_open(&anna, &world, "anna");
    raw_greet(&anna);
    raw_close(&box);
    raw_open(&box, &world, "box");
    raw_greet(&box);
    ask.request_epoch = epoch;
    raw_say(&asks, &ask);
    assert_true(raw_is_refused(raw_reply(&asks, ask.request_counter),
                               ERROR_SAME_ID_OTHER_CONTENT));
    spec.duration_minutes = 30;
    const struct entente_envelope *reply = raw_ask(&asks, &ask);
    assert_int_equal(reply->body, ENTENTE_MEETING);
    assert_memory_equal(reply->meeting->id.data, ids[1], 16);
    assert_int_equal(meetings(), before + 2);
    call_off(&asks, ids[0]);
    call_off(&asks, ids[1]);
}

static void test_meetings_that_do_not_exist(void **state)
{
    (void)state;
    static const uint8_t id[16] = {1, 2, 3};
    sound();
    struct entente_answer answer = {.meeting = {id, 16},
                                    .proposal = 1,
                                    .party = &who[0],
                                    .kind = ENTENTE_ACCEPT,
                                    .actor = &actor};
    struct entente_envelope says = {.body = ENTENTE_ANSWER, .answer = &answer};
    assert_int_equal(raw_code(&anna, &says), ERROR_UNKNOWN_MEETING);
    struct entente_get get = {.meeting = {id, 16}};
    says = (struct entente_envelope){.body = ENTENTE_GET, .get = &get};
    assert_int_equal(raw_code(&anna, &says), ERROR_UNKNOWN_MEETING);
    get.meeting.size = 5;
    assert_true(raw_code(&anna, &says) != 0);
    struct entente_event_result result = {
        .meeting = {id, 16}, .version = 1, .kind = ENTENTE_APPLIED};
    says = (struct entente_envelope){.body = ENTENTE_EVENT_RESULT,
                                     .event_result = &result};
    assert_int_equal(raw_code(&anna, &says), ERROR_UNKNOWN_MEETING);
    answer.kind = ENTENTE_DELEGATE;
    says = (struct entente_envelope){.body = ENTENTE_ANSWER, .answer = &answer};
    assert_int_equal(raw_code(&anna, &says), ERROR_FIELD_MISSING);
    answer.counter_start = world.day + 1;
    answer.kind = ENTENTE_ACCEPT;
    assert_int_equal(raw_code(&anna, &says), ERROR_FIELD_CONFLICT);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parties),
        cmocka_unit_test(test_pools_that_are_too_large_to_hold),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_a_decision_searches_no_more_than_a_request),
        cmocka_unit_test(test_rules_that_do_not_fit),
        cmocka_unit_test(test_production_identifiers_are_refused_everywhere),
        cmocka_unit_test(test_patients_need_the_sandbox),
        cmocka_unit_test(test_a_request_said_twice_is_one_meeting),
        cmocka_unit_test(test_meetings_that_do_not_exist),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
