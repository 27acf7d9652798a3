// SPDX-License-Identifier: Apache-2.0

/*
 * person_kept.c - the part of person.h that keeps what people with very many ranges say
 *
 * A search asks about the same starts again and again: who can come, how well it suits,
 * what is lost beside the slot, why somebody cannot.  Who has very many ranges is read
 * once, for all starts of the list; planes of it answer the rest.
 */
#include "matcher/person_internal.h"

#include "matcher/minutes.h"

#include <assert.h>
#include <string.h>

enum {
    SHARE = 4
}; /* of the time of the list: what is asked of less of it is read alone */

void person_keep_list(struct person_scratch *scratch, const minute_t *list,
                      size_t count)
{
    struct person_minutes *minutes = &scratch->minutes;

    assert(count > 0);
    minutes->keeps = minutes->words > 0;
    minutes->list =
        (struct axis){.starts = list, .count = count, .words = axis_words(count)};
    minutes->list_number++;
    minutes->has_list_marks = false;
}

void person_keep_nothing(struct person_scratch *scratch)
{
    scratch->minutes.keeps = false;
}

void person_dense_read(const struct question *question, const struct person_view *view,
                       const struct person *person, struct person_sheet *sheet)
{
    size_t words = view->axis->words;
    const uint64_t *offered = sheet->planes + PERSON_OFFERED * words;
    uint64_t *busy = sheet->planes + PERSON_BUSY * words;
    uint64_t *attend = sheet->planes + PERSON_ATTENDS * words;
    uint64_t *far = sheet->planes + PERSON_FAR * words;
    uint64_t *away = question->scratch->other;

    person_dense_paint(question, view, person, sheet->planes, sheet->minutes);
    person_dense_far(view, person, far);
    person_engage_claims(view, person, busy, far);
    plane_zero(away, words);
    person_find_unknown(view, person, away);
    person_shorten_notice(view, person, away);
    person_full_days(view->request, view->axis, person, away);
    for (size_t i = 0; i < words; i++) {
        attend[i] = offered[i] & ~busy[i] & ~far[i] & ~away[i];
    }
}

/* Whether it is worth while to read all of the list for these of its starts. */
static bool are_many(const struct axis *list, const struct axis *starts)
{
    int64_t all = (int64_t)list->starts[list->count - 1] - list->starts[0];
    int64_t some = (int64_t)starts->starts[starts->count - 1] - starts->starts[0];

    return some * SHARE >= all;
}

bool person_keep(const struct question *question, const struct person *person)
{
    struct person_minutes *minutes = &question->scratch->minutes;
    const struct axis *starts = &question->batch->starts;
    struct person_sheet *sheet = person->sheet;

    if (!sheet || !sheet->planes || !minutes->keeps) {
        return false;
    }
    assert(!question->batch->at); /* a series has no sheets */
    if (sheet->list_number == minutes->list_number &&
        sheet->way.modality == question->way.modality &&
        sheet->way.place == question->way.place) {
        return true;
    }
    if (!person->record && !are_many(&minutes->list, starts)) {
        return false;
    }
    const struct batch list = {.starts = minutes->list, .instants = minutes->list};
    struct question all = *question;
    if (!person_is_list(minutes, starts)) {
        all.batch = &list;
    }
    struct person_view view = person_look(&all, person);
    if (!person->record && !person_is_dense(&all, &view, person)) {
        return false;
    }
    person_dense_read(&all, &view, person, sheet);
    sheet->list_number = minutes->list_number;
    sheet->way = question->way;
    return true;
}

/* The places of the batch's starts in the list. */
static void find_places(struct person_minutes *minutes, const struct axis *starts)
{
    const struct axis *list = &minutes->list;
    size_t place = axis_find(list, starts->starts[0]);
    size_t last = axis_find(list, starts->starts[starts->count - 1]);

    minutes->first = place / AXIS_WORD;
    minutes->last = last / AXIS_WORD;
    plane_zero(minutes->places + minutes->first, minutes->last - minutes->first + 1);
    for (size_t i = 0; i < starts->count; i++) {
        place = axis_find_after(list, place, starts->starts[i]);
        assert(list->starts[place] == starts->starts[i]);
        minutes->places[place / AXIS_WORD] |= (uint64_t)1 << (place % AXIS_WORD);
    }
    minutes->has_places = true;
}

void person_kept_plane(const struct question *question, const struct person *person,
                       enum person_lane lane, uint64_t *ret_plane)
{
    struct person_minutes *minutes = &question->scratch->minutes;
    const struct axis *starts = &question->batch->starts;
    const uint64_t *plane = person->sheet->planes + lane * minutes->list.words;

    if (person_is_list(minutes, starts)) {
        memcpy(ret_plane, plane, starts->words * sizeof(plane[0]));
        return;
    }
    if (!minutes->has_places) {
        find_places(minutes, starts);
    }
    minutes_kernel_current()->press(plane + minutes->first,
                                    minutes->places + minutes->first,
                                    minutes->last - minutes->first + 1, ret_plane);
}

/* How many minutes right before @at are in the set, @most at most. */
static int32_t count_before(const uint64_t *set, size_t at, int32_t most)
{
    int32_t count = 0;

    while (count < most) {
        int32_t here = (int32_t)((at - 1) % 64) + 1;
        uint64_t missing = ~set[(at - 1) / 64] << (64 - here);
        int32_t run = missing == 0 ? 64 : __builtin_clzll(missing);
        if (run < here) {
            count += run;
            break;
        }
        count += here;
        at -= (size_t)here;
    }
    return count < most ? count : most;
}

/* And right after it. */
static int32_t count_after(const uint64_t *set, size_t at, int32_t most)
{
    int32_t count = 0;

    while (count < most) {
        int32_t here = 64 - (int32_t)((at + 1) % 64);
        uint64_t missing = ~(set[(at + 1) / 64] >> ((at + 1) % 64));
        int32_t run = missing == 0 ? 64 : __builtin_ctzll(missing);
        if (run < here) {
            count += run;
            break;
        }
        count += here;
        at += (size_t)here;
    }
    return count < most ? count : most;
}

void person_kept_gaps(const struct question *question, const struct person *person,
                      const uint64_t *attend, uint64_t *unusable)
{
    const struct axis *starts = &question->batch->starts;
    const uint64_t *set = person->sheet->minutes;
    int32_t duration = question->request->duration;
    int64_t first = (int64_t)question->scratch->minutes.list.starts[0] - duration;
    size_t from = 0; /* [from, until) is in the set, as far as it has been looked at */
    size_t until = 0;

    for (size_t i = plane_next(attend, starts->words, 0); i < starts->count;
         i = plane_next(attend, starts->words, i + 1)) {
        size_t at = (size_t)(starts->starts[i] + duration - 1 - first);
        if (at >= until) {
            from = at - (size_t)count_before(set, at, duration);
            until = at + 1;
        }
        int64_t before = (int64_t)(at - from);
        int64_t after = (int64_t)(until - at) - 1;
        assert(after < duration); /* at least a minute less than at the start before */
        int32_t more = count_after(set, until - 1, duration - (int32_t)after);
        until += (size_t)more;
        after += more;
        unusable[i] += (uint64_t)(before < duration ? before : 0) +
                       (uint64_t)(after < duration ? after : 0);
    }
}
