// SPDX-License-Identifier: Apache-2.0

/*
 * verdict.c - what PostgreSQL committed and what adapters wrote down, as one history
 *
 * A commit is dated before it is written, an adapter dates what it asks before it is sent
 * and what it is told after it has come: whatever is dated before a commit may stand
 * before it, and nothing that depends on it does.  Commits keep the log's order.
 */
#include "tests/chaos/chaos.h"
#include "tests/chaos/trail.h"

#include "broker/map.h"
#include "proto/message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 512 };

struct happened {
    int64_t at_us;
    size_t order; /* as it was read */
    struct record record;
};

struct verdict {
    struct checker *checker;
    struct map versions; /* meeting -> its last version and state */
    struct map booked;   /* meetings that were confirmed once */
    uint64_t bookings;
    uint64_t records;
    uint64_t acknowledged;
    long read_to[ADAPTERS]; /* in the trails */
    int64_t clients[ADAPTERS];
    struct {
        int64_t person;
        int64_t client;
    } speakers[PEOPLE];
    size_t speaker_count;
    bool knows_clients;
    bool healed;
    FILE *history; /* every record, to be looked at */
};

static void *need(void *memory)
{
    if (memory == NULL) {
        fputs("chaos: no memory\n", stderr);
        abort();
    }
    return memory;
}

struct verdict *verdict_create(void)
{
    struct verdict *verdict = need(calloc(1, sizeof(*verdict)));
    verdict->checker = checker_create();
    return verdict;
}

void verdict_destroy(struct verdict *verdict)
{
    size_t cursor = 0;
    void *value;
    if (verdict == NULL) {
        return;
    }
    while ((value = map_next(&verdict->versions, &cursor)) != NULL) {
        free(value);
    }
    map_finish(&verdict->versions);
    map_finish(&verdict->booked);
    checker_destroy(verdict->checker);
    if (verdict->history != NULL) {
        fclose(verdict->history);
    }
    free(verdict);
}

uint64_t verdict_bookings(const struct chaos *chaos)
{
    return chaos->verdict->bookings;
}

uint64_t verdict_records(const struct chaos *chaos)
{
    return chaos->verdict->records;
}

uint64_t verdict_acknowledged(const struct chaos *chaos)
{
    return chaos->verdict->acknowledged;
}

uint64_t verdict_meeting(const char *uuid)
{
    uint8_t id[16];
    for (size_t i = 0; i < 16; i++) {
        unsigned byte = 0;
        uuid += *uuid == '-';
        if (sscanf(uuid, "%2x", &byte) != 1) {
            return 0;
        }
        id[i] = (uint8_t)byte;
        uuid += 2;
    }
    return trail_meeting(id);
}

bool verdict_saw(struct chaos *chaos, uint64_t meeting, uint32_t version,
                 uint32_t state)
{
    static char booked;
    struct verdict *verdict = chaos->verdict;
    uint64_t now = ((uint64_t)version << 8) | state;
    uint64_t *before = map_get(&verdict->versions, meeting);
    if (state == ENTENTE_CONFIRMED && map_get(&verdict->booked, meeting) == NULL) {
        verdict->bookings++;
        need(map_put(&verdict->booked, meeting, &booked) ? verdict : NULL);
    }
    if (before == NULL) {
        before = need(calloc(1, sizeof(*before)));
        need(map_put(&verdict->versions, meeting, before) ? verdict : NULL);
    }
    bool same = *before == now;
    *before = now;
    return same;
}

int64_t verdict_client_of(const struct chaos *chaos, int64_t person)
{
    const struct verdict *verdict = chaos->verdict;
    for (size_t i = 0; i < verdict->speaker_count; i++) {
        if (verdict->speakers[i].person == person) {
            return verdict->speakers[i].client;
        }
    }
    return 0;
}

/* ---- who is who --------------------------------------------------------------------
 */

static void take_client(void *context, char **columns)
{
    struct verdict *verdict = context;
    size_t i = (size_t)strtoull(columns[0] + strlen("vendor-"), NULL, 10);
    if (i < ADAPTERS) {
        verdict->clients[i] = strtoll(columns[1], NULL, 10);
    }
}

static void take_speaker(void *context, char **columns)
{
    struct verdict *verdict = context;
    if (verdict->speaker_count < PEOPLE) {
        verdict->speakers[verdict->speaker_count].person =
            strtoll(columns[0], NULL, 10);
        verdict->speakers[verdict->speaker_count++].client =
            strtoll(columns[1], NULL, 10);
    }
}

