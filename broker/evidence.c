// SPDX-License-Identifier: Apache-2.0
#include "broker/evidence.h"

#include "broker/evidence_coder.h"
#include <assert.h>
#include <string.h>

enum {
    SHAPE = 1,
    SERIES_STEP_DAYS = 35, /* at most, from one occurrence to the next */
};

/* ---- when something may take place -------------------------------------------------
 */

static struct match_span reach_of(const struct match_request *request)
{
    int64_t start = INT32_MAX;
    int64_t end = INT32_MIN;
    int64_t days = EVIDENCE_MARGIN_DAYS;

    for (size_t i = 0; i < request->window_count; i++) {
        const struct match_span *window = &request->windows[i];
        start = window->start < start ? window->start : start;
        end = window->end > end ? window->end : end;
    }
    for (size_t i = 0; i < request->picked_count; i++) {
        int64_t picked = request->picked[i];
        start = picked < start ? picked : start;
        end = picked + request->duration > end ? picked + request->duration : end;
    }
    start -= days * MINUTES_PER_DAY;
    if (request->occurrences > 1) {
        days += (int64_t)request->occurrences * SERIES_STEP_DAYS;
    }
    end += days * MINUTES_PER_DAY;
    return (struct match_span){
        .start = (minute_t)(start < INT32_MIN ? INT32_MIN : start),
        .end = (minute_t)(end > INT32_MAX ? INT32_MAX : end),
    };
}

static const int32_t *pass_minutes(struct coder *coder, const int32_t *minutes,
                                   size_t *count)
{
    int32_t *read = coder_list(coder, count, sizeof(*read));
    int32_t before = 0;

    for (size_t i = 0; i < *count && coder_is_good(coder); i++) {
        int32_t value = coder->writes ? minutes[i] : 0;
        value = (int32_t)coder_near(coder, value, before);
        before = value;
        if (!coder->writes) {
            read[i] = value;
        }
    }
    return coder->writes ? minutes : read;
}

static void pass_parties(struct coder *coder, struct match_request *request)
{
    struct match_span reach = reach_of(request);
    size_t count = request->party_count;
    struct match_party *read = coder_list(coder, &count, sizeof(*read));

    coder_insist(coder, count <= MATCH_PARTIES_MAX);
    for (size_t i = 0; i < count && coder_is_good(coder); i++) {
        struct match_party party =
            coder->writes ? request->parties[i] : (struct match_party){0};
        evidence_pass_party(coder, &reach, &party);
        if (!coder->writes) {
            read[i] = party;
        }
    }
    if (!coder->writes) {
        request->parties = read;
        request->party_count = count;
    }
}

/* ---- the request -------------------------------------------------------------------
 */

static void pass_when(struct coder *coder, struct match_request *request)
{
    request->duration = (int32_t)coder_pass(coder, request->duration);
    request->grid = (int32_t)coder_pass(coder, request->grid);
    request->windows =
        evidence_pass_spans(coder, request->windows, &request->window_count);
    request->picked = pass_minutes(coder, request->picked, &request->picked_count);
    request->earliest = (minute_t)coder_pass(coder, request->earliest);
    request->now = (minute_t)coder_pass(coder, request->now);
    request->weekdays = (uint8_t)coder_pass(coder, request->weekdays);
    request->times_of_day_count =
        (size_t)coder_pass(coder, (int64_t)request->times_of_day_count);
    coder_insist(coder, request->times_of_day_count <= MATCH_TIMES_OF_DAY_MAX);
    for (size_t i = 0; i < request->times_of_day_count && coder_is_good(coder); i++) {
        struct match_span *time = &request->times_of_day[i];
        time->start = (minute_t)coder_pass(coder, time->start);
        time->end = (minute_t)coder_pass(coder, time->end);
    }
    request->closed_days =
        pass_minutes(coder, request->closed_days, &request->closed_day_count);
    request->has_target = coder_pass(coder, request->has_target) != 0;
    request->target = (minute_t)coder_pass(coder, request->target);
    request->occurrences = (uint32_t)coder_pass(coder, request->occurrences);
    request->step = (enum match_step)coder_pass(coder, request->step);
}

