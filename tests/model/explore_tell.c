// SPDX-License-Identifier: Apache-2.0

/*
 * explore_tell.c - the part of explore.h that prints
 */
#include "tests/model/explore.h"

#include <stdio.h>

void tell_card(const struct card *card)
{
    if (card->meeting == NULL) {
        printf(" [-]");
        return;
    }
    const struct entente_meeting *meeting = card->meeting;
    printf(" [%s r%u held %d firm %d:",
           negotiation_state_name((enum negotiation_state)meeting->state),
           meeting->rounds, meeting->kept->held_start % 1440,
           meeting->kept->firm_start % 1440);
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        printf(" %u@%u%s%s", party->answer, party->answer_proposal,
               party->dropped ? "d" : "", party->attends ? "a" : "");
    }
    printf(" |");
    for (size_t i = 0; i < PEOPLE; i++) {
        for (size_t j = 0; j < card->hold_count[i]; j++) {
            printf(" %zu:%d", i + 1, card->holds[i][j].span.start % 1440);
        }
    }
    printf("]");
}

void tell_act(const struct act *act)
{
    static const char *const names[ACT_KINDS] = {
        [ACT_REQUEST] = "request",
        [ACT_ACCEPT] = "accept",
        [ACT_DECLINE] = "decline",
        [ACT_SHIFT] = "shift",
        [ACT_COUNTER] = "counter",
        [ACT_GRADE] = "grade",
        [ACT_DELEGATE] = "delegate",
        [ACT_CANCEL] = "cancel",
        [ACT_WITHDRAW] = "withdraw",
        [ACT_DECIDE_SLOT] = "decide slot",
        [ACT_DECIDE_WITHOUT] = "decide without",
        [ACT_CONFIRM] = "confirm",
        [ACT_MOVE] = "move",
        [ACT_REPLACE] = "replace",
        [ACT_OWNER] = "owner says",
        [ACT_DUE] = "due",
        [ACT_RESULT] = "result",
    };
    printf("  then: %s by %u about %u%s\n", names[act->kind], act->person, act->about,
           act->stale ? ", stale" : "");
}

/* As reducer_walked() prints the rows. */
void tell_table(void)
{
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        printf("  walked: %s %s\n", negotiation_state_name(table[i].from),
               negotiation_event_name(table[i].event));
    }
}
