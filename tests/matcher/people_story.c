// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/people_story.h"

#include "tests/support/test.h"

#include "matcher/record.h"

#include <stdlib.h>
#include <string.h>

uint32_t people_story_random(struct people_story *story, uint32_t below)
{
    story->seed ^= story->seed << 13;
    story->seed ^= story->seed >> 7;
    story->seed ^= story->seed << 17;
    return (uint32_t)(story->seed >> 33) % below;
}

static bool look_up(void *context, uint32_t who, struct match_person *ret_person)
{
    struct people_story *story = context;

    story->looks++;
    return people_story_person(&story->all[who], ret_person);
}

void people_story_init(struct people_story *story, uint64_t seed)
{
    memset(story, 0, sizeof(*story));
    story->seed = seed * 2 + 1;
    story->agendas = (struct people_agendas){.person = look_up, .context = story};
    story->all = calloc(STORY_PEOPLE, sizeof(*story->all));
    people_init(&story->people, STORY_TODAY);
    for (size_t i = 0; i < STORY_BLOCKS; i++) {
        story->memory[i] = aligned_alloc(64, PEOPLE_BLOCK_SIZE);
        memset(story->memory[i], 0xa5, PEOPLE_BLOCK_SIZE);
        if (!people_grow(&story->people, story->memory[i])) {
            abort();
        }
    }
}

void people_story_finish(struct people_story *story)
{
    for (size_t i = 0; i < STORY_BLOCKS; i++) {
        free(story->memory[i]);
    }
    for (size_t i = 0; i < story->record_count; i++) {
        free(story->records[i]);
    }
    free(story->all);
}

static int compare_ranges(const void *a, const void *b)
{
    const struct match_range *x = a;
    const struct match_range *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return (x->end > y->end) - (x->end < y->end);
}

static void invent_range(struct people_story *story, minute_t from, bool is_wild,
                         struct match_range *ret_range)
{
    int32_t unit = is_wild && people_story_random(story, 3) == 0 ? 1 : PEOPLE_CELL;
    int32_t units = STORY_DAYS * MINUTES_PER_DAY / unit;
    int32_t longest = people_story_random(story, 12) == 0 ? 2000 : 240;

    memset(ret_range, 0, sizeof(*ret_range));
    ret_range->start =
        from + unit * (int32_t)people_story_random(story, (uint32_t)units);
    ret_range->end =
        ret_range->start +
        unit * (1 + (int32_t)people_story_random(story, (uint32_t)(longest / unit)));
    ret_range->kind = MATCH_FREE;
    ret_range->certainty = MATCH_DECLARED;
    uint32_t kind = people_story_random(story, 10);
    if (kind < 4) {
        ret_range->kind = kind == 0 && is_wild ? MATCH_TENTATIVE : MATCH_BUSY;
        ret_range->end = ret_range->start + (ret_range->end - ret_range->start + 3) / 4;
        if (unit == PEOPLE_CELL) {
            ret_range->end +=
                (PEOPLE_CELL - (ret_range->end - ret_range->start) % PEOPLE_CELL) %
                PEOPLE_CELL;
        }
    }
    if (is_wild) {
        ret_range->certainty = (uint8_t)(1 + people_story_random(story, 3));
        ret_range->preference = (uint8_t)people_story_random(story, 3);
        ret_range->modalities = (uint8_t)(people_story_random(story, 4) * 2);
        ret_range->purposes = people_story_random(story, 4);
        ret_range->place = (uint16_t)people_story_random(story, 3);
    }
}

static void invent_source(struct people_story *story, minute_t from, bool is_wild,
                          struct match_range *ranges, struct match_source *ret_source)
{
    size_t count = people_story_random(story, STORY_RANGES);

    for (size_t i = 0; i < count; i++) {
        invent_range(story, from, is_wild, &ranges[i]);
    }
    qsort(ranges, count, sizeof(*ranges), compare_ranges);
    *ret_source = (struct match_source){
        .coverage = {from - MINUTES_PER_DAY, from + STORY_DAYS * MINUTES_PER_DAY},
        .range_count = count,
    };
    if (!is_wild) {
        return;
    }
    if (people_story_random(story, 3) == 0) {
        ret_source->coverage.start =
            from + (int32_t)people_story_random(story, 4 * MINUTES_PER_DAY);
        ret_source->coverage.end -= (int32_t)people_story_random(story, 15000);
    }
    if (people_story_random(story, 4) == 0) {
        ret_source->notice = (int32_t)people_story_random(story, 4000);
    }
    if (people_story_random(story, 4) == 0) {
        ret_source->daily_cap = 1 + (int32_t)people_story_random(story, 2);
    }
}

