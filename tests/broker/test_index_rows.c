// SPDX-License-Identifier: Apache-2.0

/*
 * Laws of the rows: a crowd gets the answer that each of its people would get alone, from
 * their own record, and of a pool the same are chosen as without rows, however far behind
 * they are, on every day.  RANDOM_SEED in the environment repeats a run.
 */
#include "broker/propose.h"
#include "proto/limits.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PEOPLE = 150,
    CLIENTS = 3,
    MEETINGS = 5,
    RANGES = 60,
    DAY = 1440,
    STEPS = 4000,
    FEW = 50, /* so many are asked one by one */
    STRANGER = PEOPLE,
    ARENA_BYTES = 64 << 20,
};

struct town {
    struct index *index;
    struct proposer *proposer;
    struct arena arena;
    uint64_t chance;
    int32_t now;       /* minutes, */
    int32_t now_ms_on; /* and milliseconds of the next */
    int32_t touched;   /* a minute that somebody's time has just changed at */
    size_t asked;
    size_t told;   /* by rows alone */
    size_t chosen; /* times that somebody was, of a pool */
};

static struct town town;
static uint8_t meetings[MEETINGS][16];

static uint32_t below(uint32_t bound)
{
    town.chance = town.chance * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((town.chance >> 33) % bound);
}

static bool once_in(uint32_t bound)
{
    return below(bound) == 0;
}

static int64_t now_ms(void)
{
    return (int64_t)town.now * 60000 + town.now_ms_on;
}

/* ---- what happens ------------------------------------------------------------------
 */

/* On cells mostly, and mostly within what rows hold. */
static int32_t some_minute(void)
{
    int32_t day = town.now / DAY - 2 + (int32_t)below(once_in(10) ? 90 : 18);
    int32_t minute = (int32_t)below(DAY / 5) * 5;
    return day * DAY + (once_in(6) ? (int32_t)below(DAY) : minute);
}

static struct entente_range some_range(bool is_wild)
{
    static const char *const places[] = {"ward", "room 4"};
    struct entente_range range = {.start = some_minute()};
    bool is_free = !once_in(4);
    range.end = range.start + 1 + (int32_t)below(is_free ? 700 : 90);
    range.kind = is_free ? ENTENTE_FREE : once_in(3) ? ENTENTE_TENTATIVE : ENTENTE_BUSY;
    if (!is_wild) {
        return range;
    }
    if (is_free) {
        range.purposes = below(8);
        range.modalities = below(16);
        range.certainty = below(4);
        range.audience = once_in(8) ? 1 : 0;
    } else if (once_in(3)) {
        range.meeting = (struct entente_bytes){meetings[below(MEETINGS)], 16};
    } else {
        range.interruptible = once_in(4);
    }
    range.place = once_in(3) ? places[below(2)] : NULL;
    return range;
}

static void publish(void)
{
    static struct entente_range ranges[RANGES];
    int64_t person = 1 + below(PEOPLE - 5); /* the last ones never publish */
    bool is_wild = once_in(4);
    char key[24];
    snprintf(key, sizeof(key), "%d-%u", (int)person, below(once_in(3) ? 2 : 1));
    const struct index_publication publication = {
        .source = person,
        .client = 1 + person % CLIENTS,
        .person = person,
        .key = key,
        .epoch = 1,
        .sequence = 1,
        .coverage = {town.now - DAY, town.now + (int32_t)below(40) * DAY + DAY},
        .lease_seconds = once_in(4) ? 7200 : 604800,
        .renewed_ms = once_in(5) ? 0 : now_ms(),
        .notice = is_wild && once_in(2) ? (int32_t)below(3000) : 0,
        .daily_cap = is_wild && once_in(4) ? 1 : 0,
        .ranges = ranges,
        .range_count = below(RANGES),
    };
    for (size_t i = 0; i < publication.range_count; i++) {
        ranges[i] = some_range(is_wild);
    }
    qsort(ranges, publication.range_count, sizeof(ranges[0]), index_compare_ranges);
    assert_true(index_publish(town.index, &publication));
}

static void claim(void)
{
    struct index_hold holds[3];
    size_t count = below(4);
    int64_t person = 1 + below(PEOPLE);
    for (size_t i = 0; i < count; i++) {
        int32_t start = some_minute();
        town.touched = start;
        holds[i] = (struct index_hold){{start, start + 1 + (int32_t)below(200)},
                                       index_name_place(town.index, "ward")};
    }
    if (once_in(3)) {
        assert_true(
            index_add_claim(town.index, person, meetings[below(MEETINGS)],
                            count == 0 ? (struct index_hold){{0, 1}, 0} : holds[0]));
    } else {
        assert_true(
            index_claim(town.index, person, meetings[below(MEETINGS)], holds, count));
    }
}

