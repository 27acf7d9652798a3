// SPDX-License-Identifier: Apache-2.0

/*
 * Everybody says anything at any time, under any rule: whatever comes of it, the claims are
 * those that the meeting shows, nobody is claimed twice, and nothing is left at the end.
 * RANDOM_SEED in the environment repeats a run.
 */
#include "tests/scenario/look.h"
#include "tests/scenario/rules.h"

#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STORMS = 40, GUSTS = 12, HELD = 4 };

static uint64_t state_of_chance;

static uint32_t chance(uint32_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (uint32_t)(state_of_chance >> 33) % below;
}

/* Some minute of the three days, on the quarter. */
static int32_t some_start(void)
{
    return world.day + (int32_t)chance(3) * DAY + (8 + (int32_t)chance(9)) * HOUR +
           15 * (int32_t)chance(4);
}

/* ---- what may be said --------------------------------------------------------------
 */

static enum entente_code say(const struct entente_meeting *meeting,
                             const struct entente_meeting **ret_meeting)
{
    static const char *const people[] = {ANNA, BEN, CHRIS};
    struct world_client *const clients[] = {anna, ben, chris};
    static const uint32_t kinds[] = {ENTENTE_ACCEPT,  ENTENTE_ACCEPT, ENTENTE_ACCEPT,
                                     ENTENTE_DECLINE, ENTENTE_SHIFT,  ENTENTE_DELEGATE};
    const struct entente_proposal *proposal = meeting->proposal;
    uint32_t who = chance(3);
    bool telephone = chance(6) == 0;
    struct entente_identifier smith = {IDENTIFIER_GUEST, "Mr Smith"};
    struct entente_identifier own = world_identifier(people[who]);
    struct entente_identifier other = world_identifier(people[chance(3)]);
    struct entente_party substitute = world_party(&other, false);
    struct entente_graded grades[HELD];
    struct rules_answer says = {
        .kind = kinds[chance(6)],
        .channel = telephone ? ENTENTE_TELEPHONE : ENTENTE_OWN_SOFTWARE,
        .grades = grades,
    };
    for (size_t i = 0; i < proposal->candidates_count && says.kind == ENTENTE_ACCEPT &&
                       chance(5) != 0;
         i++) {
        grades[says.grades_count++] = (struct entente_graded){
            .start = proposal->candidates[i].start, .grade = 1 + chance(3)};
    }
    if (says.kind == ENTENTE_SHIFT && chance(2) == 0) {
        return world_answer(clients[who], meeting, people[who], ENTENTE_SHIFT,
                            some_start(), ret_meeting);
    }
    says.substitute = says.kind == ENTENTE_DELEGATE ? &substitute : NULL;
    bool guest = chance(5) == 0;
    return rules_say(guest || telephone ? coordinator : clients[who],
                     guest ? &smith : &own, &says, meeting, ret_meeting);
}

static enum entente_code decide(const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    static const char *const people[] = {ANNA, BEN, CHRIS};
    struct entente_span elsewhere = {world.day + (int32_t)chance(3) * DAY, 0};
    elsewhere.end = elsewhere.start + DAY;
    struct entente_identifier smith = {IDENTIFIER_GUEST, "Mr Smith"};
    const struct entente_proposal *proposal = meeting->proposal;
    size_t held = proposal == NULL ? 0 : proposal->candidates_count;
    switch (chance(6)) {
    case 0:
        return rules_confirm(coordinator,
                             held > 0 && chance(2) == 0
                                 ? proposal->candidates[chance((uint32_t)held)].start
                                 : 0,
                             meeting, ret_meeting);
    case 1:
        return rules_search_on(chance(2) == 0 ? NULL : &elsewhere, meeting,
                               ret_meeting);
    case 2:
        return rules_without(&smith, meeting, ret_meeting);
    case 3:
        return circle_decide(coordinator, ENTENTE_WITHOUT_PARTY, 0, people[chance(3)],
                             meeting, ret_meeting);
    case 4:
        return circle_cancel(coordinator, people[chance(3)], meeting, ret_meeting);
    default:
        return circle_decide(coordinator, ENTENTE_PROPOSE_SLOT, some_start(), NULL,
                             meeting, ret_meeting);
    }
}

/* ---- what must hold ----------------------------------------------------------------
 */

static int64_t claims_of(const struct entente_meeting *meeting)
{
    char id[33];
    for (size_t i = 0; i < 16; i++) {
        snprintf(id + 2 * i, 3, "%02x", meeting->id.data[i]);
    }
    return pg_database_number(world.database,
                              "SELECT count(*) FROM claim WHERE meeting = '%s'", id);
}

