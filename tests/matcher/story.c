// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/story.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void story_begin(struct story *story)
{
    memset(story, 0, sizeof(*story));
    story->request.duration = 60;
    story->request.earliest = INT32_MIN;
    story->request.windows = story->windows;
    story->request.parties = story->parties;
    story->request.wanted = 1;
    story->result.chosen = story->chosen;
    story->result.chosen_capacity = sizeof(story->chosen) / sizeof(story->chosen[0]);
}

minute_t story_at(const struct story *story, int index)
{
    return story->origin + index * STORY_UNIT;
}

/* What a letter says of its quarter of an hour; false if it says nothing. */
static bool read_letter(char letter, struct match_range *ret_range)
{
    struct match_range range = {.kind = MATCH_FREE, .certainty = MATCH_DECLARED};

    switch (letter) {
    case '#':
    case 'C':
        break;
    case 'i':
        range.certainty = MATCH_INFERRED;
        break;
    case 'y':
        range.certainty = MATCH_TYPICAL;
        break;
    case 'p':
        range.preference = MATCH_PREFERRED;
        break;
    case 'a':
        range.preference = MATCH_AVOID;
        break;
    case 'B':
        range.kind = MATCH_BUSY;
        break;
    case 'T':
        range.kind = MATCH_TENTATIVE;
        break;
    default: /* any other letter offers nothing */
        return false;
    }
    *ret_range = range;
    return true;
}

static void read_source(struct story *story, size_t party, size_t index,
                        const char *drawing)
{
    struct match_source *source = &story->sources[party][index];
    struct match_range *ranges = story->ranges[party][index];
    int length = (int)strlen(drawing);

    story->drawings[party][index] = drawing;
    source->ranges = ranges;
    for (int i = 0; i < length;) {
        struct match_range range;
        int begin = i;

        while (i < length && drawing[i] == drawing[begin]) {
            i++;
        }
        if (drawing[begin] != '?') {
            if (source->coverage.start == source->coverage.end) {
                source->coverage.start = story_at(story, begin);
            } else {
                assert(source->coverage.end == story_at(story, begin));
            }
            source->coverage.end = story_at(story, i);
        }
        if (read_letter(drawing[begin], &range)) {
            assert(source->range_count < STORY_RANGES);
            range.start = story_at(story, begin);
            range.end = story_at(story, i);
            ranges[source->range_count++] = range;
        }
        if (drawing[begin] == 'C') {
            struct match_party *p = &story->parties[party];
            assert(p->person.claim_count < STORY_CLAIMS);
            story->claims[party][p->person.claim_count++] =
                (struct match_span){story_at(story, begin), story_at(story, i)};
        }
    }
}

struct match_party *story_party(struct story *story, enum match_importance importance,
                                const char *drawing)
{
    size_t index = story->request.party_count++;
    minute_t end = story_at(story, (int)strlen(drawing));

    assert(index < STORY_PARTIES);
    struct match_party *party = &story->parties[index];
    party->importance = importance;
    party->id = index;
    party->person.sources = story->sources[index];
    party->person.source_count = 1;
    party->person.claims = story->claims[index];
    read_source(story, index, 0, drawing);
    if (story->request.window_count == 0) {
        story->windows[0] = (struct match_span){story->origin, end};
        story->request.window_count = 1;
    }
    return party;
}

struct match_party *story_pool(struct story *story, size_t first, size_t needed)
{
    struct match_party *pool = &story->parties[first];
    size_t count = story->request.party_count - first;

    assert(count <= STORY_MEMBERS);
    for (size_t i = 0; i < count; i++) {
        story->members[i] = story->parties[first + i].person;
        story->members[i].id = 100 + i;
    }
    memset(&pool->person, 0, sizeof(pool->person));
    pool->members = story->members;
    pool->member_count = count;
    pool->needed = needed;
    story->request.party_count = first + 1;
    return pool;
}

void story_option(struct story *story, uint8_t modality, uint16_t place)
{
    assert(story->request.option_count < MATCH_OPTIONS_MAX);
    story->options[story->request.option_count++] =
        (struct match_option){modality, place};
    story->request.options = story->options;
}

