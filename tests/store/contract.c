// SPDX-License-Identifier: Apache-2.0

/*
 * Two brokers on one database: who waits for whom, what is refused, what is seen.
 */
#include "tests/store/contract.h"

#include "broker/due.h"
#include "broker/negotiation.h"
#include "broker/store/store_brokers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Turns until something must have happened, and after which nothing more will. */
enum { LONG = 20000, MOMENT = 40 };

struct side {
    struct store *store;
    unsigned writer;
    struct store_command_key command; /* asked for with each load; counter 0: none */
    uint64_t heard;                   /* in this conversation */
    struct store_hello hello;
    struct arena arena;
    bool done;
    enum status status;
    struct store_loaded loaded;
};

static struct store *stores[CONTRACT_STORES];
static struct side sides[CONTRACT_STORES];
static struct side *one = &sides[0];
static struct side *two = &sides[1];

static int set_up(void **state)
{
    (void)state;
    contract_begin(stores);
    for (size_t i = 0; i < CONTRACT_STORES; i++) {
        sides[i] = (struct side){.store = stores[i]};
        arena_init(&sides[i].arena, (size_t)16 << 20);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    contract_end(stores);
    arena_finish(&one->arena);
    arena_finish(&two->arena);
    return 0;
}

static void on_loaded(void *context, enum status status,
                      const struct store_loaded *loaded)
{
    struct side *side = context;
    side->done = true;
    side->status = status;
    side->loaded = loaded == NULL ? (struct store_loaded){0} : *loaded;
}

static void on_written(void *context, enum status status,
                       const struct store_written *written)
{
    struct side *side = context;
    (void)written;
    side->done = true;
    side->status = status;
}

static enum status end_of(struct side *side)
{
    for (int i = 0; i < LONG && !side->done; i++) {
        contract_turn(stores);
    }
    assert_true(side->done);
    return side->status;
}

static bool still_waits(const struct side *side)
{
    for (int i = 0; i < MOMENT; i++) {
        contract_turn(stores);
    }
    return !side->done;
}

static struct store_id id_of(uint8_t n)
{
    struct store_id id;
    memset(id.bytes, n, sizeof(id.bytes));
    id.bytes[6] = 0x70;
    id.bytes[8] = 0x80;
    return id;
}

static void ask_load(struct side *side, const int64_t *people, size_t people_count,
                     const struct store_id *meeting)
{
    static struct store_wants wants[CONTRACT_STORES];
    struct store_wants *mine = &wants[side - sides];
    *mine = (struct store_wants){.commands = &side->command,
                                 .heard = &side->heard,
                                 .command_count = side->command.counter == 0 ? 0 : 1,
                                 .people = people,
                                 .people_count = people_count,
                                 .meetings = meeting,
                                 .meeting_count = meeting == NULL ? 0 : 1};
    side->done = false;
    store_batch_load(side->store, side->writer, mine, &side->arena, on_loaded, side);
}

static void ask_write(struct side *side, const struct store_changes *changes)
{
    side->done = false;
    store_batch_write(side->store, side->writer, changes, &side->arena, on_written,
                      side);
}

/* A meeting of person 1 that is being searched, at @version. */
static struct store_meeting_change meeting_of(struct side *side, uint8_t n,
                                              uint32_t version)
{
    static const uint8_t begun[] = {NO_SLOT};
    static const uint8_t again[] = {SEARCH_ON};
    struct entente_meeting *meeting = arena_alloc(&side->arena, sizeof(*meeting));
    struct store_id id = id_of(n);
    meeting->id.data = arena_copy(&side->arena, id.bytes, sizeof(id.bytes));
    meeting->id.size = sizeof(id.bytes);
    meeting->version = version;
    meeting->state = ENTENTE_SEARCHING;
    meeting->spec = arena_alloc(&side->arena, sizeof(*meeting->spec));
    meeting->spec->duration_minutes = 30;
    meeting->created_ms = INT64_C(1795219200000);
    meeting->updated_ms = INT64_C(1795219200000);
    meeting->kept = arena_alloc(&side->arena, sizeof(*meeting->kept));
    meeting->kept->people = arena_alloc(&side->arena, sizeof(int64_t));
    meeting->kept->people[0] = 1;
    meeting->kept->people_count = 1;
    meeting->kept->organizer = 101;
    return (struct store_meeting_change){.base_version = version - 1,
                                         .meeting = meeting,
                                         .path = {version == 1 ? begun : again, 1}};
}

static void make_meeting(struct side *side, uint8_t n)
{
    struct store_meeting_change change = meeting_of(side, n, 1);
    struct store_changes changes = {
        .now_ms = 1795219200000, .meetings = &change, .meeting_count = 1};
    ask_load(side, NULL, 0, NULL);
    assert_int_equal(end_of(side), STATUS_OK);
    ask_write(side, &changes);
    assert_int_equal(end_of(side), STATUS_OK);
}

/* ---- stories -----------------------------------------------------------------------
 */

/* Who comes second waits for the person, and goes on when the first one gives up. */
static void test_people_are_locked(void **state)
{
    const int64_t person = 1;
    (void)state;
    ask_load(one, &person, 1, NULL);
    assert_int_equal(end_of(one), STATUS_OK);
    ask_load(two, &person, 1, NULL);
    assert_true(still_waits(two));
    store_batch_abandon(one->store, 0);
    assert_int_equal(end_of(two), STATUS_OK);
    assert_int_equal(two->loaded.people_count, 1);
    store_batch_abandon(two->store, 0);
}

/* What is due for a person comes with them: deadlines, then who waits for them, the most
 * pressing first, then the one that has waited the longest.  The broker reads no further
 * than it has to (broker/fair.c). */
static void test_those_who_wait_come_in_their_order(void **state)
{
    static const struct {
        uint8_t number;
        uint32_t priority;
        int64_t after_ms;
        uint32_t reason;
    } waiting[] = {{11, ENTENTE_ROUTINE, 0, DUE_SEARCH},
                   {12, ENTENTE_PRESSING, 5000, DUE_SEARCH},
                   {13, ENTENTE_PRESSING, 0, DUE_SEARCH},
                   {14, ENTENTE_ROUTINE, 9000, DUE_ANSWERS_END}};
    static const uint8_t order[] = {14, 13, 12, 11};
    enum { COUNT = sizeof(order) };
    struct store_meeting_change meetings[COUNT];
    struct store_due dues[COUNT];
    const int64_t person = 1;
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        meetings[i] = meeting_of(one, waiting[i].number, 1);
        struct entente_meeting *meeting = (struct entente_meeting *)meetings[i].meeting;
        meeting->created_ms += waiting[i].after_ms;
        meeting->spec->priority = waiting[i].priority;
        meetings[i].waits = waiting[i].reason == DUE_SEARCH;
        dues[i] = (struct store_due){id_of(waiting[i].number), waiting[i].reason,
                                     INT64_C(1000000000000)};
    }
    const struct store_changes changes = {.now_ms = 1795219200000,
                                          .meetings = meetings,
                                          .meeting_count = COUNT,
                                          .dues = dues,
                                          .due_count = COUNT};
    ask_load(one, NULL, 0, NULL);
    assert_int_equal(end_of(one), STATUS_OK);
    ask_write(one, &changes);
    assert_int_equal(end_of(one), STATUS_OK);
    ask_load(two, &person, 1, NULL);
    assert_int_equal(end_of(two), STATUS_OK);
    assert_int_equal(two->loaded.sooner_count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        struct store_id id = id_of(order[i]);
        assert_memory_equal(&two->loaded.sooner[i].meeting, &id, sizeof(id));
    }
    store_batch_abandon(two->store, 0);
}

