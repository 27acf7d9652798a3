// SPDX-License-Identifier: Apache-2.0

/*
 * status.c - the part of slot.h that says what a status means
 */
#include "matcher/slot.h"

const char *match_status_text(enum match_status status)
{
    switch (status) {
    case MATCH_OK:
        return "the request was searched";
    case MATCH_BAD_DURATION:
        return "the duration must be between 1 minute and 1 day";
    case MATCH_BAD_GRID:
        return "the grid must be between 1 minute and 1 day";
    case MATCH_BAD_WINDOW:
        return "there must be windows or picked slots, not too many, none of them "
               "empty, "
               "all within 400 days";
    case MATCH_BAD_PARTIES:
        return "there must be 1 to 64 parties, each indispensable or optional";
    case MATCH_BAD_POOL:
        return "a pool has at most 4,096 members and needs at least one of them, and "
               "nobody may stand in a request twice";
    case MATCH_BAD_RANGES:
        return "the ranges and claims of a party must be sorted, and none may be "
               "empty; a person has either sources or a record";
    case MATCH_BAD_LIMITS:
        return "the weekdays, times of day, closed days, buffers, notice, daily caps, "
               "offsets, quorum, number of slots or their distance are out of bounds";
    case MATCH_BAD_OPTIONS:
        return "there are too many options, or the travel times are unsorted, twice "
               "the same, or longer than a day";
    case MATCH_BAD_SERIES:
        return "a series has at most 64 occurrences, weekly, fortnightly or monthly";
    case MATCH_NO_ROOM:
        return "the working memory, or the room for chosen members, is too small for "
               "the request";
    }
    return "unknown status";
}
