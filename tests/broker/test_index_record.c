// SPDX-License-Identifier: Apache-2.0

/*
 * What the index makes of publications: one record for a person, whatever its agendas
 * were told in, and what is beside the record where a record does not hold it.
 */
#include "broker/gather.h"
#include "broker/index.h"
#include "tests/broker/anna.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOON_OF_DAY = 720 };

static const uint8_t meeting[16] = {1};
static const uint8_t other_meeting[16] = {2};

static uint64_t seed;

static uint32_t below(uint32_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % bound);
}

/* Mark the minutes of @one, which are counted from @from on. */
static void mark(const struct match_range *one, int32_t from, char *ret, size_t minutes)
{
    static const char marks[] = {
        [MATCH_FREE] = 'f', [MATCH_TENTATIVE] = 't', [MATCH_BUSY] = 'b'};
    for (size_t i = 0; i < minutes; i++) {
        int32_t minute = from + (int32_t)i;
        if (one->start <= minute && minute < one->end) {
            ret[i] = marks[one->kind];
        }
    }
}

/* What counts for the meeting @of at the moment of publication, minute by minute. */
static void paint(struct index *index, const uint8_t *of, int32_t from, char *ret,
                  size_t minutes)
{
    static const int order[] = {MATCH_FREE, MATCH_TENTATIVE, MATCH_BUSY};
    struct arena arena;
    struct match_person person;
    arena_init(&arena, 16 << 20);
    assert_true(gather_person_sources(index_person(index, ANNA), of,
                                      (int64_t)today * 60000, &arena, &person));
    assert_int_equal(person.source_count, 1);
    memset(ret, '.', minutes);
    for (size_t pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < person.sources[0].range_count; i++) {
            if (person.sources[0].ranges[i].kind == order[pass]) {
                mark(&person.sources[0].ranges[i], from, ret, minutes);
            }
        }
    }
    arena_finish(&arena);
}

static void test_the_record_of_the_only_agenda_is_the_persons(void **state)
{
    (void)state;
    struct index *index = index_with_anna();
    const struct entente_range free[] = {range(600, 720, ENTENTE_FREE)};
    publish(index, "desk", free, 1);
    const struct index_person *anna = index_person(index, ANNA);
    assert_non_null(anna->record);
    assert_ptr_equal(anna->record, anna->sources->record);
    size_t before = index_bytes(index);

    /* A second agenda: a third record says what both say. */
    publish(index, "ward", free, 1);
    assert_int_equal(anna->source_count, 2);
    assert_non_null(anna->record);
    assert_ptr_not_equal(anna->record, anna->sources->record);
    assert_ptr_not_equal(anna->record, anna->sources->beside->record);
    assert_true(index_bytes(index) > before);

    index_withdraw(index, 3, "desk");
    assert_int_equal(anna->source_count, 1);
    assert_ptr_equal(anna->record, anna->sources->record);
    assert_string_equal(anna->sources->key, "ward");
    index_withdraw(index, 3, "ward");
    assert_null(anna->record);
    index_destroy(index);
}

static void test_what_two_agendas_say_is_one_record(void **state)
{
    (void)state;
    struct index *index = index_with_anna();
    const struct entente_range free[] = {range(600, 720, ENTENTE_FREE)};
    const struct entente_range busy[] = {range(660, 780, ENTENTE_BUSY)};
    publish(index, "desk", free, 1);
    publish(index, "ward", busy, 1);
    struct match_range got[8];
    struct match_source source;
    const struct match_record *record = index_person(index, ANNA)->record;
    size_t count = record_ranges(record, today, today + DAY, got, 8, &source);
    assert_int_equal(count, 2);
    assert_int_equal(got[0].kind, MATCH_FREE);
    assert_int_equal(got[0].end, today + 660);
    assert_int_equal(got[1].kind, MATCH_BUSY);
    assert_int_equal(got[1].end, today + 780);
    index_destroy(index);
}

static void test_an_own_echo_is_never_in_the_way(void **state)
{
    (void)state;
    struct index *index = index_with_anna();
    struct entente_range ranges[] = {range(600, 720, ENTENTE_FREE),
                                     range(630, 640, ENTENTE_BUSY),
                                     range(660, 670, ENTENTE_BUSY)};
    char seen[120];
    ranges[1].meeting = (struct entente_bytes){meeting, 16};
    ranges[2].interruptible = true;
    publish(index, "desk", ranges, 3);
    const struct index_source *source = index_person(index, ANNA)->sources;
    assert_int_equal(source->special_count, 2);
    assert_true(index_source_echoes(source, meeting));
    assert_false(index_source_echoes(source, other_meeting));

    paint(index, NULL, today + 600, seen, sizeof(seen));
    assert_int_equal(seen[29], 'f');
    assert_int_equal(seen[30], 'b');
    assert_int_equal(seen[65], 'f'); /* on call */
    paint(index, other_meeting, today + 600, seen, sizeof(seen));
    assert_int_equal(seen[30], 'b');
    paint(index, meeting, today + 600, seen, sizeof(seen));
    assert_int_equal(seen[30], 'f');

    /* For everybody else there is a record. */
    struct arena arena;
    struct match_person person;
    arena_init(&arena, 65536);
    const struct index_person *anna = index_person(index, ANNA);
    int64_t now_ms = (int64_t)today * 60000;
    assert_true(gather_person(anna, other_meeting, now_ms, &arena, &person));
    assert_non_null(person.record);
    assert_int_equal(person.source_count, 0);
    assert_true(gather_person(anna, meeting, now_ms, &arena, &person));
    assert_null(person.record);
    assert_int_equal(person.source_count, 1);

    /* When the lease is over the agenda says nothing. */
    now_ms += INT64_C(604800) * 1000;
    assert_true(gather_person(anna, NULL, now_ms, &arena, &person));
    assert_null(person.record);
    assert_int_equal(person.sources[0].range_count, 0);
    assert_int_equal(person.sources[0].coverage.end, 0);
    arena_finish(&arena);
    index_destroy(index);
}

