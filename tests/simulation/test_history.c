// SPDX-License-Identifier: Apache-2.0

/*
 * The checker believes what has happened, and nothing else: true histories, each corrupted
 * in one place, are refused one and all.
 */
#include "proto/message.h"
#include "tests/simulation/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PLACES = 10 }; /* of each kind of corruption, in different histories */

struct history {
    struct record *records;
    size_t count;
    size_t capacity;
};

static void keep(void *context, const struct record *record)
{
    struct history *history = context;
    if (history->count == history->capacity) {
        history->capacity = history->capacity * 2 + 1024;
        history->records =
            realloc(history->records, history->capacity * sizeof(*history->records));
        assert_non_null(history->records);
    }
    history->records[history->count++] = *record;
}

static void live(uint64_t seed, struct history *history)
{
    const struct sim_plan plan = {.seed = seed,
                                  .adapters = 4,
                                  .troubles =
                                      TROUBLE_RESET | TROUBLE_REPEAT | TROUBLE_OLDER,
                                  .acts = ~0U,
                                  .record = keep,
                                  .context = history};
    struct sim_result result;
    sim_run(&plan, &result);
    assert_null(result.violation);
}

/* ---- corruptions -------------------------------------------------------------------
 */

static void remove_at(struct history *history, size_t at)
{
    history->count--;
    memmove(&history->records[at], &history->records[at + 1],
            (history->count - at) * sizeof(*history->records));
}

static void insert_at(struct history *history, size_t at, struct record record)
{
    keep(history, &record);
    memmove(&history->records[at + 1], &history->records[at],
            (history->count - 1 - at) * sizeof(*history->records));
    history->records[at] = record;
}

static bool same_request(const struct record *a, const struct record *b)
{
    return a->client == b->client && a->epoch == b->epoch && a->counter == b->counter;
}

/* The first record of @kind at or behind @from that stands for the same request. */
static size_t find_request(const struct history *history, enum record_kind kind,
                           const struct record *request)
{
    for (size_t i = 0; i < history->count; i++) {
        if (history->records[i].kind == kind &&
            same_request(&history->records[i], request)) {
            return i;
        }
    }
    return history->count;
}

static bool drop_acknowledged(struct history *history, size_t at)
{
    const struct record command = history->records[at];
    if (find_request(history, RECORD_OK, &command) == history->count) {
        return false;
    }
    remove_at(history, at);
    return true;
}

static bool repeat(struct history *history, size_t at)
{
    insert_at(history, at + 1, history->records[at]);
    return true;
}

static bool before_its_question(struct history *history, size_t at)
{
    const struct record command = history->records[at];
    remove_at(history, at);
    insert_at(history, find_request(history, RECORD_INVOKE, &command), command);
    return true;
}

static bool other_meeting(struct history *history, size_t at)
{
    history->records[at].meeting ^= 2;
    return true;
}

static bool no_version(struct history *history, size_t at)
{
    history->records[at].version = 0;
    return true;
}

static bool later_version(struct history *history, size_t at)
{
    history->records[at].version += 1000;
    return true;
}

static bool refused_after_all(struct history *history, size_t at)
{
    history->records[at].kind = RECORD_REFUSED;
    return true;
}

static bool overlapping(struct history *history, size_t at)
{
    struct record claim = history->records[at];
    claim.meeting ^= 2;
    claim.end = claim.start + 1;
    insert_at(history, at + 1, claim);
    return true;
}

static bool empty(struct history *history, size_t at)
{
    history->records[at].end = history->records[at].start;
    return true;
}

static bool drop(struct history *history, size_t at)
{
    remove_at(history, at);
    return true;
}

/* Only where the meeting still gives up what it then never had. */
static bool drop_claim(struct history *history, size_t at)
{
    const struct record claim = history->records[at];
    for (size_t i = at + 1; i < history->count; i++) {
        const struct record *r = &history->records[i];
        if (r->kind == RECORD_UNCLAIM && r->meeting == claim.meeting &&
            r->person == claim.person && r->start == claim.start) {
            remove_at(history, at);
            return true;
        }
    }
    return false;
}

