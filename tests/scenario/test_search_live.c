// SPDX-License-Identifier: Apache-2.0

/*
 * A search sees what the index has just been told, however it was told: by snapshots and
 * deltas, by several agendas of one person, by leases that run out, and by a broker that
 * starts again.
 */
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <signal.h>

/* Anna's agenda at the hospital, another vendor's. */
static struct world_client *hospital;

static int set_up(void **state)
{
    circle_set_up(state);
    hospital =
        world_add_client(&world, "hospital", false, (const char *[]){ANNA, BEN, NULL});
    return 0;
}

static const char *const annas_hour[] = {ANNA, NULL};
static const char *const both[] = {ANNA, BEN, NULL};

static void test_the_same_search_sees_what_was_published(void **state)
{
    (void)state;
    const struct entente_range early = seek_range(480, 540, ENTENTE_FREE);
    const struct entente_range late = seek_range(900, 960, ENTENTE_FREE);
    struct seek seek;
    seek_begin(&seek, annas_hour);
    assert_int_equal(seek_found(&seek)->slots_count, 0);
    assert_true(seek_found(&seek)->why_not->blame[0].unknown > 0);
    seek_publish(anna, ANNA, &early, 1, NULL);
    seek_starts(seek_found(&seek), (const int32_t[]){480}, 1);
    seek_publish(anna, ANNA, &late, 1, NULL);
    seek_starts(seek_found(&seek), (const int32_t[]){900}, 1);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM meeting"),
                     0);
}

static void test_a_delta_is_laid_over_what_was_said(void **state)
{
    (void)state;
    struct entente_range day[] = {seek_range(480, 720, ENTENTE_FREE),
                                  seek_range(840, 960, ENTENTE_FREE),
                                  seek_range(DAY + 480, DAY + 540, ENTENTE_FREE)};
    day[0].place = "cabinet";
    day[1].certainty = ENTENTE_INFERRED;
    seek_publish(anna, ANNA, day, 3, NULL);
    struct seek seek;
    seek_begin(&seek, annas_hour);
    seek.search.slots = 10;
    seek_starts(seek_found(&seek),
                (const int32_t[]){480, 540, 600, 660, 840, 900, DAY + 480}, 7);

    /* From nine to three everything is different. */
    struct entente_span within = {world.day + 540, world.day + 900};
    const struct entente_publish delta = {.publication = ENTENTE_DELTA,
                                          .coverage = &within};
    const struct entente_range noon = seek_range(720, 780, ENTENTE_FREE);
    seek_publish(anna, ANNA, &noon, 1, &delta);
    const int32_t starts[] = {480, 720, 900, DAY + 480};
    seek_starts(seek_found(&seek), starts, 4);
    assert_int_equal(seek_found(&seek)->slots[2].inferred, 1);

    /* The place was not lost under it. */
    seek.spec.options = &(struct entente_option){ENTENTE_ON_SITE, "ward"};
    seek.spec.options_count = 1;
    seek.spec.places = &(struct entente_place){.key = "ward", .label = "The ward"};
    seek.spec.places_count = 1;
    seek_starts(seek_found(&seek), starts + 1, 3);

    /* Neither does a broker that starts again say anything else. */
    world_stop_broker(&world, SIGTERM);
    world_start_broker(&world, NULL);
    seek_starts(seek_found(&seek), starts + 1, 3);
    seek.spec.options_count = 0;
    seek_starts(seek_found(&seek), starts, 4);
    const struct entente_publish nothing_there = {.publication = ENTENTE_DELTA,
                                                  .coverage = &within};
    seek_publish(anna, ANNA, NULL, 0, &nothing_there);
    seek_starts(seek_found(&seek), (const int32_t[]){480, 900, DAY + 480}, 3);
}

