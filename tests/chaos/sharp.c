// SPDX-License-Identifier: Apache-2.0

/*
 * sharp.c - the history that was found lawful, with one thing in it made wrong: each of
 * these must be noticed, or the campaign has shown nothing
 */
#include "tests/chaos/chaos.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 512, RECORDS_MAX = 2000000 };

struct history {
    struct record *records;
    size_t count;
    size_t capacity;
};

static bool grow(struct history *history)
{
    if (history->count < history->capacity) {
        return true;
    }
    size_t capacity = history->capacity * 2 + 4096;
    struct record *more = realloc(history->records, capacity * sizeof(*more));
    if (more == NULL) {
        return false;
    }
    history->records = more;
    history->capacity = capacity;
    return true;
}

static bool read_history(const char *path, struct history *ret)
{
    char text[LINE_BYTES];
    bool well = true;
    FILE *file = fopen(path, "r");
    while (file != NULL && well && fgets(text, sizeof(text), file) != NULL) {
        /* Room for one more than there are. */
        well = ret->count < RECORDS_MAX && grow(ret) &&
               record_parse(text, &ret->records[ret->count]);
        ret->count += well;
    }
    well = well && file != NULL && grow(ret);
    if (file != NULL) {
        fclose(file);
    }
    return well;
}

/* ---- mistakes ----------------------------------------------------------------------
 */

static size_t find_from(const struct history *history, size_t from,
                        enum record_kind kind)
{
    while (from < history->count && history->records[from].kind != kind) {
        from++;
    }
    return from;
}

static void take_out(struct history *history, size_t at)
{
    memmove(&history->records[at], &history->records[at + 1],
            (history->count - at - 1) * sizeof(*history->records));
    history->count--;
}

static void put_in(struct history *history, size_t at, struct record record)
{
    memmove(&history->records[at + 1], &history->records[at],
            (history->count - at) * sizeof(*history->records));
    history->records[at] = record;
    history->count++;
}

/* The answer to what was asked in the record, from @at on. */
static size_t answer_to(const struct history *history, size_t at)
{
    const struct record *asked = &history->records[at];
    for (size_t i = at; i < history->count; i++) {
        const struct record *record = &history->records[i];
        if (record->kind == RECORD_OK && record->client == asked->client &&
            record->epoch == asked->epoch && record->counter == asked->counter) {
            return i;
        }
    }
    return history->count;
}

static bool lose_command(struct history *history, size_t from)
{
    size_t at = find_from(history, from, RECORD_COMMAND);
    bool answered = at < history->count && answer_to(history, at) < history->count;
    if (answered) {
        take_out(history, at);
    }
    return answered;
}

static bool lose_event(struct history *history, size_t from)
{
    size_t at = find_from(history, from, RECORD_ISSUE);
    if (at < history->count) {
        take_out(history, at);
        return true;
    }
    return false;
}

static bool repeat_event(struct history *history, size_t from)
{
    size_t at = find_from(history, from, RECORD_APPLY);
    if (at < history->count) {
        put_in(history, at, history->records[at]);
        return true;
    }
    return false;
}

static bool skip_event(struct history *history, size_t from)
{
    size_t at = find_from(history, from, RECORD_APPLY);
    if (at < history->count) {
        take_out(history, at);
        return true;
    }
    return false;
}

static bool claim_twice(struct history *history, size_t from)
{
    size_t at = find_from(history, from, RECORD_CLAIM);
    if (at == history->count) {
        return false;
    }
    struct record second = history->records[at];
    second.meeting ^= 2;
    put_in(history, at + 1, second);
    return true;
}

static bool ask_too_late(struct history *history, size_t from)
{
    size_t at = find_from(history, from, RECORD_INVOKE);
    size_t end = at < history->count ? answer_to(history, at) : at;
    if (end == history->count) {
        return false;
    }
    struct record moved = history->records[at];
    put_in(history, end, moved);
    take_out(history, at);
    return true;
}

static bool forget_end(struct history *history, size_t from)
{
    for (size_t i = history->count; i-- > from;) {
        if (history->records[i].kind == RECORD_MEETING) {
            take_out(history, i);
            return true;
        }
    }
    return false;
}

static const struct {
    const char *what;
    bool (*plant)(struct history *history, size_t from);
} mistakes[] = {
    {"an acknowledged command that is not there", lose_command},
    {"an event without its number", lose_event},
    {"an event applied twice", repeat_event},
    {"an event not applied", skip_event},
    {"a person claimed twice", claim_twice},
    {"a command carried out before it was asked for", ask_too_late},
    {"a meeting without its end", forget_end},
};

/* ---- and whether they are seen -----------------------------------------------------
 */

static bool is_noticed(struct chaos *chaos, const struct history *lawful, size_t number)
{
    struct history wrong = {.count = lawful->count, .capacity = lawful->count + 1};
    size_t at = 0;
    bool planted = false;
    wrong.records = calloc(wrong.capacity, sizeof(*wrong.records));
    if (wrong.records == NULL) {
        return false;
    }
    memcpy(wrong.records, lawful->records, lawful->count * sizeof(*wrong.records));
    for (unsigned tries = 0; tries < 16 && !planted; tries++) {
        size_t from = (size_t)chance_draw(&chaos->chance, lawful->count * 3 / 4);
        planted = mistakes[number].plant(&wrong, from);
    }
    const char *said = planted ? history_check(wrong.records, wrong.count, &at) : NULL;
    chaos_note(chaos, "planted: %s; said: %s", mistakes[number].what,
               said == NULL ? "nothing" : said);
    free(wrong.records);
    return said != NULL;
}

void sharp_check(struct chaos *chaos)
{
    struct history history = {0};
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/history", chaos->folder);
    if (!read_history(path, &history)) {
        chaos_note(chaos, "the history is too long to be tried with mistakes");
        free(history.records);
        return;
    }
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (!is_noticed(chaos, &history, i)) {
            chaos_find(chaos, "a planted mistake is not noticed: %s", mistakes[i].what);
        }
    }
    free(history.records);
}
