// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of what changes after everybody has agreed: the organizer moves it, somebody
 * comes in another's place, somebody leaves; and what would come of all that, seen before.
 */
#include "broker/seal.h"
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <string.h>

#define DORA "idnps:899700000004"
#define EMIL "idnps:899700000005"

static struct world_client *clinic;

static int set_up(void **state)
{
    circle_set_up(state);
    clinic =
        world_add_client(&world, "clinic", false, (const char *[]){DORA, EMIL, NULL});
    return 0;
}

static struct entente_identifier organizer_id;
static struct entente_actor organizer;

static struct entente_decide decision(const struct entente_meeting *meeting,
                                      uint32_t kind)
{
    organizer_id = world_identifier(ANNA);
    organizer =
        (struct entente_actor){.who = &organizer_id, .channel = ENTENTE_CONSOLE};
    return (struct entente_decide){.meeting = meeting->id,
                                   .version = meeting->version,
                                   .decision = kind,
                                   .actor = &organizer};
}

static enum entente_code decides(struct entente_decide *order,
                                 const struct entente_meeting **ret_meeting)
{
    const struct entente_envelope envelope = {.body = ENTENTE_DECIDE, .decide = order};
    return world_call(coordinator, &envelope, ret_meeting);
}

static enum entente_code replaces(const struct entente_meeting *meeting,
                                  const char *one, const char *other,
                                  const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(one);
    struct entente_identifier instead = world_identifier(other);
    struct entente_party substitute = world_party(&instead, false);
    struct entente_decide order = decision(meeting, ENTENTE_REPLACE_PARTY);
    order.party = &who;
    order.substitute = &substitute;
    return decides(&order, ret_meeting);
}

/* ---- moving ------------------------------------------------------------------------
 */

static void test_the_organizer_moves_it_to_one_start(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(false);
    int32_t start = meeting->confirmed->start;
    /* Outside the days that were asked for first. */
    struct entente_range day = {.start = world.day + 5 * DAY + 9 * HOUR,
                                .end = world.day + 5 * DAY + 12 * HOUR,
                                .kind = ENTENTE_FREE};
    assert_int_equal(world_publish(anna, ANNA, &day, 1), ENTENTE_OK);
    assert_int_equal(world_publish(ben, BEN, &day, 1), ENTENTE_OK);
    struct entente_decide order = decision(meeting, ENTENTE_MOVE);
    order.start = day.start;
    assert_int_equal(decides(&order, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->confirmed->start, start);
    assert_int_equal(meeting->proposal->start, day.start);
    assert_int_equal(circle_claims(), 4);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, day.start);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_the_organizer_moves_it_into_windows(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(false);
    struct entente_span afternoon = {world.day + DAY + 14 * HOUR,
                                     world.day + DAY + 18 * HOUR};
    struct entente_decide order = decision(meeting, ENTENTE_MOVE);
    order.windows = &afternoon;
    order.windows_count = 1;
    assert_int_equal(decides(&order, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->proposal->start, afternoon.start);
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "kept");
    assert_int_equal(circle_claims(), 2);

    /* Where nobody is free it stays, and the nearest are told. */
    struct entente_span night = {world.day + DAY + 2 * HOUR,
                                 world.day + DAY + 5 * HOUR};
    order = decision(meeting, ENTENTE_MOVE);
    order.windows = &night;
    order.windows_count = 1;
    uint32_t version = meeting->version;
    assert_int_equal(decides(&order, &meeting), ENTENTE_ERROR_NO_SLOT);
    assert_int_equal(meeting->version, version);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);

    /* Only the organizer may. */
    order = decision(meeting, ENTENTE_MOVE);
    order.start = world.day + DAY + 10 * HOUR;
    const struct entente_envelope envelope = {.body = ENTENTE_DECIDE, .decide = &order};
    struct circle_kept kept;
    struct entente_meeting shown = *circle_keep(meeting, &kept);
    assert_int_equal(world_call(anna, &envelope, &meeting),
                     ENTENTE_ERROR_NOT_THE_ORGANIZER);
    circle_called_off(&shown);
}

/* ---- replacing ---------------------------------------------------------------------
 */

/*
 *     Anna    ####      stays, and is not asked again
 *     Ben     ####      stays claimed until Chris accepts
 *     Chris   ????
 */
