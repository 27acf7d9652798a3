// SPDX-License-Identifier: Apache-2.0
#include "matcher/people_internal.h"

#include <string.h>

/* One person, one slot. */
struct trial {
    const struct people_question *question;
    int64_t start;
    int64_t end;
    bool failed;
    uint64_t offered[(MATCH_DURATION_MAX + 63) / 64]; /* the minutes of the slot */
};

static enum match_status check_legs(const struct people_question *question)
{
    if (question->leg_count > MATCH_LEGS_MAX) {
        return MATCH_BAD_OPTIONS;
    }
    for (size_t i = 0; i < question->leg_count; i++) {
        const struct match_leg *leg = &question->legs[i];
        if (leg->minutes < 0 || leg->minutes > MATCH_TRAVEL_MAX ||
            (i > 0 && (leg[-1].from > leg->from ||
                       (leg[-1].from == leg->from && leg[-1].to >= leg->to)))) {
            return MATCH_BAD_OPTIONS;
        }
    }
    return MATCH_OK;
}

enum match_status people_check(const struct people_question *question)
{
    const uint8_t known =
        1U << MATCH_DECLARED | 1U << MATCH_INFERRED | 1U << MATCH_TYPICAL;

    if (question->duration < 1 || question->duration > MATCH_DURATION_MAX) {
        return MATCH_BAD_DURATION;
    }
    if (question->buffer_before < 0 || question->buffer_before > MATCH_BUFFER_MAX ||
        question->buffer_after < 0 || question->buffer_after > MATCH_BUFFER_MAX ||
        (question->certainties & ~known) != 0 ||
        (unsigned)question->tentative > MATCH_TENTATIVE_SOFT) {
        return MATCH_BAD_LIMITS;
    }
    for (size_t i = 0; i < question->offset_count; i++) {
        const struct match_offset *offset = &question->offsets[i];
        if (offset->offset_minutes > MINUTES_PER_DAY ||
            offset->offset_minutes < -MINUTES_PER_DAY ||
            (i > 0 && offset[-1].from >= offset->from)) {
            return MATCH_BAD_LIMITS;
        }
    }
    return check_legs(question);
}

bool people_is_plain(const struct people_question *question)
{
    return question->option.modality == 0 && question->option.place == 0 &&
           question->certainties == 0 && question->purposes == 0 &&
           question->buffer_before == 0 && question->buffer_after == 0;
}

/* Minutes from one place to another. */
static int32_t travel(const struct people_question *question, uint16_t from,
                      uint16_t to)
{
    size_t low = 0;
    size_t high = question->leg_count;

    if (from == to) {
        return 0;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct match_leg *leg = &question->legs[middle];
        if (leg->from < from || (leg->from == from && leg->to < to)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < question->leg_count && question->legs[low].from == from &&
                   question->legs[low].to == to
               ? question->legs[low].minutes
               : 0;
}

/* The person is busy in [start, end), at @place if that is not 0. */
static void meet_busy(struct trial *trial, int64_t start, int64_t end, uint16_t place)
{
    const struct people_question *question = trial->question;
    uint16_t here = question->option.place;

    trial->failed |= start - question->buffer_after < trial->end &&
                     trial->start < end + question->buffer_before;
    if (place == 0 || here == 0) {
        return;
    }
    if (end <= trial->start) {
        trial->failed |= trial->start < end + travel(question, place, here);
    }
    if (start >= trial->end) {
        trial->failed |= trial->end > start - travel(question, here, place);
    }
}

static bool is_admitted(const struct people_question *question,
                        const struct match_range *range)
{
    const struct match_option *option = &question->option;

    return (question->certainties == 0 ||
            (question->certainties >> range->certainty & 1)) &&
           (question->purposes == 0 || range->purposes == 0 ||
            (question->purposes & range->purposes) != 0) &&
           (option->modality == 0 || range->modalities == 0 ||
            (option->modality < 8 && (range->modalities >> option->modality & 1))) &&
           (option->place == 0 || range->place == 0 || option->place == range->place);
}

static void meet_offer(struct trial *trial, const struct match_range *range)
{
    int64_t start = range->start > trial->start ? range->start : trial->start;
    int64_t end = range->end < trial->end ? range->end : trial->end;

    for (int64_t at = start; at < end;) {
        int64_t bit = at - trial->start;
        int64_t stop =
            (bit | 63) + 1 < end - trial->start ? (bit | 63) + 1 : end - trial->start;
        trial->offered[bit / 64] |=
            UINT64_MAX << bit % 64 & UINT64_MAX >> (63 - (stop - 1) % 64);
        at = trial->start + stop;
    }
}

static void meet(void *context, const struct match_range *range)
{
    struct trial *trial = context;

    if (range->kind == MATCH_FREE) {
        if (is_admitted(trial->question, range)) {
            meet_offer(trial, range);
        }
    } else if (range->kind == MATCH_BUSY ||
               trial->question->tentative == MATCH_TENTATIVE_EXCLUDED) {
        meet_busy(trial, range->start, range->end, range->place);
    }
}

/* How far from the slot somebody can be busy and yet not come. */
static int32_t reach(const struct people_question *question)
{
    int32_t most = question->buffer_before > question->buffer_after
                       ? question->buffer_before
                       : question->buffer_after;

    if (question->option.place != 0) {
        for (size_t i = 0; i < question->leg_count; i++) {
            most = question->legs[i].minutes > most ? question->legs[i].minutes : most;
        }
    }
    return most;
}

static int64_t civil_day(const struct people_question *question, int64_t at)
{
    int64_t local = at;

    for (size_t i = 0; i < question->offset_count; i++) {
        if (i == 0 || question->offsets[i].from <= at) {
            local = at + question->offsets[i].offset_minutes;
        }
    }
    return minute_day(local);
}

/* Whether notice and daily cap are kept. */
static bool terms_are_kept(const struct people_question *question,
                           const struct match_person *person, minute_t start)
{
    int32_t notice;
    int32_t cap;
    int32_t meetings = 0;

    people_terms(person, &notice, &cap);
    if (notice > 0 && (int64_t)start - question->now < notice) {
        return false;
    }
    if (cap == 0) {
        return true;
    }
    int64_t day = civil_day(question, start);
    for (size_t i = 0; i < person->claim_count; i++) {
        meetings += civil_day(question, person->claims[i].start) == day;
    }
    return meetings < cap;
}

static bool is_offered(const struct trial *trial)
{
    int64_t minutes = trial->end - trial->start;

    for (int64_t i = 0; i < minutes; i += 64) {
        uint64_t wanted =
            minutes - i < 64 ? UINT64_MAX >> (64 - (minutes - i)) : UINT64_MAX;
        if ((trial->offered[i / 64] & wanted) != wanted) {
            return false;
        }
    }
    return true;
}

bool people_can_come(const struct people_question *question,
                     const struct match_person *person, minute_t start)
{
    struct trial trial = {
        .question = question,
        .start = start,
        .end = start + question->duration,
    };
    struct match_span known = people_known(person);
    int32_t margin = reach(question);

    if (known.start > trial.start || known.end < trial.end ||
        !terms_are_kept(question, person, start)) {
        return false;
    }
    people_walk(person, (minute_t)(trial.start - margin),
                (minute_t)(trial.end + margin), meet, &trial);
    for (size_t i = 0; !trial.failed && i < person->claim_count &&
                       person->claims[i].start < trial.end + margin;
         i++) {
        meet_busy(&trial, person->claims[i].start, person->claims[i].end,
                  person->claim_places != NULL ? person->claim_places[i] : 0);
    }
    return !trial.failed && is_offered(&trial);
}
