// SPDX-License-Identifier: Apache-2.0

#include "broker/negotiation.h"
#include "broker/store/store_pg_audit.h"
#include "proto/codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEAVES = 16, ID = 16 };

struct claim {
    int64_t person;
    int32_t start;
    int32_t end;
    uint8_t meeting[ID];
};

struct meeting {
    uint8_t id[ID];
    int32_t state;
    int32_t held_start; /* 0 and 0: none */
    int32_t held_end;
    int32_t firm_start;
    int32_t firm_end;
    bool several;        /* slots are held: more than the row's `held` */
    size_t people_first; /* in rows.people */
    size_t people_count;
};

struct rows {
    struct auditor *auditor;
    struct claim *claims;
    size_t claim_count;
    size_t claim_capacity;
    struct meeting *meetings;
    size_t meeting_count;
    size_t meeting_capacity;
    uint32_t *places;   /* by hash of the id: the place in meetings, + 1; 0: none */
    size_t place_count; /* a power of two */
    int64_t *people;
    size_t people_count;
    size_t people_capacity;
};

/* Room for one more element; false without memory. */
static bool grow(void **list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity == 0 ? 4096 : *capacity * 2;
    void *longer = realloc(*list, wanted * size);
    if (longer != NULL) {
        *list = longer;
        *capacity = wanted;
    }
    return longer != NULL;
}

static bool see_claim(void *context, const struct pg_copy_row *row)
{
    struct rows *rows = context;
    void *list = rows->claims;
    if (row->count != 4 || row->sizes[3] != ID ||
        !grow(&list, rows->claim_count, &rows->claim_capacity, sizeof(*rows->claims))) {
        return false;
    }
    rows->claims = list;
    struct claim *claim = &rows->claims[rows->claim_count++];
    claim->person = pg_copy_int8(row, 0);
    claim->start = pg_copy_int4(row, 1);
    claim->end = pg_copy_int4(row, 2);
    memcpy(claim->meeting, row->fields[3], ID);
    return true;
}

/* An array of int8 as it travels: dimensions, flags, type, length, lower bound, then each
 * element with its size. */
static bool see_people(struct rows *rows, struct meeting *meeting,
                       const struct pg_copy_row *row, int field)
{
    enum { ARRAY_HEADER = 20, ELEMENT = 12 };
    meeting->people_first = rows->people_count;
    for (int32_t at = ARRAY_HEADER; at + ELEMENT <= row->sizes[field]; at += ELEMENT) {
        void *list = rows->people;
        if (!grow(&list, rows->people_count, &rows->people_capacity,
                  sizeof(*rows->people))) {
            return false;
        }
        rows->people = list;
        struct pg_copy_row element = {.fields = {row->fields[field] + at + 4},
                                      .sizes = {8}};
        rows->people[rows->people_count++] = pg_copy_int8(&element, 0);
        meeting->people_count++;
    }
    return true;
}

static bool see_meeting(void *context, const struct pg_copy_row *row)
{
    struct rows *rows = context;
    void *list = rows->meetings;
    if (row->count != 8 || row->sizes[0] != ID ||
        !grow(&list, rows->meeting_count, &rows->meeting_capacity,
              sizeof(*rows->meetings))) {
        return false;
    }
    rows->meetings = list;
    struct meeting *meeting = &rows->meetings[rows->meeting_count++];
    *meeting = (struct meeting){
        .state = pg_copy_int4(row, 1),
        .held_start = pg_copy_int4(row, 2),
        .held_end = pg_copy_int4(row, 3),
        .firm_start = pg_copy_int4(row, 4),
        .firm_end = pg_copy_int4(row, 5),
        .several = row->sizes[6] == 1 && row->fields[6][0] != 0,
    };
    memcpy(meeting->id, row->fields[0], ID);
    return see_people(rows, meeting, row, 7);
}

static int by_person(const void *a, const void *b)
{
    const struct claim *one = a;
    const struct claim *two = b;
    if (one->person != two->person) {
        return one->person < two->person ? -1 : 1;
    }
    return (one->start > two->start) - (one->start < two->start);
}

/* Where @id is, or would be. */
static uint32_t *place_of(const struct rows *rows, const uint8_t id[ID])
{
    uint64_t halves[2];
    memcpy(halves, id, ID);
    uint64_t hash = halves[0] ^ halves[1] * UINT64_C(0x9e3779b97f4a7c15);
    /* Ids that are alike but for their last bytes must not share a place: those bytes are
     * the high ones here. */
    hash = (hash ^ hash >> 32) * UINT64_C(0xbf58476d1ce4e5b9);
    size_t at = (size_t)(hash ^ hash >> 32) & (rows->place_count - 1);
    while (rows->places[at] != 0 &&
           memcmp(rows->meetings[rows->places[at] - 1].id, id, ID) != 0) {
        at = (at + 1) & (rows->place_count - 1);
    }
    return &rows->places[at];
}

