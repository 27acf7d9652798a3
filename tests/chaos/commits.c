// SPDX-License-Identifier: Apache-2.0

/*
 * commits.c - PostgreSQL's own log tells what it has committed: every row, in the order of
 * the commits, whatever the brokers believe
 *
 * A logical slot keeps the log until it has been read; test_decoding writes it as text.
 * What a crash of the server has lost is not in it.
 */
#include "tests/chaos/chaos.h"
#include "tests/chaos/trail.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct reader {
    struct chaos *chaos;
    struct commits *commits;
    size_t first; /* of the transaction whose rows are coming */
    uint64_t last_lsn;
    bool well;
};

static uint64_t last_lsn; /* read before, whatever the slot remembers after a crash */

static void *grow(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return list;
    }
    *capacity = *capacity * 2 + 256;
    list = realloc(list, *capacity * size);
    if (list == NULL) {
        fputs("chaos: no memory\n", stderr);
        abort();
    }
    return list;
}

static void add(struct reader *reader, const struct record *record)
{
    struct commits *commits = reader->commits;
    commits->records = grow(commits->records, commits->record_count,
                            &commits->record_capacity, sizeof(*record));
    commits->records[commits->record_count++] = *record;
}

/* ---- rows --------------------------------------------------------------------------
 */

/* " version[integer]:" -> what follows; NULL when the row has it not. */
static const char *find(const char *text, const char *column)
{
    const char *at = strstr(text, column);
    return at == NULL ? NULL : at + strlen(column);
}

static int64_t number(const char *text, const char *column)
{
    const char *at = find(text, column);
    return at == NULL ? 0 : strtoll(at, NULL, 10);
}

static uint64_t meeting(const char *text, const char *column)
{
    const char *at = find(text, column);
    return at == NULL || *at != '\'' ? 0 : verdict_meeting(at + 1);
}

static void take_claim(struct reader *reader, const char *text, enum record_kind kind)
{
    const char *during = find(text, " during[int4range]:'[");
    struct record record = {.kind = kind,
                            .person = number(text, " person[bigint]:"),
                            .meeting = meeting(text, " meeting[uuid]:")};
    if (during == NULL || record.person == 0 || record.meeting == 0) {
        reader->well = false;
        return;
    }
    char *rest = NULL;
    record.start = (int32_t)strtol(during, &rest, 10);
    record.end = (int32_t)strtol(rest + 1, NULL, 10);
    add(reader, &record);
}

static void take_members(struct reader *reader, const char *text, uint64_t id)
{
    const char *people = find(text, " people[bigint[]]:'{");
    struct record record = {.kind = RECORD_MEMBER,
                            .meeting = id,
                            .client = number(text, " organizer[bigint]:")};
    add(reader, &record);
    while (people != NULL && *people != '}' && *people != '\0') {
        char *rest = NULL;
        record.client = verdict_client_of(reader->chaos, strtoll(people, &rest, 10));
        if (record.client != 0) {
            add(reader, &record);
        }
        people = rest == people || *rest != ',' ? NULL : rest + 1;
    }
}

static void take_meeting(struct reader *reader, const char *text)
{
    const struct record record = {
        .kind = RECORD_MEETING,
        .meeting = meeting(text, " id[uuid]:"),
        .version = (uint32_t)number(text, " version[integer]:"),
        .state = (uint32_t)number(text, " state[smallint]:"),
    };
    if (record.meeting == 0 || record.version == 0 || record.state == 0) {
        reader->well = false;
        return;
    }
    add(reader, &record);
    take_members(reader, text, record.meeting);
}

static void take_command(struct reader *reader, const char *text)
{
    add(reader,
        &(struct record){.kind = RECORD_COMMAND,
                         .client = number(text, " client[bigint]:"),
                         .epoch = (uint64_t)number(text, " epoch[bigint]:"),
                         .counter = (uint64_t)number(text, " counter[bigint]:"),
                         .meeting = meeting(text, " meeting[uuid]:"),
                         .version = (uint32_t)number(text, " version[integer]:")});
}

static void take_outbox(struct reader *reader, const char *text)
{
    add(reader,
        &(struct record){.kind = RECORD_ISSUE,
                         .client = number(text, " recipient[bigint]:"),
                         .epoch = 1, /* no backup comes back: no other one begins */
                         .counter = (uint64_t)number(text, " seq[bigint]:"),
                         .meeting = meeting(text, " meeting[uuid]:"),
                         .version = (uint32_t)number(text, " version[integer]:")});
}

