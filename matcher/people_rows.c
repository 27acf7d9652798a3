// SPDX-License-Identifier: Apache-2.0
#include "matcher/people_internal.h"

#include <string.h>

static void set_bit(uint64_t *words, uint32_t i, bool value)
{
    uint64_t bit = 1ULL << i % 64;
    words[i / 64] = value ? words[i / 64] | bit : words[i / 64] & ~bit;
}

static bool holds(const struct people_block *block, int32_t day)
{
    return block->day[people_place(day)] == day;
}

void people_init(struct people *people, int32_t today)
{
    assert(today >= 0 && today <= PEOPLE_LAST_DAY);
    memset(people, 0, sizeof(*people));
    people->today = today;
}

bool people_grow(struct people *people, void *memory)
{
    struct people_block *block = memory;

    if (people->block_count == PEOPLE_BLOCKS_MAX) {
        return false;
    }
    memset(block, 0, sizeof(*block));
    for (int32_t day = people->today; day < people->today + PEOPLE_DAYS; day++) {
        block->day[people_place(day)] = day;
    }
    people->blocks[people->block_count] = block;
    people->block_count++;
    people->fill_next = 0;
    people->fill_word = 0;
    return true;
}

size_t people_words(const struct people *people)
{
    return (size_t)people->block_count * PEOPLE_WORDS;
}

/* What @person's sources ask of those who want a slot. */
static void keep_terms(struct people_block *block, uint32_t who,
                       const struct match_person *person)
{
    int32_t notice = 0;
    int32_t cap = 0;

    if (person != NULL) {
        people_terms(person, &notice, &cap);
    }
    set_bit(block->noticed, who, notice > 0);
    set_bit(block->capped, who, cap > 0);
    block->notice = notice > block->notice ? notice : block->notice;
    block->is_capped |= cap > 0;
}

static void column_or_nothing(const struct match_person *person, int32_t first_day,
                              struct people_column *ret_column)
{
    if (person != NULL) {
        people_column(person, first_day, PEOPLE_DAYS, ret_column);
    } else {
        memset(ret_column, 0, sizeof(*ret_column));
    }
}

/* Add that @a becomes @b, on those days that @block holds; in how many words bits are
 * then to be flipped. */
static int add_flips(const struct people_block *block, int32_t first_day,
                     const struct people_column *a, const struct people_column *b,
                     struct people_flips *flips)
{
    int count = 0;

    for (int32_t day = 0; day < PEOPLE_DAYS; day++) {
        uint32_t *rows = flips->rows[people_place(first_day + day)];
        bool is_held = holds(block, first_day + day);
        for (uint32_t i = 0; is_held && i < PEOPLE_COLUMN_WORDS; i++) {
            rows[i] ^= a->starts[day][i] ^ b->starts[day][i];
            count += rows[i] != 0;
        }
    }
    return count;
}

/* Somebody of block @number changes: a day of it that is half full has to begin anew. */
static void interrupt_fill(struct people *people, uint32_t number)
{
    if (people->fill_word != 0 && people->fill_next % people->block_count == number) {
        people->fill_word = 0;
    }
}

/* Fetch what both columns will be made of. */
static void fetch(const struct people *people, const struct match_person *before,
                  const struct match_person *after)
{
    const struct match_record *records[] = {
        before != NULL ? before->record : NULL,
        after != NULL ? after->record : NULL,
    };
    minute_t from = people->today * MINUTES_PER_DAY;
    minute_t until = from + PEOPLE_DAYS * MINUTES_PER_DAY - 1;

    for (size_t i = 0; i < 2; i++) {
        people_fetch_days(records[i], from, until);
    }
    for (size_t i = 0; i < 2; i++) {
        people_fetch_changes(records[i], from, until);
    }
}