static bool find_places(struct rows *rows)
{
    rows->place_count = 1024;
    while (rows->place_count < rows->meeting_count * 2) {
        rows->place_count *= 2;
    }
    rows->places = calloc(rows->place_count, sizeof(*rows->places));
    for (size_t i = 0; rows->places != NULL && i < rows->meeting_count; i++) {
        *place_of(rows, rows->meetings[i].id) = (uint32_t)i + 1;
    }
    return rows->places != NULL;
}

static const char *text_of(const uint8_t id[ID], char text[37])
{
    codec_format_id((struct entente_bytes){.data = id, .size = ID}, text);
    return text;
}

/* ---- what must hold ----------------------------------------------------------------
 */

static void find_overlaps(const struct rows *rows)
{
    for (size_t i = 0; i < rows->claim_count; i++) {
        const struct claim *claim = &rows->claims[i];
        for (size_t j = i + 1;
             j < rows->claim_count && rows->claims[j].person == claim->person &&
             rows->claims[j].start < claim->end;
             j++) {
            char one[37];
            char two[37];
            if (memcmp(claim->meeting, rows->claims[j].meeting, ID) != 0) {
                audit_find(rows->auditor, claim->person,
                           "person %" PRId64 " is claimed twice from minute %" PRId32
                           " on, by %s and by %s",
                           claim->person, rows->claims[j].start,
                           text_of(claim->meeting, one),
                           text_of(rows->claims[j].meeting, two));
            }
        }
    }
}

static bool is_party(const struct rows *rows, const struct meeting *meeting,
                     int64_t person)
{
    for (size_t i = 0; i < meeting->people_count; i++) {
        if (rows->people[meeting->people_first + i] == person) {
            return true;
        }
    }
    return false;
}

static const char *contradiction(const struct rows *rows, const struct claim *claim,
                                 const struct meeting *meeting)
{
    if (meeting == NULL) {
        return "of a meeting that does not exist";
    }
    if (meeting->state == SEARCHING || meeting->state == CANCELLED ||
        meeting->state == EXPIRED) {
        return "of a meeting that claims nothing in its state";
    }
    bool held = claim->start == meeting->held_start && claim->end == meeting->held_end;
    bool firm = claim->start == meeting->firm_start && claim->end == meeting->firm_end;
    if (!held && !firm && !meeting->several) {
        return "of a time that its meeting neither holds nor has agreed";
    }
    return is_party(rows, meeting, claim->person) ? NULL
                                                  : "of somebody who is no party";
}

static void find_contradictions(const struct rows *rows)
{
    for (size_t i = 0; i < rows->claim_count; i++) {
        const struct claim *claim = &rows->claims[i];
        uint32_t place = *place_of(rows, claim->meeting);
        const struct meeting *meeting = place == 0 ? NULL : &rows->meetings[place - 1];
        const char *what = contradiction(rows, claim, meeting);
        if (what != NULL) {
            char text[37];
            audit_find(rows->auditor, claim->person,
                       "person %" PRId64 " has a claim for %s, %s", claim->person,
                       text_of(claim->meeting, text), what);
        }
    }
}

/* ---- reading -----------------------------------------------------------------------
 */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static enum status read_meetings(struct rows *rows)
{
    enum status status = pg_copy_each(
        rows->auditor->connection,
        "COPY (SELECT id, state, coalesce(lower(held), 0), coalesce(upper(held), 0),"
        " coalesce(lower(firm), 0), coalesce(upper(firm), 0), candidates IS NOT NULL,"
        " people FROM meeting) TO STDOUT (FORMAT binary)",
        see_meeting, rows);
    rows->auditor->audit->meetings = rows->meeting_count;
    return status == STATUS_OK && !find_places(rows) ? STATUS_FAILED : status;
}

/* Leaf by leaf: a person's claims all lie in one. */
static enum status read_leaf(struct rows *rows, int leaf)
{
    char copy[200];
    snprintf(copy, sizeof(copy),
             "COPY (SELECT person, lower(during), upper(during), meeting"
             " FROM claim_%02d) TO STDOUT (FORMAT binary)",
             leaf);
    rows->claim_count = 0;
    enum status status = pg_copy_each(rows->auditor->connection, copy, see_claim, rows);
    if (status == STATUS_OK && rows->claim_count > 0) {
        qsort(rows->claims, rows->claim_count, sizeof(*rows->claims), by_person);
        find_overlaps(rows);
        find_contradictions(rows);
    }
    rows->auditor->audit->claims += rows->claim_count;
    return status;
}

enum status audit_claims(struct auditor *auditor)
{
    struct rows rows = {.auditor = auditor};
    double began = now();
    enum status status = read_meetings(&rows);
    for (int leaf = 0; leaf < LEAVES && status == STATUS_OK; leaf++) {
        status = read_leaf(&rows, leaf);
    }
    auditor->audit->seconds = now() - began;
    free(rows.claims);
    free(rows.meetings);
    free(rows.places);
    free(rows.people);
    return status;
}
