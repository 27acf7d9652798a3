// SPDX-License-Identifier: Apache-2.0

/*
 * Bad input, what agendas say: ranges, parts, numbers, leases, and for whom.  What is
 * refused changes nothing: the last good state goes on serving.
 */
#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"
#define CHRIS "idnps:899700000003"

enum { HOUR = 60, DAY = 1440 };

static struct world world;
static struct raw_client raw;
static struct raw_client other;

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    raw_join(&raw, &world, "raw", false, (const char *[]){ANNA, BEN, NULL});
    raw_join(&other, &world, "other", false, (const char *[]){CHRIS, NULL});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    raw_close(&raw);
    raw_close(&other);
    world_destroy(&world);
    return 0;
}

/* ---- words of the stories ----------------------------------------------------------
 */

static struct entente_identifier person;
static struct entente_span coverage;

/* A snapshot of @source for Anna, numbered to come next. */
static struct entente_publish snapshot(const char *source,
                                       const struct entente_range *ranges, size_t count)
{
    person = world_identifier(ANNA);
    coverage = (struct entente_span){world.day, world.day + 30 * DAY};
    return (struct entente_publish){
        .source = source,
        .person = &person,
        .publication = ENTENTE_SNAPSHOT,
        .epoch = raw.publication_epoch,
        .sequence = ++raw.sequence,
        .coverage = &coverage,
        .as_of_ms = (int64_t)world.day * 60000,
        .lease_seconds = 3600,
        .ranges = (struct entente_range *)ranges,
        .ranges_count = count,
    };
}

static unsigned publishes(const struct entente_publish *publish)
{
    return raw_code(
        &raw, &(struct entente_envelope){.body = ENTENTE_PUBLISH,
                                         .publish = (struct entente_publish *)publish});
}

static struct entente_range range(int32_t from, int32_t until)
{
    return (struct entente_range){
        .start = world.day + from, .end = world.day + until, .kind = ENTENTE_FREE};
}

static unsigned says(const struct entente_range *ranges, size_t count)
{
    const struct entente_publish publish = snapshot("anna", ranges, count);
    return publishes(&publish);
}

/* How many minutes of the first thirty days somebody is known to be free. */
static int64_t is_free(const char *name)
{
    struct entente_identifier who = world_identifier(name);
    struct entente_query_free query = {
        .person = &who, .from = world.day, .until = world.day + 30 * DAY};
    const struct entente_envelope *reply =
        raw_ask(&raw, &(struct entente_envelope){.body = ENTENTE_QUERY_FREE,
                                                 .query_free = &query});
    assert_int_equal(reply->body, ENTENTE_FREE_RANGES);
    int64_t minutes = 0;
    for (size_t i = 0; i < reply->free_ranges->ranges_count; i++) {
        minutes +=
            reply->free_ranges->ranges[i].end - reply->free_ranges->ranges[i].start;
    }
    return minutes;
}

static int64_t anna_is_free(void)
{
    return is_free(ANNA);
}

/* ---- ranges ------------------------------------------------------------------------
 */

static void test_ranges_that_make_no_sense_change_nothing(void **state)
{
    (void)state;
    const struct entente_range good[] = {range(8 * HOUR, 9 * HOUR),
                                         range(9 * HOUR, 10 * HOUR)};
    assert_int_equal(says(good, 2), 0);
    assert_int_equal(anna_is_free(), 120);
    const struct entente_range unsorted[] = {good[1], good[0]};
    assert_int_equal(says(unsorted, 2), ERROR_RANGES_UNSORTED);
    const struct entente_range overlapping[] = {range(0, 61), range(60, 120)};
    assert_int_equal(says(overlapping, 2), ERROR_RANGES_OVERLAP);
    const struct entente_range twice[] = {range(0, 60), range(0, 60)};
    assert_int_equal(says(twice, 2), ERROR_RANGES_OVERLAP);
    const struct entente_range empty[] = {range(60, 60)};
    assert_int_equal(says(empty, 1), ERROR_RANGE_EMPTY);
    const struct entente_range reversed[] = {range(60, 0)};
    assert_int_equal(says(reversed, 1), ERROR_RANGE_REVERSED);
    const struct entente_range outside[] = {range(-60, 60)};
    assert_int_equal(says(outside, 1), ERROR_RANGE_OUTSIDE);
    const struct entente_range longer[] = {range(0, 401 * DAY)};
    assert_int_equal(says(longer, 1), ERROR_RANGE_TOO_LONG);
    struct entente_range unknown[] = {range(0, 60)};
    unknown[0].kind = 9;
    assert_int_equal(says(unknown, 1), ERROR_UNKNOWN_VALUE);
    unknown[0].kind = 0;
    assert_int_equal(says(unknown, 1), ERROR_FIELD_MISSING);
    assert_int_equal(anna_is_free(), 120);
    /* Busy over free is no overlap: they say different things. */
    const struct entente_range over[] = {
        range(0, 120), {.start = world.day, .end = world.day + 60, ENTENTE_BUSY}};
    assert_int_equal(says((const struct entente_range[]){over[1], over[0]}, 2), 0);
    assert_int_equal(anna_is_free(), 60);
}

