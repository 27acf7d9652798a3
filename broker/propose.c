// SPDX-License-Identifier: Apache-2.0

#include "broker/propose.h"

#include "broker/gather.h"
#include "broker/propose_internal.h"
#include "proto/limits.h"
#include "proto/zone.h"

#include <stdlib.h>
#include <string.h>

enum { OFFSETS_MAX = 16, DEFAULT_GRID = 15 };

static const char default_zone[] = "Europe/Paris";

/* One question on its way to the matcher. */
struct inquiry {
    const struct propose_question *question;
    const struct index *index;
    struct arena *arena;
    struct match_request request;
    struct match_party parties[MATCH_PARTIES_MAX];
    size_t party_of[MATCH_PARTIES_MAX]; /* index into spec.parties */
    struct match_offset offsets[OFFSETS_MAX];
};

enum status proposer_create(const struct index *index, struct proposer **ret_proposer)
{
    struct proposer *proposer = calloc(1, sizeof(*proposer));
    if (proposer == NULL) {
        return STATUS_FAILED;
    }
    proposer->index = index;
    *ret_proposer = proposer;
    return STATUS_OK;
}

void proposer_destroy(struct proposer *proposer)
{
    if (proposer != NULL) {
        free(proposer->workspace);
        free(proposer);
    }
}

/* ---- the request -------------------------------------------------------------------
 */

static enum match_importance importance_of(const struct entente_spec *spec,
                                           const struct entente_party *party)
{
    if (party->kind == ENTENTE_PATIENT) {
        return spec->patient_presence == ENTENTE_SOFT ? MATCH_OPTIONAL
                                                      : MATCH_INDISPENSABLE;
    }
    return party->importance == ENTENTE_OPTIONAL ? MATCH_OPTIONAL : MATCH_INDISPENSABLE;
}

static bool gather_parties(struct inquiry *inquiry)
{
    const struct propose_question *question = inquiry->question;
    const struct entente_spec *spec = question->spec;
    size_t count = 0;
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        const struct index_person *person =
            index_person(inquiry->index, question->people[i]);
        if (party->dropped || person == NULL) {
            continue;
        }
        struct match_party *ret = &inquiry->parties[count];
        *ret = (struct match_party){
            .importance = question->must_attend == i + 1 ? MATCH_INDISPENSABLE
                                                         : importance_of(spec, party),
            .buffer_before = (int32_t)party->buffer_before_minutes,
            .buffer_after = (int32_t)party->buffer_after_minutes,
        };
        if (!gather_person(person, question->meeting, question->now_ms, inquiry->arena,
                           ret)) {
            return false;
        }
        inquiry->party_of[count++] = i;
    }
    inquiry->request.parties = inquiry->parties;
    inquiry->request.party_count = count;
    return true;
}

/* Put [start, end) behind the others, without the start that is not wanted. */
static void add_window(struct inquiry *inquiry, struct match_span *windows,
                       struct match_span window)
{
    struct match_request *request = &inquiry->request;
    int32_t not_start = inquiry->question->not_start;
    if (not_start != 0 && window.start <= not_start && not_start < window.end) {
        struct match_span before = {window.start, not_start - 1 + request->duration};
        if (before.end > window.end) {
            before.end = window.end;
        }
        if (before.start < before.end) {
            windows[request->window_count++] = before;
        }
        window.start = not_start + 1;
    }
    if (window.start < window.end) {
        windows[request->window_count++] = window;
    }
}

static bool gather_windows(struct inquiry *inquiry)
{
    const struct propose_question *question = inquiry->question;
    const struct entente_spec *spec = question->spec;
    size_t cuts = question->within_count == 0 ? 1 : question->within_count;
    struct match_span *windows =
        arena_array(inquiry->arena, spec->windows_count * cuts * 2, sizeof(*windows));
    if (windows == NULL) {
        return false;
    }
    inquiry->request.windows = windows;
    for (size_t i = 0; i < spec->windows_count; i++) {
        struct match_span whole = {spec->windows[i].start, spec->windows[i].end};
        if (question->within_count == 0) {
            add_window(inquiry, windows, whole);
        }
        for (size_t j = 0; j < question->within_count; j++) {
            struct match_span cut = {question->within[j].start,
                                     question->within[j].end};
            cut.start = cut.start < whole.start ? whole.start : cut.start;
            cut.end = cut.end > whole.end ? whole.end : cut.end;
            add_window(inquiry, windows, cut);
        }
    }
    return true;
}

static bool lies_within(const struct propose_question *question, int32_t start)
{
    int32_t end = start + (int32_t)question->spec->duration_minutes;
    bool within = question->within_count == 0;
    for (size_t i = 0; i < question->within_count; i++) {
        within = within ||
                 (question->within[i].start <= start && end <= question->within[i].end);
    }
    return within && start != question->not_start;
}