static void test_equal_keys_are_the_same_place(void **state)
{
    (void)state;
    struct index *index = index_with_anna();
    struct entente_range ranges[] = {range(600, 720, ENTENTE_FREE),
                                     range(720, 780, ENTENTE_BUSY),
                                     range(800, 900, ENTENTE_BUSY)};
    ranges[0].place = "room 4";
    ranges[1].place = "room 4";
    ranges[2].place = "house of Mrs Martin";
    assert_int_equal(index_place(index, "room 4"), 0);
    publish(index, "desk", ranges, 3);
    uint16_t room = index_place(index, "room 4");
    assert_int_not_equal(room, 0);
    assert_int_equal(index_place(index, "room 5"), 0);

    struct arena arena;
    struct entente_range *said = NULL;
    size_t count = 0;
    arena_init(&arena, 65536);
    const struct index_source *source = index_source(index, 3, "desk");
    assert_int_equal(source->special_count, 0);
    assert_true(index_source_ranges(index, source, &arena, &said, &count));
    assert_int_equal(count, 3);
    assert_string_equal(said[0].place, "room 4");
    assert_string_equal(said[2].place, "house of Mrs Martin");
    arena_finish(&arena);
    index_destroy(index);
}

/* More places than there are numbers: what was said of one is kept word for word. */
static void test_places_beyond_the_numbers_are_not_forgotten(void **state)
{
    (void)state;
    enum { EACH = 8192, ROUNDS = INDEX_PLACES_MAX / EACH + 1 };
    struct index *index = index_with_anna();
    static char keys[EACH][16];
    static struct entente_range ranges[EACH];
    for (int32_t round = 0; round < ROUNDS; round++) {
        for (int32_t i = 0; i < EACH; i++) {
            snprintf(keys[i], sizeof(keys[i]), "%d.%d", round, i);
            ranges[i] = range(i * 10, i * 10 + 5, ENTENTE_BUSY);
            ranges[i].place = keys[i];
        }
        publish(index, "desk", ranges, EACH);
    }
    assert_int_equal(index_place(index, "0.0"), 1);
    assert_int_equal(index_place(index, keys[EACH - 1]), 0);
    struct arena arena;
    struct entente_range *said = NULL;
    size_t count = 0;
    arena_init(&arena, 16 << 20);
    assert_true(index_source_ranges(index, index_source(index, 3, "desk"), &arena,
                                    &said, &count));
    assert_int_equal(count, EACH);
    for (size_t i = 0; i < EACH; i++) {
        assert_string_equal(said[i].place, keys[i]);
    }
    arena_finish(&arena);
    index_destroy(index);
}

static void test_days_that_are_over_leave_with_the_next_publication(void **state)
{
    (void)state;
    struct index *index = index_with_anna();
    const struct entente_range ranges[] = {range(-3 * DAY, -3 * DAY + 60, ENTENTE_FREE),
                                           range(-2 * DAY, 60, ENTENTE_BUSY),
                                           range(600, 660, ENTENTE_FREE)};
    const struct index_publication publication = {
        .source = 1,
        .client = 3,
        .person = ANNA,
        .key = "desk",
        .coverage = {today - 5 * DAY, today + 90 * DAY},
        .lease_seconds = 604800,
        .renewed_ms = (int64_t)(today + NOON_OF_DAY) * 60000,
        .ranges = ranges,
        .range_count = 3,
    };
    assert_true(index_publish(index, &publication));
    struct arena arena;
    struct entente_range *said = NULL;
    size_t count = 0;
    arena_init(&arena, 65536);
    const struct index_source *source = index_source(index, 3, "desk");
    assert_true(index_source_ranges(index, source, &arena, &said, &count));
    assert_int_equal(count, 2);
    assert_int_equal(said[0].start, today - DAY);
    assert_int_equal(source->coverage.start, today - DAY);
    assert_int_equal(source->coverage.end, today + 90 * DAY);
    arena_finish(&arena);
    index_destroy(index);
}

/* ---- the law of deltas -------------------------------------------------------------
 */

enum { SPAN = 2 * DAY, STATEMENTS = 24 };