static void pass_offsets(struct coder *coder, struct match_request *request)
{
    size_t count = request->offset_count;
    struct match_offset *read = coder_list(coder, &count, sizeof(*read));

    for (size_t i = 0; i < count && coder_is_good(coder); i++) {
        struct match_offset offset =
            coder->writes ? request->offsets[i] : (struct match_offset){0};
        offset.from = (minute_t)coder_pass(coder, offset.from);
        offset.offset_minutes = (int32_t)coder_pass(coder, offset.offset_minutes);
        if (!coder->writes) {
            read[i] = offset;
        }
    }
    if (!coder->writes) {
        request->offsets = read;
        request->offset_count = count;
    }
}

static void pass_options(struct coder *coder, struct match_request *request)
{
    size_t count = request->option_count;
    struct match_option *read = coder_list(coder, &count, sizeof(*read));

    for (size_t i = 0; i < count && coder_is_good(coder); i++) {
        struct match_option option =
            coder->writes ? request->options[i] : (struct match_option){0};
        option.modality = (uint8_t)coder_pass(coder, option.modality);
        option.place = (uint16_t)coder_pass(coder, option.place);
        if (!coder->writes) {
            read[i] = option;
        }
    }
    if (!coder->writes) {
        request->options = read;
        request->option_count = count;
    }
}

static void pass_legs(struct coder *coder, struct match_request *request)
{
    size_t count = request->leg_count;
    struct match_leg *read = coder_list(coder, &count, sizeof(*read));

    for (size_t i = 0; i < count && coder_is_good(coder); i++) {
        struct match_leg leg = coder->writes ? request->legs[i] : (struct match_leg){0};
        leg.from = (uint16_t)coder_pass(coder, leg.from);
        leg.to = (uint16_t)coder_pass(coder, leg.to);
        leg.minutes = (int32_t)coder_pass(coder, leg.minutes);
        if (!coder->writes) {
            read[i] = leg;
        }
    }
    if (!coder->writes) {
        request->legs = read;
        request->leg_count = count;
    }
}

static void pass_request(struct coder *coder, struct match_request *request)
{
    pass_when(coder, request);
    pass_offsets(coder, request);
    request->certainties = (uint8_t)coder_pass(coder, request->certainties);
    request->purposes = (uint32_t)coder_pass(coder, request->purposes);
    request->tentative = (enum match_tentative)coder_pass(coder, request->tentative);
    pass_options(coder, request);
    pass_legs(coder, request);
    request->quorum = (uint32_t)coder_pass(coder, request->quorum);
    request->urgent = coder_pass(coder, request->urgent) != 0;
    request->wanted = (size_t)coder_pass(coder, (int64_t)request->wanted);
    request->apart = (int32_t)coder_pass(coder, request->apart);
    coder_insist(coder, request->wanted <= MATCH_SLOTS_MAX);
    pass_parties(coder, request);
}

/* ---- the answer --------------------------------------------------------------------
 */

static void pass_slot(struct coder *coder, const struct match_request *request,
                      struct match_result *result, size_t slot, size_t *chosen)
{
    struct match_slot copy =
        coder->writes ? result->slots[slot] : (struct match_slot){0};

    copy.start = (minute_t)coder_pass(coder, copy.start);
    copy.end = (minute_t)coder_pass(coder, copy.end);
    copy.option = (uint32_t)coder_pass(coder, copy.option);
    copy.heads = (uint32_t)coder_pass(coder, copy.heads);
    copy.asked = (uint64_t)coder_pass(coder, (int64_t)copy.asked);
    for (size_t i = 0; i < request->party_count && coder_is_good(coder); i++) {
        const struct match_party *party = &request->parties[i];
        copy.reason[i] = (uint8_t)coder_pass(coder, copy.reason[i]);
        if (party->member_count == 0 || copy.reason[i] != MATCH_ATTENDS) {
            continue;
        }
        uint32_t from = coder->writes ? copy.chosen_at[i] : (uint32_t)*chosen;
        copy.chosen_at[i] = from;
        coder_insist(coder, from + party->needed <= result->chosen_capacity);
        for (size_t j = 0; j < party->needed && coder_is_good(coder); j++) {
            assert(result->chosen != NULL);
            uint16_t member = coder->writes ? result->chosen[from + j] : 0;
            member = (uint16_t)coder_pass(coder, member);
            if (!coder->writes) {
                result->chosen[from + j] = member;
            }
        }
        *chosen += party->needed;
    }
    if (!coder->writes) {
        result->slots[slot] = copy;
    }
}

