// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_work.h"

#include <stdio.h>
#include <stdlib.h>

void match_work_finish(struct match_work *work)
{
    free(work->workspace);
    free(work->result.chosen);
    match_records_free(work->records);
    *work = (struct match_work){0};
}

static void *make_room(struct match_work *work, const struct match_request *request,
                       size_t *ret_size)
{
    size_t size = match_workspace_size(request);
    size_t chosen = match_chosen_bound(request);
    if (size > work->workspace_size) {
        free(work->workspace);
        work->workspace = malloc(size);
        work->workspace_size = work->workspace != NULL ? size : 0;
    }
    if (chosen > work->result.chosen_capacity) {
        free(work->result.chosen);
        work->result.chosen = calloc(chosen, sizeof(uint16_t));
        work->result.chosen_capacity = work->result.chosen != NULL ? chosen : 0;
    }
    bool enough = work->workspace != NULL && work->result.chosen_capacity >= chosen;
    *ret_size = size;
    return enough ? work->workspace : NULL;
}

/* One start, with the option that is best there. */
static enum match_status judge(struct match_work *work, const struct match_input *input,
                               void *workspace, size_t size)
{
    const struct match_request *request = &input->request;
    size_t options = request->option_count > 0 ? request->option_count : 1;
    struct match_slot best = {0};
    bool suits = false;
    uint32_t chosen = 0;
    enum match_status status = MATCH_OK;

    for (uint32_t i = 0; i < options && status == MATCH_OK; i++) {
        status = match_judge(request, input->asked, i, workspace, size, &work->result,
                             &suits);
        const struct match_slot *slot = &work->result.slots[0];
        bool better = i == 0 || (suits && !work->suits) ||
                      (suits == work->suits && match_compare(request, slot, &best) < 0);
        if (status == MATCH_OK && better) {
            best = *slot;
            chosen = i;
            work->suits = suits;
        }
    }
    if (status == MATCH_OK && chosen + 1 < options) {
        status = match_judge(request, input->asked, chosen, workspace, size,
                             &work->result, &suits);
    }
    return status;
}

static enum match_status answer(struct match_work *work,
                                const struct match_input *input, void *workspace,
                                size_t size)
{
    static const struct match_leeway none;
    const struct match_request *request = &input->request;
    const struct match_leeway *leeway = input->with_leeway ? &input->leeway : &none;
    enum match_status status = MATCH_OK;

    work->is_explained = false;
    if (input->question == MATCH_JUDGED) {
        return judge(work, input, workspace, size);
    }
    if (input->question == MATCH_NEAREST) {
        status = match_nearest(request, input->asked, workspace, size, &work->result);
    } else {
        status = match_search(request, workspace, size, &work->result);
    }
    if (status != MATCH_OK) {
        return status;
    }
    if (work->result.count > 0 && !input->explains && !input->counts) {
        return MATCH_OK;
    }
    if (work->result.count > 0 && !input->explains) {
        return match_count(request, workspace, size, &work->candidates,
                           &work->feasible);
    }
    status = match_explain(request, leeway, workspace, size, &work->why);
    work->is_explained = status == MATCH_OK;
    work->candidates = work->why.candidates;
    work->feasible = work->why.feasible;
    return status;
}

static void compile(struct match_records *records, struct match_input *input)
{
    for (size_t i = 0; i < input->request.party_count; i++) {
        struct match_party *party = &input->parties[i];
        /* Members lie in memory of the input, which its request only reads. */
        struct match_person *members = (struct match_person *)party->members;
        match_records_compile(records, &party->person);
        for (size_t j = 0; j < party->member_count; j++) {
            match_records_compile(records, &members[j]);
        }
    }
}

static bool refuse(struct match_error *ret_error, enum match_error_code code,
                   const char *sentence)
{
    ret_error->code = code;
    snprintf(ret_error->path, sizeof(ret_error->path), "$");
    snprintf(ret_error->sentence, sizeof(ret_error->sentence), "%s", sentence);
    return false;
}

bool match_work_run(struct match_work *work, struct match_input *input,
                    struct match_error *ret_error)
{
    size_t size = 0;
    if (work->records != NULL) {
        match_records_free(work->records);
        work->records = match_records_new();
        compile(work->records, input);
    }
    void *workspace = make_room(work, &input->request, &size);
    if (workspace == NULL && size > 0) {
        return refuse(
            ret_error, MATCH_ERROR_OUT_OF_MEMORY,
            "There is no memory left to search; ask for fewer people or days.");
    }
    enum match_status status = answer(work, input, workspace, size);
    return status == MATCH_OK ||
           refuse(ret_error, MATCH_ERROR_REFUSED, match_status_text(status));
}