static struct entente_range random_range(void)
{
    static const uint32_t kinds[] = {ENTENTE_FREE, ENTENTE_FREE, ENTENTE_BUSY,
                                     ENTENTE_TENTATIVE};
    static const char *const places[] = {NULL, NULL, "a", "b"};
    int32_t start = (int32_t)below(SPAN - 1);
    int32_t end = start + 1 + (int32_t)below(300);
    struct entente_range ret = range(start, end > SPAN ? SPAN : end, kinds[below(4)]);
    ret.place = places[below(4)];
    if (ret.kind == ENTENTE_FREE) {
        ret.certainty = below(4);
        ret.preference = below(4);
        ret.purposes = below(8);
        ret.modalities = below(2) * 4;
    }
    if (below(12) == 0) {
        ret.meeting = (struct entente_bytes){meeting, 16};
    }
    if (below(12) == 0) {
        ret.interruptible = ret.kind != ENTENTE_FREE;
    }
    return ret;
}

static int by_time(const void *a, const void *b)
{
    const struct entente_range *one = a;
    const struct entente_range *two = b;
    if (one->start != two->start) {
        return one->start < two->start ? -1 : 1;
    }
    return (one->end > two->end) - (one->end < two->end);
}

static void put(struct entente_range *list, size_t *count, struct entente_range one,
                int32_t from, int32_t until)
{
    one.start = one.start < from ? from : one.start;
    one.end = one.end > until ? until : one.end;
    if (one.start < one.end) {
        list[(*count)++] = one;
    }
}

/* [from, until) of @old is replaced by random ranges; the new statement is in @ret. */
static size_t lay_over(const struct entente_range *old, size_t old_count, int32_t from,
                       int32_t until, const struct entente_range *said, size_t count,
                       struct entente_range *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < old_count; i++) {
        put(ret, &kept, old[i], INT32_MIN, from);
        put(ret, &kept, old[i], until, INT32_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        put(ret, &kept, said[i], from, until);
    }
    qsort(ret, kept, sizeof(*ret), by_time);
    return kept;
}

/* Both number the places alike. */
static struct index *index_with_places(void)
{
    struct index *index = index_with_anna();
    struct entente_range ranges[] = {range(0, 1, ENTENTE_BUSY),
                                     range(1, 2, ENTENTE_BUSY)};
    ranges[0].place = "a";
    ranges[1].place = "b";
    publish(index, "desk", ranges, 2);
    return index;
}

static void same_records(const struct index *one, const struct index *two)
{
    const struct match_record *a = index_person(one, ANNA)->record;
    const struct match_record *b = index_person(two, ANNA)->record;
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_int_equal(record_size(a), record_size(b));
        assert_memory_equal(a, b, record_size(a));
    }
}

/* A delta that is laid over what the index says, and the same delta laid over what was
 * published once, come to the same record, byte for byte. */
static void test_a_delta_equals_the_snapshot(void **state)
{
    (void)state;
    const char *given = getenv("RANDOM_SEED");
    seed = given == NULL ? 20261122 : strtoull(given, NULL, 10);
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)seed);
    static struct entente_range whole[2][4096];
    static struct entente_range laid[4096];
    for (size_t round = rounds_of(300); round > 0; round--) {
        struct index *by_delta = index_with_places();
        struct index *by_snapshot = index_with_places();
        size_t count = below(STATEMENTS);
        for (size_t i = 0; i < count; i++) {
            whole[0][i] = random_range();
        }
        qsort(whole[0], count, sizeof(whole[0][0]), by_time);
        publish(by_delta, "desk", whole[0], count);
        for (int step = 0; step < 4; step++) {
            struct entente_range said[4];
            size_t said_count = below(5);
            int32_t from = today + (int32_t)below(SPAN);
            int32_t until = from + 1 + (int32_t)below(400);
            struct arena arena;
            struct entente_range *old = NULL;
            size_t old_count = 0;
            for (size_t i = 0; i < said_count; i++) {
                said[i] = random_range();
            }
            arena_init(&arena, 16 << 20);
            assert_true(index_source_ranges(by_delta, index_source(by_delta, 3, "desk"),
                                            &arena, &old, &old_count));
            size_t laid_count =
                lay_over(old, old_count, from, until, said, said_count, laid);
            publish(by_delta, "desk", laid, laid_count);
            arena_finish(&arena);

            count = lay_over(whole[step % 2], count, from, until, said, said_count,
                             whole[(step + 1) % 2]);
            publish(by_snapshot, "desk", whole[(step + 1) % 2], count);
            same_records(by_delta, by_snapshot);
        }
        index_destroy(by_delta);
        index_destroy(by_snapshot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_record_of_the_only_agenda_is_the_persons),
        cmocka_unit_test(test_what_two_agendas_say_is_one_record),
        cmocka_unit_test(test_an_own_echo_is_never_in_the_way),
        cmocka_unit_test(test_equal_keys_are_the_same_place),
        cmocka_unit_test(test_places_beyond_the_numbers_are_not_forgotten),
        cmocka_unit_test(test_days_that_are_over_leave_with_the_next_publication),
        cmocka_unit_test(test_a_delta_equals_the_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