static void test_several_agendas_of_one_person_count_together(void **state)
{
    (void)state;
    const struct entente_range desk[] = {seek_range(480, 720, ENTENTE_FREE)};
    const struct entente_range ward[] = {seek_range(540, 600, ENTENTE_BUSY),
                                         seek_range(840, 900, ENTENTE_FREE)};
    seek_publish(anna, ANNA, desk, 1, NULL);
    seek_publish(hospital, ANNA, ward, 2, NULL);
    struct seek seek;
    seek_begin(&seek, annas_hour);
    seek_starts(seek_found(&seek), (const int32_t[]){480, 600, 660, 840}, 4);

    /* What one of them does not speak of is not known. */
    struct entente_span morning = {world.day, world.day + 720};
    const struct entente_publish short_sight = {.coverage = &morning};
    seek_publish(hospital, ANNA, ward, 1, &short_sight);
    seek_starts(seek_found(&seek), (const int32_t[]){480, 600, 660}, 3);
    seek.window.start = world.day + 720;
    const struct entente_search_result *result = seek_found(&seek);
    assert_int_equal(result->slots_count, 0);
    assert_int_equal(result->why_not->blame[0].unknown, result->why_not->candidates);

    /* The one changes, the other stays. */
    seek.window.start = world.day;
    const struct entente_range more[] = {seek_range(480, 660, ENTENTE_FREE)};
    seek_publish(anna, ANNA, more, 1, NULL);
    seek_starts(seek_found(&seek), (const int32_t[]){480, 600}, 2);
    world_stop_broker(&world, SIGKILL);
    world_start_broker(&world, NULL);
    seek_starts(seek_found(&seek), (const int32_t[]){480, 600}, 2);
    assert_int_equal(entente_client_withdraw(hospital->sdk, ANNA, NULL, NULL),
                     ENTENTE_OK);
    while (seek_found(&seek)->slots_count != 3) {
        entente_client_step(hospital->sdk, 10);
    }
    seek_starts(seek_found(&seek), (const int32_t[]){480, 540, 600}, 3);
}

static void test_what_is_held_is_not_found_again(void **state)
{
    (void)state;
    const struct entente_range hours = seek_range(480, 660, ENTENTE_FREE);
    seek_publish(anna, ANNA, &hours, 1, NULL);
    seek_publish(ben, BEN, &hours, 1, NULL);
    struct seek seek;
    seek_begin(&seek, both);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->proposal->start, world.day + 480);
    struct circle_kept kept;
    const struct entente_meeting *shown = circle_keep(meeting, &kept);
    seek_starts(seek_found(&seek), (const int32_t[]){540, 600}, 2);
    world_stop_broker(&world, SIGKILL);
    world_start_broker(&world, NULL);
    seek_starts(seek_found(&seek), (const int32_t[]){540, 600}, 2);

    /* An agenda that shows it is in nobody's way twice; the move sees through it. */
    struct entente_range echo[] = {hours, seek_range(480, 540, ENTENTE_BUSY)};
    echo[1].meeting = shown->id;
    seek_publish(anna, ANNA, echo, 2, NULL);
    seek_starts(seek_found(&seek), (const int32_t[]){540, 600}, 2);
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, world.day + 495, shown);
    assert_int_equal(meeting->proposal->start, world.day + 495);
    circle_called_off(shown);
}

