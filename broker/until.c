// SPDX-License-Identifier: Apache-2.0

#include "broker/until.h"

#include "proto/recurrence.h"

bool until_is_asked(const struct entente_spec *spec)
{
    return recurrence_of(spec).occurrences == 0;
}

/* Only starts of @run are left. */
static void narrow(struct entente_spec *spec, const struct entente_spec *whole,
                   const struct recurrence_run *run)
{
    int32_t duration = (int32_t)whole->duration_minutes;
    int32_t last_end = run->until - 1 + duration;
    for (size_t i = 0; i < whole->windows_count; i++) {
        struct entente_span window = whole->windows[i];
        window.start = window.start < run->from ? run->from : window.start;
        window.end = window.end > last_end ? last_end : window.end;
        if (window.end - window.start >= duration) {
            spec->windows[spec->windows_count++] = window;
        }
    }
    for (size_t i = 0; i < whole->picked_count; i++) {
        if (whole->picked[i] >= run->from && whole->picked[i] < run->until) {
            spec->picked[spec->picked_count++] = whole->picked[i];
        }
    }
}

bool until_spec(struct arena *arena, const struct entente_spec *spec, size_t rank,
                struct entente_spec **ret_spec)
{
    struct recurrence_run run;
    char text[RECURRENCE_TEXT];
    *ret_spec = NULL;
    if (!recurrence_run(spec, rank, &run)) {
        return true;
    }
    struct entente_spec *one = arena_copy(arena, spec, sizeof(*spec));
    if (one == NULL) {
        return false;
    }
    const struct recurrence series = recurrence_of(spec);
    recurrence_write(&series, run.occurrences, text, sizeof(text));
    one->recurrence = arena_text(arena, text);
    one->windows = arena_array(arena, spec->windows_count + 1, sizeof(*one->windows));
    one->windows_count = 0;
    one->picked = arena_array(arena, spec->picked_count + 1, sizeof(*one->picked));
    one->picked_count = 0;
    if (one->recurrence == NULL || one->windows == NULL || one->picked == NULL) {
        return false;
    }
    narrow(one, spec, &run);
    *ret_spec = one;
    return true;
}