/* Who waited for a meeting sees what the first one made of it, and which command did:
 * the same command at two brokers is not refused by one and carried out by the other. */
static void test_the_second_sees_the_first(void **state)
{
    struct store_id id = id_of(7);
    struct store_command command = {
        .key = {.client = 101, .epoch = 1, .counter = 6}, .meeting = id, .version = 2};
    (void)state;
    make_meeting(one, 7);
    one->command = command.key;
    two->command = command.key;
    ask_load(one, NULL, 0, &id);
    assert_int_equal(end_of(one), STATUS_OK);
    ask_load(two, NULL, 0, &id);
    assert_true(still_waits(two));
    struct store_meeting_change change = meeting_of(one, 7, 2);
    struct store_changes changes = {.now_ms = 1795219200000,
                                    .meetings = &change,
                                    .meeting_count = 1,
                                    .commands = &command,
                                    .command_count = 1};
    ask_write(one, &changes);
    assert_int_equal(end_of(one), STATUS_OK);
    assert_int_equal(end_of(two), STATUS_OK);
    assert_int_equal(two->loaded.meeting_count, 1);
    assert_int_equal(two->loaded.meetings[0]->version, 2);
    assert_int_equal(two->loaded.command_count, 1);
    store_batch_abandon(two->store, 0);
}

/* The two writers of one broker: what one of them has locked the other one waits for, and
 * what it has not the other one loads while it is being written. */