static bool gather_picked(struct inquiry *inquiry)
{
    const struct entente_spec *spec = inquiry->question->spec;
    minute_t *picked = arena_array(inquiry->arena, spec->picked_count, sizeof(*picked));
    if (picked == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < spec->picked_count; i++) {
        if (lies_within(inquiry->question, spec->picked[i])) {
            picked[count++] = spec->picked[i];
        }
    }
    inquiry->request.picked = picked;
    inquiry->request.picked_count = count;
    return true;
}

/* The first and the last minute that matter, for the zone's offsets. */
static struct match_span whole_span(const struct inquiry *inquiry)
{
    const struct match_request *request = &inquiry->request;
    struct match_span span = {INT32_MAX, 0};
    for (size_t i = 0; i < request->window_count; i++) {
        const struct match_span *window = &request->windows[i];
        span.start = window->start < span.start ? window->start : span.start;
        span.end = window->end > span.end ? window->end : span.end;
    }
    for (size_t i = 0; i < request->picked_count; i++) {
        minute_t start = request->picked[i];
        minute_t end = start + request->duration;
        span.start = start < span.start ? start : span.start;
        span.end = end > span.end ? end : span.end;
    }
    if (request->has_target && request->target < span.start) {
        span.start = request->target;
    }
    return span;
}

static bool gather_offsets(struct inquiry *inquiry)
{
    const struct entente_spec *spec = inquiry->question->spec;
    struct zone_span spans[OFFSETS_MAX];
    struct match_span whole = whole_span(inquiry);
    const char *zone = spec->zone == NULL ? default_zone : spec->zone;
    size_t count = zone_spans(zone, whole.start, whole.end, spans, OFFSETS_MAX);
    for (size_t i = 0; i < count; i++) {
        inquiry->offsets[i].from = spans[i].from;
        inquiry->offsets[i].offset_minutes = spans[i].offset_minutes;
    }
    inquiry->request.offsets = inquiry->offsets;
    inquiry->request.offset_count = count;
    return count > 0;
}

static void gather_limits(struct inquiry *inquiry)
{
    const struct propose_question *question = inquiry->question;
    const struct entente_spec *spec = question->spec;
    struct match_request *request = &inquiry->request;
    int64_t now_minute = (question->now_ms + 59999) / 60000;
    request->duration = (int32_t)spec->duration_minutes;
    request->grid =
        spec->grid_minutes == 0 ? DEFAULT_GRID : (int32_t)spec->grid_minutes;
    request->earliest = (minute_t)(now_minute + (int64_t)spec->notice_minutes);
    request->weekdays = (uint8_t)spec->weekdays;
    for (size_t i = 0; i < spec->times_of_day_count; i++) {
        request->times_of_day[i] =
            (struct match_span){(minute_t)spec->times_of_day[i].from_minutes,
                                (minute_t)spec->times_of_day[i].until_minutes};
    }
    request->times_of_day_count = spec->times_of_day_count;
    request->has_target = spec->target != 0;
    request->target = spec->target;
    request->certainties = (uint8_t)spec->certainties;
    request->purposes = spec->purposes == 0 ? ENTENTE_FOR_MEETINGS : spec->purposes;
    request->wanted = question->wanted;
    request->apart = (int32_t)spec->apart_minutes;
}

/* ---- the answer --------------------------------------------------------------------
 */

static uint32_t absence_of(enum match_reason reason)
{
    switch (reason) {
    case MATCH_ATTENDS:
        return 0;
    case MATCH_IS_BUSY:
        return ENTENTE_IS_BUSY;
    case MATCH_IS_UNKNOWN:
        return ENTENTE_IS_UNKNOWN;
    case MATCH_NOT_OFFERED:
    case MATCH_TOO_FAR:
    case MATCH_SHORT_NOTICE:
    case MATCH_DAY_FULL:
        return ENTENTE_NOT_OFFERED;
    }
    return ENTENTE_IS_UNKNOWN;
}

static bool name_slot(const struct inquiry *inquiry, const struct match_slot *slot,
                      struct entente_slot *ret)
{
    size_t count = inquiry->request.party_count;
    *ret = (struct entente_slot){
        .start = slot->start,
        .end = slot->end,
        .date_band = slot->merit.date_band,
        .optional_present = (uint32_t)slot->merit.optional_present,
        .typical = (uint32_t)slot->merit.typical,
        .inferred = (uint32_t)slot->merit.inferred,
        .preferred = (uint32_t)slot->merit.preferred,
        .avoid = (uint32_t)slot->merit.avoid,
        .unusable_minutes = (uint32_t)slot->merit.unusable,
    };
    ret->absent = arena_array(inquiry->arena, count, sizeof(*ret->absent));
    if (ret->absent == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (slot->reason[i] != MATCH_ATTENDS) {
            ret->absent[ret->absent_count++] = (struct entente_attendance){
                .party = (uint32_t)inquiry->party_of[i],
                .absence = absence_of((enum match_reason)slot->reason[i]),
            };
        }
    }
    return true;
}