void people_replace(struct people *people, uint32_t who,
                    const struct match_person *before, const struct match_person *after)
{
    struct people_block *block = people->blocks[who / PEOPLE_BLOCK];
    uint32_t member = who % PEOPLE_BLOCK;
    struct people_column old;
    struct people_column new;

    assert(who / PEOPLE_BLOCK < people->block_count);
    interrupt_fill(people, who / PEOPLE_BLOCK);
    fetch(people, before, after);
    column_or_nothing(before, people->today, &old);
    column_or_nothing(after, people->today, &new);

    struct people_pending *pending = people_pending_find(block, member);
    struct people_flips flips = {{{0}}};
    int count = add_flips(block, people->today, &old, &new,
                          pending != NULL ? &pending->flips : &flips);
    bool is_new = before == NULL || after == NULL; /* many of them, at the beginning */
    if (pending == NULL && count > PEOPLE_FLIPS_FEW && !is_new) {
        people_pending_add(block, member)->flips = flips;
        set_bit(people->pending, who / PEOPLE_BLOCK, true);
    } else if (pending == NULL) {
        people_flip(block, member, &flips);
    }
    for (int32_t day = 0; day < PEOPLE_DAYS; day++) {
        if (holds(block, people->today + day)) {
            set_bit(block->brief[people_place(people->today + day)], member,
                    new.brief >> day & 1);
        }
    }
    keep_terms(block, member, after);
}

/* Write the bits of @column on @day, which is its @index-th, from row @row to @stop. */
static void write_bits(struct people_block *block, uint32_t member, int32_t day,
                       const uint32_t *starts, int32_t row, int32_t stop)
{
    uint64_t(*rows)[PEOPLE_WORDS] = block->rows[people_place(day)];

    for (int32_t i = row; i < stop; i++) {
        __builtin_prefetch(&rows[i][member / 64], 1);
    }
    for (int32_t i = row; i < stop; i++) {
        set_bit(rows[i], member, starts[i / 32] >> i % 32 & 1);
    }
}

void people_touch(struct people *people, uint32_t who,
                  const struct match_person *person, minute_t from, minute_t until)
{
    struct people_block *block = people->blocks[who / PEOPLE_BLOCK];
    uint32_t member = who % PEOPLE_BLOCK;
    minute_t begin = people->today * MINUTES_PER_DAY;
    minute_t end = begin + PEOPLE_DAYS * MINUTES_PER_DAY;
    struct people_column column;

    assert(who / PEOPLE_BLOCK < people->block_count);
    interrupt_fill(people, who / PEOPLE_BLOCK);
    keep_terms(block, member, person);

    /* A stretch that a change has made brief reaches no further than this. */
    enum { NEAR = PEOPLE_WINDOW + 2 * PEOPLE_CELL };
    from = from > begin + NEAR ? from - NEAR : begin;
    until = until < end - NEAR ? until + NEAR : end;
    if (from >= until) {
        return;
    }

    int32_t first_day = from / MINUTES_PER_DAY;
    int32_t last_day = (until - 1) / MINUTES_PER_DAY;
    struct people_pending *pending = people_pending_find(block, member);
    if (pending != NULL) {
        people_pending_apply(block, pending);
    }
    people_column(person, first_day, last_day - first_day + 1, &column);
    for (int32_t day = first_day; day <= last_day; day++) {
        int32_t midnight = day * MINUTES_PER_DAY;
        int32_t row = (from - midnight) / PEOPLE_CELL;
        int32_t stop = (until - midnight + PEOPLE_CELL - 1) / PEOPLE_CELL;
        if (holds(block, day)) {
            write_bits(block, member, day, column.starts[day - first_day],
                       row > 0 ? row : 0, stop < PEOPLE_ROWS ? stop : PEOPLE_ROWS);
            set_bit(block->brief[people_place(day)], member,
                    column.brief >> (day - first_day) & 1);
        }
    }
}

void people_roll(struct people *people, int32_t today)
{
    assert(today >= people->today && today <= PEOPLE_LAST_DAY);
    if (today != people->today) {
        people->today = today;
        people->fill_next = 0;
        people->fill_word = 0;
    }
}