static bool know_clients(struct chaos *chaos)
{
    struct verdict *verdict = chaos->verdict;
    if (!verdict->knows_clients) {
        verdict->speaker_count = 0;
        verdict->knows_clients =
            database_rows(chaos, "SELECT name, id FROM client", take_client, verdict) &&
            database_rows(chaos, "SELECT person, client FROM speaks_for", take_speaker,
                          verdict);
    }
    return verdict->knows_clients;
}

/* ---- trails ------------------------------------------------------------------------
 */

struct happenings {
    struct happened *list;
    size_t count;
    size_t capacity;
};

static void read_trail(struct chaos *chaos, size_t adapter,
                       struct happenings *happenings)
{
    struct verdict *verdict = chaos->verdict;
    char path[PATH_BYTES];
    char text[LINE_BYTES];
    snprintf(path, sizeof(path), "%s/vendor-%zu.trail", chaos->folder, adapter);
    FILE *file = fopen(path, "r");
    if (file == NULL || fseek(file, verdict->read_to[adapter], SEEK_SET) != 0) {
        chaos_find(chaos, "the trail of vendor-%zu cannot be read", adapter);
    }
    while (file != NULL && fgets(text, sizeof(text), file) != NULL) {
        struct trail_line line;
        if (strchr(text, '\n') == NULL) {
            break;
        }
        if (!trail_parse(text, &line)) {
            chaos_find(chaos, "a line of the trail of vendor-%zu cannot be read",
                       adapter);
            break;
        }
        verdict->read_to[adapter] = ftell(file);
        line.record.client = verdict->clients[adapter];
        verdict->acknowledged += line.record.kind == RECORD_OK;
        if (happenings->count == happenings->capacity) {
            happenings->capacity = happenings->capacity * 2 + 1024;
            happenings->list = need(realloc(
                happenings->list, happenings->capacity * sizeof(*happenings->list)));
        }
        happenings->list[happenings->count] =
            (struct happened){line.at_us, happenings->count, line.record};
        happenings->count++;
    }
    if (file != NULL) {
        fclose(file);
    }
}

static int compare(const void *left, const void *right)
{
    const struct happened *a = left;
    const struct happened *b = right;
    if (a->at_us != b->at_us) {
        return a->at_us < b->at_us ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

/* ---- one history -------------------------------------------------------------------
 */

static void take(struct chaos *chaos, const struct record *record)
{
    struct verdict *verdict = chaos->verdict;
    char path[PATH_BYTES];
    if (verdict->history == NULL) {
        snprintf(path, sizeof(path), "%s/history", chaos->folder);
        verdict->history = need(fopen(path, "w"));
    }
    record_print(verdict->history, record);
    verdict->records++;
    if (chaos->found[0] == '\0') {
        const char *said = checker_take(verdict->checker, record);
        if (said != NULL) {
            chaos_find(chaos, "%s (line %" PRIu64 " of the history)", said,
                       verdict->records);
        }
    }
}

static void merge(struct chaos *chaos, const struct commits *commits,
                  const struct happenings *happenings)
{
    size_t next = 0;
    int64_t latest_us = 0;
    for (size_t i = 0; i < commits->count; i++) {
        const struct commit *commit = &commits->list[i];
        latest_us = commit->at_us > latest_us ? commit->at_us : latest_us;
        while (next < happenings->count &&
               (happenings->list[next].at_us < latest_us ||
                (happenings->list[next].at_us == latest_us &&
                 happenings->list[next].record.kind == RECORD_INVOKE))) {
            take(chaos, &happenings->list[next++].record);
        }
        for (size_t j = 0; j < commit->count; j++) {
            take(chaos, &commits->records[commit->first + j]);
        }
    }
    while (next < happenings->count) {
        take(chaos, &happenings->list[next++].record);
    }
}

bool verdict_round(struct chaos *chaos)
{
    struct verdict *verdict = chaos->verdict;
    struct commits commits = {0};
    struct happenings happenings = {0};
    if (!know_clients(chaos) || !commits_read(chaos, &commits)) {
        chaos_find(chaos, "what was committed cannot be read");
    }
    for (size_t i = 0; i < ADAPTERS; i++) {
        read_trail(chaos, i, &happenings);
    }
    if (happenings.count > 0) {
        qsort(happenings.list, happenings.count, sizeof(*happenings.list), compare);
    }
    merge(chaos, &commits, &happenings);
    if (!verdict->healed) {
        take(chaos, &(struct record){.kind = RECORD_HEALED});
        verdict->healed = true;
    }
    int64_t now_minutes = trail_now_us() / 60000000 + chaos->shift_minutes;
    take(chaos, &(struct record){.kind = RECORD_END, .start = (int32_t)now_minutes});
    fflush(verdict->history);
    free(commits.list);
    free(commits.records);
    free(happenings.list);
    return chaos->found[0] == '\0';
}
