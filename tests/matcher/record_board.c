// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/record_board.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t random_state;

void record_board_seed(void)
{
    const char *seed = getenv("RANDOM_SEED");
    random_state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
    printf("RANDOM_SEED=%" PRIu64 "\n", random_state);
}

/* splitmix64 (Steele, Lea and Flood 2014). */
uint32_t below(uint32_t bound)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    z ^= z >> 31;
    return (uint32_t)(((z >> 32) * bound) >> 32);
}

static struct match_range a_range(const struct story *story, uint32_t variety)
{
    static const minute_t lengths[] = {1, 5, 15, 20, 30, 60, 90, 7, 720, 1440, 3000};
    uint32_t precision = below(2) == 0 ? 1 : 15;
    uint32_t span = story->days * MINUTES_PER_DAY;
    minute_t length = lengths[below(below(8) == 0 ? 11 : 8)];
    minute_t start = (minute_t)(below(span / precision) * precision);
    if (below(10) == 0) {
        start -= start % MINUTES_PER_DAY; /* midnight, from there or up to there */
        start -= below(2) == 0 && start >= length ? length : 0;
    }
    minute_t end = start + length < (minute_t)span ? start + length : (minute_t)span;
    struct match_range range = {
        .start = story->origin + start,
        .end = story->origin + end,
        .kind = (uint8_t)(below(3) != 0   ? MATCH_FREE
                          : below(2) == 0 ? MATCH_BUSY
                                          : MATCH_TENTATIVE),
        .certainty = (uint8_t)(below(variety + 1) == 0 ? MATCH_DECLARED : 1 + below(3)),
        .preference = (uint8_t)(below(variety + 1) == 0 ? MATCH_NEUTRAL : below(3)),
    };
    if (below(4) < variety) {
        range.modalities = (uint8_t)below(4);
        range.purposes = below(4);
        range.place = (uint16_t)below(4);
    }
    return range;
}

int in_order(const void *left, const void *right)
{
    const struct match_range *a = left;
    const struct match_range *b = right;
    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    return (a->end > b->end) - (a->end < b->end);
}

static struct match_span a_coverage(const struct story *story)
{
    minute_t span = (minute_t)story->days * MINUTES_PER_DAY;
    switch (below(6)) {
    case 0:
        return (struct match_span){story->origin, story->origin};
    case 1: {
        minute_t start = (minute_t)below((uint32_t)span);
        minute_t length = (minute_t)below((uint32_t)(span - start)) + 1;
        return (struct match_span){story->origin + start,
                                   story->origin + start + length};
    }
    default:
        return (struct match_span){story->origin, story->origin + span};
    }
}

void a_source(struct story *story, size_t at, uint32_t variety)
{
    struct match_source *source = &story->sources[at];
    size_t count = below(below(3) == 0 ? 40 : 8);
    if (below(20) == 0) {
        /* Very many, but not of so many kinds that they do not go into a record. */
        count = RANGES;
        variety = 0;
    }
    for (size_t i = 0; i < count; i++) {
        story->ranges[at][i] = a_range(story, variety);
    }
    qsort(story->ranges[at], count, sizeof(struct match_range), in_order);
    *source = (struct match_source){.coverage = a_coverage(story),
                                    .ranges = story->ranges[at],
                                    .range_count = count,
                                    .notice = (int32_t)below(3) * 60,
                                    .daily_cap = (int32_t)below(4)};
}

void a_story(struct story *story)
{
    static const int32_t origins[] = {-3, 0, 20000, 20001, -1000000};
    uint32_t variety = below(5);
    story->origin = origins[below(5)] * MINUTES_PER_DAY;
    story->days = 1 + below(DAYS);
    story->count = 1 + below(SOURCES);
    for (size_t i = 0; i < story->count; i++) {
        a_source(story, i, variety);
    }
}

struct question a_question(void)
{
    return (struct question){
        .certainties = (uint8_t)(below(2) == 0 ? 0 : below(8) << 1),
        .purposes = below(4),
        .modality = (uint8_t)below(3),
        .place = (uint16_t)below(4),
        .soft = below(2) == 0,
    };
}

/* Modality @n is bit (1 << n); the ranges of a story name bits 0 and 1, that is 0 and 1,
 * and a question with modality 0 asks for none. */
static bool is_admitted(const struct match_range *range,
                        const struct question *question)
{
    return (question->certainties == 0 ||
            (question->certainties >> range->certainty & 1U) != 0) &&
           (question->purposes == 0 || range->purposes == 0 ||
            (question->purposes & range->purposes) != 0) &&
           (question->modality == 0 || range->modalities == 0 ||
            (range->modalities >> (question->modality - 1) & 1U) != 0) &&
           (question->place == 0 || range->place == 0 ||
            question->place == range->place);
}

static void answer_range(const struct match_range *range,
                         const struct question *question, struct answer *answer)
{
    switch ((enum match_kind)range->kind) {
    case MATCH_BUSY:
        answer->busy = true;
        answer->places |= (uint8_t)((1U << range->place) & ~1U);
        break;
    case MATCH_TENTATIVE:
        answer->tentative = true;
        if (!question->soft) {
            answer->busy = true;
            answer->places |= (uint8_t)((1U << range->place) & ~1U);
        }
        break;
    case MATCH_FREE:
        if (is_admitted(range, question)) {
            answer->free = true;
            answer->declared |= range->certainty == MATCH_DECLARED;
            answer->inferred |= range->certainty == MATCH_INFERRED;
            answer->preferred |= range->preference == MATCH_PREFERRED;
            answer->avoid |= range->preference == MATCH_AVOID;
        }
        break;
    }
}

void fill_board(const struct match_source *sources, size_t count, minute_t origin,
                const struct question *question, struct answer *board)
{
    memset(board, 0, BOARD * sizeof(*board));
    int64_t first = origin - (int64_t)MARGIN * MINUTES_PER_DAY;
    for (int64_t i = 0; i < BOARD; i++) {
        board[i].known = count > 0;
        for (size_t j = 0; j < count; j++) {
            board[i].known &= sources[j].coverage.start <= first + i &&
                              first + i < sources[j].coverage.end;
        }
    }
    for (size_t j = 0; j < count; j++) {
        for (size_t k = 0; k < sources[j].range_count; k++) {
            const struct match_range *range = &sources[j].ranges[k];
            for (int64_t i = range->start - first; i < range->end - first; i++) {
                answer_range(range, question, &board[i]);
            }
        }
    }
    /* Nobody asks how an hour would have been that is not free. */
    for (int64_t i = 0; i < BOARD; i++) {
        struct answer *answer = &board[i];
        if (!answer->known || answer->busy || !answer->free) {
            *answer = (struct answer){
                .known = answer->known, .busy = answer->busy, .places = answer->places};
        }
    }
}