static void take_row(struct reader *reader, const char *text)
{
    bool added = strstr(text, ": INSERT:") != NULL;
    bool changed = strstr(text, ": UPDATE:") != NULL;
    if (strncmp(text, "table public.claim_", 19) == 0) {
        /* A change has the old row and then the new one. */
        const char *new_row = changed ? strstr(text, " new-tuple:") : NULL;
        if (!added) {
            take_claim(reader, text, RECORD_UNCLAIM);
        }
        if (added || changed) {
            take_claim(reader, new_row == NULL ? text : new_row, RECORD_CLAIM);
        }
    } else if (strncmp(text, "table public.meeting:", 21) == 0 && (added || changed)) {
        take_meeting(reader, text);
    } else if (strncmp(text, "table public.command:", 21) == 0 && added) {
        take_command(reader, text);
    } else if (strncmp(text, "table public.outbox:", 20) == 0 && added) {
        take_outbox(reader, text);
    }
}

/* ---- transactions ------------------------------------------------------------------
 */

/* Claims as they were written, then what they belong to, then what is told of it. */
static int rank(enum record_kind kind)
{
    return kind == RECORD_CLAIM || kind == RECORD_UNCLAIM    ? 0
           : kind == RECORD_MEETING || kind == RECORD_MEMBER ? 1
           : kind == RECORD_COMMAND                          ? 2
                                                             : 3;
}

static void sort_by_rank(struct record *records, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct record moved = records[i];
        size_t j = i;
        for (; j > 0 && rank(records[j - 1].kind) > rank(moved.kind); j--) {
            records[j] = records[j - 1];
        }
        records[j] = moved;
    }
}

/* A row may be written again with neither version nor state changed. */
static size_t drop_unchanged(struct chaos *chaos, struct record *records, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct record *record = &records[i];
        if (record->kind != RECORD_MEETING ||
            !verdict_saw(chaos, record->meeting, record->version, record->state)) {
            records[kept++] = *record;
        }
    }
    return kept;
}

/* "COMMIT 745 (at 2026-11-22 16:20:01.123456+00)" */
static int64_t parse_time(const char *text)
{
    struct tm at = {0};
    double seconds = 0;
    const char *begin = strstr(text, "(at ");
    if (begin == NULL ||
        sscanf(begin, "(at %d-%d-%d %d:%d:%lf", &at.tm_year, &at.tm_mon, &at.tm_mday,
               &at.tm_hour, &at.tm_min, &seconds) != 6) {
        return 0;
    }
    at.tm_year -= 1900;
    at.tm_mon -= 1;
    return (int64_t)timegm(&at) * 1000000 + (int64_t)(seconds * 1e6 + 0.5);
}

static void end_transaction(struct reader *reader, const char *text, uint64_t lsn)
{
    struct commits *commits = reader->commits;
    size_t count = commits->record_count - reader->first;
    int64_t at_us = parse_time(text);
    reader->well = reader->well && at_us != 0;
    if (lsn <= last_lsn || count == 0) {
        commits->record_count = reader->first;
        return;
    }
    struct record *records = &commits->records[reader->first];
    sort_by_rank(records, count);
    count = drop_unchanged(reader->chaos, records, count);
    commits->record_count = reader->first + count;
    int64_t now_minutes = at_us / 60000000 + chaos_shift_at(reader->chaos, at_us);
    for (size_t i = 0; i < count; i++) {
        if (rank(records[i].kind) == 0) {
            records[i].counter = (uint64_t)now_minutes;
        }
    }
    add(reader, &(struct record){.kind = RECORD_COMMIT});
    commits->list =
        grow(commits->list, commits->count, &commits->capacity, sizeof(*commits->list));
    commits->list[commits->count++] = (struct commit){at_us, reader->first, count + 1};
    reader->last_lsn = lsn;
}

static void take_line(void *context, char **columns)
{
    struct reader *reader = context;
    const char *text = columns[1];
    char *slash = NULL;
    uint64_t high = strtoull(columns[0], &slash, 16);
    uint64_t lsn = (high << 32) | strtoull(slash + 1, NULL, 16);
    if (strncmp(text, "BEGIN", 5) == 0) {
        reader->first = reader->commits->record_count;
    } else if (strncmp(text, "COMMIT", 6) == 0) {
        end_transaction(reader, text, lsn);
    } else {
        take_row(reader, text);
    }
}

bool commits_read(struct chaos *chaos, struct commits *ret)
{
    struct reader reader = {.chaos = chaos, .commits = ret, .well = true};
    bool read = database_rows(
        chaos,
        "SELECT lsn, left(data, 1500) FROM pg_logical_slot_get_changes('chaos', NULL,"
        " NULL, 'include-timestamp', 'on', 'skip-empty-xacts', 'on') WHERE data ~ "
        "'^(BEGIN|COMMIT|table public.(claim_[0-9]+|meeting|command|outbox):)'",
        take_line, &reader);
    if (reader.last_lsn > last_lsn) {
        last_lsn = reader.last_lsn;
    }
    if (!reader.well) {
        chaos_find(chaos, "a line of PostgreSQL's log cannot be read");
    }
    return read && reader.well && database_run(chaos, "CHECKPOINT");
}
