// SPDX-License-Identifier: Apache-2.0

/*
 * handle_windows.c - how long and for how many slots a meeting is searched
 */
#include "broker/handle.h"

#include "broker/person.h"

enum { MS_PER_MINUTE = 60000 };

static int32_t last_end(const struct entente_spec *spec)
{
    int32_t end = 0;
    for (size_t i = 0; i < spec->windows_count; i++) {
        end = spec->windows[i].end > end ? spec->windows[i].end : end;
    }
    for (size_t i = 0; i < spec->picked_count; i++) {
        int32_t picked_end = spec->picked[i] + (int32_t)spec->duration_minutes;
        end = picked_end > end ? picked_end : end;
    }
    return end;
}

static bool has_long_window(const struct entente_spec *spec)
{
    bool found = spec->picked_count > 0;
    for (size_t i = 0; i < spec->windows_count; i++) {
        found = found || spec->windows[i].end - spec->windows[i].start >=
                             (int32_t)spec->duration_minutes;
    }
    return found;
}

unsigned handle_bad_windows(const struct entente_spec *spec, int64_t now_ms)
{
    if ((int64_t)last_end(spec) * MS_PER_MINUTE <= now_ms) {
        return ERROR_WINDOW_PAST;
    }
    return has_long_window(spec) ? 0 : ERROR_WINDOW_TOO_SHORT;
}

bool handle_may_search(struct batch *batch, struct command *command,
                       const struct entente_meeting *meeting,
                       const struct entente_spec *spec)
{
    const struct entente_kept *kept = meeting->kept;
    struct codec_error error = {0};
    unsigned bad = handle_bad_windows(spec, batch->now_ms);
    size_t members = 0;
    if (bad != 0) {
        refuse(batch, command, bad, meeting, "decide.windows", NULL);
        return false;
    }
    for (size_t i = 0; i < kept->pools_count; i++) {
        members += kept->pools[i].people_count;
    }
    if (person_is_affordable(spec, members, &batch->arena, &error)) {
        return true;
    }
    refuse(batch, command, error.code, meeting, error.parameters[0],
           error.parameters[1], error.parameters[2], error.parameters[3], NULL);
    return false;
}

int64_t handle_search_end(const struct entente_spec *spec, int64_t wanted_ms)
{
    int64_t end_ms =
        ((int64_t)last_end(spec) - (int64_t)spec->duration_minutes) * MS_PER_MINUTE;
    return wanted_ms == 0 || wanted_ms > end_ms ? end_ms : wanted_ms;
}

size_t handle_held_slots(const struct entente_meeting *meeting)
{
    return meeting->spec->held_slots == 0 ? 1 : meeting->spec->held_slots;
}

void handle_hold(const struct entente_meeting *meeting,
                 const struct propose_answer *found, struct step *ret_step)
{
    size_t most = handle_held_slots(meeting);
    ret_step->slot = found->slots;
    ret_step->slot_count = found->slot_count < most ? found->slot_count : most;
}