static void test_a_broker_has_two_writers(void **state)
{
    const int64_t people[] = {1, 2};
    struct store_id id = id_of(9);
    (void)state;
    make_meeting(one, 9);
    two->store = one->store;
    two->writer = 1;
    ask_load(one, &people[0], 1, &id);
    assert_int_equal(end_of(one), STATUS_OK);
    ask_load(two, &people[1], 1, NULL);
    assert_int_equal(end_of(two), STATUS_OK);
    store_batch_abandon(two->store, two->writer);

    ask_load(two, NULL, 0, &id);
    assert_true(still_waits(two));
    struct store_meeting_change change = meeting_of(one, 9, 2);
    struct store_changes changes = {
        .now_ms = 1795219200000, .meetings = &change, .meeting_count = 1};
    ask_write(one, &changes);
    assert_int_equal(end_of(one), STATUS_OK);
    assert_int_equal(end_of(two), STATUS_OK);
    assert_int_equal(two->loaded.meetings[0]->version, 2);

    /* Written next, it follows the other one in chain and feed. */
    ask_load(one, &people[0], 1, NULL);
    assert_int_equal(end_of(one), STATUS_OK);
    change = meeting_of(two, 9, 3);
    ask_write(two, &changes);
    assert_int_equal(end_of(two), STATUS_OK);
    store_batch_abandon(one->store, one->writer);
}

/* Written over an older version: the same again will do. */
static void test_versions_are_compared(void **state)
{
    (void)state;
    make_meeting(one, 8);
    struct store_meeting_change change = meeting_of(two, 8, 3);
    struct store_changes changes = {
        .now_ms = 1795219200000, .meetings = &change, .meeting_count = 1};
    ask_load(two, NULL, 0, NULL);
    assert_int_equal(end_of(two), STATUS_OK);
    ask_write(two, &changes);
    assert_int_equal(end_of(two), STATUS_RETRY);
}

/* Nobody twice, though neither has locked the person. */
static void test_claims_exclude_each_other(void **state)
{
    struct store_claim first = {
        .person = 2, .meeting = id_of(11), .start = 100, .end = 160};
    struct store_claim second = {
        .person = 2, .meeting = id_of(12), .start = 130, .end = 190};
    struct store_claim beside = {
        .person = 2, .meeting = id_of(12), .start = 160, .end = 190};
    struct store_changes changes = {
        .now_ms = 1795219200000, .claims_added = &first, .claims_added_count = 1};
    (void)state;
    ask_load(one, NULL, 0, NULL);
    ask_load(two, NULL, 0, NULL);
    assert_int_equal(end_of(one), STATUS_OK);
    assert_int_equal(end_of(two), STATUS_OK);
    ask_write(one, &changes);
    assert_int_equal(end_of(one), STATUS_OK);
    struct store_changes late = changes;
    late.claims_added = &second;
    ask_write(two, &late);
    assert_int_equal(end_of(two), STATUS_REFUSED);
    ask_load(two, NULL, 0, NULL);
    assert_int_equal(end_of(two), STATUS_OK);
    late.claims_added = &beside;
    ask_write(two, &late);
    assert_int_equal(end_of(two), STATUS_OK);
}

/* The same request at both brokers is carried out by one of them; the other one finds it
 * when it loads again. */
static void test_a_command_is_unique(void **state)
{
    struct store_command command = {.key = {.client = 101, .epoch = 1, .counter = 5},
                                    .meeting = id_of(9),
                                    .version = 1};
    struct store_changes changes = {
        .now_ms = 1795219200000, .commands = &command, .command_count = 1};
    (void)state;
    ask_load(one, NULL, 0, NULL);
    ask_load(two, NULL, 0, NULL);
    assert_int_equal(end_of(one), STATUS_OK);
    assert_int_equal(end_of(two), STATUS_OK);
    ask_write(one, &changes);
    assert_int_equal(end_of(one), STATUS_OK);
    ask_write(two, &changes);
    assert_int_equal(end_of(two), STATUS_RETRY);
}

static void on_hello(void *context, enum status status, const struct store_hello *hello)
{
    struct side *side = context;
    side->done = true;
    side->status = status;
    side->heard = hello == NULL ? 0 : hello->request_epoch;
    side->hello = hello == NULL ? (struct store_hello){0} : *hello;
}

static uint64_t says_hello(struct side *side, int64_t client)
{
    static const struct store_said said;
    side->done = false;
    store_say_hello(side->store, client, &said, on_hello, side);
    assert_int_equal(end_of(side), STATUS_OK);
    return side->heard;
}

/* A client goes on to the first broker while the second waits to carry out what it has said
 * there: behind its locks that one sees it. */