static void test_the_way_from_a_meeting_of_ours_counts(void **state)
{
    (void)state;
    const struct entente_range hours = seek_range(480, 1080, ENTENTE_FREE);
    seek_publish(anna, ANNA, &hours, 1, NULL);
    seek_publish(ben, BEN, &hours, 1, NULL);
    struct entente_place lyon = {.key = "Lyon", .label = "Lyon"};
    struct entente_place paris = {.key = "Paris", .label = "Paris"};
    struct entente_leg leg = {"Lyon", "Paris", 120};
    const struct entente_meeting *meeting = NULL;
    struct seek first;
    seek_begin(&first, both);
    first.parties[1].modality = ENTENTE_VIDEO;
    first.parties[1].place = "home";
    first.spec.places = (struct entente_place[]){lyon, {.key = "home", .label = "-"}};
    first.spec.places_count = 2;
    first.spec.place = "Lyon";
    assert_int_equal(world_request(coordinator, &first.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->proposal->start, world.day + 480);
    struct circle_kept kept;
    const struct entente_meeting *over = circle_keep(meeting, &kept);

    struct seek second;
    seek_begin(&second, annas_hour);
    second.search.slots = 1;
    second.spec.places = &paris;
    second.spec.places_count = 1;
    second.spec.place = "Paris";
    seek_starts(seek_found(&second), (const int32_t[]){540}, 1);
    second.spec.legs = &leg;
    second.spec.legs_count = 1;
    seek_starts(seek_found(&second), (const int32_t[]){660}, 1);
    second.who[0] = world_identifier(BEN); /* who stays at home */
    seek_starts(seek_found(&second), (const int32_t[]){540}, 1);
    second.who[0] = world_identifier(ANNA);
    world_stop_broker(&world, SIGKILL);
    world_start_broker(&world, NULL);
    seek_starts(seek_found(&second), (const int32_t[]){660}, 1);
    circle_called_off(over);
    seek_starts(seek_found(&second), (const int32_t[]){480}, 1);
}

static void test_a_request_takes_the_best_way_to_meet(void **state)
{
    (void)state;
    struct entente_range hours = seek_range(480, 660, ENTENTE_FREE);
    seek_publish(ben, BEN, &hours, 1, NULL);
    hours.modalities = 1U << ENTENTE_VIDEO;
    seek_publish(anna, ANNA, &hours, 1, NULL);
    const struct entente_option options[] = {{ENTENTE_ON_SITE, "cabinet"},
                                             {ENTENTE_VIDEO, NULL}};
    struct entente_place place = {.key = "cabinet", .label = "At Anna's"};
    struct seek seek;
    seek_begin(&seek, both);
    seek.spec.options = (struct entente_option *)options;
    seek.spec.options_count = 2;
    seek.spec.places = &place;
    seek.spec.places_count = 1;
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->option, 1);
    assert_int_equal(meeting->spec->modality, ENTENTE_VIDEO);
    assert_null(meeting->spec->place);
    struct circle_kept kept;
    const struct entente_meeting *shown = circle_keep(meeting, &kept);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, shown);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed_option, 1);
    circle_called_off(shown);
}

/* The last story: time passes. */
static void test_an_agenda_whose_lease_is_over_is_unknown(void **state)
{
    (void)state;
    const struct entente_range hours = seek_range(480, 660, ENTENTE_FREE);
    const struct entente_publish brief = {.lease_seconds = 3600};
    seek_publish(anna, ANNA, &hours, 1, NULL);
    seek_publish(ben, BEN, &hours, 1, &brief);
    struct seek seek;
    seek_begin(&seek, both);
    seek_starts(seek_found(&seek), (const int32_t[]){480, 540, 600}, 3);
    seek.search.explain = true;
    /* Ben's vendor is not heard of while the clock jumps and the question is asked. */
    world_advance(&world, 120);
    const struct entente_search_result *result = seek_found(&seek);
    while (result->slots_count > 0) {
        result = seek_found(&seek);
    }
    assert_int_equal(result->why_not->blocking_count, 1);
    assert_int_equal(result->why_not->blocking[0], 1);
    for (size_t i = 0; i < result->why_not->blame_count; i++) {
        const struct entente_blame *blame = &result->why_not->blame[i];
        assert_int_equal(blame->unknown,
                         blame->party == 1 ? result->why_not->candidates : 0);
    }
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_search_sees_what_was_published),
        cmocka_unit_test(test_a_delta_is_laid_over_what_was_said),
        cmocka_unit_test(test_several_agendas_of_one_person_count_together),
        cmocka_unit_test(test_what_is_held_is_not_found_again),
        cmocka_unit_test(test_the_way_from_a_meeting_of_ours_counts),
        cmocka_unit_test(test_a_request_takes_the_best_way_to_meet),
        cmocka_unit_test(test_an_agenda_whose_lease_is_over_is_unknown),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