static void test_a_coverage_has_bounds(void **state)
{
    (void)state;
    struct entente_publish publish = snapshot("anna", NULL, 0);
    coverage.end = coverage.start + 401 * DAY;
    assert_int_equal(publishes(&publish), ERROR_RANGE_TOO_LONG);
    publish = snapshot("anna", NULL, 0);
    coverage.end = coverage.start;
    assert_int_equal(publishes(&publish), ERROR_RANGE_EMPTY);
    publish = snapshot("anna", NULL, 0);
    coverage.start = coverage.end + 1;
    assert_int_equal(publishes(&publish), ERROR_RANGE_REVERSED);
    publish = snapshot("anna", NULL, 0);
    publish.lease_seconds = LIMIT_LEASE_SECONDS + 1;
    assert_int_equal(publishes(&publish), ERROR_OUT_OF_BOUNDS);
    publish = snapshot("anna", NULL, 0);
    publish.as_of_ms = 12;
    assert_int_equal(publishes(&publish), ERROR_OUT_OF_BOUNDS);
}

/* ---- how many ----------------------------------------------------------------------
 */

/* One part of @parts of the snapshot that is numbered now. */
static struct entente_publish part(const char *source, uint32_t number, uint32_t parts,
                                   const struct entente_range *ranges, size_t count)
{
    struct entente_publish publish = snapshot(source, ranges, count);
    publish.sequence = number == 1 ? raw.sequence : --raw.sequence;
    publish.part = number;
    publish.parts = parts;
    return publish;
}

/* Say all ranges in parts of 500; the code of the last answer. */
static unsigned says_in_parts(const char *source, const struct entente_range *ranges,
                              size_t count)
{
    enum { PER_PART = 500 };
    uint32_t parts = (uint32_t)((count + PER_PART - 1) / PER_PART);
    for (uint32_t i = 0; i < parts; i++) {
        size_t from = (size_t)i * PER_PART;
        size_t left = count - from;
        const struct entente_publish publish = part(source, i + 1, parts, ranges + from,
                                                    left < PER_PART ? left : PER_PART);
        raw_say(&raw, &(struct entente_envelope){
                          .body = ENTENTE_PUBLISH,
                          .publish = (struct entente_publish *)&publish});
    }
    const struct entente_envelope *reply = raw_reply(&raw, raw.counter);
    raw_settle(&raw);
    return reply->body == ENTENTE_ERROR ? reply->error->code : 0;
}

static int64_t ranges_kept(void)
{
    return pg_database_number(world.database,
                              "SELECT range_count FROM source WHERE key = 'anna'");
}

static void test_ten_thousand_ranges_and_not_one_more(void **state)
{
    (void)state;
    enum { MOST = LIMIT_SOURCE_RANGES };
    static struct entente_range many[MOST + 1];
    for (int32_t i = 0; i <= MOST; i++) {
        many[i] = range(i * 4, i * 4 + 2);
    }
    assert_int_equal(says(many, LIMIT_PART_RANGES), 0);
    assert_int_equal(says(many, LIMIT_PART_RANGES + 1), ERROR_TOO_MANY);
    assert_int_equal(says_in_parts("anna", many, MOST), 0);
    assert_int_equal(ranges_kept(), MOST);
    assert_int_equal(says_in_parts("anna", many, MOST + 1), ERROR_TOO_MANY_RANGES);
    assert_int_equal(ranges_kept(), MOST);
    /* A delta that would make it more. */
    struct entente_range one = range(29 * DAY, 29 * DAY + 1);
    struct entente_publish delta = snapshot("anna", &one, 1);
    /* The refused snapshot took no number. */
    raw.sequence--;
    delta.sequence = raw.sequence;
    delta.publication = ENTENTE_DELTA;
    coverage = (struct entente_span){one.start, one.end};
    assert_int_equal(publishes(&delta), ERROR_TOO_MANY_RANGES);
    assert_int_equal(ranges_kept(), MOST);
    assert_int_equal(says(NULL, 0), 0);
}

