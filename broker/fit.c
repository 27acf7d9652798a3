// SPDX-License-Identifier: Apache-2.0

#include "broker/fit.h"

#include <string.h>

/* ---- a smaller view of a meeting ---------------------------------------------------
 */

/* A copy of its own of what is about to be changed. */
static void *own(struct arena *arena, const void *array, size_t count, size_t size)
{
    void *copy = arena_array(arena, count, size);
    if (copy != NULL && count > 0) {
        memcpy(copy, array, count * size);
    }
    return copy;
}

static bool without_comments(struct entente_meeting *meeting, struct arena *arena)
{
    meeting->results =
        own(arena, meeting->results, meeting->results_count, sizeof(*meeting->results));
    for (size_t i = 0; meeting->results != NULL && i < meeting->results_count; i++) {
        meeting->results[i].comment = NULL;
    }
    return meeting->results != NULL;
}

static bool without_results(struct entente_meeting *meeting, struct arena *arena)
{
    (void)arena;
    meeting->results_count = 0;
    return true;
}

static bool without_alternatives(struct entente_meeting *meeting, struct arena *arena)
{
    (void)arena;
    meeting->alternatives_count = 0;
    meeting->why_not = NULL;
    return true;
}

/* Where a poll's slots are and who has said what of them stays; who comes to each is in
 * what follows from it. */
static bool without_company(struct entente_meeting *meeting, struct arena *arena)
{
    if (meeting->proposal == NULL || meeting->proposal->candidates_count == 0) {
        return true;
    }
    meeting->proposal = own(arena, meeting->proposal, 1, sizeof(*meeting->proposal));
    if (meeting->proposal == NULL) {
        return false;
    }
    struct entente_proposal *proposal = meeting->proposal;
    proposal->candidates = own(arena, proposal->candidates, proposal->candidates_count,
                               sizeof(*proposal->candidates));
    for (size_t i = 0; proposal->candidates != NULL && i < proposal->candidates_count;
         i++) {
        proposal->candidates[i].absent_count = 0;
        proposal->candidates[i].chosen_count = 0;
        proposal->candidates[i].asked_count = 0;
    }
    return proposal->candidates != NULL;
}

static bool own_spec(struct entente_meeting *meeting, struct arena *arena)
{
    if (meeting->spec == NULL) {
        return true;
    }
    meeting->spec = own(arena, meeting->spec, 1, sizeof(*meeting->spec));
    if (meeting->spec == NULL) {
        return false;
    }
    meeting->spec->parties =
        own(arena, meeting->spec->parties, meeting->spec->parties_count,
            sizeof(*meeting->spec->parties));
    return meeting->spec->parties != NULL;
}

static bool without_answer_actors(struct entente_meeting *meeting, struct arena *arena)
{
    if (meeting->spec == NULL) {
        return true;
    }
    if (!own_spec(meeting, arena)) {
        return false;
    }
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        meeting->spec->parties[i].answer_actor = NULL;
    }
    return true;
}

static bool without_texts(struct entente_meeting *meeting, struct arena *arena)
{
    if (meeting->spec == NULL) {
        return true;
    }
    if (!own_spec(meeting, arena)) {
        return false;
    }
    meeting->spec->reason = NULL;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        meeting->spec->parties[i].name = NULL;
        meeting->spec->parties[i].structure = NULL;
    }
    return true;
}

static bool without_spec(struct entente_meeting *meeting, struct arena *arena)
{
    (void)arena;
    meeting->spec = NULL;
    return true;
}

/* What matters least goes first; what is gone stays gone. */
static bool (*const cuts[])(struct entente_meeting *meeting, struct arena *arena) = {
    without_comments,      without_results, without_alternatives, without_company,
    without_answer_actors, without_texts,   without_spec,
};

/* Where the envelope has its one meeting; NULL when it has none. */
static struct entente_meeting **meeting_in(struct entente_envelope *envelope,
                                           struct arena *arena)
{
    if (envelope->body == ENTENTE_MEETING) {
        return &envelope->meeting;
    }
    if (envelope->body == ENTENTE_EVENT) {
        envelope->event = own(arena, envelope->event, 1, sizeof(*envelope->event));
        return envelope->event == NULL ? NULL : &envelope->event->meeting;
    }
    if (envelope->body == ENTENTE_ERROR && envelope->error->meeting != NULL) {
        envelope->error = own(arena, envelope->error, 1, sizeof(*envelope->error));
        return envelope->error == NULL ? NULL : &envelope->error->meeting;
    }
    if (envelope->body == ENTENTE_MEETING_LIST &&
        envelope->meeting_list->meetings_count == 1) {
        envelope->meeting_list =
            own(arena, envelope->meeting_list, 1, sizeof(*envelope->meeting_list));
        return envelope->meeting_list == NULL ? NULL
                                              : &envelope->meeting_list->meetings;
    }
    return NULL;
}

