// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/oracle.h"

#include "tests/matcher/oracle_clock.h"

#include <stdlib.h>
#include <string.h>

/* A changed copy of the request, with room for what can be changed. */
struct relaxed {
    struct match_request request;
    struct match_party parties[MATCH_PARTIES_MAX];
    struct match_span windows[MATCH_WINDOWS_MAX];
};

static void count_blame(const struct oracle *oracle, size_t party,
                        struct match_blame *blame)
{
    for (size_t c = 0; c < oracle->candidates; c++) {
        const struct oracle_slot *slots = &oracle->slots[c * oracle->options];
        bool comes = false;
        for (size_t o = 0; o < oracle->options; o++) {
            comes = comes || slots[o].slot.reason[party] == MATCH_ATTENDS;
        }
        if (comes) {
            continue;
        }
        switch ((enum match_reason)slots[0].slot.reason[party]) {
        case MATCH_ATTENDS:
            break;
        case MATCH_IS_BUSY:
            blame->busy++;
            break;
        case MATCH_IS_UNKNOWN:
            blame->unknown++;
            break;
        case MATCH_NOT_OFFERED:
            blame->not_offered++;
            break;
        case MATCH_TOO_FAR:
            blame->too_far++;
            break;
        case MATCH_SHORT_NOTICE:
            blame->short_notice++;
            break;
        case MATCH_DAY_FULL:
            blame->day_full++;
            break;
        }
    }
}