static struct entente_why_not *explain(const struct inquiry *inquiry,
                                       const struct match_why *matched)
{
    size_t count = inquiry->request.party_count;
    struct entente_why_not *why = arena_alloc(inquiry->arena, sizeof(*why));
    struct entente_blame *blame = arena_array(inquiry->arena, count, sizeof(*blame));
    uint32_t *blocking = arena_array(inquiry->arena, count, sizeof(*blocking));
    if (why == NULL || blame == NULL || blocking == NULL) {
        return NULL;
    }
    why->candidates = matched->candidates;
    why->feasible = matched->feasible;
    why->blame = blame;
    for (size_t i = 0; i < count; i++) {
        const struct match_blame *of = &matched->blame[i];
        if (of->busy + of->unknown + of->not_offered > 0) {
            blame[why->blame_count++] = (struct entente_blame){
                .party = (uint32_t)inquiry->party_of[i],
                .busy = of->busy,
                .unknown = of->unknown,
                .not_offered = of->not_offered,
            };
        }
    }
    why->blocking = blocking;
    for (size_t i = 0; i < matched->blocking_count; i++) {
        blocking[why->blocking_count++] =
            (uint32_t)inquiry->party_of[matched->blocking[i]];
    }
    why->blocking_is_exact = matched->blocking_is_exact;
    return why;
}

static bool has_workspace(struct proposer *proposer, size_t size)
{
    if (size <= proposer->workspace_size) {
        return true;
    }
    void *larger = realloc(proposer->workspace, size);
    if (larger == NULL) {
        return false;
    }
    proposer->workspace = larger;
    proposer->workspace_size = size;
    return true;
}

/* An exact start is a slot picked by hand, if a window admits it. */
static void pick_exactly(struct inquiry *inquiry, minute_t *picked)
{
    const struct propose_question *question = inquiry->question;
    int32_t end = question->exact + (int32_t)question->spec->duration_minutes;
    bool admitted = question->spec->windows_count == 0;
    for (size_t i = 0; i < question->spec->windows_count; i++) {
        admitted = admitted || (question->spec->windows[i].start <= question->exact &&
                                end <= question->spec->windows[i].end);
    }
    *picked = question->exact;
    inquiry->request.picked = picked;
    inquiry->request.picked_count =
        admitted && question->exact != question->not_start ? 1 : 0;
}

static enum status ask(struct proposer *proposer, struct inquiry *inquiry,
                       struct propose_answer *ret_answer)
{
    struct match_result *result = &proposer->result;
    struct propose_answer answer = {0};
    static const struct match_leeway none;
    memset(result, 0, sizeof(*result));
    memset(&proposer->why, 0, sizeof(proposer->why));
    if (inquiry->request.window_count + inquiry->request.picked_count > 0) {
        if (!gather_offsets(inquiry)) {
            return STATUS_REFUSED;
        }
        if (!has_workspace(proposer, match_workspace_size(&inquiry->request))) {
            return STATUS_FAILED;
        }
        enum match_status status = match_search(&inquiry->request, proposer->workspace,
                                                proposer->workspace_size, result);
        if (status == MATCH_OK) {
            status = match_explain(&inquiry->request, &none, proposer->workspace,
                                   proposer->workspace_size, &proposer->why);
        }
        if (status != MATCH_OK) {
            return STATUS_REFUSED;
        }
    }
    answer.slots = arena_array(inquiry->arena, result->count, sizeof(*answer.slots));
    answer.why_not = explain(inquiry, &proposer->why);
    if (answer.slots == NULL || answer.why_not == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < result->count; i++) {
        if (!name_slot(inquiry, &result->slots[i], &answer.slots[i])) {
            return STATUS_FAILED;
        }
    }
    answer.slot_count = result->count;
    *ret_answer = answer;
    return STATUS_OK;
}

enum status propose(struct proposer *proposer, const struct propose_question *question,
                    struct arena *arena, struct propose_answer *ret_answer)
{
    struct inquiry inquiry = {
        .question = question, .index = proposer->index, .arena = arena};
    minute_t picked = 0;
    bool gathered = true;
    gather_limits(&inquiry);
    if (question->exact != 0) {
        pick_exactly(&inquiry, &picked);
    } else if (question->spec->picked_count > 0) {
        gathered = gather_picked(&inquiry);
    } else {
        gathered = gather_windows(&inquiry);
    }
    if (!gathered || !gather_parties(&inquiry)) {
        return STATUS_FAILED;
    }
    return ask(proposer, &inquiry, ret_answer);
}
