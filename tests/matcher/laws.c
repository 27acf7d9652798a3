// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/laws.h"

#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct random_request question;
struct laws_answer before;
struct laws_answer after;
struct dice dice;

int laws_set_up(void **state)
{
    (void)state;
    const char *given = getenv("RANDOM_SEED");
    dice.state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);
    return 0;
}

void laws_draw(void)
{
    random_request_draw(&dice, RANDOM_EVERYTHING, &question);
}

void laws_fail(const char *why)
{
    random_request_print(stderr, &question.request);
    fail_msg("%s", why);
}

void laws_search(const struct match_request *request, struct laws_answer *ret_answer)
{
    size_t size = match_workspace_size(request);
    void *workspace = malloc(size + 1);
    assert_non_null(workspace);
    memset(ret_answer, 0, sizeof(*ret_answer));
    ret_answer->result.chosen = ret_answer->chosen;
    ret_answer->result.chosen_capacity = LAWS_CHOSEN;
    assert_true(match_chosen_bound(request) <= LAWS_CHOSEN);
    enum match_status status =
        match_search(request, workspace, size, &ret_answer->result);
    if (status != MATCH_OK) {
        laws_fail(match_status_text(status));
    }
    free(workspace);
}

void laws_explain(const struct match_request *request, struct laws_answer *ret_answer)
{
    static const struct match_leeway none;
    size_t size = match_workspace_size(request);
    void *workspace = malloc(size + 1);
    assert_non_null(workspace);
    assert_int_equal(match_explain(request, &none, workspace, size, &ret_answer->why),
                     MATCH_OK);
    free(workspace);
}

const uint16_t *laws_chosen(const struct laws_answer *answer, size_t slot, size_t party)
{
    return &answer->chosen[answer->result.slots[slot].chosen_at[party]];
}

bool laws_attends(const struct laws_answer *answer, size_t slot, size_t party)
{
    return answer->result.slots[slot].reason[party] == MATCH_ATTENDS;
}

void laws_expect_same(const struct match_request *request, const size_t *place,
                      const char *why)
{
    if (before.result.count != after.result.count) {
        laws_fail(why);
    }
    for (size_t i = 0; i < before.result.count; i++) {
        const struct match_slot *a = &before.result.slots[i];
        const struct match_slot *b = &after.result.slots[i];
        bool same = a->start == b->start && a->end == b->end &&
                    a->option == b->option && a->heads == b->heads &&
                    memcmp(&a->merit, &b->merit, sizeof(a->merit)) == 0;
        for (size_t p = 0; p < request->party_count; p++) {
            size_t q = place != NULL ? place[p] : p;
            const struct match_party *party = &request->parties[p];
            same = same && a->reason[p] == b->reason[q] &&
                   (a->asked >> p & 1) == (b->asked >> q & 1) &&
                   (party->member_count == 0 || a->reason[p] != MATCH_ATTENDS ||
                    memcmp(laws_chosen(&before, i, p), laws_chosen(&after, i, q),
                           party->needed * sizeof(uint16_t)) == 0);
        }
        if (!same) {
            laws_fail(why);
        }
    }
}

struct match_person *laws_next_person(size_t *party, size_t *member)
{
    while (*party < question.request.party_count) {
        struct match_party *p = &question.parties[*party];
        size_t which = *member;
        *member += 1;
        if (p->member_count == 0 && which == 0) {
            return &p->person;
        }
        if (which < p->member_count) {
            return &question.people[p->members - question.people] + which;
        }
        *party += 1;
        *member = 0;
    }
    return NULL;
}