/* People who come at the slot, as the meeting shows it. */
static int64_t present(const struct entente_meeting *meeting)
{
    int64_t count = 0;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        count += party->attends && !party->dropped && party->kind != ENTENTE_GUEST;
    }
    return count;
}

static void check(const struct entente_meeting *meeting)
{
    int64_t claims = claims_of(meeting);
    int64_t people = present(meeting);
    size_t held = meeting->proposal == NULL ? 0 : meeting->proposal->candidates_count;
    assert_int_equal(world_overlaps(&world), 0);
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_SEARCHING:
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
        assert_int_equal(claims, 0);
        break;
    case ENTENTE_PROPOSED:
    case ENTENTE_WAITING_ORGANIZER:
        assert_true(claims >= people);
        assert_true(claims <= people * (int64_t)(held == 0 ? 1 : held));
        break;
    case ENTENTE_CONFIRMED:
        assert_int_equal(held, 0);
        assert_int_equal(claims, people);
        break;
    case ENTENTE_MOVING:
        assert_int_equal(held, 0);
        assert_true(claims >= people);
        break;
    case ENTENTE_DONE:
        break;
    }
}

static bool is_over(const struct entente_meeting *meeting)
{
    return meeting->state == ENTENTE_CANCELLED || meeting->state == ENTENTE_EXPIRED ||
           meeting->state == ENTENTE_DONE;
}

static const struct entente_meeting *begin(void)
{
    struct entente_spec *spec = rules_begin();
    spec->rule = chance(5);
    spec->quorum = spec->rule == ENTENTE_QUORUM ? 1 + chance(3) : 0;
    spec->held_slots = chance(2) == 0 ? 0 : 1 + chance(HELD);
    spec->parties_count = 2 + chance(2);
    if (spec->quorum > spec->parties_count) {
        spec->quorum = (uint32_t)spec->parties_count;
    }
    for (size_t i = 1; i < spec->parties_count; i++) {
        spec->parties[i].importance = 1 + chance(2);
    }
    if (spec->parties_count == 3 && chance(3) == 0) {
        spec->quorum = spec->quorum > 2 ? 2 : spec->quorum;
        spec->parties[2] = (struct entente_party){.kind = ENTENTE_GUEST,
                                                  .name = "Mr Smith",
                                                  .contact = "smith@example.org",
                                                  .ask_if_unknown = chance(2) == 0};
    }
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(rules_ask(&meeting), ENTENTE_OK);
    return meeting;
}

/* One thing is said; true when it was taken. */
static bool gust(const struct entente_meeting **meeting)
{
    const struct entente_meeting *before = *meeting;
    uint8_t id[16];
    memcpy(id, before->id.data, sizeof(id));
    const struct entente_meeting same = {.id = {id, sizeof(id)}};
    bool decides = before->proposal == NULL || chance(9) == 0 ||
                   (before->state == ENTENTE_WAITING_ORGANIZER && chance(2) == 0);
    const struct entente_meeting *shown = NULL;
    enum entente_code code = decides ? decide(before, &shown) : say(before, &shown);
    assert_int_not_equal(code, ENTENTE_ERROR_TIMEOUT);
    /* What others see is not all that there is. */
    *meeting = look_at(coordinator, &same);
    check(*meeting);
    return code == ENTENTE_OK;
}

static void test_whatever_is_said_the_claims_are_right(void **state)
{
    (void)state;
    uint32_t taken = 0;
    uint32_t refused = 0;
    for (size_t storm = rounds_of(STORMS); storm > 0; storm--) {
        const struct entente_meeting *meeting = begin();
        check(meeting);
        for (int i = 0; i < GUSTS && !is_over(meeting); i++) {
            bool done = gust(&meeting);
            taken += done ? 1 : 0;
            refused += done ? 0 : 1;
        }
        if (!is_over(meeting)) {
            circle_called_off(meeting);
        }
        assert_int_equal(circle_claims(), 0);
    }
    print_message("%u steps taken, %u refused\n", taken, refused);
    assert_true(taken > refused / 4);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const char *given = getenv("RANDOM_SEED");
    state_of_chance =
        given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761U;
    state_of_chance |= 1;
    printf("RANDOM_SEED=%llu\n", (unsigned long long)state_of_chance);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_is_said_the_claims_are_right),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
