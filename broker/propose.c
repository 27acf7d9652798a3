// SPDX-License-Identifier: Apache-2.0

#include "broker/propose.h"

#include "broker/propose_internal.h"
#include "proto/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHORTER_STEPS = 3,

    /* Possible starts, times people, options and occurrences (propose_weight()), up to
     * which it is tried what would help: about a tenth of a second. */
    RELAXED_STARTS = 1000000,

    /* Inside a batch, where everybody waits, up to which that is tried, and up to which
     * nothing is said but that the request is too large for it. */
    RELAXED_IN_BATCH = 50000,
    EXPLAINED_IN_BATCH = 200000,
};

static_assert((int)ENTENTE_OTHER_OPTION == (int)MATCH_OTHER_OPTION &&
                  (int)ENTENTE_SHORTER == (int)MATCH_SHORTER &&
                  (int)ENTENTE_WIDER == (int)MATCH_WIDER &&
                  (int)ENTENTE_WITHOUT_ONE == (int)MATCH_WITHOUT_PARTY &&
                  (int)ENTENTE_SMALLER_POOL == (int)MATCH_SMALLER_POOL &&
                  (int)ENTENTE_SMALLER_QUORUM == (int)MATCH_SMALLER_QUORUM,
              "relaxations have the same numbers on the wire");
static_assert((int)ENTENTE_WEEKLY == (int)MATCH_WEEKLY &&
                  (int)ENTENTE_FORTNIGHTLY == (int)MATCH_FORTNIGHTLY &&
                  (int)ENTENTE_MONTHLY == (int)MATCH_MONTHLY,
              "steps have the same numbers on the wire");

/* Nobody has to be anywhere. */
static const struct match_option remote[] = {{.modality = ENTENTE_VIDEO},
                                             {.modality = ENTENTE_PHONE}};

enum status proposer_create(struct index *index, struct proposer **ret_proposer)
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

enum status proposer_ask(struct proposer *proposer, const struct inquiry *inquiry)
{
    const struct match_request *request = &inquiry->request;
    struct match_result *result = &proposer->result;
    size_t bound = match_chosen_bound(request);
    result->chosen = arena_array(inquiry->arena, bound, sizeof(*result->chosen));
    result->chosen_capacity = bound;
    if (result->chosen == NULL ||
        !has_workspace(proposer, match_workspace_size(request))) {
        return STATUS_FAILED;
    }
    enum match_status status =
        inquiry->question->near != 0
            ? match_nearest(request, inquiry->question->near, proposer->workspace,
                            proposer->workspace_size, result)
            : match_search(request, proposer->workspace, proposer->workspace_size,
                           result);
    return status == MATCH_OK ? STATUS_OK : STATUS_REFUSED;
}

enum status proposer_search(struct proposer *proposer,
                            const struct match_request *request)
{
    if (!has_workspace(proposer, match_workspace_size(request))) {
        return STATUS_FAILED;
    }
    enum match_status status = match_search(
        request, proposer->workspace, proposer->workspace_size, &proposer->result);
    return status == MATCH_OK ? STATUS_OK : STATUS_REFUSED;
}

static bool wants_to_know_why(const struct inquiry *inquiry, size_t slots)
{
    switch (inquiry->question->why) {
    case PROPOSE_WHY_NEVER:
        return false;
    case PROPOSE_WHY_IF_NONE:
        return slots == 0;
    case PROPOSE_WHY_ALWAYS:
        return true;
    }
    return false;
}

static int64_t at_least_one(size_t count)
{
    return count == 0 ? 1 : (int64_t)count;
}

/* Roughly what one pass over all starts costs. */
static int64_t weight_of(const struct match_request *request)
{
    int64_t starts = (int64_t)request->picked_count;
    int64_t people = 0;
    for (size_t i = 0; i < request->window_count; i++) {
        starts += (request->windows[i].end - request->windows[i].start) / request->grid;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        people += at_least_one(request->parties[i].member_count);
    }
    return starts * people * at_least_one(request->option_count) *
           at_least_one(request->occurrences);
}

static bool is_in_batch(const struct inquiry *inquiry)
{
    return inquiry->question->meeting != NULL;
}

