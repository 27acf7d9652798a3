// SPDX-License-Identifier: Apache-2.0

/*
 * preview_series.c - what a change would make of the meetings that belong together
 */
#include "broker/preview.h"

#include "broker/matter.h"
#include "broker/series.h"

/* ---- why not then ------------------------------------------------------------------
 */

void preview_ask_why(const struct preview_all *all, struct preview_one *one)
{
    const struct entente_meeting *meeting = one->meeting;
    if (one->wanted == 0 || meeting->kept->organizer != all->client->id) {
        return;
    }
    /* Exactly then, wherever it was looked for. */
    struct entente_spec spec = *meeting->spec;
    spec.windows_count = 0;
    spec.picked_count = 0;
    const struct propose_question question = {.spec = &spec,
                                              .people = meeting->kept->people,
                                              .meeting = meeting->id.data,
                                              .now_ms = all->batch->now_ms,
                                              .wanted = 1,
                                              .exact = one->wanted,
                                              .why = PROPOSE_WHY_IF_NONE};
    struct propose_answer answer = {0};
    /* What cannot be explained is told without. */
    if (propose(all->batch->proposer, &question, &all->batch->arena, &answer) ==
        STATUS_OK) {
        one->why_not = answer.why_not;
    }
}

/* ---- the meetings ------------------------------------------------------------------
 */

static bool is_touched(const struct preview_one *one)
{
    return one->concerns && (one->is_new || one->refusal.code != 0 ||
                             one->version != one->meeting->version);
}

static bool is_conflict(const struct preview_one *one)
{
    const struct entente_series *series = one->meeting->series;
    for (size_t i = 0; one->is_new && i < series->conflicts_count; i++) {
        if (series->conflicts[i] == series->index) {
            return true;
        }
    }
    return false;
}

static bool tell_one(const struct preview_all *all, const struct preview_one *one,
                     struct arena *arena, struct entente_touched_meeting *ret)
{
    const struct entente_meeting *meeting = one->meeting;
    const struct entente_why_not *why_not = one->why_not;
    struct entente_preview_result whole;
    if (!preview_compare(one, all->client, arena, &whole)) {
        return false;
    }
    *ret = (struct entente_touched_meeting){
        .index = meeting->series->index,
        .state = meeting->state,
        .asked_again = whole.asked_again,
        .asked_again_count = whole.asked_again_count,
        .lost = whole.lost,
        .lost_count = whole.lost_count,
        .code = whole.code,
        .parameters = whole.parameters,
        .parameters_count = whole.parameters_count,
        .conflict = is_conflict(one),
        .wanted = one->wanted,
        .blocking = why_not == NULL ? NULL : why_not->blocking,
        .blocking_count = why_not == NULL ? 0 : why_not->blocking_count,
    };
    if (!one->is_new) {
        ret->meeting = meeting->id;
    }
    if (one->time.end != 0) {
        ret->before = arena_copy(arena, &one->time, sizeof(one->time));
    }
    bool proposed =
        meeting->proposal != NULL && meeting->proposal->number != one->proposal;
    ret->slot = proposed ? whole.slots : NULL;
    return one->time.end == 0 || ret->before != NULL;
}

static bool tell_meetings(const struct preview_all *all, struct arena *arena,
                          struct entente_preview_result *result)
{
    result->meetings = arena_array(arena, all->count, sizeof(*result->meetings));
    if (result->meetings == NULL) {
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        const struct preview_one *one = &all->ones[i];
        if (is_touched(one) &&
            !tell_one(all, one, arena, &result->meetings[result->meetings_count++])) {
            return false;
        }
    }
    return true;
}

/* ---- the gaps ----------------------------------------------------------------------
 */

/* When it would take place if it were as it was asked for; false: nobody knows. */
static bool time_then(const struct preview_one *one, struct entente_span *ret_time)
{
    if (one->refusal.code != 0 && one->wanted != 0) {
        *ret_time = (struct entente_span){
            one->wanted, one->wanted + (int32_t)one->meeting->spec->duration_minutes};
        return true;
    }
    return series_time(one->meeting, ret_time);
}

/* @later begins too soon after @time, or too late. */
static bool is_broken(const struct entente_span *time, const struct entente_span *later,
                      const struct entente_kept *kept)
{
    int64_t gap = (int64_t)later->start - time->end;
    return gap < (int64_t)kept->min_gap_minutes ||
           (kept->max_gap_minutes != 0 && gap > (int64_t)kept->max_gap_minutes);
}

/* Of @one and the one before it: does what was tried break what was kept? */
static bool breaks(const struct preview_one *before, const struct preview_one *one,
                   struct entente_broken_gap *ret)
{
    const struct entente_kept *kept = one->meeting->kept;
    struct entente_span time;
    struct entente_span later;
    bool was_broken = before->time.end != 0 && one->time.end != 0 &&
                      is_broken(&before->time, &one->time, kept);
    if (was_broken || !before->concerns || !one->concerns ||
        one->meeting->series->index != before->meeting->series->index + 1 ||
        !time_then(before, &time) || !time_then(one, &later) ||
        !is_broken(&time, &later, kept)) {
        return false;
    }
    *ret = (struct entente_broken_gap){.index = one->meeting->series->index,
                                       .from = time.end,
                                       .until = later.start,
                                       .min_gap_minutes = kept->min_gap_minutes,
                                       .max_gap_minutes = kept->max_gap_minutes};
    return true;
}

static bool tell_gaps(const struct preview_all *all, struct arena *arena,
                      struct entente_preview_result *result)
{
    result->broken_gaps = arena_array(arena, all->count, sizeof(*result->broken_gaps));
    for (size_t i = 1; result->broken_gaps != NULL && i < all->count; i++) {
        if (sequence_is(all->ones[i].meeting) &&
            breaks(&all->ones[i - 1], &all->ones[i],
                   &result->broken_gaps[result->broken_gaps_count])) {
            result->broken_gaps_count++;
        }
    }
    return result->broken_gaps != NULL;
}

bool preview_tell_series(const struct preview_all *all, struct arena *arena,
                         struct entente_preview_result *result)
{
    return tell_meetings(all, arena, result) && tell_gaps(all, arena, result);
}