/* Fetch what is known of the 64 people from @first on on @day. */
static void fetch_word(const struct people_agendas *agendas, uint32_t first,
                       int32_t day)
{
    const struct match_record *records[64];
    struct match_person person;
    minute_t from = day * MINUTES_PER_DAY;

    for (uint32_t i = 0; i < 64; i++) {
        bool is_known = agendas->person(agendas->context, first + i, &person);
        records[i] = is_known ? person.record : NULL;
        people_fetch(records[i]);
    }
    for (uint32_t i = 0; i < 64; i++) {
        people_fetch_days(records[i], from, from);
    }
    for (uint32_t i = 0; i < 64; i++) {
        people_fetch_changes(records[i], from, from);
    }
}

/* The bits of the 64 people from @first on, one word of each row of @day. */
static void fill_word(const struct people_agendas *agendas, uint32_t first, int32_t day,
                      uint64_t ret_rows[static PEOPLE_ROWS], uint64_t *ret_brief)
{
    struct match_person person;
    struct people_column column;

    memset(ret_rows, 0, PEOPLE_ROWS * sizeof(*ret_rows));
    *ret_brief = 0;
    fetch_word(agendas, first, day);
    for (uint32_t i = 0; i < 64; i++) {
        if (!agendas->person(agendas->context, first + i, &person)) {
            continue;
        }
        people_column(&person, day, 1, &column);
        for (uint32_t w = 0; w < PEOPLE_COLUMN_WORDS; w++) {
            for (uint32_t bits = column.starts[0][w]; bits != 0; bits &= bits - 1) {
                ret_rows[w * 32 + (uint32_t)__builtin_ctz(bits)] |= 1ULL << i;
            }
        }
        *ret_brief |= (uint64_t)(column.brief & 1) << i;
    }
}

/* Go on with the day of a block that people->fill_next names. */
static void fill_some(struct people *people, const struct people_agendas *agendas,
                      uint32_t number, int32_t day)
{
    enum { WORDS_AT_ONCE = 8 };
    struct people_block *block = people->blocks[number];
    uint32_t place = people_place(day);
    uint64_t rows[PEOPLE_ROWS];

    block->day[place] = INT32_MIN; /* half of it is no day's */
    for (uint32_t i = 0; i < WORDS_AT_ONCE; i++) {
        uint32_t word = people->fill_word + i;
        fill_word(agendas, number * PEOPLE_BLOCK + word * 64, day, rows,
                  &block->brief[place][word]);
        for (uint32_t row = 0; row < PEOPLE_ROWS; row++) {
            block->rows[place][row][word] = rows[row];
        }
    }
    people->fill_word += WORDS_AT_ONCE;
    if (people->fill_word == PEOPLE_WORDS) {
        people->fill_word = 0;
        block->day[place] = day;
    }
}

/* Flip what waits of one person; false if nothing does. */
static bool flip_one(struct people *people)
{
    for (uint32_t i = 0; i < PEOPLE_BLOCKS_MAX / 64; i++) {
        while (people->pending[i] != 0) {
            uint32_t number = i * 64 + (uint32_t)__builtin_ctzll(people->pending[i]);
            struct people_block *block = people->blocks[number];
            if (block->pending_count > 0) {
                people_pending_apply(block, &block->pending[0]);
                return true;
            }
            set_bit(people->pending, number, false);
        }
    }
    return false;
}

bool people_fill(struct people *people, const struct people_agendas *agendas)
{
    uint32_t blocks = people->block_count;

    if (flip_one(people)) {
        return true;
    }

    for (; people->fill_next < blocks * PEOPLE_DAYS; people->fill_next++) {
        uint32_t number = people->fill_next % blocks;
        int32_t day = people->today + (int32_t)(people->fill_next / blocks);

        if (!holds(people->blocks[number], day)) {
            fill_some(people, agendas, number, day);
            return true;
        }
    }
    return false;
}
