// SPDX-License-Identifier: Apache-2.0

/*
 * What nobody is told.
 */
#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"
#define PATIENT_INS "285017300000000"
#define PATIENT "ins-test:" PATIENT_INS
#define REASON "Suspicion de sarcome d'Ewing"
#define PATIENT_NAME "Zoe Untel"

enum { DAY = 1440 };

static struct world world;
static struct raw_client box;      /* sandbox: asks, speaks for the patient */
static struct raw_client anna;     /* sandbox: Anna's agenda */
static struct raw_client ben;      /* Ben's agenda, not sandbox */
static struct raw_client stranger; /* speaks for nobody */

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    raw_join(&box, &world, "box", true, (const char *[]){PATIENT, NULL});
    raw_join(&anna, &world, "anna", true, (const char *[]){ANNA, NULL});
    raw_join(&ben, &world, "ben", false, (const char *[]){BEN, NULL});
    raw_join(&stranger, &world, "stranger", true, NULL);
    raw_is_free(&box, PATIENT, "patient");
    raw_is_free(&anna, ANNA, "anna");
    raw_is_free(&ben, BEN, "ben");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    raw_close(&box);
    raw_close(&anna);
    raw_close(&ben);
    raw_close(&stranger);
    world_destroy(&world);
    return 0;
}

/* ---- words of the stories ----------------------------------------------------------
 */

static struct entente_identifier who[3];
static struct entente_party parties[3];
static struct entente_span window;
static struct entente_spec spec;
static struct entente_actor actor;
static struct entente_request request;

/* Anna and, when there is one, the patient. */
static struct entente_envelope asking(bool with_patient)
{
    who[0] = world_identifier(ANNA);
    who[1] = world_identifier(PATIENT);
    parties[0] = world_party(&who[0], false);
    parties[1] = world_party(&who[1], false);
    parties[1].kind = ENTENTE_PATIENT;
    window = (struct entente_span){world.day, world.day + 10 * DAY};
    spec = world_spec(parties, with_patient ? 2 : 1, &window);
    if (with_patient) {
        spec.subject = &who[1];
        spec.subject_name = PATIENT_NAME;
        spec.patient_presence = ENTENTE_HARD;
        spec.reason = REASON;
    }
    actor = (struct entente_actor){.who = &who[0], .channel = ENTENTE_SECRETARY};
    request = (struct entente_request){.spec = &spec, .actor = &actor};
    return (struct entente_envelope){.body = ENTENTE_REQUEST, .request = &request};
}

static void asked(struct raw_client *client, bool with_patient, uint8_t ret_id[16])
{
    const struct entente_envelope ask = asking(with_patient);
    const struct entente_envelope *reply = raw_ask(client, &ask);
    assert_int_equal(reply->body, ENTENTE_MEETING);
    assert_int_equal(reply->meeting->state, ENTENTE_PROPOSED);
    memcpy(ret_id, reply->meeting->id.data, 16);
}

static struct entente_envelope accepting(const uint8_t *id)
{
    static struct entente_answer answer;
    answer = (struct entente_answer){.meeting = {id, 16},
                                     .proposal = 1,
                                     .party = &who[0],
                                     .kind = ENTENTE_ACCEPT,
                                     .actor = &actor};
    return (struct entente_envelope){.body = ENTENTE_ANSWER, .answer = &answer};
}

/* Everything in the refusal that could tell something of others. */
static void tells_nothing(const struct entente_envelope *reply, unsigned code)
{
    assert_true(raw_is_refused(reply, code));
    assert_null(reply->error->meeting);
    assert_null(strstr(reply->error->sentence, "Ewing"));
    assert_null(strstr(reply->error->sentence, "Untel"));
    assert_null(strstr(reply->error->sentence, PATIENT_INS));
}

/* ---- strangers ---------------------------------------------------------------------
 */

