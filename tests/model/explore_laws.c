// SPDX-License-Identifier: Apache-2.0

/*
 * explore_laws.c - the part of explore.h that says what must hold in every state
 */
#include "tests/model/explore.h"

/* Does the person have a hold from @start to @end? */
static bool has(const struct card *card, size_t person, int32_t start, int32_t end)
{
    for (size_t i = 0; i < card->hold_count[person]; i++) {
        if (card->holds[person][i].span.start == start &&
            card->holds[person][i].span.end == end) {
            return true;
        }
    }
    return false;
}

static bool claims_nothing(const struct card *card)
{
    for (size_t person = 0; person < PEOPLE; person++) {
        if (card->hold_count[person] > 0) {
            return false;
        }
    }
    return true;
}

/* Is it held?  Of a poll all candidates are. */
static bool is_held(const struct entente_kept *kept, struct match_span span)
{
    bool held = span.start == kept->held_start && span.end == kept->held_end;
    for (size_t i = 0; i < kept->candidates_count; i++) {
        held = held || (span.start == kept->candidates[i].start &&
                        span.end == kept->candidates[i].end);
    }
    return held;
}

/* What is claimed is what the meeting says that it holds, or has agreed. */
static bool is_said(const struct card *card)
{
    const struct entente_kept *kept = card->meeting->kept;
    for (size_t person = 0; person < PEOPLE; person++) {
        for (size_t i = 0; i < card->hold_count[person]; i++) {
            struct match_span span = card->holds[person][i].span;
            bool firm = span.start == kept->firm_start && span.end == kept->firm_end;
            if (!is_held(kept, span) && !firm) {
                return false;
            }
        }
    }
    return true;
}

/* Whoever attends is claimed for it; who is no party is not claimed. */
static const char *laws_of_parties(const struct card *card)
{
    const struct entente_meeting *meeting = card->meeting;
    const struct entente_kept *kept = meeting->kept;
    bool is_party[PEOPLE] = {false};
    for (size_t i = 0; i < kept->people_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        if (kept->people[i] < 1 || kept->people[i] > PEOPLE) {
            continue;
        }
        size_t person = (size_t)kept->people[i] - 1;
        is_party[person] = true;
        if (party->dropped || !party->attends) {
            continue;
        }
        if (kept->held_end != 0 && kept->candidates_count == 0 &&
            !has(card, person, kept->held_start, kept->held_end)) {
            return "somebody attends what is held, and is not claimed for it";
        }
        if (meeting->state == ENTENTE_CONFIRMED &&
            !has(card, person, kept->firm_start, kept->firm_end)) {
            return "somebody attends what is agreed, and is not claimed for it";
        }
    }
    for (size_t i = 0; i < kept->candidates_count; i++) {
        struct entente_span span = kept->candidates[i];
        if (!has(card, (size_t)kept->people[0] - 1, span.start, span.end)) {
            return "the organizer, who is needed, is not claimed for a candidate";
        }
    }
    for (size_t person = 0; person < PEOPLE; person++) {
        if (!is_party[person] && card->hold_count[person] > 0) {
            return "somebody who is no party is claimed";
        }
    }
    return NULL;
}

const char *laws_of_card(const struct card *card)
{
    const struct entente_meeting *meeting = card->meeting;
    bool held = meeting->kept->held_end != 0;
    bool firm = meeting->kept->firm_end != 0;
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_SEARCHING:
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
        return held || firm || !claims_nothing(card) ? "claims in a state that has none"
                                                     : NULL;
    case ENTENTE_PROPOSED:
        if (!held || firm) {
            return "proposed, and not held";
        }
        break;
    case ENTENTE_WAITING_ORGANIZER:
        if (firm) {
            return "the organizer decides, and something is agreed";
        }
        break;
    case ENTENTE_CONFIRMED:
    case ENTENTE_DONE:
        if (held || !firm) {
            return "confirmed, and not firm";
        }
        break;
    case ENTENTE_MOVING:
        if (!held || !firm) {
            return "moving, and not both held and firm";
        }
        break;
    }
    if (!is_said(card)) {
        return "a claim that its meeting does not know of";
    }
    return laws_of_parties(card);
}

/* Does anything that the card holds of @person lie over @span? */
static bool holds_over(const struct card *card, size_t person, struct match_span span)
{
    for (size_t i = 0; i < card->hold_count[person]; i++) {
        struct match_span held = card->holds[person][i].span;
        if (held.start < span.end && span.start < held.end) {
            return true;
        }
    }
    return false;
}

const char *laws_of_pair(const struct card *a, const struct card *b)
{
    for (size_t person = 0; person < PEOPLE; person++) {
        for (size_t i = 0; i < a->hold_count[person]; i++) {
            if (holds_over(b, person, a->holds[person][i].span)) {
                return "somebody is claimed twice for one minute";
            }
        }
    }
    return NULL;
}
