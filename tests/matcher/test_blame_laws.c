// SPDX-License-Identifier: Apache-2.0

/*
 * test_blame_laws.c - who blocks together, against looking at every candidate and every set
 * of parties.  RANDOM_SEED in the environment repeats a run.
 */
#include "tests/support/test.h"

#include "matcher/blame.h"
#include "tests/matcher/random_request.h"
#include "tests/support/rounds.h"

#include <stdlib.h>
#include <string.h>

enum { PARTIES = 9, CANDIDATES = 40, IDS = 30, ROUNDS = 4000 };

struct meeting {
    struct match_request request;
    struct match_party parties[PARTIES];
    uint64_t attends[CANDIDATES]; /* who can come, candidate by candidate */
    size_t count;
};

static uint64_t first_seed(void)
{
    const char *given = getenv("RANDOM_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 1;
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* Nobody can come alone, two or three miss the same ones, or each candidate lacks one. */
static void draw(struct dice *dice, struct meeting *meeting)
{
    int32_t absent = dice_between(dice, 1, 40);
    bool lacks_one = dice_chance(dice, 60);

    memset(meeting, 0, sizeof(*meeting));
    meeting->request.parties = meeting->parties;
    meeting->request.party_count = (size_t)dice_between(dice, 1, PARTIES);
    for (size_t i = 0; i < meeting->request.party_count; i++) {
        meeting->parties[i].importance =
            i + 1 < meeting->request.party_count && dice_chance(dice, 20)
                ? MATCH_OPTIONAL
                : MATCH_INDISPENSABLE;
        /* In no order; some are equal. */
        meeting->parties[i].id = (uint64_t)dice_between(dice, 0, IDS - 1);
    }
    meeting->count = (size_t)dice_between(dice, 1, CANDIDATES);
    for (size_t c = 0; c < meeting->count; c++) {
        uint64_t attends = 0;
        size_t missing =
            (size_t)dice_between(dice, 0, (int32_t)meeting->request.party_count - 1);
        for (size_t i = 0; i < meeting->request.party_count; i++) {
            attends |= (uint64_t)!dice_chance(dice, absent) << i;
        }
        if (lacks_one) {
            attends = ((uint64_t)1 << meeting->request.party_count) - 1;
        }
        while (meeting->parties[missing].importance == MATCH_OPTIONAL) {
            missing++; /* the last one is not */
        }
        attends &= ~((uint64_t)1 << missing); /* nothing suits */
        meeting->attends[c] =
            c > 0 && dice_chance(dice, 50) ? meeting->attends[c - 1] : attends;
    }
}

/* Whether at every candidate one of @chosen is missing. */
static bool blocks(const struct meeting *meeting, uint64_t chosen)
{
    for (size_t c = 0; c < meeting->count; c++) {
        if ((meeting->attends[c] & chosen) == chosen) {
            return false;
        }
    }
    return true;
}

/* The indispensable ones by rising id; how many they are. */
static size_t by_id(const struct meeting *meeting, uint8_t *ret_parties)
{
    size_t count = 0;

    for (uint64_t id = 0; id < IDS; id++) {
        for (size_t i = 0; i < meeting->request.party_count; i++) {
            if (meeting->parties[i].id == id &&
                meeting->parties[i].importance == MATCH_INDISPENSABLE) {
                ret_parties[count++] = (uint8_t)i;
            }
        }
    }
    return count;
}

static uint64_t party_bit(uint8_t party)
{
    return (uint64_t)1 << party;
}

/* The set of the parties whose bits are set in @ranks: the smallest id has the highest. */
static uint64_t set_of(uint32_t ranks, const uint8_t *parties, size_t count)
{
    uint64_t set = 0;

    for (size_t i = 0; i < count; i++) {
        set |= (ranks >> (count - 1 - i) & 1) != 0 ? party_bit(parties[i]) : 0;
    }
    return set;
}

/* The first set of @size parties that blocks, in the order of their ids; 0: none does. */
static uint64_t find_exactly(const struct meeting *meeting, const uint8_t *parties,
                             size_t count, int size)
{
    for (uint32_t ranks = (1U << count) - 1; ranks > 0; ranks--) {
        if (__builtin_popcount(ranks) == size &&
            blocks(meeting, set_of(ranks, parties, count))) {
            return set_of(ranks, parties, count);
        }
    }
    return 0;
}

/* Who is missing most where all of @chosen can come, the smallest id of equals. */
static uint64_t find_most_missing(const struct meeting *meeting, const uint8_t *parties,
                                  size_t count, uint64_t chosen)
{
    uint64_t best = 0;
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        size_t missing = 0;
        for (size_t c = 0; c < meeting->count; c++) {
            missing += (meeting->attends[c] & chosen) == chosen &&
                       (meeting->attends[c] & party_bit(parties[i])) == 0;
        }
        best = missing > most ? party_bit(parties[i]) : best;
        most = missing > most ? missing : most;
    }
    return best;
}

static uint64_t find_greedily(const struct meeting *meeting, const uint8_t *parties,
                              size_t count)
{
    uint64_t chosen = 0;

    while (!blocks(meeting, chosen)) {
        chosen |= find_most_missing(meeting, parties, count, chosen);
    }
    for (size_t i = count; i-- > 0;) {
        uint64_t without = chosen & ~party_bit(parties[i]);
        chosen = blocks(meeting, without) ? without : chosen;
    }
    return chosen;
}

/* What @why names is @chosen, by rising id. */
static void assert_named(const struct match_why *why, const uint8_t *parties,
                         size_t count, uint64_t chosen)
{
    size_t named = 0;

    for (size_t i = 0; i < count; i++) {
        if ((chosen & party_bit(parties[i])) != 0) {
            assert_true(named < why->blocking_count);
            assert_int_equal(why->blocking[named], parties[i]);
            named++;
        }
    }
    assert_int_equal(why->blocking_count, named);
}

/* Each candidate counts once, and the starts that most could make are looked at first. */
static void assert_sheet(const struct blame_sheet *sheet, const struct meeting *meeting,
                         size_t runs)
{
    size_t total = 0;

    assert_int_equal(sheet->count, runs);
    for (size_t i = 0; i < sheet->count; i++) {
        total += sheet->runs[i].count;
        assert_true(i == 0 || __builtin_popcountll(sheet->runs[i - 1].attends) >=
                                  __builtin_popcountll(sheet->runs[i].attends));
    }
    assert_int_equal(total, meeting->count);
}

static void test_the_blocking_set_is_the_one_that_is_found_by_trying_all(void **state)
{
    struct dice dice = {first_seed()};
    static struct meeting meeting;
    size_t of_size[PARTIES + 1] = {0};
    (void)state;

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        uint8_t parties[PARTIES];
        static struct match_why why;
        uint64_t chosen = 0;
        size_t runs = 1;

        draw(&dice, &meeting);
        for (size_t c = 1; c < meeting.count; c++) {
            runs += meeting.attends[c] != meeting.attends[c - 1];
        }
        /* No more room than is needed: what is behind it is watched. */
        struct blame_sheet sheet = {.runs = calloc(runs, sizeof(struct blame_run))};
        assert_non_null(sheet.runs);
        for (size_t c = 0; c < meeting.count; c++) {
            blame_add(&sheet, meeting.attends[c]);
        }
        memset(&why, 0xa5, sizeof(why));
        blame_find_blocking(&meeting.request, &sheet, &why);

        size_t count = by_id(&meeting, parties);
        int size = 0;
        while (chosen == 0 && size < 3) {
            chosen = find_exactly(&meeting, parties, count, ++size);
        }
        assert_int_equal(why.blocking_is_exact, chosen != 0);
        chosen = chosen != 0 ? chosen : find_greedily(&meeting, parties, count);
        assert_named(&why, parties, count, chosen);
        assert_sheet(&sheet, &meeting, runs);
        of_size[why.blocking_count]++;
        free(sheet.runs);
    }
    for (size_t size = 1; size <= 6; size++) {
        assert_true(of_size[size] > rounds_of(ROUNDS) / 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_blocking_set_is_the_one_that_is_found_by_trying_all),
    };
    return cmocka_run_group_tests_name("blame, as a law", tests, NULL, NULL);
}
