// SPDX-License-Identifier: Apache-2.0

/*
 * propose_again.c - the part of propose.h that keeps what was searched among, and searches
 * again
 */
#include "broker/propose_internal.h"

enum status inquiry_keep(struct proposer *proposer, const struct inquiry *inquiry,
                         struct propose_kept *ret_kept)
{
    const struct evidence evidence = {
        .request = inquiry->request,
        .near = inquiry->question->near,
        .result = &proposer->result,
    };
    struct propose_kept kept = {.searched = true};
    enum status status =
        evidence_write(&evidence, proposer->evidence, inquiry->arena, &kept.evidence);
    if (status == STATUS_FAILED) {
        return status;
    }
    *ret_kept = kept; /* refused: too large, and empty */
    return STATUS_OK;
}

enum status propose_again(struct proposer *proposer,
                          const struct entente_bytes *evidence, struct arena *arena,
                          bool *ret_same)
{
    struct evidence kept;
    enum status status = evidence_read(evidence, arena, &kept);
    if (status != STATUS_OK) {
        return status;
    }
    struct propose_question question = {.near = kept.near};
    struct inquiry *inquiry = arena_alloc(arena, sizeof(*inquiry));
    if (inquiry == NULL) {
        return STATUS_FAILED;
    }
    inquiry->question = &question;
    inquiry->arena = arena;
    inquiry->request = kept.request;
    status = proposer_ask(proposer, inquiry);
    if (status == STATUS_REFUSED) {
        /* Nobody could have been answered on such bytes. */
        return STATUS_DAMAGED;
    }
    if (status == STATUS_OK) {
        *ret_same = evidence_agrees(&kept.request, kept.result, &proposer->result);
    }
    return status;
}