/* Somebody else then has the time that was never given up. */
static bool keep_claim(struct history *history, size_t at)
{
    struct record claim = history->records[at];
    claim.kind = RECORD_CLAIM;
    claim.meeting ^= 2;
    remove_at(history, at);
    insert_at(history, at, claim);
    return true;
}

static bool give_up_twice(struct history *history, size_t at)
{
    return repeat(history, at);
}

static bool after_the_end(struct history *history, size_t at)
{
    struct record meeting = history->records[at];
    if (meeting.state < ENTENTE_CANCELLED) {
        return false;
    }
    meeting.version++;
    meeting.state = ENTENTE_PROPOSED;
    insert_at(history, at + 1, meeting);
    return true;
}

static bool claims_though_over(struct history *history, size_t at)
{
    const struct record meeting = history->records[at];
    if (meeting.state != ENTENTE_CANCELLED && meeting.state != ENTENTE_EXPIRED) {
        return false;
    }
    insert_at(history, at,
              (struct record){.kind = RECORD_CLAIM,
                              .person = 9999,
                              .meeting = meeting.meeting,
                              .start = meeting.start + 10,
                              .end = meeting.start + 20});
    return true;
}

static bool never_ends(struct history *history, size_t at)
{
    if (history->records[at].state < ENTENTE_CANCELLED) {
        return false;
    }
    history->records[at].state = ENTENTE_WAITING_ORGANIZER;
    return true;
}

static bool skip_a_number(struct history *history, size_t at)
{
    history->records[at].counter++;
    return true;
}

static bool swap_with_next(struct history *history, size_t at)
{
    struct record first = history->records[at];
    for (size_t i = at + 1; i < history->count; i++) {
        struct record *other = &history->records[i];
        if (other->kind == first.kind && other->client == first.client) {
            history->records[at] = *other;
            *other = first;
            return true;
        }
    }
    return false;
}

static bool other_state(struct history *history, size_t at)
{
    for (size_t i = at; i-- > 0;) {
        const struct record *r = &history->records[i];
        if (r->kind == RECORD_MEETING && r->meeting == history->records[at].meeting) {
            if (r->version != history->records[at].version) {
                return false;
            }
            history->records[at].state = r->state % 8 + 1;
            return true;
        }
    }
    return false;
}

static bool a_stranger(struct history *history, size_t at)
{
    struct record event = history->records[at];
    event.client = 4711;
    event.counter = 1;
    insert_at(history, at, event);
    event.kind = RECORD_ISSUE;
    event.version = 1;
    insert_at(history, at, event);
    return true;
}

static bool restored_to_the_future(struct history *history, size_t at)
{
    struct record record = history->records[at];
    record.kind = RECORD_RESTORED;
    record.counter += 5;
    insert_at(history, at + 1, record);
    return true;
}

static bool version_of_before(struct history *history, size_t at)
{
    history->records[at].version -= 100000;
    return true;
}

static bool forgotten_unread(struct history *history, size_t at)
{
    history->records[at].counter += 100000;
    history->records[at].state = 0;
    return true;
}

static bool never_asked(struct history *history, size_t at)
{
    history->records[at].counter += 100000;
    return true;
}

