// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/work/work_meeting.h"

#include "tests/matcher/random_request.h"

#include <string.h>

enum { CELL = 15, MORNING = 8 * 60, EVENING = 18 * 60, RECORDED = 40 };

/* 32 and 33: few.c looks at so many people at once. */
static const size_t team_sizes[] = {1, 2, 3, 5, 8, 9, 16, 32, 33};
static const int32_t spans[] = {1, 3, 7, 28};

/* From morning to evening, in stretches; a tenth of them engaged.  Now and then somebody's
 * are so short that the minutes are painted. */
static size_t draw_ranges(struct dice *dice, int32_t days, struct match_range *ranges)
{
    int32_t longest = dice_chance(dice, 15) ? 2 : 16;
    size_t count = 0;

    for (int32_t day = -1; day <= days; day++) {
        minute_t at = day * MINUTES_PER_DAY + MORNING;
        minute_t evening = day * MINUTES_PER_DAY + EVENING;

        while (at < evening && count < WORK_RANGES) {
            minute_t end = at + CELL * dice_between(dice, 1, longest);
            bool is_engaged = dice_chance(dice, 10);

            ranges[count++] = (struct match_range){
                .start = at,
                .end = end < evening ? end : evening,
                .kind = is_engaged ? MATCH_BUSY : MATCH_FREE,
                .certainty =
                    (uint8_t)(dice_chance(dice, 90) ? MATCH_DECLARED : MATCH_TYPICAL),
                .preference =
                    (uint8_t)(dice_chance(dice, 80) ? MATCH_NEUTRAL : MATCH_AVOID)};
            at =
                end +
                (dice_chance(dice, 60) ? 0 : CELL * dice_between(dice, 1, longest / 2));
        }
    }
    return count;
}

static struct match_person *draw_person(struct dice *dice, struct work_meeting *meeting,
                                        int32_t days)
{
    size_t number = meeting->people_count++;
    struct match_source *source = &meeting->sources[number];
    struct match_span *claims = meeting->claims[number];
    minute_t at = CELL * dice_between(dice, 0, 60);

    *source = (struct match_source){
        .coverage = {-2 * MINUTES_PER_DAY, (days + 2) * MINUTES_PER_DAY},
        .ranges = meeting->ranges[number],
        .range_count = draw_ranges(dice, days, meeting->ranges[number])};
    for (size_t i = 0; i < 2; i++) {
        claims[i] = (struct match_span){at, at + 2 * CELL};
        at += CELL * dice_between(dice, 4, 100);
    }
    meeting->people[number] = (struct match_person){
        .id = (uint64_t)1 << RECORDED | number, /* has a record: recorded.c */
        .sources = source,
        .source_count = 1,
        .claims = claims,
        .claim_count = (size_t)(dice_chance(dice, 20) ? 2 : 0)};
    return &meeting->people[number];
}

/* One large pool, or so many small ones. */
static void draw_party(struct dice *dice, struct work_meeting *meeting, size_t i,
                       int32_t days, size_t pools)
{
    struct match_party *party = &meeting->parties[i];

    *party = (struct match_party){.importance = MATCH_INDISPENSABLE, .id = i + 1};
    if (i >= 1 && i <= pools) {
        party->members = &meeting->people[meeting->people_count];
        party->member_count = (size_t)dice_between(dice, 1, pools == 1 ? 16 : 4);
        party->needed = 1;
        for (size_t j = 0; j < party->member_count; j++) {
            (void)draw_person(dice, meeting, days);
        }
        return;
    }
    party->person = *draw_person(dice, meeting, days);
    if (pools > 0 && dice_chance(dice, 60)) {
        party->importance = MATCH_OPTIONAL;
    }
    party->buffer_after = dice_chance(dice, 10) ? CELL : 0;
}

void work_meeting_draw(struct work_meeting *meeting, size_t number)
{
    struct dice dice = {number + 1};
    int32_t days = spans[number / 9 % 4];
    bool is_whole = number >= WORK_MEETINGS / 2;
    size_t pools = is_whole ? 1 + number % 5 : 0;

    memset(meeting, 0, sizeof(*meeting));
    meeting->window = (struct match_span){MORNING, days * MINUTES_PER_DAY + EVENING};
    meeting->offsets[0] = (struct match_offset){0, 60};
    meeting->offsets[1] = (struct match_offset){2 * MINUTES_PER_DAY + 60, 120};
    meeting->options[0] = (struct match_option){1, 0};
    meeting->options[1] = (struct match_option){2, 1};
    meeting->legs[0] = (struct match_leg){1, 2, 30};
    meeting->legs[1] = (struct match_leg){2, 1, 30};
    meeting->request = (struct match_request){
        .duration = CELL * dice_between(&dice, 1, 6),
        .grid = dice_chance(&dice, 70) ? CELL : 5,
        .windows = &meeting->window,
        .window_count = 1,
        .now = -100,
        .has_target = true,
        .target = MINUTES_PER_DAY,
        .offsets = meeting->offsets,
        .offset_count = (size_t)dice_between(&dice, 0, 2),
        .options = meeting->options,
        .option_count = (size_t)(is_whole ? dice_between(&dice, 0, 2) : 0),
        .legs = meeting->legs,
        .leg_count = (size_t)(is_whole ? dice_between(&dice, 0, 2) : 0),
        .weekdays = dice_chance(&dice, 80) ? 0 : 31,
        .parties = meeting->parties,
        .party_count = team_sizes[number % 9],
        .wanted = (size_t)dice_between(&dice, 1, 5),
    };
    for (size_t i = 0; i < meeting->request.party_count; i++) {
        draw_party(&dice, meeting, i, days, pools);
    }
}