static void withdraw(void)
{
    char key[24];
    uint32_t person = 1 + below(PEOPLE);
    snprintf(key, sizeof(key), "%u-0", person);
    index_withdraw(town.index, 1 + person % CLIENTS, key);
}

static void time_goes_by(void)
{
    town.now += once_in(40)  ? (int32_t)below(40 * DAY)
                : once_in(4) ? DAY / 2
                             : (int32_t)below(90);
    town.now_ms_on = once_in(2) ? 0 : (int32_t)below(60000);
    for (int64_t client = 1; client <= CLIENTS; client++) {
        if (!once_in(4)) {
            assert_true(once_in(4) ? index_heard_elsewhere(town.index, client, now_ms())
                                   : index_heard(town.index, client, now_ms()));
        }
    }
    if (once_in(3)) {
        index_forget(town.index, town.now);
    }
}

static void work(void)
{
    uint32_t most = once_in(3) ? UINT32_MAX : below(60);
    for (uint32_t i = 0; i < most && index_rows_work(town.index, now_ms()); i++) {
    }
}

/* ---- what is asked -----------------------------------------------------------------
 */

static struct entente_party people;

static struct entente_who_is_free some_question(void)
{
    static const uint32_t durations[] = {30, 60, 15, 10, 5, 45, 61, 7, 600, 1440};
    static const uint32_t steps[] = {0, 5, 15, 30, 60, 7, 1440};
    struct entente_who_is_free who = {
        .people = &people,
        .start = some_minute(),
        .starts = once_in(2) ? below(LIMIT_WHO_STARTS + 1) : 1,
        .step_minutes = steps[below(7)],
        .duration_minutes = durations[below(once_in(2) ? 10 : 2)],
    };
    if (once_in(2)) {
        who.start = town.touched - (int32_t)below(40);
    }
    people = (struct entente_party){.kind = ENTENTE_POOL};
    if (once_in(3)) {
        who.certainties = once_in(3) ? 1U << (1 + below(3)) : 0;
        who.purposes = below(8);
        who.tentative = once_in(3) ? ENTENTE_TENTATIVE_SOFT : 0;
        people.buffer_before_minutes = once_in(3) ? below(60) : 0;
        people.buffer_after_minutes = once_in(3) ? below(60) : 0;
        people.modality = once_in(3) ? below(4) : 0;
        people.place = once_in(3) ? "ward" : NULL;
    }
    return who;
}

static bool can_come(const struct entente_free_at *at, size_t member)
{
    return (at->members.data[member / 8] >> member % 8 & 1) != 0;
}

static size_t ask(const struct entente_who_is_free *who,
                  const struct index_person *const *crowd, size_t count,
                  struct entente_free_people *ret_told)
{
    const struct propose_crowd asked = {
        .who = who, .people = crowd, .count = count, .now_ms = now_ms()};
    struct survey *survey = NULL;
    assert_int_equal(propose_who_prepare(town.proposer, &asked, &town.arena, &survey),
                     STATUS_OK);
    size_t left = propose_who_left(survey);
    assert_int_equal(propose_who_answer(town.proposer, survey, ret_told), STATUS_OK);
    propose_who_release(town.proposer, survey);
    return left;
}

static void compare_at(const struct entente_free_at *all,
                       const struct entente_free_at *some, size_t first)
{
    assert_int_equal(all->start, some->start);
    for (size_t i = 0; i < FEW; i++) {
        if (can_come(all, first + i) != can_come(some, i)) {
            fail_msg("at %d person %zu: %d in the crowd", all->start, first + i,
                     can_come(all, first + i));
        }
    }
}

static void question(void)
{
    static const struct index_person *crowd[PEOPLE + 1];
    const struct entente_who_is_free who = some_question();
    struct entente_free_people all = {0};
    uint32_t shift = below(PEOPLE);
    arena_reset(&town.arena);
    for (size_t i = 0; i < PEOPLE; i++) {
        crowd[i] = index_person(town.index, 1 + (int64_t)((i + shift) % PEOPLE));
    }
    crowd[STRANGER] = NULL;
    size_t left = ask(&who, crowd, PEOPLE + 1, &all);
    town.asked += PEOPLE;
    town.told += PEOPLE - left;
    for (size_t i = 0; i < PEOPLE; i += FEW) {
        struct entente_free_people some = {0};
        assert_int_equal(ask(&who, crowd + i, FEW, &some) <= FEW, 1);
        assert_int_equal(all.at_count, some.at_count);
        for (size_t j = 0; j < all.at_count; j++) {
            compare_at(&all.at[j], &some.at[j], i);
        }
    }
    for (size_t i = 0; i < all.at_count; i++) {
        uint32_t count = 0;
        for (size_t j = 0; j < PEOPLE; j++) {
            count += can_come(&all.at[i], j) ? 1 : 0;
        }
        assert_int_equal(all.at[i].count, count);
    }
}

