// SPDX-License-Identifier: Apache-2.0

/*
 * Laws of deadlines, reminders and of who comes first: for meetings, schedules and
 * waiting lists drawn at random.  RANDOM_SEED in the environment repeats a run.
 */
#include "broker/due.h"
#include "broker/fair.h"
#include "broker/matter.h"
#include "proto/limits.h"

#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 6, ROUNDS = 40000, ROWS = 24, MINUTE_MS = 60000, ARENA = 1 << 20 };

static uint64_t state_of_chance;

static uint32_t chance(uint32_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (uint32_t)(state_of_chance >> 33) % below;
}

/* ---- deadlines and reminders -------------------------------------------------------
 */

struct drawn {
    struct entente_party parties[MOST];
    int64_t people[MOST];
    uint32_t reminders[LIMIT_REMINDERS];
    struct entente_spec spec;
    struct entente_kept kept;
    struct entente_proposal proposal;
    uint8_t id[16];
    struct entente_meeting meeting;
};

static struct batch batch;

static void draw(struct drawn *drawn)
{
    memset(drawn, 0, sizeof(*drawn));
    arena_reset(&batch.arena);
    batch.now_ms = INT64_C(1800000000000) + (int64_t)chance(100000000);
    size_t count = 1 + chance(MOST);
    for (size_t i = 0; i < count; i++) {
        drawn->parties[i] = (struct entente_party){
            .kind = ENTENTE_PROFESSIONAL,
            .attends = chance(6) != 0,
            .answer_minutes = chance(2) == 0 ? 0 : 1 + chance(6000),
        };
        drawn->people[i] = (int64_t)i + 1;
    }
    drawn->spec = (struct entente_spec){
        .parties = drawn->parties,
        .parties_count = count,
        .answer_minutes = chance(3) == 0 ? 0 : 1 + chance(6000),
        .reminders = drawn->reminders,
        .reminders_count = chance(LIMIT_REMINDERS + 1),
    };
    for (size_t i = 0; i < drawn->spec.reminders_count; i++) {
        drawn->reminders[i] = chance(6000);
    }
    drawn->kept = (struct entente_kept){.people = drawn->people, .people_count = count};
    drawn->proposal = (struct entente_proposal){
        .number = 1,
        .start = (int32_t)(batch.now_ms / MINUTE_MS) + 1 + (int32_t)chance(8000),
    };
    drawn->meeting = (struct entente_meeting){
        .id = {drawn->id, sizeof(drawn->id)},
        .state = ENTENTE_PROPOSED,
        .spec = &drawn->spec,
        .proposal = &drawn->proposal,
        .kept = &drawn->kept,
    };
    matter_ask_all(&batch, &drawn->meeting);
}

static void test_everybody_has_their_time_and_nobody_more_than_the_slot(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct drawn drawn;
        draw(&drawn);
        int64_t start_ms = (int64_t)drawn.proposal.start * MINUTE_MS;
        int64_t last_ms = 0;
        for (size_t i = 0; i < drawn.spec.parties_count; i++) {
            const struct entente_party *party = &drawn.parties[i];
            uint32_t minutes = party->answer_minutes != 0 ? party->answer_minutes
                               : drawn.spec.answer_minutes != 0
                                   ? drawn.spec.answer_minutes
                                   : 2880;
            int64_t by_ms = batch.now_ms + (int64_t)minutes * MINUTE_MS;
            if (matter_is_awaited(&drawn.meeting, i)) {
                assert_int_equal(party->answer_by_ms,
                                 by_ms < start_ms ? by_ms : start_ms);
                last_ms = party->answer_by_ms > last_ms ? party->answer_by_ms : last_ms;
            }
        }
        assert_true(last_ms == 0 || drawn.meeting.hold_until_ms == last_ms);
        assert_true(drawn.meeting.hold_until_ms <= start_ms);
        assert_int_equal(drawn.proposal.answer_by_ms, drawn.meeting.hold_until_ms);
    }
}

/* Of a meeting that has just been asked about nothing has passed, and the first moment at
 * which it wants to be looked at is no later than anybody's deadline. */
static void test_what_is_due_is_due_in_time(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct drawn drawn;
        struct store_due dues[MATTER_DUES_MAX];
        struct store_due passed;
        draw(&drawn);
        size_t count = matter_dues(&drawn.meeting, dues, 0);
        assert_in_range(count, 1, MATTER_DUES_MAX);
        int64_t first_ms = dues[0].at_ms;
        for (size_t i = 0; i < count; i++) {
            assert_true(dues[i].at_ms > batch.now_ms);
            first_ms = dues[i].reason != DUE_REMINDER && dues[i].at_ms < first_ms
                           ? dues[i].at_ms
                           : first_ms;
        }
        assert_false(matter_is_overdue(&drawn.meeting, batch.now_ms, &passed));
        for (size_t i = 0; i < drawn.spec.parties_count; i++) {
            assert_true(!matter_is_awaited(&drawn.meeting, i) ||
                        first_ms <= drawn.parties[i].answer_by_ms);
        }
        assert_true(matter_is_overdue(&drawn.meeting, first_ms, &passed));
    }
}