static void learns_nothing(struct raw_client *client, const uint8_t *id)
{
    struct entente_get get = {.meeting = {id, 16}};
    struct entente_list list = {.all = true};
    struct entente_cancel cancel = {
        .meeting = {id, 16}, .reason = ENTENTE_NO_LONGER_NEEDED, .actor = &actor};
    struct entente_decide decide = {.meeting = {id, 16},
                                    .version = 1,
                                    .decision = ENTENTE_PROPOSE_SLOT,
                                    .start = world.day + 60,
                                    .actor = &actor};
    struct entente_event_result result = {
        .meeting = {id, 16}, .version = 1, .kind = ENTENTE_APPLIED, .source = "x"};
    const struct entente_envelope tries[] = {
        {.body = ENTENTE_GET, .get = &get},
        {.body = ENTENTE_CANCEL, .cancel = &cancel},
        {.body = ENTENTE_DECIDE, .decide = &decide},
        {.body = ENTENTE_EVENT_RESULT, .event_result = &result},
        accepting(id),
    };
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        tells_nothing(raw_ask(client, &tries[i]), ERROR_UNKNOWN_MEETING);
    }
    const struct entente_envelope *reply = raw_ask(
        client, &(struct entente_envelope){.body = ENTENTE_LIST, .list = &list});
    assert_int_equal(reply->body, ENTENTE_MEETING_LIST);
    assert_int_equal(reply->meeting_list->meetings_count, 0);
    /* Nothing came by itself. */
    assert_int_equal(raw_settle(client), 0);
}

static void test_a_stranger_learns_nothing_of_a_meeting(void **state)
{
    (void)state;
    uint8_t id[16];
    raw_settle(&stranger);
    raw_settle(&ben);
    asked(&box, true, id);
    assert_memory_equal(raw_await(&anna, ENTENTE_EVENT)->event->meeting->id.data, id,
                        16);
    learns_nothing(&stranger, id);
    learns_nothing(&ben, id);
    /* Somebody else's party, by somebody who has a part in it. */
    struct entente_envelope says = accepting(id);
    says.answer->party = &who[1];
    tells_nothing(raw_ask(&anna, &says), ERROR_NOT_SPEAKING_FOR);
}

static void test_the_whole_broker_is_the_operators_business(void **state)
{
    (void)state;
    struct entente_status_query query = {.everything = true};
    const struct entente_envelope ask = {.body = ENTENTE_STATUS_QUERY,
                                         .status_query = &query};
    assert_int_equal(raw_code(&stranger, &ask), ERROR_NOT_ALLOWED_HERE);
    /* And of its own figures none is the others'. */
    query.everything = false;
    const struct entente_envelope *reply = raw_ask(&stranger, &ask);
    assert_int_equal(reply->body, ENTENTE_STATUS_REPORT);
    const struct entente_status_report *report = reply->status_report;
    assert_int_equal(report->clients_connected, 1);
    assert_int_equal(report->unknown_fields, 0);
    assert_int_equal(report->sources, 0);
    for (size_t i = 0; i < report->queues_count; i++) {
        assert_string_not_equal(report->queues[i].name, "commands");
        assert_string_not_equal(report->queues[i].name, "publications");
    }
}

static void test_a_patients_meeting_needs_the_sandbox_on_both_sides(void **state)
{
    (void)state;
    uint8_t id[16];
    raw_settle(&ben);
    struct entente_envelope ask = asking(true);
    who[0] = world_identifier(BEN);
    const struct entente_envelope *reply = raw_ask(&box, &ask);
    if (reply->body == ENTENTE_ERROR) {
        return; /* refused at once is fine, too */
    }
    memcpy(id, reply->meeting->id.data, 16);
    learns_nothing(&ben, id);
}

