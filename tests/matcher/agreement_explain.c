// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/agreement.h"

#include "tests/matcher/agreement_internal.h"

#include <string.h>

/* What the oracle explains of the request that is being checked. */
static struct match_why explained;
static bool is_explained;

void agreement_explain_begin(void)
{
    is_explained = false;
}

static void compare_blocking(const struct oracle *oracle, const struct match_why *want,
                             const struct match_why *got)
{
    bool must_block =
        want->feasible == 0 && want->candidates > 0 && !want->quorum_blocks;
    agreement_compare("quorum_blocks", want->quorum_blocks, got->quorum_blocks);
    if (!must_block || want->blocking_is_exact) {
        agreement_compare("blocking_count", (int64_t)want->blocking_count,
                          (int64_t)got->blocking_count);
        for (size_t i = 0; i < want->blocking_count; i++) {
            agreement_compare("blocking party", want->blocking[i], got->blocking[i]);
        }
        agreement_compare("blocking_is_exact", want->blocking_is_exact,
                          got->blocking_is_exact);
        return;
    }

    /* Beyond three: it blocks, nobody in it is superfluous, by ascending id. */
    if (got->blocking_count < 4 || got->blocking_count > MATCH_PARTIES_MAX ||
        !oracle_blocks(oracle, got->blocking, got->blocking_count)) {
        agreement_complain("the %zu blocking parties do not block",
                           got->blocking_count);
        return;
    }
    agreement_compare("blocking_is_exact", false, got->blocking_is_exact);
    for (size_t i = 0; i < got->blocking_count; i++) {
        uint8_t others[MATCH_PARTIES_MAX];
        size_t count = 0;
        for (size_t j = 0; j < got->blocking_count; j++) {
            if (j != i) {
                others[count] = got->blocking[j];
                count++;
            }
        }
        if (oracle_blocks(oracle, others, count)) {
            agreement_complain("blocking party %u is superfluous",
                               (unsigned)got->blocking[i]);
        }
        const struct match_party *parties = oracle->request->parties;
        if (i > 0 && parties[got->blocking[i - 1]].id > parties[got->blocking[i]].id) {
            agreement_complain("the blocking parties do not come by ascending id");
        }
    }
}

static void compare_relaxations(const struct match_why *want,
                                const struct match_why *got)
{
    agreement_compare("relaxation_count", (int64_t)want->relaxation_count,
                      (int64_t)got->relaxation_count);
    for (size_t i = 0; i < want->relaxation_count && agreement_complaint[0] == 0; i++) {
        const struct match_relaxation *a = &want->relaxations[i];
        const struct match_relaxation *b = &got->relaxations[i];
        agreement_compare("kind of a relaxation", a->kind, b->kind);
        agreement_compare("relaxed party", a->party, b->party);
        agreement_compare("relaxed number", a->needed, b->needed);
        agreement_compare("relaxed minutes", a->minutes, b->minutes);
        agreement_compare("relaxed modality", a->option.modality, b->option.modality);
        agreement_compare("relaxed place", a->option.place, b->option.place);
        agreement_compare("starts that suit a relaxation", a->feasible, b->feasible);
        agreement_compare("first start of a relaxation", a->first, b->first);
    }
}

static void see(const struct oracle *oracle)
{
    bool blocked = oracle->feasible == 0 && oracle->candidates > 0;
    agreement_seen.quorum += explained.quorum_blocks;
    agreement_seen.blocked += blocked && !explained.quorum_blocks;
    agreement_seen.large +=
        blocked && !explained.quorum_blocks && !explained.blocking_is_exact;
    agreement_seen.relaxed += explained.relaxation_count > 0;
}

void agreement_explain(const struct random_request *r,
                       const struct match_request *asked, const struct oracle *oracle,
                       void *workspace, size_t size)
{
    static struct match_why got;
    if (!is_explained) {
        oracle_explain(oracle, &r->leeway, &explained);
        see(oracle);
        is_explained = true;
    }
    memset(&got, 0xa5, sizeof(got));
    agreement_compare("status of the explanation", MATCH_OK,
                      match_explain(asked, &r->leeway, workspace, size, &got));
    if (agreement_complaint[0] != 0) {
        return;
    }
    struct match_why want = explained;
    agreement_compare("candidates, explained", want.candidates, got.candidates);
    agreement_compare("feasible, explained", want.feasible, got.feasible);
    for (size_t p = 0; p < MATCH_PARTIES_MAX; p++) {
        agreement_compare("blame.busy", want.blame[p].busy, got.blame[p].busy);
        agreement_compare("blame.unknown", want.blame[p].unknown, got.blame[p].unknown);
        agreement_compare("blame.not_offered", want.blame[p].not_offered,
                          got.blame[p].not_offered);
        agreement_compare("blame.too_far", want.blame[p].too_far, got.blame[p].too_far);
        agreement_compare("blame.short_notice", want.blame[p].short_notice,
                          got.blame[p].short_notice);
        agreement_compare("blame.day_full", want.blame[p].day_full,
                          got.blame[p].day_full);
    }
    compare_blocking(oracle, &want, &got);
    compare_relaxations(&want, &got);
}
