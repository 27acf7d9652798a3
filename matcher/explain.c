// SPDX-License-Identifier: Apache-2.0
#include "matcher/explain.h"

#include "matcher/blame.h"
#include "matcher/relax.h"
#include "matcher/search_internal.h"

#include <string.h>

/* Count why the party of @question, which attends at @attend with some option, cannot
 * come to the other starts of the batch with the first one. */
static void blame_party(struct search *search, size_t party, const uint64_t *attend,
                        struct match_blame *blame)
{
    const struct axis *starts = &search->batch.starts;
    struct question question = search_question(search, 0, party);
    const struct match_party *of = &search->request->parties[party];
    const struct person *first = &search->people[search->first_of[party]];
    uint32_t counts[MATCH_DAY_FULL + 1] = {0};

    if (of->member_count > 0) {
        struct pool pool = {of, first};
        search_count_reasons(search, &question, &pool);
    } else {
        person_reasons(&question, first, search->reasons);
    }
    for (size_t place = 0; place < starts->count; place++) {
        if (plane_has(attend, place)) {
            continue;
        }
        enum match_reason reason =
            of->member_count > 0
                ? pool_reason(search->reason_counts + place * (PERSON_REASONS + 1))
                : search_first_reason(search, place);
        counts[reason]++;
    }
    blame->busy += counts[MATCH_IS_BUSY];
    blame->unknown += counts[MATCH_IS_UNKNOWN];
    blame->not_offered += counts[MATCH_NOT_OFFERED];
    blame->too_far += counts[MATCH_TOO_FAR];
    blame->short_notice += counts[MATCH_SHORT_NOTICE];
    blame->day_full += counts[MATCH_DAY_FULL];
}

/* Who of the indispensable parties attends the start at @place with the option that was
 * looked at last. */
static uint64_t find_attending(const struct search *search, size_t place)
{
    uint64_t attends = 0;
    for (size_t i = 0; i < search->request->party_count; i++) {
        const uint64_t *plane = search->attend + i * search->batch.starts.words;
        if ((search->indispensable >> i & 1) != 0 && plane_has(plane, place)) {
            attends |= (uint64_t)1 << i;
        }
    }
    return attends;
}

/* One batch: who attends with which option, and why not. */
static void explain_batch(struct search *search, struct blame_sheet *sheet,
                          struct match_why *why)
{
    const struct match_request *request = search->request;
    const struct axis *starts = &search->batch.starts;
    size_t words = starts->words;

    plane_zero(search->attend_any, request->party_count * words);
    for (size_t option = 0; option < search_option_count(request); option++) {
        for (size_t i = 0; i < request->party_count; i++) {
            if ((search->indispensable >> i & 1) == 0) {
                continue;
            }
            const uint64_t *attend = search_attend(search, option, i);
            for (size_t word = 0; word < words; word++) {
                search->attend_any[i * words + word] |= attend[word];
            }
        }
        for (size_t place = 0; place < starts->count; place++) {
            uint64_t attending = find_attending(search, place);
            why->quorum_blocks =
                why->quorum_blocks || attending == search->indispensable;
            blame_add(sheet, attending);
        }
    }
    for (size_t i = 0; i < request->party_count; i++) {
        if ((search->indispensable >> i & 1) != 0) {
            blame_party(search, i, search->attend_any + i * words, &why->blame[i]);
        }
    }
}

enum match_status match_explain(const struct match_request *request,
                                const struct match_leeway *leeway, void *workspace,
                                size_t workspace_size, struct match_why *ret_why)
{
    struct search search;
    enum match_status status =
        search_begin(request, workspace, workspace_size, &search);
    if (status != MATCH_OK) {
        return status;
    }

    memset(ret_why, 0, sizeof(*ret_why));
    ret_why->candidates = (uint32_t)search.list.count;
    if (search.list.count > 0) {
        struct blame_sheet sheet = {.runs = search.runs};

        search_people(&search);
        search_feasible(&search);
        ret_why->feasible = (uint32_t)plane_count(search.feasible_any, search.words);
        for (size_t begin = 0; begin < search.list.count; begin += search.chunk_most) {
            size_t left = search.list.count - begin;
            search_batch(&search, &search.list.starts[begin],
                         left < search.chunk_most ? left : search.chunk_most);
            explain_batch(&search, &sheet, ret_why);
        }
        ret_why->quorum_blocks = ret_why->quorum_blocks && ret_why->feasible == 0;
        if (ret_why->feasible == 0 && !ret_why->quorum_blocks) {
            blame_find_blocking(request, &sheet, ret_why);
        }
    }
    relax_find(request, leeway, workspace, workspace_size, ret_why);
    return MATCH_OK;
}
