// SPDX-License-Identifier: Apache-2.0
#include "broker/index_rows.h"

#include "broker/gather.h"
#include "broker/index_internal.h"
#include "matcher/people.h"

#include <stdlib.h>
#include <string.h>

enum {
    MS_PER_DAY = 86400000,
    MS_PER_MINUTE = 60000,
    LAST_DAY = 700000, /* no clock is right that says so */
    ALL_DAYS = (1 << PEOPLE_DAYS) - 1,
    BLOCKS_MOST = 120, /* 491,520 people: 1.2 million and these rows are 2.7 GiB */
    AT_ONCE = 16,      /* people written again in one go */
    LOOKED_AT = 8192,  /* people among whom these are looked for */
    SOURCES_BYTES = 1 << 24, /* of somebody whose agendas do not go into a record */
    BITS = 8,
};

struct index_rows {
    struct people people;
    struct people view;           /* one block of it */
    struct index_entry **entries; /* by number */
    uint16_t *noted;              /* by number: days to be written again, a bit for each
                                     utc day mod PEOPLE_DAYS */
    size_t count;
    size_t capacity;
    size_t noted_count; /* people */
    size_t next;        /* where these are looked for */
    bool fills;         /* it is the new day's turn */
    struct arena arena; /* of one person */
};

/* ---- who is in the rows ------------------------------------------------------------
 */

static bool is_known_day(int64_t day)
{
    return day >= 0 && day <= LAST_DAY;
}

/* False: there are no rows, and now there is no memory for them. */
static bool has_rows(struct index *index, int64_t now_ms)
{
    if (index->rows != NULL) {
        return true;
    }
    int64_t today = now_ms / MS_PER_DAY;
    struct index_rows *rows = is_known_day(today) ? calloc(1, sizeof(*rows)) : NULL;
    if (rows == NULL) {
        return false;
    }
    people_init(&rows->people, (int32_t)today);
    arena_init(&rows->arena, SOURCES_BYTES);
    index->rows = rows;
    return true;
}

/* Not asked of the system as one huge page: where memory is in pieces it takes five
 * milliseconds to find one, and the loop would wait for it. */
static bool has_block(struct index_rows *rows)
{
    if (rows->count < (size_t)rows->people.block_count * PEOPLE_BLOCK) {
        return true;
    }
    void *memory = rows->people.block_count == BLOCKS_MOST
                       ? NULL
                       : aligned_alloc(PEOPLE_BLOCK_SIZE, PEOPLE_BLOCK_SIZE);
    if (memory == NULL) {
        return false;
    }
    if (!people_grow(&rows->people, memory)) {
        free(memory);
        return false;
    }
    return true;
}

static bool has_place(struct index_rows *rows)
{
    if (rows->count < rows->capacity) {
        return true;
    }
    size_t capacity = rows->capacity == 0 ? PEOPLE_BLOCK : rows->capacity * 2;
    void *entries = realloc(rows->entries, capacity * sizeof(struct index_entry *));
    if (entries == NULL) {
        return false;
    }
    rows->entries = entries;
    void *noted = realloc(rows->noted, capacity * sizeof(*rows->noted));
    if (noted == NULL) {
        return false;
    }
    rows->noted = noted;
    rows->capacity = capacity;
    return true;
}

static void note(struct index_rows *rows, size_t number, uint32_t days)
{
    rows->noted_count += rows->noted[number] == 0 && days != 0 ? 1 : 0;
    rows->noted[number] |= (uint16_t)days;
}

/* Who cannot be admitted is asked each time. */
static void admit(struct index_rows *rows, struct index_entry *entry)
{
    if (has_place(rows) && has_block(rows)) {
        rows->entries[rows->count] = entry;
        rows->noted[rows->count] = 0;
        note(rows, rows->count, ALL_DAYS);
        entry->row = (uint32_t)++rows->count;
    }
}