/* A client whose numbering is another one is told everything that is alive anew: */
static void test_whoever_is_told_anew_learns_no_more_than_before(void **state)
{
    (void)state;
    uint8_t patients[16];
    uint8_t own[16];
    bool told = false;
    struct entente_envelope ask = asking(true);
    who[0] = world_identifier(BEN);
    const struct entente_envelope *reply = raw_ask(&box, &ask);
    assert_int_equal(reply->body, ENTENTE_MEETING);
    memcpy(patients, reply->meeting->id.data, 16);
    asked(&ben, false, own);
    pg_database_run(world.database,
                    "UPDATE recipient SET epoch = epoch + 1 WHERE client"
                    " = (SELECT id FROM client WHERE name = 'ben')");
    struct entente_hello hello = {
        .software = "raw", .wants_events = true, .event_epoch = ben.event_epoch};
    raw_close(&ben);
    raw_open(&ben, &world, "ben");
    raw_say(&ben, &(struct entente_envelope){.body = ENTENTE_HELLO, .hello = &hello});
    const struct entente_welcome *welcome = raw_await(&ben, ENTENTE_WELCOME)->welcome;
    assert_true(welcome->event_epoch > hello.event_epoch);
    uint64_t last = welcome->last_event_issued;
    for (uint64_t i = 1; i <= last; i++) {
        const struct entente_event *event = raw_await(&ben, ENTENTE_EVENT)->event;
        assert_int_equal(event->sequence, i);
        assert_memory_not_equal(event->meeting->id.data, patients, 16);
        told = told || memcmp(event->meeting->id.data, own, 16) == 0;
    }
    assert_true(told);
    raw_close(&ben);
    raw_open(&ben, &world, "ben");
    raw_greet(&ben);
}

/* The meetings of a list, one by one; those between them are not for this client. */
static void test_a_list_goes_on_behind_what_is_not_shown(void **state)
{
    (void)state;
    uint8_t patients[16];
    uint8_t own[16];
    uint8_t last[16] = {0};
    struct entente_list list = {.limit = 1};
    bool found = false;
    bool more = true;
    for (int i = 0; i < 2; i++) {
        struct entente_envelope ask = asking(true);
        who[0] = world_identifier(BEN);
        memcpy(patients, raw_ask(&box, &ask)->meeting->id.data, 16);
    }
    asked(&ben, false, own);
    while (more) {
        const struct entente_envelope *reply = raw_ask(
            &ben, &(struct entente_envelope){.body = ENTENTE_LIST, .list = &list});
        assert_int_equal(reply->body, ENTENTE_MEETING_LIST);
        assert_true(reply->meeting_list->meetings_count <= 1);
        more = reply->meeting_list->more;
        if (reply->meeting_list->meetings_count == 1) {
            memcpy(last, reply->meeting_list->meetings[0].id.data, 16);
            list.after = (struct entente_bytes){last, 16};
        }
        assert_memory_not_equal(last, patients, 16);
        found = found || memcmp(last, own, 16) == 0;
    }
    assert_true(found);
}

/* ---- the log -----------------------------------------------------------------------
 */

static bool is_secret(const char *line)
{
    static const char *const secrets[] = {"Ewing", "Zoe", "Untel", PATIENT_INS,
                                          "899700000001"};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        if (strstr(line, secrets[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Nothing that must not be there is; the count of its lines. */
static size_t read_log(void)
{
    char path[256];
    char line[8192];
    size_t lines = 0;
    snprintf(path, sizeof(path), "%s/log", world.folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (is_secret(line)) {
            fail_msg("the log says: %s", line);
        }
        lines++;
    }
    fclose(file);
    return lines;
}

static void test_the_log_knows_no_names_and_no_reasons(void **state)
{
    (void)state;
    /* Also when it is refused, and when it cannot be read. */
    struct entente_envelope ask = asking(true);
    spec.zone = "Europe/Nowhere";
    assert_int_equal(raw_code(&box, &ask), ERROR_BAD_ZONE);
    ask = asking(true);
    assert_int_equal(raw_code(&ben, &ask), ERROR_SANDBOX_ONLY);
    ask = asking(true);
    size_t size;
    uint8_t *frame = raw_write(&box, &ask, &size);
    raw_send(&box, frame, size - 5);
    raw_settle(&box);

    assert_true(read_log() > 5);
    /* Nor does the database, but sealed. */
    assert_false(pg_database_contains(world.database, "Ewing"));
    assert_false(pg_database_contains(world.database, "Untel"));
    assert_false(pg_database_contains(world.database, PATIENT_INS));
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stranger_learns_nothing_of_a_meeting),
        cmocka_unit_test(test_the_whole_broker_is_the_operators_business),
        cmocka_unit_test(test_a_patients_meeting_needs_the_sandbox_on_both_sides),
        cmocka_unit_test(test_whoever_is_told_anew_learns_no_more_than_before),
        cmocka_unit_test(test_a_list_goes_on_behind_what_is_not_shown),
        cmocka_unit_test(test_the_log_knows_no_names_and_no_reasons),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