/* ---- who of a pool is chosen -------------------------------------------------------
 */

static enum status choose(struct propose_question *question, bool keeps,
                          struct propose_answer *ret_answer)
{
    /* Of what is kept nobody is left out. */
    question->keeps = keeps;
    return propose(town.proposer, question, &town.arena, ret_answer);
}

static void choice(void)
{
    static int64_t members[PEOPLE];
    const int64_t nobody = 0;
    const struct entente_who_is_free who = some_question();
    struct entente_party pool = people;
    pool.importance = ENTENTE_INDISPENSABLE;
    pool.pool_size = 1 + below(3);
    pool.from_pool = 1;
    struct entente_span at = {who.start, who.start + (int32_t)who.duration_minutes};
    const struct entente_spec spec = {
        .parties = &pool,
        .parties_count = 1,
        .windows = &at,
        .windows_count = 1,
        .duration_minutes = who.duration_minutes,
        .certainties = who.certainties,
        .purposes = who.purposes,
        .tentative = once_in(3) ? ENTENTE_TENTATIVE_SOFT : 0,
        .zone = "Europe/Paris",
    };
    const struct entente_kept_pool kept = {.number = 1,
                                           .needed = pool.pool_size,
                                           .party = &pool,
                                           .people = members,
                                           .people_count = 64 + below(PEOPLE - 64)};
    struct propose_question question = {
        .spec = &spec,
        .people = &nobody,
        .pools = &kept,
        .pools_count = 1,
        .meeting = once_in(4) ? NULL : meetings[below(MEETINGS)],
        .now_ms = now_ms(),
        .wanted = 1,
        .exact = at.start,
    };
    uint32_t shift = below(PEOPLE);
    for (size_t i = 0; i < PEOPLE; i++) {
        members[i] = 1 + (int64_t)((i + shift) % PEOPLE);
    }
    struct propose_answer some = {0};
    struct propose_answer all = {0};
    arena_reset(&town.arena);
    assert_int_equal(choose(&question, false, &some), choose(&question, true, &all));
    assert_int_equal(some.slot_count, all.slot_count);
    if (all.slot_count == 0) {
        return;
    }
    town.chosen++;
    assert_int_equal(all.slots[0].chosen_count, some.slots[0].chosen_count);
    assert_int_equal(all.slots[0].chosen[0].members_count, pool.pool_size);
    assert_memory_equal(all.slots[0].chosen[0].members, some.slots[0].chosen[0].members,
                        pool.pool_size * sizeof(uint32_t));
}

static void choices(void)
{
    for (int i = 0; i < 10; i++) {
        choice();
    }
}

static void test_a_crowd_is_answered_as_each_of_it_would_be(void **state)
{
    (void)state;
    size_t steps = rounds_of(STEPS);
    for (size_t i = 0; i < steps; i++) {
        switch (below(11)) {
        case 0:
        case 1:
            publish();
            break;
        case 2:
        case 3:
            claim();
            break;
        case 4:
            time_goes_by();
            break;
        case 5:
            once_in(3) ? withdraw() : publish();
            break;
        case 6:
        case 7:
            work();
            break;
        case 8:
            choices();
            break;
        default:
            question();
            break;
        }
    }
    print_message("%zu of %zu told by rows, %zu choices\n", town.told, town.asked,
                  town.chosen);
    assert_true(town.told > town.asked / 4);
    assert_true(town.chosen > 0);
}

static int set_up(void **state)
{
    (void)state;
    town.index = index_create();
    town.now = 20000 * DAY + 600;
    arena_init(&town.arena, ARENA_BYTES);
    assert_non_null(town.index);
    for (size_t i = 0; i < MEETINGS; i++) {
        meetings[i][0] = (uint8_t)(i + 1);
    }
    for (int64_t person = 1; person <= PEOPLE; person++) {
        char value[24];
        snprintf(value, sizeof(value), "8997%08d", (int)person);
        assert_true(index_add_person(town.index, person, ENTENTE_PROFESSIONAL, "s",
                                     value, NULL));
    }
    return proposer_create(town.index, &town.proposer) == STATUS_OK ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    proposer_destroy(town.proposer);
    index_destroy(town.index);
    arena_finish(&town.arena);
    return 0;
}

int main(void)
{
    const char *given = getenv("RANDOM_SEED");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_crowd_is_answered_as_each_of_it_would_be),
    };
    town.chance = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("RANDOM_SEED=%llu\n", (unsigned long long)town.chance);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