/* Who is reminded at @at_ms is so before their deadline, and at most @most times. */
static bool reminds_somebody(const struct drawn *drawn, int64_t at_ms, size_t most,
                             size_t reminded[MOST])
{
    bool anybody = false;
    for (size_t i = 0; i < drawn->spec.parties_count; i++) {
        if (matter_reminder_of(&drawn->meeting, i) == at_ms) {
            assert_true(at_ms < drawn->parties[i].answer_by_ms);
            anybody = true;
            reminded[i]++;
            assert_true(reminded[i] <= most);
        }
    }
    return anybody;
}

/* One moment after the other, each before somebody's deadline and behind the question; at
 * most as many for each as the schedule has. */
static void test_reminders_come_in_between_and_end(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct drawn drawn;
        draw(&drawn);
        size_t most = drawn.spec.reminders_count == 0 ? 2 : drawn.spec.reminders_count;
        size_t reminded[MOST] = {0};
        int64_t before_ms = batch.now_ms;
        int64_t at_ms;
        while ((at_ms = matter_reminder(&drawn.meeting)) != 0) {
            assert_true(at_ms > before_ms);
            assert_true(reminds_somebody(&drawn, at_ms, most, reminded));
            drawn.kept.reminded_ms = at_ms;
            before_ms = at_ms;
        }
    }
}

static void test_one_more_who_is_asked_shortens_nobodys_time(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct drawn drawn;
        draw(&drawn);
        struct drawn was = drawn;
        const struct entente_party more = {.kind = ENTENTE_PROFESSIONAL,
                                           .answer_minutes = 1 + chance(6000)};
        batch.now_ms += (int64_t)chance(60) * MINUTE_MS;
        int at = matter_seat(&batch, &drawn.meeting, &more, 99, 0);
        assert_int_equal(at, was.spec.parties_count);
        matter_ask_also(&batch, &drawn.meeting, (size_t)at);
        for (size_t i = 0; i < was.spec.parties_count; i++) {
            assert_int_equal(drawn.meeting.spec->parties[i].answer_by_ms,
                             was.parties[i].answer_by_ms);
        }
        assert_true(drawn.meeting.hold_until_ms >= was.meeting.hold_until_ms);
        assert_true(drawn.meeting.hold_until_ms >=
                    drawn.meeting.spec->parties[at].answer_by_ms);
        assert_int_equal(drawn.meeting.spec->parties[at].replaces, 1);
        assert_int_equal(drawn.meeting.kept->people[at], 99);
    }
}

/* ---- who comes first ---------------------------------------------------------------
 */

struct queue_drawn {
    struct store_sooner rows[ROWS];
    size_t count;
    struct store_loaded loaded;
    int64_t people[2];
    struct entente_spec spec;
    struct entente_request request;
    struct entente_envelope envelope;
    struct client client;
    struct command command;
};

/* As the store gives them: deadlines, then searches, the most pressing first. */
static int by_rank(const void *a, const void *b)
{
    const struct store_sooner *x = a;
    const struct store_sooner *y = b;
    if ((x->reason == DUE_SEARCH) != (y->reason == DUE_SEARCH)) {
        return x->reason == DUE_SEARCH ? 1 : -1;
    }
    if (x->priority != y->priority) {
        return x->priority > y->priority ? -1 : 1;
    }
    return (x->since_ms > y->since_ms) - (x->since_ms < y->since_ms);
}

static void draw_queue(struct queue_drawn *drawn)
{
    memset(drawn, 0, sizeof(*drawn));
    arena_reset(&batch.arena);
    drawn->count = chance(ROWS);
    for (size_t i = 0; i < drawn->count; i++) {
        drawn->rows[i] = (struct store_sooner){
            .reason = chance(4) == 0 ? DUE_ANSWERS_END : DUE_SEARCH,
            .person = 1 + (int64_t)chance(4),
            .priority = 1 + chance(3),
            .since_ms = batch.now_ms - (int64_t)chance(1000),
        };
        drawn->rows[i].meeting.bytes[0] = (uint8_t)(i + 1);
    }
    qsort(drawn->rows, drawn->count, sizeof(drawn->rows[0]), by_rank);
    drawn->loaded = (struct store_loaded){
        .now_ms = batch.now_ms, .sooner = drawn->rows, .sooner_count = drawn->count};
    drawn->people[0] = 1;
    drawn->people[1] = 2;
    drawn->spec.priority = chance(4);
    drawn->request.spec = &drawn->spec;
    drawn->envelope =
        (struct entente_envelope){.body = ENTENTE_REQUEST, .request = &drawn->request};
    drawn->command = (struct command){.client = &drawn->client,
                                      .envelope = &drawn->envelope,
                                      .people = drawn->people,
                                      .people_count = 2};
    batch.loaded = &drawn->loaded;
    batch.fair_rows = NULL;
    batch.fair_count = 0;
    batch.commands = &drawn->command;
}