static void test_an_older_conversation_is_overtaken(void **state)
{
    const int64_t person = 1;
    struct store_changes nothing = {.now_ms = 1795219200000};
    (void)state;
    two->command = (struct store_command_key){.client = 101, .epoch = 1, .counter = 5};
    two->heard = says_hello(one, 101);
    ask_load(two, &person, 1, NULL);
    assert_int_equal(end_of(two), STATUS_OK);
    assert_int_equal(two->loaded.overtaken_count, 0);
    ask_write(two, &nothing);
    assert_int_equal(end_of(two), STATUS_OK);

    ask_load(one, &person, 1, NULL);
    assert_int_equal(end_of(one), STATUS_OK);
    ask_load(two, &person, 1, NULL);
    assert_true(still_waits(two));
    assert_true(says_hello(one, 101) > two->heard);
    ask_write(one, &nothing);
    assert_int_equal(end_of(one), STATUS_OK);
    assert_int_equal(end_of(two), STATUS_OK);
    assert_int_equal(two->loaded.overtaken_count, 1);
    assert_int_equal(two->loaded.overtaken[0], 101);
}

static enum status says(struct side *side, const struct store_said *said)
{
    side->done = false;
    store_say_hello(side->store, 101, said, on_hello, side);
    return end_of(side);
}

/* A client that has had what was never issued is refused and said to be ahead.  Once a
 * generation has begun it is ahead no more, its events are numbered anew, and no epoch is
 * granted twice. */
static void test_who_is_ahead(void **state)
{
    const struct store_said first = {.wants_events = true};
    const struct store_said later = {
        .event_epoch = 1, .last_event = 9, .replies_epoch = 40, .wants_events = true};
    int32_t generation = 0;
    (void)state;
    assert_int_equal(says(one, &first), STATUS_OK);
    const struct store_hello before = one->hello;
    assert_int_equal(says(one, &later), STATUS_REFUSED);
    assert_true(one->hello.ahead);
    assert_int_equal(
        store_renew_generation(one->store, before.generation, "a test", &generation),
        STATUS_OK);
    assert_int_equal(generation, before.generation + 1);
    /* Another broker knows the generation before. */
    assert_int_equal(
        store_renew_generation(two->store, before.generation, "a test", &generation),
        STATUS_OK);
    assert_int_equal(generation, before.generation + 1);
    assert_int_equal(says(one, &later), STATUS_OK);
    assert_int_equal(one->hello.generation, generation);
    assert_true(one->hello.request_epoch > before.request_epoch + later.replies_epoch);
    assert_true(one->hello.publication_epoch > before.publication_epoch + 1);
    assert_true(one->hello.event_epoch > before.event_epoch + 1);
    assert_int_equal(one->hello.last_issued, 0);
}

/* Only its own numbering begins afresh, above what it says. */
static void test_one_begins_afresh(void **state)
{
    const struct store_said said = {.event_epoch = 3,
                                    .last_event = 9,
                                    .replies_epoch = 40,
                                    .wants_events = true,
                                    .afresh = true};
    (void)state;
    assert_int_equal(says(one, &said), STATUS_OK);
    assert_int_equal(one->hello.generation, 1);
    assert_int_equal(one->hello.event_epoch, 4);
    assert_int_equal(one->hello.request_epoch, 41);
}

/* Each has what the other wants: one of them is told to try again, the other goes on. */
static void test_a_circle_is_broken(void **state)
{
    const int64_t first = 1;
    const int64_t second = 2;
    struct store_claim of_second = {
        .person = 2, .meeting = id_of(21), .start = 100, .end = 160};
    struct store_claim of_first = {
        .person = 1, .meeting = id_of(22), .start = 100, .end = 160};
    struct store_changes by_one = {
        .now_ms = 1795219200000, .claims_added = &of_second, .claims_added_count = 1};
    struct store_changes by_two = {
        .now_ms = 1795219200000, .claims_added = &of_first, .claims_added_count = 1};
    (void)state;
    ask_load(one, &first, 1, NULL);
    ask_load(two, &second, 1, NULL);
    assert_int_equal(end_of(one), STATUS_OK);
    assert_int_equal(end_of(two), STATUS_OK);
    ask_write(one, &by_one);
    assert_true(still_waits(one));
    ask_write(two, &by_two);
    enum status told[] = {end_of(one), end_of(two)};
    assert_int_equal((told[0] == STATUS_OK) + (told[1] == STATUS_OK), 1);
    assert_int_equal((told[0] == STATUS_RETRY) + (told[1] == STATUS_RETRY), 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_people_are_locked),
        TEST(test_the_second_sees_the_first),
        TEST(test_a_broker_has_two_writers),
        TEST(test_versions_are_compared),
        TEST(test_claims_exclude_each_other),
        TEST(test_a_command_is_unique),
        TEST(test_an_older_conversation_is_overtaken),
        TEST(test_who_is_ahead),
        TEST(test_one_begins_afresh),
        TEST(test_a_circle_is_broken),
        TEST(test_those_who_wait_come_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