void index_rows_note(struct index *index, const struct index_entry *entry,
                     struct match_span span)
{
    if (entry->row == 0) {
        return;
    }
    struct index_rows *rows = index->rows;
    int32_t first = span.start / MINUTES_PER_DAY;
    int32_t last = (span.end - 1) / MINUTES_PER_DAY;
    int32_t end = rows->people.today + PEOPLE_DAYS - 1;
    uint32_t days = 0;
    first = first < rows->people.today ? rows->people.today : first;
    for (int32_t day = first; day <= last && day <= end; day++) {
        days |= 1U << day % PEOPLE_DAYS;
    }
    note(rows, entry->row - 1, days);
}

void index_rows_note_all(struct index *index, const struct index_entry *entry)
{
    if (entry->row != 0) {
        note(index->rows, entry->row - 1, ALL_DAYS);
    }
}

size_t index_rows_bytes(const struct index *index)
{
    const struct index_rows *rows = index->rows;
    return rows == NULL ? 0
                        : sizeof(*rows) + rows->people.block_count * PEOPLE_BLOCK_SIZE +
                              rows->capacity *
                                  (sizeof(struct index_entry *) + sizeof(*rows->noted));
}

void index_rows_finish(struct index *index)
{
    struct index_rows *rows = index->rows;
    if (rows != NULL) {
        for (uint32_t i = 0; i < rows->people.block_count; i++) {
            free(rows->people.blocks[i]);
        }
        free(rows->entries);
        free(rows->noted);
        arena_finish(&rows->arena);
        free(rows);
    }
}

/* ---- keeping them ------------------------------------------------------------------
 */

/* What agendas and claims say, as if every lease held: whether one does is seen when the
 * question comes. */
static bool bring(void *context, uint32_t who, struct match_person *ret_person)
{
    struct index_rows *rows = context;
    if (who >= rows->count) {
        return false;
    }
    arena_reset(&rows->arena);
    if (!gather_person(&rows->entries[who]->person, NULL, INT64_MIN, &rows->arena,
                       ret_person)) {
        note(rows, who, ALL_DAYS);
        return false;
    }
    return true;
}

static void write_again(struct index_rows *rows, uint32_t who)
{
    struct people *people = &rows->people;
    struct match_person person;
    uint32_t days = rows->noted[who];
    if (!bring(rows, who, &person)) {
        return; /* there is no memory now, and it stays noted */
    }
    rows->noted[who] = 0;
    rows->noted_count--;
    if (days == ALL_DAYS) {
        people_touch(people, who, &person, people->today * MINUTES_PER_DAY,
                     (people->today + PEOPLE_DAYS) * MINUTES_PER_DAY);
        return;
    }
    for (int32_t day = people->today; day < people->today + PEOPLE_DAYS; day++) {
        if (days >> day % PEOPLE_DAYS & 1) {
            people_touch(people, who, &person, day * MINUTES_PER_DAY,
                         (day + 1) * MINUTES_PER_DAY);
        }
    }
}

static void write_some(struct index_rows *rows)
{
    size_t written = 0;
    for (size_t i = 0; i < LOOKED_AT && written < AT_ONCE && rows->noted_count > 0;
         i++) {
        rows->next = rows->next < rows->count ? rows->next : 0;
        if (rows->noted[rows->next] != 0) {
            write_again(rows, (uint32_t)rows->next);
            written++;
        }
        rows->next++;
    }
}

bool index_rows_work(struct index *index, int64_t now_ms)
{
    struct index_rows *rows = index->rows;
    if (rows == NULL) {
        return false;
    }
    int64_t today = now_ms / MS_PER_DAY;
    if (today > rows->people.today && is_known_day(today)) {
        people_roll(&rows->people, (int32_t)today);
    }
    /* A day that is half filled would begin anew if one of its people were written. */
    bool is_half = rows->people.fill_word != 0;
    rows->fills = !rows->fills;
    if (!is_half && !rows->fills && rows->noted_count > 0) {
        write_some(rows);
        return true;
    }
    const struct people_agendas agendas = {.person = bring, .context = rows};
    return people_fill(&rows->people, &agendas) || rows->noted_count > 0;
}