static bool is_put_first(const struct command *command, const struct store_sooner *row)
{
    for (size_t i = 0; i < command->first_count; i++) {
        if (memcmp(&command->first[i].meeting, &row->meeting, sizeof(row->meeting)) ==
            0) {
            return true;
        }
    }
    return false;
}

/* A request lets pass exactly those who wait for one of its people and are as pressing, and
 * whatever of theirs is overdue; and it goes in the end, whatever becomes of them. */
static void test_a_request_stands_behind_those_who_wait_for_the_same(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct queue_drawn drawn;
        draw_queue(&drawn);
        uint32_t own = drawn.spec.priority == 0 ? 1 : drawn.spec.priority;
        bool waits = fair_waits(&batch, &drawn.command);
        size_t first = 0;
        for (size_t i = 0; i < drawn.count; i++) {
            const struct store_sooner *row = &drawn.rows[i];
            bool wanted = row->person <= 2;
            bool passes = row->reason == DUE_ANSWERS_END || row->priority >= own;
            assert_int_equal(is_put_first(&drawn.command, row), wanted && passes);
            first += wanted && passes ? 1 : 0;
        }
        assert_int_equal(waits, first > 0);
        size_t rounds = 0;
        while (fair_waits(&batch, &drawn.command)) {
            assert_in_range(++rounds, 1, 16);
        }
    }
}

/* Of any two that wait one is before the other, so that somebody always goes. */
static void test_two_who_wait_never_wait_for_each_other(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct drawn one;
        struct drawn other;
        draw(&one);
        draw(&other);
        struct drawn *const both[] = {&one, &other};
        bool waits[2];
        for (size_t i = 0; i < 2; i++) {
            both[i]->id[15] = (uint8_t)(i + 1);
            both[i]->meeting.state = ENTENTE_SEARCHING;
            both[i]->meeting.search_until_ms = INT64_MAX;
            both[i]->meeting.created_ms = 1000 + (int64_t)chance(3);
            both[i]->spec.priority = chance(4);
            both[i]->meeting.version = 1;
        }
        for (size_t i = 0; i < 2; i++) {
            struct drawn *mine = both[i];
            struct drawn *theirs = both[1 - i];
            uint32_t priority = theirs->spec.priority;
            struct store_sooner row = {.reason = DUE_SEARCH,
                                       .person = 1,
                                       .priority = priority == 0 ? 1 : priority,
                                       .since_ms = theirs->meeting.created_ms};
            memcpy(row.meeting.bytes, theirs->id, sizeof(row.meeting.bytes));
            struct entente_meeting *loaded_meeting = &mine->meeting;
            const struct store_loaded loaded = {.now_ms = batch.now_ms,
                                                .meetings = &loaded_meeting,
                                                .meeting_count = 1,
                                                .sooner = &row,
                                                .sooner_count = 1};
            struct command due = {.has_meeting = true,
                                  .with_people = true,
                                  .due = {.reason = DUE_SEARCH}};
            memcpy(due.meeting.bytes, mine->id, sizeof(due.meeting.bytes));
            due.due.meeting = due.meeting;
            batch_reset(&batch);
            assert_true(batch_open(&batch, &loaded));
            batch.commands = &due;
            waits[i] = fair_waits(&batch, &due);
        }
        assert_true(waits[0] != waits[1]);
    }
}

int main(void)
{
    const char *given = getenv("RANDOM_SEED");
    state_of_chance =
        given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761U;
    state_of_chance |= 1;
    printf("RANDOM_SEED=%llu\n", (unsigned long long)state_of_chance);
    arena_init(&batch.arena, ARENA);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everybody_has_their_time_and_nobody_more_than_the_slot),
        cmocka_unit_test(test_what_is_due_is_due_in_time),
        cmocka_unit_test(test_reminders_come_in_between_and_end),
        cmocka_unit_test(test_one_more_who_is_asked_shortens_nobodys_time),
        cmocka_unit_test(test_a_request_stands_behind_those_who_wait_for_the_same),
        cmocka_unit_test(test_two_who_wait_never_wait_for_each_other),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_finish(&batch.arena);
    return failed;
}
