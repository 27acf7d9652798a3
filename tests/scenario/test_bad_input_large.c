// SPDX-License-Identifier: Apache-2.0

/*
 * What everybody is told although there is too much of it for one frame.
 */
#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"

enum { DAY = 1440 };

static struct world world;
static struct raw_client anna;
static struct raw_client ben;

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    raw_join(&anna, &world, "anna", false, (const char *[]){ANNA, NULL});
    raw_join(&ben, &world, "ben", false, (const char *[]){BEN, NULL});
    raw_is_free(&anna, ANNA, "anna");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    raw_close(&anna);
    raw_close(&ben);
    world_destroy(&world);
    return 0;
}

/* ---- words of the stories ----------------------------------------------------------
 */

static struct entente_identifier who;
static struct entente_party hers;
static struct entente_span window;
static struct entente_spec spec;
static struct entente_actor actor;

/* An hour of Anna's. */
static struct entente_envelope asking(void)
{
    static struct entente_request request;
    who = world_identifier(ANNA);
    hers = world_party(&who, false);
    window = (struct entente_span){world.day, world.day + 10 * DAY};
    spec = world_spec(&hers, 1, &window);
    actor = (struct entente_actor){.who = &who, .channel = ENTENTE_SECRETARY};
    request = (struct entente_request){.spec = &spec, .actor = &actor};
    return (struct entente_envelope){.body = ENTENTE_REQUEST, .request = &request};
}

static void asked(struct raw_client *client, uint8_t ret_id[16])
{
    const struct entente_envelope ask = asking();
    const struct entente_envelope *reply = raw_ask(client, &ask);
    assert_int_equal(reply->body, ENTENTE_MEETING);
    memcpy(ret_id, reply->meeting->id.data, 16);
}

/* ---- too much ----------------------------------------------------------------------
 */

static void reports(struct raw_client *client, const uint8_t *id, int number)
{
    static char comment[LIMIT_TEXT_BYTES + 1];
    char source[40];
    memset(comment, 'c', LIMIT_TEXT_BYTES);
    snprintf(source, sizeof(source), "agenda %d", number);
    struct entente_event_result result = {.meeting = {id, 16},
                                          .version = 1,
                                          .kind = ENTENTE_REFUSED,
                                          .reason = ENTENTE_CONFLICT_IN_AGENDA,
                                          .source = source,
                                          .comment = comment};
    assert_int_equal(
        raw_code(client, &(struct entente_envelope){.body = ENTENTE_EVENT_RESULT,
                                                    .event_result = &result}),
        0);
}

static void test_a_meeting_too_large_for_a_frame_is_still_told(void **state)
{
    (void)state;
    enum { REPORTS = 300 }; /* of which 256 are shown */
    uint8_t id[16];
    asked(&anna, id);
    uint64_t last = raw_await(&anna, ENTENTE_EVENT)->event->sequence;
    for (int i = 0; i < REPORTS; i++) {
        reports(&anna, id, i);
    }
    struct entente_get get = {.meeting = {id, 16}};
    const struct entente_envelope *reply =
        raw_ask(&anna, &(struct entente_envelope){.body = ENTENTE_GET, .get = &get});
    assert_int_equal(reply->body, ENTENTE_MEETING);
    assert_int_equal(reply->meeting->results_count, LIMIT_RESULTS);
    assert_null(reply->meeting->results[0].comment);
    /* The next event has the next number, and the meeting as it is. */
    struct entente_answer answer = {.meeting = {id, 16},
                                    .proposal = 1,
                                    .party = &who,
                                    .kind = ENTENTE_ACCEPT,
                                    .actor = &actor};
    raw_say(&anna,
            &(struct entente_envelope){.body = ENTENTE_ANSWER, .answer = &answer});
    const struct entente_event *event = raw_await(&anna, ENTENTE_EVENT)->event;
    while (memcmp(event->meeting->id.data, id, 16) != 0 ||
           event->meeting->state != ENTENTE_CONFIRMED) {
        assert_true(event->sequence <= last + 1);
        last = event->sequence;
        event = raw_await(&anna, ENTENTE_EVENT)->event;
    }
    assert_int_equal(event->sequence, last + 1);
    /* Whoever reports of agendas that nobody has heard of fills no table. */
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM result"),
                     LIMIT_RESULTS);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM result"
                                                        " WHERE source = 'agenda 0'"),
                     1);
    struct entente_list list = {.all = true};
    reply =
        raw_ask(&anna, &(struct entente_envelope){.body = ENTENTE_LIST, .list = &list});
    assert_int_equal(reply->body, ENTENTE_MEETING_LIST);
    assert_true(reply->meeting_list->meetings_count > 0);
}

static void test_a_welcome_names_as_many_agendas_as_fit(void **state)
{
    (void)state;
    enum { AGENDAS = 500, PEOPLE = 10 };
    static char names[PEOPLE][24];
    const char *people[PEOPLE + 1] = {NULL};
    struct raw_client many;
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(names[i], sizeof(names[i]), "idnps:8997000001%02d", i);
        people[i] = names[i];
    }
    raw_join(&many, &world, "many", false, people);
    for (int i = 0; i < AGENDAS; i++) {
        char source[LIMIT_NAME_BYTES + 1];
        memset(source, 's', LIMIT_NAME_BYTES);
        snprintf(source + LIMIT_NAME_BYTES - 8, 9, "%08d", i);
        raw_is_free(&many, people[i % PEOPLE], source);
    }
    raw_close(&many);
    raw_open(&many, &world, "many");
    size_t named = raw_greet(&many)->sources_count;
    assert_true(named > 100 && named < AGENDAS);
    raw_close(&many);
}