/* ---- asking ------------------------------------------------------------------------
 */

/* One question on its way through the rows. */
struct asking {
    const struct index_crowd *crowd;
    struct people *view;
    struct people_question question;
    struct people_grid grid;         /* those starts that are not over */
    size_t skipped;                  /* those before */
    uint32_t *members;               /* whom the rows know, block by block */
    uint32_t first[BLOCKS_MOST + 2]; /* of each block, in members */
    uint64_t within[PEOPLE_WORDS];
    uint64_t doubt[PEOPLE_WORDS];
    uint64_t *sets; /* one for each start */
    uint32_t *counts;
    uint8_t *bits;
    size_t row;
    bool *decided;
};

/* Who is in doubt is only noted. */
static bool note_doubt(void *context, uint32_t who, struct match_person *ret_person)
{
    struct asking *asking = context;
    (void)ret_person;
    asking->doubt[who / 64] |= UINT64_C(1) << who % 64;
    return false;
}

static uint32_t number_of(const struct index_person *person)
{
    /* Every person of the index is the first part of an entry. */
    return ((const struct index_entry *)person)->row;
}

/* Rows know neither of leases nor of purposes. */
static bool is_said(const struct asking *asking, const struct index_person *person)
{
    for (const struct index_source *s = person->sources; s != NULL; s = s->beside) {
        if (index_lease_until_ms(s) <= asking->crowd->now_ms || s->offers_else) {
            return false;
        }
    }
    return true;
}

static void answer(struct asking *asking, uint32_t member)
{
    const struct index_person *person = asking->crowd->people[member];
    uint32_t who = (number_of(person) - 1) % PEOPLE_BLOCK;
    uint64_t bit = UINT64_C(1) << who % 64;
    bool comes = false;
    asking->decided[member] = (asking->doubt[who / 64] & bit) == 0;
    for (size_t i = 0; asking->decided[member] && i < asking->grid.count; i++) {
        if ((asking->sets[i * PEOPLE_WORDS + who / 64] & bit) == 0) {
            continue;
        }
        if (!comes && !is_said(asking, person)) {
            asking->decided[member] = false;
            return;
        }
        comes = true;
        asking->bits[(asking->skipped + i) * asking->row + member / BITS] |=
            (uint8_t)(1U << member % BITS);
    }
}

static void ask_block(struct asking *asking, const struct people *people,
                      uint32_t number)
{
    const struct people_agendas agendas = {.person = note_doubt, .context = asking};
    uint32_t from = asking->first[number];
    uint32_t until = asking->first[number + 1];
    memset(asking->within, 0, sizeof(asking->within));
    memset(asking->doubt, 0, sizeof(asking->doubt));
    for (uint32_t i = from; i < until; i++) {
        uint32_t who =
            (number_of(asking->crowd->people[asking->members[i]]) - 1) % PEOPLE_BLOCK;
        asking->within[who / 64] |= UINT64_C(1) << who % 64;
    }
    asking->view->today = people->today;
    asking->view->block_count = 1;
    asking->view->blocks[0] = people->blocks[number];
    if (people_starts(asking->view, &agendas, &asking->question, &asking->grid,
                      asking->within, asking->counts, asking->sets) != MATCH_OK) {
        return; /* nothing is decided */
    }
    for (uint32_t i = from; i < until; i++) {
        answer(asking, asking->members[i]);
    }
}

/* The others who have an agenda get a place in the rows, for the next time. */
static void admit_members(struct index *index, const struct index_crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++) {
        const struct index_person *person = crowd->people[i];
        if (person != NULL && person->sources != NULL && number_of(person) == 0) {
            admit(index->rows, map_get(&index->people, (uint64_t)person->person));
        }
    }
}

