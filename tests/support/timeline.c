// SPDX-License-Identifier: Apache-2.0
#include "tests/support/timeline.h"

#include <assert.h>
#include <string.h>

void timeline_blank(struct timeline *ret_timeline)
{
    memset(ret_timeline, 0, sizeof(*ret_timeline));
    ret_timeline->set.start = ret_timeline->start;
    ret_timeline->set.end = ret_timeline->end;
    ret_timeline->set.capacity = TIMELINE_MAX;
}

void timeline_read(const char *drawing, struct timeline *ret_timeline)
{
    size_t length = strlen(drawing);

    assert(length <= TIMELINE_MAX);
    timeline_blank(ret_timeline);
    for (size_t i = 0; i < length; i++) {
        if (drawing[i] == '#') {
            interval_set_append(&ret_timeline->set, (minute_t)i, (minute_t)i + 1);
        }
    }
}

const char *timeline_draw(struct timeline *timeline, size_t length)
{
    const struct interval_set *set = &timeline->set;

    assert(length <= TIMELINE_MAX);
    memset(timeline->drawn, '.', length);
    timeline->drawn[length] = '\0';
    for (size_t i = 0; i < set->count; i++) {
        for (minute_t at = set->start[i]; at < set->end[i]; at++) {
            if (at >= 0 && (size_t)at < length) {
                timeline->drawn[at] = '#';
            }
        }
    }
    return timeline->drawn;
}

bool timeline_covers(const struct interval_set *set, minute_t start, minute_t end)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->start[i] <= start && end <= set->end[i]) {
            return true;
        }
    }
    return false;
}
