// SPDX-License-Identifier: Apache-2.0

/*
 * work_meeting.h - meetings as they are asked for: people who work by day, some hours of
 * which are taken, in teams of all sizes
 *
 * Ownership   A meeting holds everything that its request points at: it must not be copied
 * or moved.
 */
#ifndef TESTS_MATCHER_WORK_MEETING_H
#define TESTS_MATCHER_WORK_MEETING_H

#include "matcher/slot.h"

enum { WORK_MEETINGS = 72, WORK_PARTIES = 40, WORK_RANGES = 512, WORK_PEOPLE = 96 };

struct work_meeting {
    struct match_range ranges[WORK_PEOPLE][WORK_RANGES];
    struct match_source sources[WORK_PEOPLE];
    struct match_span claims[WORK_PEOPLE][2];
    struct match_person people[WORK_PEOPLE];
    size_t people_count;
    struct match_party parties[WORK_PARTIES];
    struct match_leg legs[2];
    struct match_span window;
    struct match_offset offsets[2];
    struct match_option options[2];
    struct match_request request;
};

/* The meeting of this number, which is always the same. */
void work_meeting_draw(struct work_meeting *meeting, size_t number);

#endif