void story_source(struct story *story, const char *drawing)
{
    size_t party = story->request.party_count - 1;
    size_t index = story->parties[party].person.source_count++;

    assert(index < STORY_SOURCES);
    read_source(story, party, index, drawing);
}

enum match_status story_status(struct story *story)
{
    size_t size = match_workspace_size(&story->request);
    void *workspace = malloc(size > 0 ? size : 1);
    enum match_status status =
        match_search(&story->request, workspace, size, &story->result);
    if (status == MATCH_OK) {
        static const struct match_leeway none;
        status = match_explain(&story->request, &none, workspace, size, &story->why);
    }
    free(workspace);
    return status;
}

void story_search(struct story *story)
{
    enum match_status status = story_status(story);
    assert_string_equal(match_status_text(status), match_status_text(MATCH_OK));
}

bool story_judge(struct story *story, minute_t start, struct match_slot *ret_slot)
{
    return story_judge_option(story, start, 0, ret_slot);
}

bool story_judge_option(struct story *story, minute_t start, uint32_t option,
                        struct match_slot *ret_slot)
{
    static struct match_result judged;
    bool feasible = false;
    size_t size = match_workspace_size(&story->request);
    void *workspace = malloc(size);

    judged.chosen = story->chosen;
    judged.chosen_capacity = sizeof(story->chosen) / sizeof(story->chosen[0]);
    enum match_status status = match_judge(&story->request, start, option, workspace,
                                           size, &judged, &feasible);
    free(workspace);
    assert_int_equal(status, MATCH_OK);
    assert_int_equal(judged.count, 1);
    *ret_slot = judged.slots[0];
    return feasible;
}

void story_explain(struct story *story, const struct match_leeway *leeway)
{
    size_t size = match_workspace_size(&story->request);
    void *workspace = malloc(size);
    enum match_status status =
        match_explain(&story->request, leeway, workspace, size, &story->why);
    free(workspace);
    assert_string_equal(match_status_text(status), match_status_text(MATCH_OK));
}

static void draw_result(const struct story *story, size_t length, char *ret_drawn)
{
    memset(ret_drawn, '.', length);
    ret_drawn[length] = '\0';
    for (size_t i = 0; i < story->result.count; i++) {
        const struct match_slot *slot = &story->result.slots[i];
        for (size_t at = 0; at < length; at++) {
            minute_t minute = story_at(story, (int)at);
            if (slot->start <= minute && minute < slot->end) {
                ret_drawn[at] = (char)('1' + i);
            }
        }
    }
}

void story_expect(struct story *story, const char *why, const char *drawing)
{
    char drawn[512];
    size_t length = strlen(drawing);

    assert(length < sizeof(drawn));
    story_search(story);
    draw_result(story, length, drawn);
    if (strcmp(drawn, drawing) == 0) {
        return;
    }
    print_error("%s\n", why);
    for (size_t i = 0; i < story->request.party_count; i++) {
        for (size_t j = 0; j < story->parties[i].person.source_count; j++) {
            print_error("  party %zu %s\n", i, story->drawings[i][j]);
        }
    }
    fail_msg("%s\n  want    %s\n  got     %s", why, drawing, drawn);
}

void story_expect_reasons(const struct story *story, const struct match_slot *slot,
                          const char *letters)
{
    static const char letter_of[] = "abunfsd";
    char got[MATCH_PARTIES_MAX + 1] = "";

    for (size_t i = 0; i < story->request.party_count; i++) {
        got[i] = letter_of[slot->reason[i]];
    }
    assert_string_equal(got, letters);
}

minute_t story_minute(int year, int month, int day, int hour, int minute)
{
    static const int days_before[] = {0,   31,  59,  90,  120, 151,
                                      181, 212, 243, 273, 304, 334};
    int days = day - 1 + days_before[month - 1];

    /* Good from 1970 to 2099: every fourth year is a leap year. */
    for (int y = 1970; y < year; y++) {
        days += y % 4 == 0 ? 366 : 365;
    }
    if (year % 4 == 0 && month > 2) {
        days++;
    }
    return (minute_t)(days * MINUTES_PER_DAY + hour * 60 + minute);
}