static void pass_result(struct coder *coder, struct evidence *evidence)
{
    const struct match_request *request = &evidence->request;
    struct match_result *result = evidence->result;
    size_t chosen = 0;

    if (!coder->writes) {
        result = arena_alloc(coder->arena, sizeof(*result));
        if (result == NULL) {
            coder->exhausted = true;
            return;
        }
        evidence->result = result;
        result->chosen_capacity = match_chosen_bound(request);
        result->chosen =
            arena_array(coder->arena, result->chosen_capacity, sizeof(*result->chosen));
        coder->exhausted = coder->exhausted || result->chosen == NULL;
    }
    size_t count = (size_t)coder_pass(coder, (int64_t)result->count);
    coder_insist(coder, count <= MATCH_SLOTS_MAX);
    for (size_t i = 0; i < count && coder_is_good(coder); i++) {
        pass_slot(coder, request, result, i, &chosen);
    }
    if (!coder->writes) {
        result->count = count;
    }
}

static void pass_evidence(struct coder *coder, struct evidence *evidence)
{
    coder_insist(coder, coder_pass(coder, SHAPE) == SHAPE);
    evidence->near = (minute_t)coder_pass(coder, evidence->near);
    pass_request(coder, &evidence->request);
    if (coder_is_good(coder)) {
        pass_result(coder, evidence);
    }
}

enum status evidence_write(const struct evidence *evidence,
                           uint8_t room[EVIDENCE_BYTES], struct arena *arena,
                           struct entente_bytes *ret_bytes)
{
    struct evidence copy = *evidence;
    struct coder coder = {.arena = arena, .writes = true, .size = EVIDENCE_BYTES};

    coder.bytes = &room[0];
    pass_evidence(&coder, &copy);
    if (coder.exhausted) {
        return STATUS_FAILED;
    }
    if (coder.broken) {
        return STATUS_REFUSED;
    }
    uint8_t *bytes = arena_copy(arena, coder.bytes, coder.at);
    *ret_bytes = (struct entente_bytes){bytes, coder.at};
    return bytes == NULL ? STATUS_FAILED : STATUS_OK;
}

enum status evidence_read(const struct entente_bytes *bytes, struct arena *arena,
                          struct evidence *ret_evidence)
{
    struct evidence evidence = {.near = 0};
    struct coder coder = {
        .arena = arena,
        .bytes = (uint8_t *)bytes->data,
        .size = bytes->size,
    };

    pass_evidence(&coder, &evidence);
    if (coder.exhausted) {
        return STATUS_FAILED;
    }
    if (coder.broken || coder.at != coder.size) {
        return STATUS_DAMAGED;
    }
    *ret_evidence = evidence;
    return STATUS_OK;
}

/* ---- the same again? ---------------------------------------------------------------
 */

static bool slots_agree(const struct match_request *request,
                        const struct match_result *a, const struct match_result *b,
                        size_t slot)
{
    const struct match_slot *one = &a->slots[slot];
    const struct match_slot *two = &b->slots[slot];

    if (one->start != two->start || one->end != two->end ||
        one->option != two->option || one->heads != two->heads ||
        one->asked != two->asked) {
        return false;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        if (one->reason[i] != two->reason[i]) {
            return false;
        }
        if (party->member_count > 0 && one->reason[i] == MATCH_ATTENDS &&
            memcmp(a->chosen + one->chosen_at[i], b->chosen + two->chosen_at[i],
                   party->needed * sizeof(*a->chosen)) != 0) {
            return false;
        }
    }
    return true;
}

bool evidence_agrees(const struct match_request *request, const struct match_result *a,
                     const struct match_result *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!slots_agree(request, a, b, i)) {
            return false;
        }
    }
    return true;
}
