// SPDX-License-Identifier: Apache-2.0

/*
 * people_story.h - some hundred people with random agendas, and who of them is free,
 * minute by minute
 */
#ifndef TESTS_MATCHER_PEOPLE_STORY_H
#define TESTS_MATCHER_PEOPLE_STORY_H

#include "matcher/people.h"

enum {
    STORY_TODAY = 20000, /* UTC day */
    STORY_BLOCKS = 2,
    STORY_PEOPLE = STORY_BLOCKS * PEOPLE_BLOCK,
    STORY_DAYS = 20,
    STORY_RANGES = 120,
    STORY_CLAIMS = 12,
    STORY_RECORDS = 4096,
};

/* Everybody whom the story knows. */
struct people_agenda {
    bool exists;
    size_t source_count;
    struct match_source sources[2];
    struct match_range ranges[2][STORY_RANGES];
    size_t claim_count;
    struct match_span claims[STORY_CLAIMS];
    uint16_t places[STORY_CLAIMS];
    bool is_placeless;           /* nobody knows where the claims are */
    struct match_record *record; /* NULL: sources are given */
};

struct people_story {
    uint64_t seed;
    struct people people;
    struct people_agendas agendas;
    struct people_agenda *all; /* STORY_PEOPLE of them */
    void *memory[STORY_BLOCKS];
    size_t looks;                 /* how often an agenda was looked at */
    void *records[STORY_RECORDS]; /* all that were made */
    size_t record_count;
};

/* Nobody yet.  Allocates; story_finish() frees. */
void people_story_init(struct people_story *story, uint64_t seed);
void people_story_finish(struct people_story *story);

/* A number below @below, which is at least 1. */
uint32_t people_story_random(struct people_story *story, uint32_t below);

/* A random agenda, on days from @first_day on.  @is_wild: with everything that sources
 * can say; otherwise one source, free and busy on cells.  Half of them are compiled. */
void people_story_invent(struct people_story *story, int32_t first_day, bool is_wild,
                         struct people_agenda *ret_agenda);

/* Compile what @agenda's sources say; the story keeps the record. */
void people_story_compile(struct people_story *story, struct people_agenda *agenda);

/* The person of @agenda; false if there is none. */
bool people_story_person(const struct people_agenda *agenda,
                         struct match_person *ret_person);

/* Give person @who @agenda, in the rows too. */
void people_story_replace(struct people_story *story, uint32_t who,
                          const struct people_agenda *agenda);

/* STORY_TODAY at this time of day. */
minute_t people_story_at(int hour, int minute);

/* Give person @who nothing but free time in [start, end). */
struct people_agenda *people_story_free(struct people_story *story, uint32_t who,
                                        minute_t start, minute_t end);

/* Something changed in the agenda of person @who in [from, until). */
void people_story_touch(struct people_story *story, uint32_t who, minute_t from,
                        minute_t until);

/* The first of those who are free: at most @capacity, which is at most 16. */
size_t people_story_list(struct people_story *story,
                         const struct people_question *question, minute_t start,
                         uint32_t *ret_ids, size_t capacity);

/* By the words of request.h: every minute, every range. */
bool people_story_can_come(const struct people_question *question,
                           const struct people_agenda *agenda, minute_t start);

#endif
