// SPDX-License-Identifier: Apache-2.0

/*
 * record_days.c - where the changes of each day begin, in a byte a day if that is enough
 */
#include "matcher/record_pack.h"

#include <string.h>

/* Day @i of the new record: of the old one before and after those of the draft. */
static uint32_t begin_of(const struct record_days *days, uint32_t i)
{
    const struct record_draft *draft = days->draft;
    const struct match_record *old = days->frame->old;
    int64_t day = days->first_day + i;

    if (!old) {
        return draft->days[i];
    }
    if ((day < days->frame->first || day > days->frame->last)) {
        int64_t at = day - old->first_day;
        at = at < 0 ? 0 : at;
        at = at > old->day_count ? old->day_count : at;
        return record_day_begin(old, (uint32_t)at) +
               (day > days->frame->last ? days->shift : 0);
    }
    int64_t at = day - draft->first_day;
    at = at < 0 ? 0 : at;
    at = at > draft->day_count ? draft->day_count : at;
    return days->before + draft->days[at];
}

/* Most patches leave all days where they are: then only groups that contain days of the
 * draft begin anew. */
static bool is_in_place(const struct record_days *days)
{
    const struct match_record *old = days->frame->old;
    return old && !(old->flags & RECORD_LONG_DAYS) &&
           old->first_day == days->first_day && old->day_count + 1 == days->count;
}

/* The first group with days of the draft, and the one after the last. */
static void find_groups(const struct record_days *days, uint32_t *ret_first,
                        uint32_t *ret_end)
{
    int64_t first = days->frame->first - days->first_day;
    int64_t last = days->frame->last - days->first_day;
    uint32_t groups = (days->count - 1) / RECORD_DAY_GROUP + 1;

    first = first < 0 ? 0 : first / RECORD_DAY_GROUP;
    last = last < 0 ? 0 : last / RECORD_DAY_GROUP + 1;
    *ret_first = first > groups ? groups : (uint32_t)first;
    *ret_end = last > groups ? groups : (uint32_t)last;
}

static uint32_t end_of_group(const struct record_days *days, uint32_t group)
{
    uint32_t end = (group + 1) * RECORD_DAY_GROUP;
    return end < days->count ? end : days->count;
}

bool record_days_are_long(const struct record_days *days)
{
    uint16_t *all = days->draft->all_days;
    uint32_t group = 0;
    uint32_t end = (days->count - 1) / RECORD_DAY_GROUP + 1;

    if (is_in_place(days)) {
        find_groups(days, &group, &end);
    }
    for (; group < end; group++) {
        uint32_t first = group * RECORD_DAY_GROUP;
        uint32_t last = end_of_group(days, group) - 1;
        if (begin_of(days, last) - begin_of(days, first) > UINT8_MAX) {
            for (uint32_t i = 0; i < days->count; i++) {
                all[i] = (uint16_t)begin_of(days, i);
            }
            return true;
        }
    }
    return false;
}

size_t record_days_size(uint32_t day_count, bool are_long)
{
    size_t each = day_count + (size_t)1;
    return are_long ? each * sizeof(uint16_t)
                    : (day_count / RECORD_DAY_GROUP + 1) * sizeof(uint16_t) + each;
}

/* A group all of whose days are to be written, or if what is
 * there is of the old record, those that have changed. */
static void write_group(const struct record_days *days, uint32_t group,
                        uint16_t *ret_begin, uint8_t *ret_steps)
{
    uint32_t first = group * RECORD_DAY_GROUP;
    uint32_t end = end_of_group(days, group);
    uint32_t begin = begin_of(days, first);

    if (is_in_place(days) && *ret_begin == begin) {
        /* Days before those of the draft are as they were; those after them moved. */
        int64_t last = days->frame->last - days->first_day;
        int64_t changed = days->frame->first - days->first_day;
        first = changed > first ? (uint32_t)changed : first;
        for (; first < end && first <= last; first++) {
            ret_steps[first] = (uint8_t)(begin_of(days, first) - begin);
        }
        for (; first < end; first++) {
            ret_steps[first] = (uint8_t)(ret_steps[first] + days->shift);
        }
        return;
    }
    *ret_begin = (uint16_t)begin;
    if (!days->frame->old) {
        const uint16_t *drafted = days->draft->days;
        for (; first < end; first++) {
            ret_steps[first] = (uint8_t)(drafted[first] - begin);
        }
        return;
    }
    for (; first < end; first++) {
        ret_steps[first] = (uint8_t)(begin_of(days, first) - begin);
    }
}

void record_days_write(const struct record_days *days, struct match_record *record)
{
    uint16_t *groups =
        (uint16_t *)(void *)((uint64_t *)(void *)(record + 1) + record->ring_days);
    if (record->flags & RECORD_LONG_DAYS) {
        memcpy(groups, days->draft->all_days, days->count * sizeof(*groups));
        return;
    }
    uint32_t group = 0;
    uint32_t count = (days->count - 1) / RECORD_DAY_GROUP + 1;
    uint32_t end = count;
    uint8_t *steps = (uint8_t *)(groups + count);
    if (is_in_place(days)) {
        find_groups(days, &group, &end);
        memcpy(groups, record_day_groups(days->frame->old),
               record_days_size(record->day_count, false));
    }
    for (; group < end; group++) {
        write_group(days, group, &groups[group], steps);
    }
    for (; group < count; group++) {
        groups[group] = (uint16_t)(groups[group] + days->shift);
    }
}
