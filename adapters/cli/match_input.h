// SPDX-License-Identifier: Apache-2.0

/*
 * match_input.h - a match request, read from JSON and checked
 *
 * Ownership   match_input_read() fills what the caller gives and match_input_finish()
 *             frees what it points at; both accept a zeroed struct.  It must not be
 *             copied: the request points into it.  What is kept (match_keep.h) is lent.
 */
#ifndef ADAPTERS_CLI_MATCH_INPUT_H
#define ADAPTERS_CLI_MATCH_INPUT_H

#include "adapters/cli/match_place.h"
#include "matcher/explain.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    MATCH_INPUT_BYTES_MAX = 16 * 1024 * 1024,
    MATCH_INPUT_NAME_BYTES = 200,
    MATCH_INPUT_RANGES_MAX = 10000,  /* of one source */
    MATCH_INPUT_CLAIMS_MAX = 10000,  /* of one person */
    MATCH_INPUT_SOURCES_MAX = 64,    /* of one person */
    MATCH_INPUT_PURPOSES_MAX = 32,   /* different ones in one document */
    MATCH_INPUT_PLACES_MAX = 1024,   /* likewise */
    MATCH_INPUT_OFFSETS_MAX = 1024,  /* a zone changes at most a few times a year */
    MATCH_INPUT_PEOPLE_MAX = 100000, /* asked for or kept at once */
    MATCH_INPUT_QUORUM_MAX = 4096,
    MATCH_INPUT_CAP_MAX = 1440, /* of one source on one day */
};

struct match_keep;

/* Texts that are numbered as they appear. */
struct match_texts {
    const char *purposes[MATCH_INPUT_PURPOSES_MAX]; /* bit i of a set is purposes[i] */
    size_t purpose_count;
    const char *places[MATCH_INPUT_PLACES_MAX]; /* place i + 1 is places[i] */
    size_t place_count;
    bool places_are_listed; /* no other ones may be named */
};

/* What is asked. */
enum match_question {
    MATCH_BEST,    /* the best slots */
    MATCH_NEAREST, /* those nearest to a start */
    MATCH_JUDGED,  /* what there is to say of one start */
    MATCH_FIND,    /* who is free at one start, or how many at each of a day */
    MATCH_KEPT,    /* nothing: agendas are to be kept for the requests that follow */
};

/* Somebody who is no party: a member of a pool, one who is asked for or kept. */
struct match_somebody {
    const char *name;
    struct match_person person;
};

struct match_input {
    struct match_request request;
    enum match_question question;
    minute_t asked; /* the start, or the first minute of the day */
    bool whole_day; /* MATCH_FIND */
    bool explains;  /* say why not although there are slots */
    bool with_leeway;
    bool counts; /* how many starts there are, and how many of them suit */
    struct match_leeway leeway;
    const char *zone;
    const char *names[MATCH_PARTIES_MAX];    /* by party index; all different */
    const char **members[MATCH_PARTIES_MAX]; /* of a pool: their names */
    const char *lists[MATCH_PARTIES_MAX];    /* where the party stands: "parties" ... */
    size_t list_indices[MATCH_PARTIES_MAX];

    /* Those who are asked for (MATCH_FIND) or to be kept. */
    struct match_somebody *people;
    size_t people_count;

    const struct match_keep *keep; /* agendas of former requests; NULL: none */
    bool is_for_wire;              /* notice counts from the broker's clock */
    bool has_wanted;
    int32_t notice; /* minutes */
    bool without_holidays;
    const char *holiday_region;      /* NULL: all of France */
    bool needs_now;                  /* some source has a notice */
    json_t *document;                /* lends the texts */
    struct match_input_block *first; /* memory, one block per list */

    /* From here on only what is counted above is in use.  What the request points at: */
    struct match_span windows[MATCH_WINDOWS_MAX];
    minute_t picked[MATCH_WINDOWS_MAX];
    struct match_offset offsets[MATCH_INPUT_OFFSETS_MAX];
    struct match_party parties[MATCH_PARTIES_MAX];
    struct match_option options[MATCH_OPTIONS_MAX];
    struct match_option others[MATCH_OPTIONS_MAX];
    struct match_leg legs[MATCH_LEGS_MAX];
    int32_t closed_days[MATCH_CLOSED_DAYS_MAX];
    struct match_texts texts;
};

/* Read @size bytes of JSON.  False with *ret_error if the request is not one; @input
 * can be finished either way. */
bool match_input_read(struct match_input *input, const struct match_keep *keep,
                      const char *bytes, size_t size, struct match_error *ret_error);

void match_input_finish(struct match_input *input);

/* "on_site", ...; "any" for 0. */
const char *match_input_modality(uint8_t modality);

/* The name of @place, or NULL for 0. */
const char *match_input_place(const struct match_input *input, uint16_t place);

/* ---- for match_input_*.c ------------------------------------------------------- */

/* Memory that lives as long as @input, zeroed; NULL if there is none left, with the
 * error stored. */
void *match_input_allocate(struct match_input *input, const struct match_reader *reader,
                           const struct match_place *place, size_t count, size_t size);

/* The bits of a list of purposes. */
bool match_input_purposes(struct match_input *input, const struct match_reader *reader,
                          const struct match_place *place, uint32_t *ret_purposes);

/* A list of words as a set; absent is 0, and an empty list would allow nothing. */
bool match_input_set(const struct match_reader *reader, const struct match_place *up,
                     const char *key, const struct match_word *words,
                     unsigned *ret_set);

/* A word, a place, that may be left out: then *ret stays as it is. */
bool match_input_word(const struct match_reader *reader, const struct match_place *up,
                      const char *key, const struct match_word *words,
                      unsigned *ret_value);

/* The number of the place that a field names. */
bool match_input_place_if_any(struct match_input *input,
                              const struct match_reader *reader,
                              const struct match_place *up, const char *key,
                              uint16_t *ret_place);

extern const struct match_word match_modalities[];     /* enum entente_modality */
extern const struct match_word match_modality_bits[];  /* 1 << modality */
extern const struct match_word match_certainty_bits[]; /* 1 << certainty */

/* The document itself. */
bool match_input_parse(struct match_input *input, const struct match_reader *reader,
                       const char *bytes, size_t size);

/* The zone; the length, the number and the certainty of what is looked for
 * (match_input.c); the zone's clock as far as it is looked at around @all. */
bool match_input_zone(struct match_input *input, struct match_reader *reader,
                      const struct match_place *root);
bool match_input_limits(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root);
bool match_input_clock(struct match_input *input, const struct match_reader *reader,
                       const struct match_place *root, struct match_span all);

/* When: windows or picked starts, days, times of day, notice, target, the clock
 * (match_input_when.c). */
bool match_input_when(struct match_input *input, const struct match_reader *reader,
                      const struct match_place *root);

/* How: places, options, travel, quorum, series, leeway (match_input_how.c). */
bool match_input_how(struct match_input *input, const struct match_reader *reader,
                     const struct match_place *root);

/* Who: "parties" and "pools", or "people" or "agendas" (match_input_party.c). */
bool match_input_parties(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *root);
bool match_input_people(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root, const char *key);

/* The time of one person: "sources" and "claims", or "agenda" (match_input_person.c). */
bool match_input_person(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *place, struct match_person *person);

#endif
