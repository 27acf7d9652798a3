// SPDX-License-Identifier: Apache-2.0

/*
 * story.h - a whole request as a drawing, and its answer as one
 *
 * Units       One character is a quarter of an hour; the first one begins at
 *             story->origin, which is 0 (Thursday, 1970-01-01T00:00Z) unless changed
 * before the first party.
 *
 *     #  free, declared       .  covered, nothing said      ?  not covered
 *     i  free, inferred       B  busy                       C  claimed (and free)
 *     y  free, typical        T  tentative
 *     p  free, preferred      a  free, to be avoided
 *
 * Ownership   A story holds everything that its request points at: it must not be
 * copied or moved.
 */
#ifndef TESTS_MATCHER_STORY_H
#define TESTS_MATCHER_STORY_H

#include "matcher/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
    STORY_UNIT = 15, /* minutes per character */
    STORY_PARTIES = MATCH_PARTIES_MAX,
    STORY_SOURCES = 3,
    STORY_RANGES = 96,
    STORY_CLAIMS = 16,
    STORY_MEMBERS = 8, /* of the pool that a story may have */
};

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct story {
    struct match_request request;
    struct match_result result;
    struct match_why why;
    minute_t origin;
    struct match_span windows[4];
    struct match_party parties[STORY_PARTIES];
    struct match_source sources[STORY_PARTIES][STORY_SOURCES];
    struct match_range ranges[STORY_PARTIES][STORY_SOURCES][STORY_RANGES];
    struct match_span claims[STORY_PARTIES][STORY_CLAIMS];
    const char *drawings[STORY_PARTIES][STORY_SOURCES];
    struct match_person members[STORY_MEMBERS];
    struct match_option options[MATCH_OPTIONS_MAX];
    uint16_t chosen[MATCH_SLOTS_MAX * STORY_MEMBERS];
};

/* A request for one hour, one slot, and no party yet. */
void story_begin(struct story *story);

/* Another party with one source; the window grows to the length of the drawing. */
struct match_party *story_party(struct story *story, enum match_importance importance,
                                const char *drawing);

/* Turn the parties from @first on into members of one pool in their place, of whom any
 * @needed are enough; member i has the id 100 + i. */
struct match_party *story_pool(struct story *story, size_t first, size_t needed);

/* Another way to meet, named after those before. */
void story_option(struct story *story, uint8_t modality, uint16_t place);

/* Another source of the party that was added last. */
void story_source(struct story *story, const char *drawing);

/* Search and explain, which must succeed, into story->result and story->why. */
void story_search(struct story *story);

/* Judge one start, which must succeed; true if the hard rules hold. */
bool story_judge(struct story *story, minute_t start, struct match_slot *ret_slot);
bool story_judge_option(struct story *story, minute_t start, uint32_t option,
                        struct match_slot *ret_slot);

/* Explain with @leeway, which must succeed, into story->why. */
void story_explain(struct story *story, const struct match_leeway *leeway);

/* The status of a search; story->result and story->why are only changed where it is
 * MATCH_OK. */
enum match_status story_status(struct story *story);

/*
 * Search, and check that the slots found are as drawn: the best is made of '1', the
 * next one of '2', and so on.  Fails with @why and all the drawings.
 */
void story_expect(struct story *story, const char *why, const char *drawing);

/* One letter per party: 'a' attends, 'b' busy, 'u' unknown, 'n' not offered, 'f' too far,
 * 's' short notice, 'd' day full. */
void story_expect_reasons(const struct story *story, const struct match_slot *slot,
                          const char *letters);

/* A UTC date as minutes. */
minute_t story_minute(int year, int month, int day, int hour, int minute);

/* The start of the @index-th quarter of an hour. */
minute_t story_at(const struct story *story, int index);

#endif