/* Whom the rows know, block by block.  Nobody, and who has no agenda, never can come. */
static void sort_members(struct asking *asking, const struct index_rows *rows)
{
    const struct index_crowd *crowd = asking->crowd;
    uint32_t *count = asking->first + 2;
    uint32_t *next = asking->first + 1;
    for (size_t i = 0; i < crowd->count; i++) {
        const struct index_person *person = crowd->people[i];
        uint32_t number = person == NULL ? 0 : number_of(person);
        asking->decided[i] = person == NULL || person->sources == NULL;
        if (!asking->decided[i] && number != 0 && rows->noted[number - 1] == 0) {
            count[(number - 1) / PEOPLE_BLOCK]++;
            asking->decided[i] = true; /* until it is asked */
        }
    }
    for (uint32_t i = 0; i < BLOCKS_MOST; i++) {
        count[i] += next[i];
    }
    for (size_t i = 0; i < crowd->count; i++) {
        const struct index_person *person = crowd->people[i];
        if (asking->decided[i] && person != NULL && person->sources != NULL) {
            uint32_t number = number_of(person) - 1;
            asking->members[next[number / PEOPLE_BLOCK]++] = (uint32_t)i;
            asking->decided[i] = false;
        }
    }
}

/* Those starts that are not over; false if there is none, or if the rows do not reach so
 * far. */
static bool cut_starts(struct asking *asking, const struct people *people)
{
    const struct index_crowd *crowd = asking->crowd;
    int64_t now = asking->question.now;
    size_t skipped = 0;
    while (skipped < crowd->starts &&
           crowd->first + (int64_t)skipped * crowd->step < now) {
        skipped++;
    }
    int64_t first = crowd->first + (int64_t)skipped * crowd->step;
    int64_t last = crowd->first + (int64_t)(crowd->starts - 1) * crowd->step;
    int64_t until = ((int64_t)people->today + PEOPLE_DAYS) * MINUTES_PER_DAY;
    asking->skipped = skipped;
    asking->grid = (struct people_grid){.first = (minute_t)first,
                                        .step = crowd->step,
                                        .count = crowd->starts - skipped};
    return skipped < crowd->starts &&
           first >= (int64_t)people->today * MINUTES_PER_DAY &&
           last + crowd->duration <= until;
}

static struct asking *begin(struct index *index, const struct index_crowd *crowd,
                            struct arena *arena)
{
    struct asking *asking = arena_alloc(arena, sizeof(*asking));
    if (asking == NULL) {
        return NULL;
    }
    asking->crowd = crowd;
    asking->view = &index->rows->view;
    asking->question = (struct people_question){
        .duration = crowd->duration,
        .purposes = crowd->is_plain ? 0 : ENTENTE_FOR_MEETINGS,
        /* Of a notice no minute may be missing. */
        .now = (minute_t)((crowd->now_ms + MS_PER_MINUTE - 1) / MS_PER_MINUTE),
    };
    asking->members = arena_array(arena, crowd->count, sizeof(*asking->members));
    asking->counts = arena_array(arena, crowd->starts, sizeof(*asking->counts));
    asking->sets =
        arena_array(arena, crowd->starts * PEOPLE_WORDS, sizeof(*asking->sets));
    bool has_room =
        asking->members != NULL && asking->counts != NULL && asking->sets != NULL;
    return has_room ? asking : NULL;
}

bool index_rows_ask(struct index *index, const struct index_crowd *crowd,
                    struct arena *arena, uint8_t *ret_bits, size_t row,
                    bool *ret_decided)
{
    memset(ret_decided, 0, crowd->count * sizeof(*ret_decided));
    if (crowd->count == 0 || !has_rows(index, crowd->now_ms)) {
        return true;
    }
    struct asking *asking = begin(index, crowd, arena);
    if (asking == NULL) {
        return false;
    }
    const struct people *people = &index->rows->people;
    if (!cut_starts(asking, people)) {
        return true;
    }
    admit_members(index, crowd);
    asking->bits = ret_bits;
    asking->row = row;
    asking->decided = ret_decided;
    sort_members(asking, index->rows);
    for (uint32_t i = 0; i < people->block_count; i++) {
        if (asking->first[i] < asking->first[i + 1]) {
            ask_block(asking, people, i);
        }
    }
    return true;
}