static void test_parts_come_in_order_or_not_at_all(void **state)
{
    (void)state;
    const struct entente_range morning = range(8 * HOUR, 9 * HOUR);
    const struct entente_range noon = range(12 * HOUR, 13 * HOUR);
    assert_int_equal(says(&morning, 1), 0);

    struct entente_publish publish = part("anna", 1, 3, &morning, 1);
    raw_say(&raw,
            &(struct entente_envelope){.body = ENTENTE_PUBLISH, .publish = &publish});
    uint64_t first = raw.counter;
    publish = part("anna", 3, 3, &noon, 1);
    assert_int_equal(publishes(&publish), ERROR_SNAPSHOT_PARTS);
    assert_int_equal(anna_is_free(), 60);
    /* A second part without a first, one beyond the last, another number of parts. */
    publish = part("ghost", 2, 3, &noon, 1);
    assert_int_equal(publishes(&publish), ERROR_SNAPSHOT_PARTS);
    publish = part("anna", 4, 3, &noon, 1);
    assert_int_equal(publishes(&publish), ERROR_FIELD_CONFLICT);
    publish = part("anna", 2, 4, &noon, 1);
    raw_say(&raw,
            &(struct entente_envelope){.body = ENTENTE_PUBLISH, .publish = &publish});
    assert_true(raw_is_refused(raw_reply(&raw, first), ERROR_SNAPSHOT_PARTS));
    raw_settle(&raw);
    assert_int_equal(anna_is_free(), 60);

    /* Each part is sound, but not behind the other. */
    publish = part("anna", 1, 2, &noon, 1);
    raw_say(&raw,
            &(struct entente_envelope){.body = ENTENTE_PUBLISH, .publish = &publish});
    publish = part("anna", 2, 2, &morning, 1);
    assert_int_equal(publishes(&publish), ERROR_RANGES_UNSORTED);
    assert_int_equal(anna_is_free(), 60);
}

/* ---- numbers -----------------------------------------------------------------------
 */

static struct entente_publish delta_of(const char *source, uint64_t sequence)
{
    struct entente_publish delta = snapshot(source, NULL, 0);
    raw.sequence--;
    delta.sequence = sequence;
    delta.publication = ENTENTE_DELTA;
    return delta;
}

static void is_asked_for(const char *source)
{
    const struct entente_envelope *frame = raw_await(&raw, ENTENTE_RESYNC);
    assert_string_equal(frame->resync->source->source, source);
}

static void test_a_gap_and_an_unknown_source_are_asked_for(void **state)
{
    (void)state;
    const struct entente_range morning = range(8 * HOUR, 9 * HOUR);
    assert_int_equal(says(&morning, 1), 0);
    struct entente_publish delta = delta_of("anna", raw.sequence + 2);
    assert_int_equal(publishes(&delta), ERROR_SEQUENCE_GAP);
    is_asked_for("anna");
    delta = delta_of("nobody's", 1);
    assert_int_equal(publishes(&delta), ERROR_UNKNOWN_SOURCE);
    is_asked_for("nobody's");
    struct entente_withdraw withdraw = {
        .source = "nobody's", .epoch = raw.publication_epoch, .sequence = 1};
    assert_int_equal(raw_code(&raw, &(struct entente_envelope){.body = ENTENTE_WITHDRAW,
                                                               .withdraw = &withdraw}),
                     0); /* gone is gone: the first reply may have been lost */
    assert_int_equal(anna_is_free(), 60);
    delta = delta_of("anna", ++raw.sequence);
    assert_int_equal(publishes(&delta), 0);
    assert_int_equal(anna_is_free(), 0);
}