static void test_another_one_comes_and_nobody_else_is_asked(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(false);
    int32_t start = meeting->confirmed->start;
    assert_int_equal(replaces(meeting, BEN, CHRIS, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->proposal->start, start);
    assert_int_equal(meeting->spec->parties_count, 3);
    assert_int_equal(meeting->spec->parties[2].replaces, 2);
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    assert_int_equal(meeting->spec->parties[2].answer, 0);
    assert_false(meeting->spec->parties[1].attends);
    assert_false(meeting->spec->parties[1].dropped);
    assert_int_equal(circle_claims(), 3);
    circle_learns(chris, meeting, ENTENTE_MOVING);

    /* He says no: everything is as it was. */
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[1].attends);
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_ACCEPT);
    assert_true(meeting->spec->parties[2].dropped);
    assert_int_equal(circle_claims(), 2);

    assert_int_equal(replaces(meeting, BEN, DORA, &meeting), ENTENTE_ERROR_NO_SLOT);
    const struct entente_range day = seek_range(480, 1080, ENTENTE_FREE);
    seek_publish(clinic, DORA, &day, 1, NULL);
    assert_int_equal(replaces(meeting, BEN, ANNA, &meeting),
                     ENTENTE_ERROR_BAD_SUBSTITUTE);
    assert_int_equal(replaces(meeting, BEN, DORA, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    meeting = circle_says(clinic, DORA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, start);
    assert_true(meeting->spec->parties[1].dropped);
    assert_true(meeting->spec->parties[3].attends);
    assert_int_equal(circle_claims(), 2);
    circle_learns(ben, meeting, ENTENTE_CONFIRMED);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(meeting);
}

static void test_another_one_is_asked_while_it_is_proposed(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(replaces(meeting, BEN, CHRIS, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    assert_true(meeting->spec->parties[1].dropped);
    assert_int_equal(circle_claims(), 2);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);

    /* Anna leaves; the organizer finds Ben to come in her place after all. */
    assert_int_equal(circle_cancel(anna, ANNA, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(replaces(meeting, ANNA, BEN, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

/* ---- leaving -----------------------------------------------------------------------
 */

/* Anna and one of Dora and Emil, confirmed with Dora. */
static const struct entente_meeting *with_one_of_the_clinic(uint32_t on_withdrawal)
{
    struct entente_identifier members[2];
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    const struct entente_range morning = seek_range(480, 720, ENTENTE_FREE);
    seek_publish(anna, ANNA, &morning, 1, NULL);
    seek_publish(clinic, DORA, &morning, 1, NULL);
    seek_publish(clinic, EMIL, &morning, 1, NULL);
    seek_begin(&seek, (const char *[]){ANNA, BEN, NULL});
    members[0] = world_identifier(DORA);
    members[1] = world_identifier(EMIL);
    seek.parties[1] = (struct entente_party){
        .kind = ENTENTE_POOL, .members = members, .members_count = 2, .pool_size = 1};
    seek.spec.on_withdrawal = on_withdrawal;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    struct entente_identifier dora = world_identifier(DORA);
    bool is_dora = strcmp(meeting->spec->parties[1].identifier->value, dora.value) == 0;
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(clinic, is_dora ? DORA : EMIL, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    return meeting;
}

static const char *of_the_clinic(const struct entente_meeting *meeting, size_t party)
{
    struct entente_identifier dora = world_identifier(DORA);
    bool is_dora =
        strcmp(meeting->spec->parties[party].identifier->value, dora.value) == 0;
    return is_dora ? DORA : EMIL;
}

static void test_somebody_else_of_the_pool_comes(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = with_one_of_the_clinic(0);
    const char *first = of_the_clinic(meeting, 1);
    assert_int_equal(circle_cancel(clinic, first, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->spec->parties_count, 3);
    const char *second = of_the_clinic(meeting, 2);
    assert_string_not_equal(first, second);
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    meeting = circle_says(clinic, second, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 2);

    /* There is nobody left to come for the second one. */
    assert_int_equal(circle_cancel(clinic, second, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(circle_claims(), 1);
    circle_called_off(meeting);

    /* Whoever withdrew does not come because the other one does not. */
    meeting = with_one_of_the_clinic(0);
    first = of_the_clinic(meeting, 1);
    assert_int_equal(circle_cancel(clinic, first, meeting, &meeting), ENTENTE_OK);
    second = of_the_clinic(meeting, 2);
    meeting = circle_says(clinic, second, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(meeting->last_event, "reopened");
    assert_int_equal(circle_claims(), 1);
    circle_called_off(meeting);
}

static void test_the_request_may_say_that_it_ends_then(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = with_one_of_the_clinic(ENTENTE_CANCELS);
    assert_int_equal(circle_cancel(anna, ANNA, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CANCELLED);
    assert_int_equal(circle_claims(), 0);
}

/* ---- seen before it is asked for ---------------------------------------------------
 */

static struct entente_preview_result preview(struct world_client *client,
                                             const struct entente_preview *asked)
{
    const struct entente_preview_result *result = NULL;
    assert_int_equal(
        entente_client_preview(client->sdk, asked, WORLD_PATIENCE_MS, &result),
        ENTENTE_OK);
    return *result;
}

/* Another time: with everybody, without one, with nobody, and asked by a stranger to it. */
static void moves_are_shown(const struct entente_meeting *meeting)
{
    struct entente_decide order = decision(meeting, ENTENTE_MOVE);
    order.start = world.day + DAY + 10 * HOUR;
    struct entente_preview_result result =
        preview(coordinator, &(struct entente_preview){.decide = &order});
    assert_int_equal(result.code, 0);
    assert_int_equal(result.state, ENTENTE_MOVING);
    assert_int_equal(result.asked_again_count, 3);
    assert_int_equal(result.lost_count, 0);
    assert_true(result.slots_count >= 1 && result.slots_count <= 3);
    assert_int_equal(result.slots[0].start, order.start);

    /* Chris, who is optional, would not come then. */
    circle_is_free(chris, CHRIS, 8, 10);
    order.start = world.day + DAY + 15 * HOUR;
    result = preview(coordinator, &(struct entente_preview){.decide = &order});
    assert_int_equal(result.asked_again_count, 2);
    assert_true(result.lost_count == 1 && result.lost[0] == 2);
    assert_int_equal(result.slots[0].absent_count, 1);
    assert_int_equal(result.slots[0].absent[0].party, 2);

    /* What would be refused, and why. */
    order.start = world.day + DAY + 3 * HOUR;
    result = preview(coordinator, &(struct entente_preview){.decide = &order});
    assert_int_equal(result.code, ENTENTE_ERROR_NO_SLOT);
    assert_int_equal(result.state, ENTENTE_CONFIRMED);
    assert_true(result.slots_count > 0);
    result = preview(anna, &(struct entente_preview){.decide = &order});
    assert_int_equal(result.code, ENTENTE_ERROR_NOT_THE_ORGANIZER);
}

/* Ben leaves, or would rather meet at another hour. */
static void leaving_is_shown(const struct entente_meeting *meeting)
{
    struct entente_identifier who = world_identifier(BEN);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel leave = {
        .meeting = meeting->id, .party = &who, .reason = ENTENTE_ILL, .actor = &actor};
    struct entente_preview_result result =
        preview(ben, &(struct entente_preview){.cancel = &leave});
    assert_int_equal(result.state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(result.lost_count, 1);
    assert_int_equal(result.lost[0], 1);

    struct entente_answer answer = {.meeting = meeting->id,
                                    .proposal = meeting->proposal->number,
                                    .party = &who,
                                    .kind = ENTENTE_SHIFT,
                                    .counter_start = world.day + DAY + 9 * HOUR,
                                    .actor = &actor};
    result = preview(ben, &(struct entente_preview){.answer = &answer});
    assert_int_equal(result.state, ENTENTE_MOVING);
    assert_int_equal(result.asked_again_count, 2);
}

static void test_a_preview_shows_what_would_come_of_it(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(true);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    const struct entente_meeting shown = {.id = {id, sizeof(id)}};
    int64_t claims = circle_claims();
    moves_are_shown(meeting);
    leaving_is_shown(meeting);

    /* Nothing of all this has changed anything. */
    assert_int_equal(circle_claims(), claims);
    assert_int_equal(
        pg_database_number(world.database,
                           "SELECT max(version) FROM meeting WHERE state = 3"),
        meeting->version);

    /* Others find the index as it was. */
    const struct entente_meeting *other = circle_asked(false);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(other);
    circle_called_off(&shown);

    /* A stranger learns nothing. */
    const struct entente_preview_result *none = NULL;
    struct entente_identifier who = world_identifier(BEN);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel leave = {
        .meeting = shown.id, .reason = ENTENTE_ILL, .actor = &actor};
    assert_int_equal(entente_client_preview(clinic->sdk,
                                            &(struct entente_preview){.cancel = &leave},
                                            WORLD_PATIENCE_MS, &none),
                     ENTENTE_ERROR_UNKNOWN_MEETING);
}

/* ---- after a long absence ----------------------------------------------------------
 */

static struct entente_reconciled reconcile(struct world_client *client,
                                           const struct entente_reconcile *asked)
{
    const struct entente_reconciled *reconciled = NULL;
    assert_int_equal(
        entente_client_reconcile(client->sdk, asked, WORLD_PATIENCE_MS, &reconciled),
        ENTENTE_OK);
    return *reconciled;
}

static bool is_equal(struct world_client *client, const struct entente_known *known,
                     size_t count)
{
    uint8_t bytes[8 * 20];
    uint8_t digest[SEAL_HASH_SIZE];
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + i * 20, known[i].meeting.data, 16);
        for (int j = 0; j < 4; j++) {
            bytes[i * 20 + 16 + (size_t)j] =
                (uint8_t)(known[i].version >> (24 - 8 * j));
        }
    }
    const struct seal_piece piece = {bytes, count * 20};
    assert_int_equal(seal_hash(&piece, count == 0 ? 0 : 1, digest), STATUS_OK);
    return reconcile(client,
                     &(struct entente_reconcile){.digest = {digest, sizeof(digest)}})
        .equal;
}

static void test_who_was_away_is_told_what_differs(void **state)
{
    (void)state;
    uint8_t ids[3][16];
    struct entente_known known[3];
    circle_everybody_is_free();
    assert_true(is_equal(ben, NULL, 0));
    for (size_t i = 0; i < 3; i++) {
        const struct entente_meeting *meeting = circle_asked(false);
        memcpy(ids[i], meeting->id.data, 16);
        known[i] = (struct entente_known){.meeting = {ids[i], 16},
                                          .version = meeting->version};
    }
    assert_true(is_equal(ben, known, 3));
    assert_true(is_equal(coordinator, known, 3));
    assert_true(is_equal(chris, NULL, 0));
    assert_false(is_equal(ben, known, 2));

    /* The first is over, the second has changed, the third is not known to Ben. */
    struct entente_meeting gone = {.id = {ids[0], 16}};
    circle_called_off(&gone);
    struct entente_proposal first = {.number = 1};
    struct entente_meeting changed = {.id = {ids[1], 16}, .proposal = &first};
    const struct entente_meeting *meeting =
        circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, &changed);
    uint32_t version = meeting->version;
    struct entente_reconciled differing = reconcile(
        ben,
        &(struct entente_reconcile){.known = known, .known_count = 2, .last = true});
    assert_false(differing.equal);
    assert_false(differing.more);
    assert_int_equal(differing.differing_count, 3);
    assert_memory_equal(differing.differing[0].meeting.data, ids[0], 16);
    assert_int_equal(differing.differing[0].version, 0);
    assert_memory_equal(differing.differing[1].meeting.data, ids[1], 16);
    assert_int_equal(differing.differing[1].version, version);
    assert_memory_equal(differing.differing[2].meeting.data, ids[2], 16);
    assert_int_equal(differing.differing[2].version, known[2].version);

    /* A page of it; then what lies behind. */
    differing =
        reconcile(ben, &(struct entente_reconcile){.known = known, .known_count = 1});
    assert_int_equal(differing.differing_count, 1);
    known[1].version = version;
    differing = reconcile(ben, &(struct entente_reconcile){.known = known + 1,
                                                           .known_count = 2,
                                                           .after = known[0].meeting,
                                                           .last = true});
    assert_true(differing.equal);
    assert_true(is_equal(ben, known + 1, 2));
    for (size_t i = 1; i < 3; i++) {
        struct entente_meeting left = {.id = {ids[i], 16}};
        circle_called_off(&left);
    }
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_organizer_moves_it_to_one_start),
        cmocka_unit_test(test_the_organizer_moves_it_into_windows),
        cmocka_unit_test(test_another_one_comes_and_nobody_else_is_asked),
        cmocka_unit_test(test_another_one_is_asked_while_it_is_proposed),
        cmocka_unit_test(test_somebody_else_of_the_pool_comes),
        cmocka_unit_test(test_the_request_may_say_that_it_ends_then),
        cmocka_unit_test(test_a_preview_shows_what_would_come_of_it),
        cmocka_unit_test(test_who_was_away_is_told_what_differs),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