static bool fit_meeting(struct entente_envelope *envelope, struct arena *arena,
                        struct entente_bytes *ret_frame)
{
    struct entente_meeting **place = meeting_in(envelope, arena);
    if (place == NULL) {
        return false;
    }
    *place = own(arena, *place, 1, sizeof(**place));
    for (size_t i = 0; *place != NULL && i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        if (!cuts[i](*place, arena)) {
            return false;
        }
        if (codec_encode(envelope, arena, ret_frame)) {
            return true;
        }
    }
    return false;
}

/* ---- shorter lists -----------------------------------------------------------------
 */

/* Where the envelope counts its list; NULL when it has none. */
static size_t *list_in(struct entente_envelope *envelope, struct arena *arena)
{
    if (envelope->body == ENTENTE_WELCOME) {
        envelope->welcome =
            own(arena, envelope->welcome, 1, sizeof(*envelope->welcome));
        return envelope->welcome == NULL ? NULL : &envelope->welcome->sources_count;
    }
    if (envelope->body == ENTENTE_PULSE) {
        envelope->pulse = own(arena, envelope->pulse, 1, sizeof(*envelope->pulse));
        return envelope->pulse == NULL ? NULL : &envelope->pulse->stale_count;
    }
    if (envelope->body == ENTENTE_STATUS_REPORT) {
        envelope->status_report =
            own(arena, envelope->status_report, 1, sizeof(*envelope->status_report));
        return envelope->status_report == NULL ? NULL
                                               : &envelope->status_report->stale_count;
    }
    if (envelope->body == ENTENTE_MEETING_LIST) {
        envelope->meeting_list =
            own(arena, envelope->meeting_list, 1, sizeof(*envelope->meeting_list));
        if (envelope->meeting_list != NULL) {
            envelope->meeting_list->more = true;
            return &envelope->meeting_list->meetings_count;
        }
    }
    if (envelope->body == ENTENTE_DECISION_RECORD) {
        envelope->decision_record = own(arena, envelope->decision_record, 1,
                                        sizeof(*envelope->decision_record));
        if (envelope->decision_record != NULL) {
            envelope->decision_record->more = true;
            return &envelope->decision_record->steps_count;
        }
    }
    if (envelope->body == ENTENTE_PREVIEW_RESULT) {
        envelope->preview_result =
            own(arena, envelope->preview_result, 1, sizeof(*envelope->preview_result));
        struct entente_preview_result *result = envelope->preview_result;
        if (result != NULL && result->slots_count == 0) {
            result->more = true;
            return &result->meetings_count;
        }
        return result == NULL ? NULL : &result->slots_count;
    }
    return NULL;
}

static bool fit_list(struct entente_envelope *envelope, struct arena *arena,
                     struct entente_bytes *ret_frame)
{
    size_t *count = list_in(envelope, arena);
    bool goes_on = envelope->body == ENTENTE_MEETING_LIST ||
                   envelope->body == ENTENTE_DECISION_RECORD;
    size_t least = goes_on ? 1 : 0;
    while (count != NULL && *count > least) {
        *count /= 2;
        if (codec_encode(envelope, arena, ret_frame)) {
            return true;
        }
    }
    return false;
}

bool fit_encode(const struct entente_envelope *envelope, struct arena *arena,
                struct entente_bytes *ret_frame)
{
    if (codec_encode(envelope, arena, ret_frame)) {
        return true;
    }
    struct entente_envelope smaller = *envelope;
    bool more = smaller.body == ENTENTE_MEETING_LIST && smaller.meeting_list->more;
    bool one = smaller.body == ENTENTE_MEETING_LIST &&
               smaller.meeting_list->meetings_count == 1;
    if (fit_list(&smaller, arena, ret_frame)) {
        return true;
    }
    if (smaller.body == ENTENTE_PREVIEW_RESULT) {
        return fit_list(&smaller, arena, ret_frame); /* without slots: fewer meetings */
    }
    if (one) {
        smaller.meeting_list->more = more;
    }
    return fit_meeting(&smaller, arena, ret_frame);
}
