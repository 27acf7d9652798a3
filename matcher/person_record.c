// SPDX-License-Identifier: Apache-2.0

/*
 * person_record.c - the part of person.h for records with very many ranges
 *
 * What such a record says is painted as it lies in memory, change by change; telling it as
 * ranges first takes longer than painting them.
 */
#include "matcher/person_internal.h"

#include <string.h>

enum {
    CLASSES = 4096, /* of records that are painted: a byte for each */
    FEW = 4,        /* words of minutes for each change at least */
};

bool person_is_paintable(const struct match_request *request,
                         const struct match_record *record,
                         const struct person_minutes *minutes, const minute_t *list,
                         size_t count)
{
    /* As many minutes as the sets of person_dense.c have. */
    int64_t span = (int64_t)list[count - 1] - list[0] + 3 * (int64_t)request->duration;
    size_t words = minutes_words(span);
    bool is_paintable = count > AXIS_SHORT && words <= count &&
                        request->leg_count == 0 &&
                        (size_t)record->change_count * FEW > words &&
                        RECORD_COMMON + record_class_count(record) <= CLASSES;

    /* There are sets for as many ranges as the record may tell, which are more. */
    assert(!is_paintable || words + MINUTES_GUARD <= minutes->words);
    (void)minutes;
    return is_paintable;
}

void person_read_record(const struct match_request *request,
                        const struct match_person *match,
                        const struct match_party *party, struct person *ret_person)
{
    const struct match_record *record = match->record;
    const struct match_source source = {
        .coverage = {record->known_start, record->known_end},
        .notice = record->notice,
        .daily_cap = record->daily_cap,
    };
    struct match_person told = *match;
    unsigned says = (unsigned)record->certainties >> MATCH_DECLARED |
                    (unsigned)record->preferences << PERSON_SAYS_PREFERENCE |
                    PERSON_SAYS_BUSY;

    says |= (record->flags & RECORD_HAS_TENTATIVE) != 0 ? PERSON_SAYS_TENTATIVE : 0;
    told.sources = &source;
    told.source_count = 1;
    person_read(request, &told, party, &(struct check_survey){.says = (uint8_t)says},
                ret_person);
    ret_person->sources = NULL; /* nobody asks for them */
    ret_person->record = record;
}

/* The lanes of the common classes. */
static void choose_common(const struct minutes_brush *brush, uint8_t *lanes)
{
    lanes[RECORD_NOTHING] = 0;
    lanes[RECORD_BUSY] = brush->lanes_of[MATCH_BUSY];
    lanes[RECORD_TENTATIVE] = brush->lanes_of[MATCH_TENTATIVE];
    for (unsigned i = 0; i < RECORD_DECLARED_TENTATIVE - RECORD_OFFERED; i++) {
        const struct match_range offer = {.kind = MATCH_FREE,
                                          .certainty =
                                              (uint8_t)(MATCH_DECLARED + i / 3),
                                          .preference = (uint8_t)(i % 3)};
        lanes[RECORD_OFFERED + i] = brush->lanes_of[minutes_key(&offer)];
    }
    lanes[RECORD_DECLARED_TENTATIVE] = lanes[RECORD_OFFERED] | lanes[RECORD_TENTATIVE];
}

/* The lanes of an entry among the classes of @record. */
static uint8_t lanes_of_class(const struct person_view *view,
                              const struct match_record *record,
                              const struct record_class *class,
                              const struct minutes_brush *brush)
{
    const struct record_item *items = record_items(record) + class->first;
    unsigned lanes = 0;

    lanes |= class->busy ? brush->lanes_of[MATCH_BUSY] : 0u;
    lanes |= class->tentative ? brush->lanes_of[MATCH_TENTATIVE] : 0u;
    for (size_t i = 0; i < class->count; i++) {
        const struct match_range range = {.kind = items[i].kind,
                                          .certainty = items[i].certainty,
                                          .preference = items[i].preference,
                                          .modalities = items[i].modalities,
                                          .purposes = items[i].purposes,
                                          .place = items[i].place};
        if (range.kind != MATCH_FREE || person_is_admitted(view, &range)) {
            lanes |= brush->lanes_of[minutes_key(&range)];
        }
    }
    return (uint8_t)lanes;
}

/* The index of the day of @minute, as far as @record has it; @round days are added. */
static uint32_t day_of(const struct match_record *record, int64_t minute, int64_t round)
{
    int64_t day = minute_day(minute) + round - record->first_day;

    day = day < 0 ? 0 : day;
    return day < record->day_count ? (uint32_t)day : record->day_count;
}

void person_record_paint(const struct person_view *view, const struct person *person,
                         const struct minutes_kernel *kernel,
                         const struct minutes_brush *brush, uint64_t *sets,
                         size_t words)
{
    const struct match_record *record = person->record;
    const struct record_class *classes = record_classes(record);
    size_t count = record_class_count(record);
    uint8_t lanes[CLASSES];
    struct minutes_days days = {
        .record = record,
        .first = day_of(record, view->from - view->reach, 0),
        .end = day_of(record, view->until + view->reach, 1),
        .until = view->until + view->reach - brush->first,
        .lanes = lanes,
    };

    choose_common(brush, lanes);
    for (size_t i = 0; i < count; i++) {
        lanes[RECORD_COMMON + i] = lanes_of_class(view, record, &classes[i], brush);
    }
    kernel->paint_days(&days, brush, sets, words);
}