void people_story_compile(struct people_story *story, struct people_agenda *agenda)
{
    struct match_person person;

    people_story_person(agenda, &person);
    size_t workspace_size = record_workspace_size(person.sources, person.source_count);
    size_t size = record_bound(person.sources, person.source_count, RECORD_FOR_INDEX);
    void *workspace = malloc(workspace_size);
    void *memory =
        aligned_alloc(RECORD_ALIGN, (size / RECORD_ALIGN + 1) * RECORD_ALIGN);
    if (story->record_count == STORY_RECORDS ||
        record_build(person.sources, person.source_count, RECORD_FOR_INDEX, workspace,
                     workspace_size, memory, size) != MATCH_OK) {
        abort();
    }
    free(workspace);
    agenda->record = memory;
    story->records[story->record_count] = memory;
    story->record_count++;
}

void people_story_invent(struct people_story *story, int32_t first_day, bool is_wild,
                         struct people_agenda *ret_agenda)
{
    minute_t from = first_day * MINUTES_PER_DAY;
    minute_t at = from;

    memset(ret_agenda, 0, sizeof(*ret_agenda));
    ret_agenda->exists = true;
    ret_agenda->source_count = is_wild ? people_story_random(story, 3) : 1;
    for (size_t i = 0; i < ret_agenda->source_count; i++) {
        invent_source(story, from, is_wild, ret_agenda->ranges[i],
                      &ret_agenda->sources[i]);
    }
    for (size_t i = 0; i < STORY_CLAIMS; i++) {
        int32_t unit = is_wild ? 1 : PEOPLE_CELL;
        at += unit * (int32_t)people_story_random(story, (uint32_t)(3000 / unit));
        ret_agenda->claims[i].start = at;
        at += unit * (1 + (int32_t)people_story_random(story, (uint32_t)(90 / unit)));
        ret_agenda->claims[i].end = at;
        ret_agenda->places[i] = (uint16_t)people_story_random(story, 3);
    }
    ret_agenda->claim_count = people_story_random(story, STORY_CLAIMS + 1);
    if (ret_agenda->source_count > 0 && people_story_random(story, 2) == 0) {
        people_story_compile(story, ret_agenda);
    }
}

bool people_story_person(const struct people_agenda *agenda,
                         struct match_person *ret_person)
{
    static struct match_source sources[2];

    for (size_t i = 0; i < 2; i++) {
        sources[i] = agenda->sources[i];
        sources[i].ranges = agenda->ranges[i];
    }
    *ret_person = (struct match_person){
        .sources = sources,
        .source_count = agenda->source_count,
        .claims = agenda->claims,
        .claim_places = agenda->is_placeless ? NULL : agenda->places,
        .claim_count = agenda->claim_count,
        .record = agenda->record,
    };
    if (agenda->record != NULL) {
        ret_person->sources = NULL;
        ret_person->source_count = 0;
    }
    return agenda->exists;
}

void people_story_replace(struct people_story *story, uint32_t who,
                          const struct people_agenda *agenda)
{
    struct match_source sources[2];
    struct match_person before;
    struct match_person after;
    bool was = people_story_person(&story->all[who], &before);

    if (before.sources != NULL) {
        memcpy(sources, before.sources, sizeof(sources));
        before.sources = sources;
    }
    bool is = people_story_person(agenda, &after);
    people_replace(&story->people, who, was ? &before : NULL, is ? &after : NULL);
    story->all[who] = *agenda;
}

static bool lies_over(const struct match_range *range, minute_t at)
{
    return range->start <= at && at < range->end;
}

static bool is_admitted(const struct people_question *question,
                        const struct match_range *range)
{
    uint8_t modality = question->option.modality;
    uint16_t place = question->option.place;

    if (range->kind != MATCH_FREE) {
        return false;
    }
    if (question->certainties != 0 &&
        !(question->certainties & 1U << range->certainty)) {
        return false;
    }
    if (question->purposes != 0 && range->purposes != 0 &&
        !(question->purposes & range->purposes)) {
        return false;
    }
    if (modality != 0 && range->modalities != 0 &&
        (modality > 7 || !(range->modalities & 1U << modality))) {
        return false;
    }
    return place == 0 || range->place == 0 || place == range->place;
}

/* Whether the person cannot come to [start, end) because of an engagement. */
static bool is_in_the_way(const struct people_question *question, minute_t start,
                          minute_t end, minute_t busy_start, minute_t busy_end,
                          uint16_t place)
{
    uint16_t here = question->option.place;

    for (minute_t at = start; at < end; at++) {
        if (at >= busy_start - question->buffer_after &&
            at < busy_end + question->buffer_before) {
            return true;
        }
    }
    for (size_t i = 0; i < question->leg_count && here != 0 && place != here; i++) {
        const struct match_leg *leg = &question->legs[i];
        if (leg->from == place && leg->to == here && place != 0 && busy_end <= start &&
            start < busy_end + leg->minutes) {
            return true;
        }
        if (leg->from == here && leg->to == place && place != 0 && busy_start >= end &&
            end > busy_start - leg->minutes) {
            return true;
        }
    }
    return false;
}

