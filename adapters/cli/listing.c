// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/listing.h"

#include "adapters/cli/json_meeting.h"
#include "adapters/cli/summary.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ID_BYTES = 16, FIRST_CAPACITY = 64 };

struct listed {
    int32_t start;  /* INT32_MAX: it has no time yet */
    uint32_t place; /* in its series; 0: it is in none */
    uint8_t id[ID_BYTES];
    char *line;
    json_t *json;
};

static char *line_of(const struct entente_meeting *meeting)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    summary_print_line(out, meeting);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static struct listed *next(struct listing *listing)
{
    if (listing->count == listing->capacity) {
        size_t capacity =
            listing->capacity == 0 ? FIRST_CAPACITY : 2 * listing->capacity;
        struct listed *grown =
            realloc(listing->meetings, capacity * sizeof(*listing->meetings));
        if (grown == NULL) {
            return NULL;
        }
        listing->meetings = grown;
        listing->capacity = capacity;
    }
    return &listing->meetings[listing->count];
}

void listing_add(struct listing *listing, const struct entente_meeting *meeting)
{
    struct listed *listed = next(listing);
    if (listed == NULL) {
        listing->exhausted = true;
        return;
    }
    const struct entente_span time = summary_time(meeting);
    *listed = (struct listed){
        .start = time.end == 0 ? INT32_MAX : time.start,
        .place = meeting->series == NULL ? 0 : meeting->series->index,
    };
    memcpy(listed->id, meeting->id.data,
           meeting->id.size < ID_BYTES ? meeting->id.size : ID_BYTES);
    if (listing->json) {
        listed->json = json_meeting(meeting);
    } else {
        listed->line = line_of(meeting);
    }
    listing->exhausted =
        listing->exhausted || (listed->json == NULL && listed->line == NULL);
    listing->count++;
}

static int compare(const void *one, const void *other)
{
    const struct listed *a = one;
    const struct listed *b = other;
    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    if (a->place != b->place) {
        return a->place < b->place ? -1 : 1;
    }
    return memcmp(a->id, b->id, ID_BYTES);
}

void listing_sort(struct listing *listing)
{
    if (listing->count > 1) {
        qsort(listing->meetings, listing->count, sizeof(*listing->meetings), compare);
    }
}

void listing_print(const struct listing *listing, FILE *out)
{
    for (size_t i = 0; i < listing->count; i++) {
        fputs(listing->meetings[i].line, out);
    }
}

json_t *listing_json(const struct listing *listing)
{
    json_t *json = json_array();
    for (size_t i = 0; i < listing->count; i++) {
        json_array_append(json, listing->meetings[i].json);
    }
    return json;
}

void listing_end(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        free(listing->meetings[i].line);
        json_decref(listing->meetings[i].json);
    }
    free(listing->meetings);
}