static size_t size_of(const struct entente_envelope *envelope)
{
    struct arena arena;
    struct entente_bytes frame = {0};
    arena_init(&arena, 16 << 20);
    bool fits = codec_encode(envelope, &arena, &frame);
    size_t size = fits ? frame.size + 16 : SIZE_MAX; /* and its number */
    arena_finish(&arena);
    return size;
}

/* Many people, and texts until the frame is full to the last few bytes. */
static struct entente_envelope a_full_frame(const char *const *names, size_t count)
{
    static struct entente_identifier crowd[LIMIT_PARTIES];
    static struct entente_party crowd_parties[LIMIT_PARTIES];
    static char name[LIMIT_NAME_BYTES + 1];
    static char reason[LIMIT_TEXT_BYTES + 1];
    static char keys[LIMIT_PLACES][8];
    static char address[LIMIT_ADDRESS_BYTES + 1];
    static char link[LIMIT_LINK_BYTES + 1] = "https://example.org/";
    static struct entente_place places[LIMIT_PLACES];
    memset(name, 'n', LIMIT_NAME_BYTES);
    memset(address, 'a', LIMIT_ADDRESS_BYTES);
    memset(link + strlen(link), 'l', LIMIT_LINK_BYTES - strlen(link));
    struct entente_envelope ask = asking();
    for (size_t i = 0; i < LIMIT_PLACES; i++) {
        snprintf(keys[i], sizeof(keys[i]), "%zu", i);
        places[i] = (struct entente_place){keys[i], name, address, link};
    }
    spec.places = places;
    spec.places_count = LIMIT_PLACES;
    for (size_t i = 0; i < count; i++) {
        crowd[i] = world_identifier(names[i]);
        crowd_parties[i] = world_party(&crowd[i], false);
    }
    spec.parties = crowd_parties;
    spec.parties_count = count;
    for (size_t i = 0; i < 4 * count; i++) {
        struct entente_party *party = &crowd_parties[i % count];
        const char **place = i < count ? &party->name : &party->structure;
        *place = name;
        if (size_of(&ask) > LIMIT_FRAME_BYTES) {
            *place = NULL;
            break;
        }
    }
    for (size_t i = 0; i < LIMIT_TEXT_BYTES; i++) {
        reason[i] = 'r';
        reason[i + 1] = '\0';
        spec.reason = reason;
        if (size_of(&ask) > LIMIT_FRAME_BYTES) {
            reason[i] = '\0';
            break;
        }
    }
    return ask;
}

static void test_a_request_as_large_as_a_frame_is_answered(void **state)
{
    (void)state;
    enum { PER_WORD = 16 };
    static char texts[LIMIT_PARTIES][2 * LIMIT_IDENTIFIER_BYTES];
    const char *names[LIMIT_PARTIES + 1] = {0};
    struct raw_client crowd;
    for (int i = 0; i < LIMIT_PARTIES; i++) {
        snprintf(texts[i], sizeof(texts[i]), "urn:x-crowd:%080d|%0100d", i, i);
        names[i] = texts[i];
    }
    for (int i = 0; i < LIMIT_PARTIES; i += PER_WORD) {
        const char *some[PER_WORD + 1] = {0};
        memcpy(some, names + i, PER_WORD * sizeof(*some));
        if (i == 0) {
            assert_int_equal(raw_add(&world, "crowd", false, some), 0);
            continue;
        }
        const char *words[5 + 2 * PER_WORD] = {"entente", "client", "add", "crowd"};
        for (size_t j = 0; j < PER_WORD; j++) {
            words[4 + 2 * j] = "--speaks-for";
            words[5 + 2 * j] = some[j];
        }
        assert_int_equal(world_entente(&world, words), 0);
    }
    /* The broker hears of new people now and then; the last are the last it hears of. */
    struct entente_identifier last = world_identifier(names[LIMIT_PARTIES - 1]);
    struct entente_query_free free_time = {
        .person = &last, .from = world.day, .until = world.day + 60};
    const struct entente_envelope is_known = {.body = ENTENTE_QUERY_FREE,
                                              .query_free = &free_time};
    while (raw_code(&ben, &is_known) == ERROR_UNKNOWN_PERSON) {
    }
    raw_open(&crowd, &world, "crowd");
    raw_greet(&crowd);
    const struct entente_envelope ask = a_full_frame(names, LIMIT_PARTIES);
    assert_true(size_of(&ask) > LIMIT_FRAME_BYTES - 64);
    const struct entente_envelope *reply = raw_ask(&crowd, &ask);
    assert_int_equal(reply->body, ENTENTE_MEETING);
    assert_int_equal(reply->meeting->state, ENTENTE_SEARCHING);
    uint8_t id[16];
    memcpy(id, reply->meeting->id.data, 16);
    struct entente_list list = {.all = true};
    reply = raw_ask(&crowd,
                    &(struct entente_envelope){.body = ENTENTE_LIST, .list = &list});
    assert_int_equal(reply->body, ENTENTE_MEETING_LIST);
    assert_int_equal(reply->meeting_list->meetings_count, 1);
    struct entente_cancel cancel = {
        .meeting = {id, 16}, .reason = ENTENTE_NO_LONGER_NEEDED, .actor = &actor};
    raw_say(&crowd,
            &(struct entente_envelope){.body = ENTENTE_CANCEL, .cancel = &cancel});
    const struct entente_event *event;
    do {
        event = raw_await(&crowd, ENTENTE_EVENT)->event;
    } while (event->meeting->state != ENTENTE_CANCELLED);
    raw_close(&crowd);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_meeting_too_large_for_a_frame_is_still_told),
        cmocka_unit_test(test_a_request_as_large_as_a_frame_is_answered),
        cmocka_unit_test(test_a_welcome_names_as_many_agendas_as_fit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