bool oracle_blocks(const struct oracle *oracle, const uint8_t *members, size_t count)
{
    const struct match_request *request = oracle->request;
    for (size_t m = 0; m < count; m++) {
        if (members[m] >= request->party_count ||
            request->parties[members[m]].importance != MATCH_INDISPENSABLE ||
            memchr(members, members[m], m) != NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < oracle->candidates * oracle->options; i++) {
        bool somebody = false;
        for (size_t m = 0; m < count; m++) {
            somebody =
                somebody || oracle->slots[i].slot.reason[members[m]] != MATCH_ATTENDS;
        }
        if (!somebody) {
            return false;
        }
    }
    return true;
}

/* The first set of @size parties that blocks, in the order of their ids: each set is the
 * combination of ascending places in @ranked. */
static bool find_blocking(const struct oracle *oracle, const uint8_t *ranked,
                          size_t parties, size_t size, uint8_t *ret_members)
{
    for (size_t i = 0; i < parties * parties * parties; i++) {
        size_t place[3] = {i / parties / parties, i / parties % parties, i % parties};
        if ((size < 3 && place[2] != 0) || (size < 2 && place[1] != 0) ||
            (size > 1 && place[0] >= place[1]) || (size > 2 && place[1] >= place[2])) {
            continue;
        }
        uint8_t members[3] = {ranked[place[0]], ranked[place[1]], ranked[place[2]]};
        if (oracle_blocks(oracle, members, size)) {
            memcpy(ret_members, members, size);
            return true;
        }
    }
    return false;
}

static void find_smallest_blocking(const struct oracle *oracle, struct match_why *why)
{
    const struct match_request *request = oracle->request;
    uint8_t ranked[MATCH_PARTIES_MAX];
    size_t count = 0;
    for (size_t p = 0; p < request->party_count; p++) {
        if (request->parties[p].importance != MATCH_INDISPENSABLE) {
            continue;
        }
        size_t at = count;
        while (at > 0 && request->parties[ranked[at - 1]].id > request->parties[p].id) {
            ranked[at] = ranked[at - 1];
            at--;
        }
        ranked[at] = (uint8_t)p;
        count++;
    }
    for (size_t size = 1; size <= 3; size++) {
        if (find_blocking(oracle, ranked, count, size, why->blocking)) {
            why->blocking_count = size;
            why->blocking_is_exact = true;
            return;
        }
    }
}

/* What a relaxed request changes, and with it how much has to be done again. */
enum change {
    OF_TIME,  /* its starts */
    OF_WAYS,  /* how and with how many it is met, but no starts */
    OF_RULES, /* who has to be there: everybody is judged already */
};

/* Count with the relaxed request in @relaxation, and say whether that is more. */
static bool helps(const struct oracle *oracle, const struct match_request *relaxed,
                  enum change change, struct match_relaxation *relaxation)
{
    struct oracle again = *oracle;
    switch (change) {
    case OF_TIME:
        oracle_open(relaxed, &again);
        break;
    case OF_WAYS:
        oracle_open_like(oracle, relaxed, &again);
        break;
    case OF_RULES:
        break;
    }
    relaxation->feasible = 0;
    for (size_t c = again.candidates; c > 0; c--) {
        bool suits = false;
        for (size_t o = 0; o < again.options; o++) {
            suits = suits ||
                    oracle_suits(relaxed, &again.slots[(c - 1) * again.options + o]);
        }
        relaxation->feasible += suits ? 1 : 0;
        relaxation->first = suits ? again.starts[c - 1] : relaxation->first;
    }
    if (change != OF_RULES) {
        oracle_close(&again);
    }
    return relaxation->feasible > oracle->feasible;
}

static struct match_request *relax(const struct oracle *oracle, struct relaxed *relaxed)
{
    const struct match_request *request = oracle->request;
    relaxed->request = *request;
    for (size_t p = 0; p < request->party_count; p++) {
        relaxed->parties[p] = request->parties[p];
    }
    for (size_t w = 0; w < request->window_count; w++) {
        relaxed->windows[w] = request->windows[w];
    }
    relaxed->request.parties = relaxed->parties;
    relaxed->request.windows = relaxed->windows;
    return &relaxed->request;
}

/* The one with more starts comes first within its kind; those that are added later go
 * behind those that have as many. */
static void add(const struct match_relaxation *relaxation, struct match_why *why)
{
    size_t at = why->relaxation_count;
    if (at == MATCH_RELAXATIONS_MAX) {
        return;
    }
    while (at > 0 && why->relaxations[at - 1].kind == relaxation->kind &&
           why->relaxations[at - 1].feasible < relaxation->feasible) {
        why->relaxations[at] = why->relaxations[at - 1];
        at--;
    }
    why->relaxations[at] = *relaxation;
    why->relaxation_count++;
}

static void try_other_options(const struct oracle *oracle,
                              const struct match_leeway *leeway,
                              struct relaxed *relaxed, struct match_why *why)
{
    const struct match_request *request = oracle->request;
    for (size_t i = 0; i < leeway->other_count; i++) {
        const struct match_option *other = &leeway->others[i];
        bool is_there =
            request->option_count == 0 && other->modality == 0 && other->place == 0;
        for (size_t o = 0; o < request->option_count; o++) {
            is_there = is_there || (request->options[o].modality == other->modality &&
                                    request->options[o].place == other->place);
        }
        struct match_relaxation relaxation = {.kind = MATCH_OTHER_OPTION};
        struct match_request *question = relax(oracle, relaxed);
        relaxation.option = *other;
        question->options = other;
        question->option_count = 1;
        if (!is_there && helps(oracle, question, OF_WAYS, &relaxation)) {
            add(&relaxation, why);
        }
    }
}

static void try_shorter(const struct oracle *oracle, const struct match_leeway *leeway,
                        struct relaxed *relaxed, struct match_why *why)
{
    int32_t grid = oracle->request->grid > 0 ? oracle->request->grid : 15;
    for (int32_t less = grid; less <= leeway->shorter_by; less += grid) {
        struct match_relaxation relaxation = {.kind = MATCH_SHORTER, .minutes = less};
        struct match_request *question = relax(oracle, relaxed);
        question->duration -= less;
        if (question->duration < grid) {
            return;
        }
        if (helps(oracle, question, OF_TIME, &relaxation)) {
            add(&relaxation, why);
            return;
        }
    }
}

static void try_wider(const struct oracle *oracle, const struct match_leeway *leeway,
                      struct relaxed *relaxed, struct match_why *why)
{
    const struct match_request *request = oracle->request;
    if (request->picked_count > 0) {
        return;
    }
    size_t last = 0;
    minute_t first = request->windows[0].start;
    for (size_t w = 1; w < request->window_count; w++) {
        const struct match_span *window = &request->windows[w];
        if (window->end > request->windows[last].end ||
            (window->end == request->windows[last].end &&
             window->start < request->windows[last].start)) {
            last = w;
        }
        first = window->start < first ? window->start : first;
    }
    for (int32_t days = 1; days <= leeway->wider_days; days++) {
        struct match_relaxation relaxation = {.kind = MATCH_WIDER,
                                              .minutes = days * 1440};
        struct match_request *question = relax(oracle, relaxed);
        relaxed->windows[last].end += days * 1440;
        if ((int64_t)relaxed->windows[last].end - first >
            (int64_t)MATCH_WINDOW_DAYS_MAX * 1440) {
            return;
        }
        if (helps(oracle, question, OF_TIME, &relaxation)) {
            add(&relaxation, why);
            return;
        }
    }
}

static void try_without_party(const struct oracle *oracle, struct relaxed *relaxed,
                              struct match_why *why)
{
    for (size_t p = 0; p < oracle->request->party_count; p++) {
        struct match_relaxation relaxation = {.kind = MATCH_WITHOUT_PARTY,
                                              .party = (uint32_t)p};
        struct match_request *question = relax(oracle, relaxed);
        relaxed->parties[p].importance = MATCH_OPTIONAL;
        if (oracle->request->parties[p].importance == MATCH_INDISPENSABLE &&
            helps(oracle, question, OF_RULES, &relaxation)) {
            add(&relaxation, why);
        }
    }
}

/* The fewest members less; of several pools the one that then has more starts. */
static void try_smaller_pools(const struct oracle *oracle, struct relaxed *relaxed,
                              struct match_why *why)
{
    const struct match_request *request = oracle->request;
    struct match_relaxation best = {.feasible = 0};
    for (size_t less = 1; less < MATCH_POOL_MAX && best.feasible == 0; less++) {
        bool goes_on = false;
        for (size_t p = 0; p < request->party_count; p++) {
            const struct match_party *party = &request->parties[p];
            if (party->member_count == 0 || party->needed <= less) {
                continue;
            }
            struct match_relaxation relaxation = {
                .kind = MATCH_SMALLER_POOL,
                .party = (uint32_t)p,
                .needed = (uint32_t)(party->needed - less),
            };
            struct match_request *question = relax(oracle, relaxed);
            relaxed->parties[p].needed = relaxation.needed;
            goes_on = true;
            if (helps(oracle, question, OF_WAYS, &relaxation) &&
                relaxation.feasible > best.feasible) {
                best = relaxation;
            }
        }
        if (!goes_on) {
            return;
        }
    }
    add(&best, why);
}

static void try_smaller_quorum(const struct oracle *oracle, struct relaxed *relaxed,
                               struct match_why *why)
{
    for (uint32_t heads = oracle->request->quorum; heads > 1; heads--) {
        struct match_relaxation relaxation = {.kind = MATCH_SMALLER_QUORUM,
                                              .needed = heads - 1};
        struct match_request *question = relax(oracle, relaxed);
        question->quorum = heads - 1;
        if (helps(oracle, question, OF_RULES, &relaxation)) {
            add(&relaxation, why);
            return;
        }
    }
}

void oracle_explain(const struct oracle *oracle, const struct match_leeway *leeway,
                    struct match_why *ret_why)
{
    static _Thread_local struct relaxed relaxed;
    const struct match_request *request = oracle->request;

    memset(ret_why, 0, sizeof(*ret_why));
    ret_why->candidates = (uint32_t)oracle->candidates;
    ret_why->feasible = (uint32_t)oracle->feasible;
    for (size_t p = 0; p < request->party_count; p++) {
        if (request->parties[p].importance == MATCH_INDISPENSABLE) {
            count_blame(oracle, p, &ret_why->blame[p]);
        }
    }
    if (oracle->feasible == 0 && oracle->candidates > 0) {
        bool all_come = false;
        for (size_t i = 0; i < oracle->candidates * oracle->options; i++) {
            all_come = all_come || oracle->slots[i].all_come;
        }
        ret_why->quorum_blocks = all_come;
        if (!all_come) {
            find_smallest_blocking(oracle, ret_why);
        }
    }

    try_other_options(oracle, leeway, &relaxed, ret_why);
    try_shorter(oracle, leeway, &relaxed, ret_why);
    try_wider(oracle, leeway, &relaxed, ret_why);
    if (leeway->without_party) {
        try_without_party(oracle, &relaxed, ret_why);
        try_smaller_pools(oracle, &relaxed, ret_why);
        try_smaller_quorum(oracle, &relaxed, ret_why);
    }
}