static bool may_relax(const struct inquiry *inquiry)
{
    return weight_of(&inquiry->request) <=
           (is_in_batch(inquiry) ? RELAXED_IN_BATCH : RELAXED_STARTS);
}

/* A whole batch would wait for it, and all who have sent one of its commands. */
static bool is_too_large(const struct inquiry *inquiry)
{
    return is_in_batch(inquiry) && weight_of(&inquiry->request) > EXPLAINED_IN_BATCH;
}

static enum status explain(struct proposer *proposer, const struct inquiry *inquiry)
{
    const struct match_request *request = &inquiry->request;
    const struct match_leeway none = {0};
    const struct match_leeway leeway = {
        .shorter_by = SHORTER_STEPS * request->grid,
        .wider_days = PROPOSE_WIDER_DAYS,
        .without_party = true,
        .others = remote,
        /* A request that does not say how to meet admits every way already. */
        .other_count =
            request->option_count == 0 ? 0 : sizeof(remote) / sizeof(remote[0]),
    };
    enum match_status status =
        match_explain(request, may_relax(inquiry) ? &leeway : &none,
                      proposer->workspace, proposer->workspace_size, &proposer->why);
    return status == MATCH_OK ? STATUS_OK : STATUS_REFUSED;
}

static enum status ask(struct proposer *proposer, struct inquiry *inquiry,
                       struct propose_answer *ret_answer)
{
    const struct match_request *request = &inquiry->request;
    bool is_empty = request->window_count + request->picked_count == 0;
    enum status status = STATUS_OK;
    proposer->result.count = 0;
    if (!is_empty) {
        status = proposer_ask(proposer, inquiry);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct propose_answer answer = {
        .slots = inquiry_name_slots(inquiry, &proposer->result),
        .slot_count = proposer->result.count,
    };
    if (answer.slots == NULL) {
        return STATUS_FAILED;
    }
    bool counts = answer.slot_count > 0 || !inquiry->question->only_found;
    if (inquiry->question->keeps && counts && !is_empty) {
        status = inquiry_keep(proposer, inquiry, &answer.kept);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (wants_to_know_why(inquiry, answer.slot_count)) {
        bool is_skipped = is_too_large(inquiry);
        memset(&proposer->why, 0, sizeof(proposer->why));
        status = is_empty || is_skipped ? STATUS_OK : explain(proposer, inquiry);
        if (status != STATUS_OK) {
            return status;
        }
        answer.why_not = inquiry_name_why(inquiry, &proposer->why);
        if (answer.why_not == NULL) {
            return STATUS_FAILED;
        }
        answer.why_not->too_large = is_skipped;
    }
    *ret_answer = answer;
    return STATUS_OK;
}

enum status propose_prepare(struct proposer *proposer,
                            const struct propose_question *question,
                            struct arena *arena, struct inquiry **ret_inquiry)
{
    struct inquiry *inquiry = arena_alloc(arena, sizeof(*inquiry));
    if (inquiry == NULL) {
        return STATUS_FAILED;
    }
    inquiry->question = question;
    inquiry->index = proposer->index;
    inquiry->arena = arena;
    enum status status = inquiry_gather(inquiry);
    if (status != STATUS_OK) {
        return status;
    }
    index_pin(proposer->index, &inquiry->pin);
    *ret_inquiry = inquiry;
    return STATUS_OK;
}

int64_t propose_weight(const struct inquiry *inquiry)
{
    return weight_of(&inquiry->request);
}

enum status propose_answer(struct proposer *proposer, struct inquiry *inquiry,
                           struct propose_answer *ret_answer)
{
    return ask(proposer, inquiry, ret_answer);
}

void propose_release(struct proposer *proposer, struct inquiry *inquiry)
{
    index_unpin(proposer->index, &inquiry->pin);
}

enum status propose(struct proposer *proposer, const struct propose_question *question,
                    struct arena *arena, struct propose_answer *ret_answer)
{
    struct inquiry *inquiry = NULL;
    enum status status = propose_prepare(proposer, question, arena, &inquiry);
    if (status == STATUS_OK) {
        status = propose_answer(proposer, inquiry, ret_answer);
        propose_release(proposer, inquiry);
    }
    return status;
}