static int32_t civil_day(const struct people_question *question, minute_t at)
{
    int32_t offset =
        question->offset_count > 0 ? question->offsets[0].offset_minutes : 0;

    for (size_t i = 0; i < question->offset_count; i++) {
        if (question->offsets[i].from <= at) {
            offset = question->offsets[i].offset_minutes;
        }
    }
    int32_t day = (at + offset) / MINUTES_PER_DAY;
    return (at + offset) % MINUTES_PER_DAY < 0 ? day - 1 : day;
}

static bool source_is_in_the_way(const struct people_question *question,
                                 const struct people_agenda *agenda, size_t s,
                                 minute_t start)
{
    const struct match_source *source = &agenda->sources[s];
    minute_t end = start + question->duration;
    int32_t meetings = 1;

    if (source->coverage.start > start || source->coverage.end < end) {
        return true;
    }
    if (source->notice > 0 && start < question->now + source->notice) {
        return true;
    }
    for (size_t i = 0; i < agenda->claim_count; i++) {
        meetings +=
            civil_day(question, agenda->claims[i].start) == civil_day(question, start);
    }
    if (source->daily_cap > 0 && meetings > source->daily_cap) {
        return true;
    }
    for (size_t i = 0; i < source->range_count; i++) {
        const struct match_range *range = &agenda->ranges[s][i];
        bool is_busy = range->kind == MATCH_BUSY ||
                       (range->kind == MATCH_TENTATIVE &&
                        question->tentative == MATCH_TENTATIVE_EXCLUDED);
        if (is_busy && is_in_the_way(question, start, end, range->start, range->end,
                                     range->place)) {
            return true;
        }
    }
    return false;
}

bool people_story_can_come(const struct people_question *question,
                           const struct people_agenda *agenda, minute_t start)
{
    if (!agenda->exists || agenda->source_count == 0) {
        return false;
    }
    for (minute_t at = start; at < start + question->duration; at++) {
        bool is_offered = false;
        for (size_t s = 0; s < agenda->source_count; s++) {
            for (size_t i = 0; i < agenda->sources[s].range_count; i++) {
                is_offered |= lies_over(&agenda->ranges[s][i], at) &&
                              is_admitted(question, &agenda->ranges[s][i]);
            }
        }
        if (!is_offered) {
            return false;
        }
    }
    for (size_t s = 0; s < agenda->source_count; s++) {
        if (source_is_in_the_way(question, agenda, s, start)) {
            return false;
        }
    }
    for (size_t i = 0; i < agenda->claim_count; i++) {
        if (is_in_the_way(question, start, start + question->duration,
                          agenda->claims[i].start, agenda->claims[i].end,
                          agenda->places[i])) {
            return false;
        }
    }
    return true;
}

minute_t people_story_at(int hour, int minute)
{
    return STORY_TODAY * MINUTES_PER_DAY + hour * 60 + minute;
}

struct people_agenda *people_story_free(struct people_story *story, uint32_t who,
                                        minute_t start, minute_t end)
{
    struct people_agenda agenda = {.exists = true, .source_count = 1};

    agenda.sources[0].coverage.start = STORY_TODAY * MINUTES_PER_DAY;
    agenda.sources[0].coverage.end = (STORY_TODAY + STORY_DAYS) * MINUTES_PER_DAY;
    agenda.sources[0].range_count = 1;
    agenda.ranges[0][0] = (struct match_range){
        .start = start, .end = end, .kind = MATCH_FREE, .certainty = MATCH_DECLARED};
    people_story_replace(story, who, &agenda);
    return &story->all[who];
}

void people_story_touch(struct people_story *story, uint32_t who, minute_t from,
                        minute_t until)
{
    struct match_person person;

    assert_true(people_story_person(&story->all[who], &person));
    people_touch(&story->people, who, &person, from, until);
}

size_t people_story_list(struct people_story *story,
                         const struct people_question *question, minute_t start,
                         uint32_t *ret_ids, size_t capacity)
{
    uint32_t ids[16];
    struct people_page page = {.ids = ids, .capacity = capacity};

    assert_true(capacity <= sizeof(ids) / sizeof(ids[0]));
    assert_int_equal(
        people_list(&story->people, &story->agendas, question, start, NULL, &page),
        MATCH_OK);
    memcpy(ret_ids, ids, page.count * sizeof(*ids));
    return page.count;
}