static void test_epochs_end_and_are_not_made_up(void **state)
{
    (void)state;
    const struct entente_range morning = range(8 * HOUR, 9 * HOUR);
    struct entente_publish publish = snapshot("anna", &morning, 1);
    publish.epoch = raw.publication_epoch + 1;
    assert_int_equal(publishes(&publish), ERROR_EPOCH);
    uint64_t old = raw.publication_epoch;
    raw_greet(&raw);
    assert_true(raw.publication_epoch > old);
    assert_int_equal(says(&morning, 1), 0);
    publish = snapshot("anna", NULL, 0);
    publish.epoch = old;
    publish.sequence = 1000;
    assert_int_equal(publishes(&publish), ERROR_EPOCH);
    assert_int_equal(anna_is_free(), 60);
    /* Said before: done, and nothing happens. */
    publish = snapshot("anna", NULL, 0);
    publish.sequence = 1;
    assert_int_equal(publishes(&publish), 0);
    assert_int_equal(anna_is_free(), 60);
}

static void test_nobody_publishes_for_somebody_else(void **state)
{
    (void)state;
    const struct entente_range morning = range(8 * HOUR, 9 * HOUR);
    struct entente_publish publish = snapshot("chris", &morning, 1);
    person = world_identifier(CHRIS);
    assert_int_equal(publishes(&publish), ERROR_NOT_SPEAKING_FOR);
    publish = snapshot("stranger", &morning, 1);
    person = world_identifier("idnps:899799999999");
    assert_int_equal(publishes(&publish), ERROR_NOT_SPEAKING_FOR);
    /* An agenda stays its person's. */
    assert_int_equal(says(&morning, 1), 0);
    publish = snapshot("anna", &morning, 1);
    person = world_identifier(BEN);
    assert_int_equal(publishes(&publish), ERROR_SOURCE_TAKEN);
    assert_int_equal(anna_is_free(), 60);
}

/* ---- leases ------------------------------------------------------------------------
 */

static const struct entente_pulse *pulse(void)
{
    struct entente_heartbeat heartbeat = {0};
    raw_say(&raw, &(struct entente_envelope){.body = ENTENTE_HEARTBEAT,
                                             .heartbeat = &heartbeat});
    return raw_await(&raw, ENTENTE_PULSE)->pulse;
}

static void test_one_stale_agenda_does_not_take_the_others_along(void **state)
{
    (void)state;
    const struct entente_range morning = range(8 * HOUR, 9 * HOUR);
    const struct entente_range noon = range(12 * HOUR, 13 * HOUR);
    struct entente_publish publish = snapshot("anna", &morning, 1);
    assert_int_equal(publishes(&publish), 0);
    publish = snapshot("brief", &noon, 1);
    person = world_identifier(BEN);
    publish.lease_seconds = 120;
    assert_int_equal(publishes(&publish), 0);
    assert_int_equal(is_free(BEN), 60);

    /* Three minutes of silence: the short lease is over, the long one is not. */
    world_advance(&world, 3);
    is_asked_for("brief");
    assert_int_equal(is_free(BEN), 0);
    assert_int_equal(anna_is_free(), 60);
    /* Alive for more than an hour: the one is renewed by it, the other is not. */
    for (int i = 0; i < 4; i++) {
        int64_t until_ms = pulse()->now_ms + INT64_C(20) * 60000;
        world_advance(&world, 20);
        while (pulse()->now_ms < until_ms) {
        }
    }
    assert_int_equal(pulse()->stale_count, 1);
    assert_string_equal(pulse()->stale[0].source, "brief");
    assert_int_equal(anna_is_free(), 60);

    /* A broker that starts now has not forgotten it, nor has a new conversation. */
    world_stop_broker(&world, SIGTERM);
    world_start_broker(&world, NULL);
    raw_close(&other);
    raw_open(&other, &world, "other");
    raw_greet(&other);
    raw_close(&raw);
    raw_open(&raw, &world, "raw");
    const struct entente_welcome *welcome = raw_greet(&raw);
    size_t stale = 0;
    for (size_t i = 0; i < welcome->sources_count; i++) {
        stale += welcome->sources[i].stale;
    }
    assert_int_equal(stale, 1);
    is_asked_for("brief");
    assert_int_equal(is_free(BEN), 0);
    assert_int_equal(anna_is_free(), 60);
    publish = snapshot("brief", &noon, 1);
    person = world_identifier(BEN);
    assert_int_equal(publishes(&publish), 0);
    assert_int_equal(is_free(BEN), 60);
}

