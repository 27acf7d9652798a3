// SPDX-License-Identifier: Apache-2.0

/*
 * Contention: fifty clients want the same hour of the same people; first at one broker,
 * then half of them at another one on the same database.
 *
 *     round, even     all ask for 10:00-11:00           exactly one wins
 *     round, odd      asked for minutes apart, so that  whoever wins, nobody overlaps
 *                     the slots overlap in part
 *
 * Each asks with a search that ends at once: exactly those that won are PROPOSED, the
 * others are EXPIRED and are told who was in the way.  The winners cancel, and the next
 * round begins.  After each round the claims are counted without any index.
 */
#include "tests/scenario/world_hang.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLIENTS = 50,
    PEOPLE = 4,
    ROUNDS = 500,
    ROUNDS_QUICK = 40,
    ROUNDS_VALGRIND = 4,
    ROUNDS_LONG = 10000
};

static const char *const people[] = {"idnps:899700000001", "idnps:899700000002",
                                     "idnps:899700000003", "idnps:899700000004"};

static struct world world;

struct rival {
    struct world_client *client;
    bool told;
    enum entente_code code;
    uint32_t state;
    uint8_t meeting[16];
    int32_t start;
    bool has_reason;
};

static struct rival rivals[CLIENTS];

static void on_reply(void *context, enum entente_code code,
                     const struct entente_envelope *reply)
{
    struct rival *rival = context;
    rival->told = true;
    rival->code = code;
    if (code == ENTENTE_OK && reply->body == ENTENTE_MEETING) {
        const struct entente_meeting *meeting = reply->meeting;
        rival->state = meeting->state;
        memcpy(rival->meeting, meeting->id.data, sizeof(rival->meeting));
        rival->start = meeting->proposal == NULL ? 0 : meeting->proposal->start;
        rival->has_reason =
            meeting->why_not != NULL && meeting->why_not->blocking_count > 0;
    }
}

static bool all_told(void *context)
{
    (void)context;
    for (size_t i = 0; i < CLIENTS; i++) {
        if (!rivals[i].told) {
            return false;
        }
    }
    return true;
}

static void ask(struct rival *rival, int32_t start)
{
    struct entente_identifier who[PEOPLE];
    struct entente_party parties[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++) {
        who[i] = world_identifier(people[i]);
        parties[i] = world_party(&who[i], false);
    }
    struct entente_actor actor = {.who = &who[0], .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_spec spec = {
        .duration_minutes = 60,
        .picked = &start,
        .picked_count = 1,
        .parties = parties,
        .parties_count = PEOPLE,
        .search_until_ms = INT64_C(1600000000000), /* long past: only now counts */
    };
    struct entente_request request = {.spec = &spec, .actor = &actor};
    struct entente_envelope envelope = {.body = ENTENTE_REQUEST, .request = &request};
    struct world_client *client = rival->client;
    *rival = (struct rival){.client = client};
    assert_int_equal(
        entente_client_submit(client->sdk, &envelope, on_reply, rival, NULL),
        ENTENTE_OK);
}

static void cancel(struct rival *rival)
{
    struct entente_identifier who = world_identifier(people[0]);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel order = {.meeting = {rival->meeting, 16},
                                   .reason = ENTENTE_NO_LONGER_NEEDED,
                                   .actor = &actor};
    struct entente_envelope envelope = {.body = ENTENTE_CANCEL, .cancel = &order};
    rival->told = false;
    assert_int_equal(
        entente_client_submit(rival->client->sdk, &envelope, on_reply, rival, NULL),
        ENTENTE_OK);
}

/* Nobody is asked twice for the same minute, and who lost knows why. */
static size_t judge(bool same_slot)
{
    size_t won = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(rivals[i].code, ENTENTE_OK);
        if (rivals[i].state == ENTENTE_PROPOSED) {
            won++;
            for (size_t j = 0; j < i; j++) {
                bool apart = rivals[j].state != ENTENTE_PROPOSED ||
                             abs(rivals[j].start - rivals[i].start) >= 60;
                assert_true(apart);
            }
        } else {
            assert_int_equal(rivals[i].state, ENTENTE_EXPIRED);
            assert_true(rivals[i].has_reason);
        }
    }
    if (same_slot) {
        assert_int_equal(won, 1);
    }
    assert_true(won > 0);
    assert_int_equal(world_overlaps(&world), 0);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM claim"),
                     (int64_t)won * PEOPLE);
    return won;
}

static void one_round(size_t round)
{
    bool same_slot = round % 2 == 0;
    int32_t at = world.day + 10 * 60;
    for (size_t i = 0; i < CLIENTS; i++) {
        /* Who asks first changes from round to round. */
        size_t first = (i + round * 7) % CLIENTS;
        ask(&rivals[first], same_slot ? at : at + (int32_t)(i * 7 % 180));
    }
    assert_true(world_until(&world, all_told, NULL));
    judge(same_slot);
    for (size_t i = 0; i < CLIENTS; i++) {
        if (rivals[i].state == ENTENTE_PROPOSED) {
            cancel(&rivals[i]);
        }
    }
    assert_true(world_until(&world, all_told, NULL));
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM claim"),
                     0);
}

/* 10,000 rounds with `./run test --long`. */
static void play(void)
{
    size_t rounds = getenv("ENTENTE_TEST_VALGRIND") != NULL ? ROUNDS_VALGRIND
                    : getenv("ENTENTE_TEST_LONG") != NULL   ? ROUNDS_LONG
                    : getenv("ENTENTE_TEST_QUICK") != NULL  ? ROUNDS_QUICK
                                                            : ROUNDS;
    for (size_t round = 0; round < rounds; round++) {
        one_round(round);
        if (round % 100 == 99) {
            print_message("%zu of %zu rounds\n", round + 1, rounds);
        }
    }
}

static void test_exactly_one_of_fifty_wins(void **state)
{
    (void)state;
    play();
}

static void test_also_over_two_brokers(void **state)
{
    (void)state;
    world_start_another(&world, 2);
    for (size_t i = 0; i < CLIENTS; i += 2) {
        world_hang_on(rivals[i].client, 2);
    }
    play();
}

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    struct world_client *owner = world_add_client(
        &world, "owner", false,
        (const char *[]){people[0], people[1], people[2], people[3], NULL});
    struct entente_range free_day = {
        .start = world.day, .end = world.day + 1440, .kind = ENTENTE_FREE};
    for (size_t i = 0; i < PEOPLE; i++) {
        enum entente_code code = world_publish(owner, people[i], &free_day, 1);
        if (code != ENTENTE_OK) {
            print_error("%s's time is not published: %s\n", people[i],
                        entente_code_name(code));
            return -1;
        }
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "rival%zu", i);
        rivals[i].client = world_add_client(&world, name, false, NULL);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_destroy(&world);
    return 0;
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exactly_one_of_fifty_wins),
                                       cmocka_unit_test(test_also_over_two_brokers)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