static const struct corruption {
    const char *name;
    enum record_kind kind;
    bool (*corrupt)(struct history *history, size_t at);
} corruptions[] = {
    {"an acknowledged command is lost", RECORD_COMMAND, drop_acknowledged},
    {"a command is carried out twice", RECORD_COMMAND, repeat},
    {"a command comes before its question", RECORD_COMMAND, before_its_question},
    {"a command without an effect", RECORD_COMMAND, no_version},
    {"a command that nobody gave", RECORD_COMMAND, never_asked},
    {"a command from the future", RECORD_COMMAND, later_version},
    {"another meeting is acknowledged", RECORD_OK, other_meeting},
    {"less is acknowledged than was done", RECORD_OK, no_version},
    {"more is acknowledged than was done", RECORD_OK, later_version},
    {"two answers", RECORD_OK, repeat},
    {"refused, but done", RECORD_OK, refused_after_all},
    {"a question twice", RECORD_INVOKE, repeat},
    {"two meetings at once", RECORD_CLAIM, overlapping},
    {"no time at all", RECORD_CLAIM, empty},
    {"given up, never had", RECORD_CLAIM, drop_claim},
    {"not given up", RECORD_UNCLAIM, keep_claim},
    {"given up twice", RECORD_UNCLAIM, give_up_twice},
    {"a version again", RECORD_MEETING, repeat},
    {"a version before the first", RECORD_MEETING, no_version},
    {"a meeting after its end", RECORD_MEETING, after_the_end},
    {"time for a meeting that is over", RECORD_MEETING, claims_though_over},
    {"a meeting without an end", RECORD_MEETING, never_ends},
    {"an event is not issued", RECORD_ISSUE, drop},
    {"an event is issued twice", RECORD_ISSUE, repeat},
    {"a number is left out", RECORD_ISSUE, skip_a_number},
    {"an event of what is not there", RECORD_ISSUE, later_version},
    {"an event is not applied", RECORD_APPLY, drop},
    {"an event is applied twice", RECORD_APPLY, repeat},
    {"events in another order", RECORD_APPLY, swap_with_next},
    {"an event of another meeting", RECORD_APPLY, other_meeting},
    {"an event that is too old", RECORD_APPLY, no_version},
    {"an event that is too new", RECORD_APPLY, later_version},
    {"an event tells another state", RECORD_APPLY, other_state},
    {"a stranger is told", RECORD_APPLY, a_stranger},
    {"an agenda from the future", RECORD_APPLY, restored_to_the_future},
    {"a generation with versions of before", RECORD_RAISED, version_of_before},
    {"a numbering again", RECORD_NUMBERED, repeat},
    {"an event is forgotten unread", RECORD_FORGET, forgotten_unread},
    {"a backup that was never taken", RECORD_REWOUND, repeat},
};

static void must_be_refused(const struct corruption *corruption,
                            const struct history *copy, size_t place, size_t *ret_at)
{
    if (history_check(copy->records, copy->count, ret_at) == NULL) {
        fail_msg("%s, at record %zu, was believed", corruption->name, place);
    }
}

/* Corrupt one place of a copy, the first that can be from a drawn one on. */
static void try_one(const struct corruption *corruption, const struct history *truth,
                    size_t from, size_t *tried)
{
    struct history copy = {0};
    size_t at = 0;
    for (size_t i = 0; i < truth->count; i++) {
        keep(&copy, &truth->records[i]);
    }
    for (size_t i = 0; i < truth->count; i++) {
        size_t place = (from + i) % truth->count;
        if (copy.records[place].kind == corruption->kind &&
            corruption->corrupt(&copy, place)) {
            must_be_refused(corruption, &copy, place, &at);
            (*tried)++;
            break;
        }
    }
    free(copy.records);
}

static void test_corrupted(void **state)
{
    size_t tried = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= PLACES; seed++) {
        struct history truth = {0};
        size_t at = 0;
        live(seed, &truth);
        assert_null(history_check(truth.records, truth.count, &at));
        for (size_t i = 0; i < sizeof(corruptions) / sizeof(corruptions[0]); i++) {
            try_one(&corruptions[i], &truth,
                    (size_t)(seed * 7919 + i * 104729) % truth.count, &tried);
        }
        free(truth.records);
    }
    print_message("%zu corrupted histories, all refused\n", tried);
    assert_true(tried >= 200);
}

/* What is written as lines is read again. */
static void test_lines(void **state)
{
    const struct record record = {.kind = RECORD_CLAIM,
                                  .person = 3,
                                  .meeting = UINT64_C(0xfedcba9876543210),
                                  .start = -5,
                                  .end = 60};
    struct record read;
    char line[200] = {0};
    FILE *file = fmemopen(line, sizeof(line), "w");
    (void)state;
    assert_non_null(file);
    record_print(file, &record);
    fclose(file);
    assert_true(record_parse(line, &read));
    assert_memory_equal(&record, &read, sizeof(record));
    assert_false(record_parse("nonsense 1 2 3", &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corrupted),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