static void test_free_time_is_told_without_anything_else(void **state)
{
    (void)state;
    struct entente_range morning = range(8 * HOUR, 9 * HOUR);
    morning.place = "consulting room of Dr Secret";
    struct entente_publish publish = snapshot("anna", &morning, 1);
    publish.name = "Anna Secret";
    assert_int_equal(publishes(&publish), 0);
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_query_free query = {
        .person = &who, .from = world.day, .until = world.day + DAY};
    const struct entente_envelope *reply =
        raw_ask(&other, &(struct entente_envelope){.body = ENTENTE_QUERY_FREE,
                                                   .query_free = &query});
    assert_int_equal(reply->body, ENTENTE_FREE_RANGES);
    assert_int_equal(reply->free_ranges->ranges_count, 1);
    assert_null(reply->free_ranges->ranges[0].place);
    assert_int_equal(reply->free_ranges->ranges[0].meeting.size, 0);
    query.until = query.from;
    assert_int_equal(
        raw_code(&other, &(struct entente_envelope){.body = ENTENTE_QUERY_FREE,
                                                    .query_free = &query}),
        ERROR_RANGE_EMPTY);
    query.until = query.from + 401 * DAY;
    assert_int_equal(
        raw_code(&other, &(struct entente_envelope){.body = ENTENTE_QUERY_FREE,
                                                    .query_free = &query}),
        ERROR_RANGE_TOO_LONG);
    query.until = query.from + DAY;
    who = world_identifier("idnps:899799999999");
    assert_int_equal(
        raw_code(&other, &(struct entente_envelope){.body = ENTENTE_QUERY_FREE,
                                                    .query_free = &query}),
        ERROR_UNKNOWN_PERSON);
}

/* A client has no more agendas than it may have, however it numbers or names them. */
static void test_twenty_thousand_agendas_and_not_one_more(void **state)
{
    (void)state;
    struct entente_range morning = range(8 * HOUR, 9 * HOUR);
    pg_database_run(world.database,
                    "DELETE FROM source WHERE client ="
                    "   (SELECT id FROM client WHERE name = 'raw');"
                    "INSERT INTO person (id, kind, system, value)"
                    " SELECT n, 1, 'urn:x-many', n FROM generate_series(1, 2000) n");
    pg_database_run(
        world.database,
        "INSERT INTO source (id, client, key, person, epoch, sequence, coverage_start,"
        "                    coverage_end, as_of, lease_seconds, ranges, range_count)"
        " SELECT n, c.id, 'agenda ' || n, n %% 2000 + 1, 0, 1, 0, 0, now(), 604800, "
        "'', 0"
        "   FROM client c, generate_series(1, %d - 1) n WHERE c.name = 'raw'",
        LIMIT_SOURCES);
    world_stop_broker(&world, SIGTERM);
    world_start_broker(&world, NULL);
    raw_close(&raw);
    raw_open(&raw, &world, "raw");
    raw_greet(&raw);
    struct entente_publish last = snapshot("the last one", &morning, 1);
    assert_int_equal(publishes(&last), 0);
    struct entente_publish beyond = snapshot("one too many", &morning, 1);
    assert_int_equal(publishes(&beyond), ERROR_TOO_MANY);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_that_make_no_sense_change_nothing),
        cmocka_unit_test(test_a_coverage_has_bounds),
        cmocka_unit_test(test_ten_thousand_ranges_and_not_one_more),
        cmocka_unit_test(test_parts_come_in_order_or_not_at_all),
        cmocka_unit_test(test_a_gap_and_an_unknown_source_are_asked_for),
        cmocka_unit_test(test_epochs_end_and_are_not_made_up),
        cmocka_unit_test(test_nobody_publishes_for_somebody_else),
        cmocka_unit_test(test_one_stale_agenda_does_not_take_the_others_along),
        cmocka_unit_test(test_free_time_is_told_without_anything_else),
        cmocka_unit_test(test_twenty_thousand_agendas_and_not_one_more),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
