// SPDX-License-Identifier: Apache-2.0

#include "broker/negotiation.h"

// clang-format off
static const struct transition table[] = {
    /* from               event                   to                 effects                              code                  why */

    { NOTHING_YET,       SLOT_FOUND,             PROPOSED,          HOLD | ASK,                          "proposed",           "a common slot exists: it is held, and everybody is asked" },
    { NOTHING_YET,       NO_SLOT,                SEARCHING,         TELL_ORGANIZER,                      "searching",          "no common slot yet: the organizer is told why" },

    { SEARCHING,         SLOT_FOUND,             PROPOSED,          HOLD | ASK,                          "proposed",           "a publication or a release made a slot possible" },
    { SEARCHING,         NO_SLOT,                SEARCHING,         TELL_ORGANIZER,                      "searching",          "the others of its series have a time: it goes on looking for its own" },
    { SEARCHING,         SEARCH_ON,              SEARCHING,         TELL_ORGANIZER,                      "search-on",          "the organizer looks elsewhere, or longer" },
    { SEARCHING,         CANCEL,                 CANCELLED,         TELL_ORGANIZER,                      "cancelled",          "withdrawn before anything was proposed" },
    { SEARCHING,         TIME_OVER,              EXPIRED,           TELL_ORGANIZER,                      "expired",            "no common slot turned up in time" },

    { PROPOSED,          ACCEPTED,               PROPOSED,          TELL_ORGANIZER,                      "accepted",           "one more yes, others still to answer" },
    { PROPOSED,          ALL_ACCEPTED,           CONFIRMED,         MAKE_FIRM | ANNOUNCE,                "confirmed",          "the last yes that was needed" },
    { PROPOSED,          READY,                  WAITING_ORGANIZER, EXTEND_HOLD | TELL_ORGANIZER,        "ready",              "all have answered: by this rule the organizer has the last word" },
    { PROPOSED,          ORGANIZER_CONFIRMS,     CONFIRMED,         PICK | MAKE_FIRM | ANNOUNCE,         "confirmed",          "by this rule the organizer need not wait for every answer" },
    { PROPOSED,          GRADED,                 PROPOSED,          TELL_ORGANIZER,                      "graded",             "one more has said which of the candidates suit" },
    { PROPOSED,          POLL_DECIDED,           CONFIRMED,         PICK | MAKE_FIRM | ANNOUNCE,         "confirmed",          "the best of the candidates is agreed: the others are given back in the same step" },
    { PROPOSED,          POLL_EMPTY,             WAITING_ORGANIZER, ALTERNATIVES | EXTEND_HOLD | TELL_ORGANIZER, "poll-empty",         "none of the candidates suits all who are needed: the organizer decides" },
    { PROPOSED,          SHIFT_FOUND,            PROPOSED,          HOLD | ASK | ALTERNATIVES,           "shifted",            "somebody needs another time: the next slot is held in its place" },
    { PROPOSED,          SHIFT_NONE,             WAITING_ORGANIZER, ALTERNATIVES | EXTEND_HOLD | TELL_ORGANIZER, "shift-impossible",   "no slot suits everybody: the nearest ones are shown, the hold goes on for the organizer to decide" },
    { PROPOSED,          ROUNDS_USED,            WAITING_ORGANIZER, ALTERNATIVES | EXTEND_HOLD | TELL_ORGANIZER, "rounds-used",        "too many rounds: the organizer decides" },
    { PROPOSED,          OPTIONAL_DECLINED,      PROPOSED,          DROP_PARTY | ANNOUNCE,               "optional-declined",  "an optional party will not come" },
    { PROPOSED,          OPTIONAL_DECLINED_LAST, CONFIRMED,         DROP_PARTY | MAKE_FIRM | ANNOUNCE,   "confirmed",          "an optional party will not come, and all others have accepted" },
    { PROPOSED,          DECLINED,               WAITING_ORGANIZER, ALTERNATIVES | EXTEND_HOLD | TELL_ORGANIZER, "declined",           "an indispensable party will not come: the organizer decides, the hold goes on for that" },
    { PROPOSED,          REMINDED,               PROPOSED,          REMIND | TELL_ORGANIZER,             "reminded",           "those who have not answered are reminded before their time is over" },
    { PROPOSED,          SILENT,                 WAITING_ORGANIZER, ALTERNATIVES | EXTEND_HOLD | TELL_ORGANIZER, "silent",     "somebody has not answered in time: the organizer decides, the hold goes on for that" },
    { PROPOSED,          SUBSTITUTED,            PROPOSED,          DROP_PARTY | SEAT | ANNOUNCE,        "substituted",        "somebody else of the pool is asked in their place, and nobody else again" },
    { PROPOSED,          CANCEL,                 CANCELLED,         RELEASE_HELD | ANNOUNCE,             "cancelled",          "called off before it was confirmed" },
    { PROPOSED,          TIME_OVER,              EXPIRED,           RELEASE_HELD | ANNOUNCE,             "expired",            "not everybody answered in time" },
    { PROPOSED,          DIVERGED,               PROPOSED,          ASK_OWNER,                           "diverged",           "an agenda is busy with something else where its owner had accepted, or would not be asked: the owner is asked first" },
    { PROPOSED,          DIVERGENCE_SETTLED,     PROPOSED,          ASK_OWNER,                           "divergence-settled", "the agenda says again what its owner had accepted, or the owner keeps to it" },
    { PROPOSED,          REPLACED,               PROPOSED,          DROP_PARTY | HOLD | ASK,             "replaced",           "another one is asked in a party's place: the time stays, and so do the other answers" },
    { PROPOSED,          DELEGATED,              PROPOSED,          DROP_PARTY | HOLD | ASK,             "delegated",          "a party sends somebody else: the time stays, and so do the other answers" },

    { WAITING_ORGANIZER, ORGANIZER_PROPOSES,     PROPOSED,          HOLD | ASK,                          "organizer-proposes", "the organizer offers another slot, or goes on without a party" },
    { WAITING_ORGANIZER, ORGANIZER_CONFIRMS,     CONFIRMED,         PICK | MAKE_FIRM | ANNOUNCE,         "confirmed",          "the organizer takes the time that is held" },
    { WAITING_ORGANIZER, SEARCH_ON,              SEARCHING,         RELEASE_HELD | ANNOUNCE,             "search-on",          "the organizer looks elsewhere: what was held is given back" },
    { WAITING_ORGANIZER, REMINDED,               WAITING_ORGANIZER, TELL_ORGANIZER,                      "reminded",           "the organizer is reminded before the hold ends" },
    { WAITING_ORGANIZER, CANCEL,                 CANCELLED,         RELEASE_HELD | ANNOUNCE,             "cancelled",          "called off by the organizer" },
    { WAITING_ORGANIZER, TIME_OVER,              EXPIRED,           RELEASE_HELD | ANNOUNCE,             "expired",            "the organizer did not decide in time" },
    { WAITING_ORGANIZER, REPLACED,               PROPOSED,          DROP_PARTY | HOLD | ASK,             "replaced",           "the organizer has another one come in a party's place, at the same time" },

    { CONFIRMED,         SHIFT_FOUND,            MOVING,            HOLD | ASK | ALTERNATIVES,           "moving",             "the old time stays claimed until the new one is agreed" },
    { CONFIRMED,         LATE_ACCEPTED,          CONFIRMED,         TELL_ORGANIZER,                      "late-accepted",      "a yes of who had not been waited for" },
    { CONFIRMED,         SHIFT_NONE,             CONFIRMED,         REFUSE,                              "shift-impossible",   "no other slot suits everybody" },
    { CONFIRMED,         OPTIONAL_WITHDREW,      CONFIRMED,         DROP_PARTY | ANNOUNCE,               "optional-withdrew",  "an optional party will not come: its time is given back" },
    { CONFIRMED,         CANCEL,                 CANCELLED,         RELEASE_FIRM | ANNOUNCE,             "cancelled",          "a confirmed meeting is called off" },
    { CONFIRMED,         SLOT_ENDED,             DONE,              TELL_ORGANIZER,                      "done",               "the slot has ended" },
    { CONFIRMED,         DIVERGED,               CONFIRMED,         ASK_OWNER,                           "diverged",           "an agenda refused or deleted the event, or is busy with something else: its owner is asked first, the claim stands" },
    { CONFIRMED,         DIVERGENCE_SETTLED,     CONFIRMED,         ASK_OWNER,                           "divergence-settled", "the agenda says again what was agreed, or its owner keeps to it" },
    { CONFIRMED,         REOPENED,               WAITING_ORGANIZER, NOT_COMING | FIRM_TO_HELD | ALTERNATIVES | ANNOUNCE, "reopened", "a party that is needed will not come after all: the organizer decides, the time is held for the others" },
    { CONFIRMED,         REPLACED,               MOVING,            HOLD | ASK,                          "replacing",          "another one is asked in a party's place, at the same time: until they accept everything stays as it was" },
    { CONFIRMED,         DELEGATED,              MOVING,            HOLD | ASK,                          "delegating",         "a party sends somebody else, at the same time: until they accept everything stays as it was" },

    { MOVING,            ACCEPTED,               MOVING,            TELL_ORGANIZER,                      "accepted",           "one more yes to the new time" },
    { MOVING,            DELEGATED,              MOVING,            HOLD | ASK,                          "delegating",         "a party sends somebody else to the new time: at the old one it is still expected" },
    { MOVING,            REPLACED,               MOVING,            HOLD | ASK,                          "replacing",          "another one is asked to come to the new time in a party's place: at the old one it is still expected" },
    { MOVING,            ALL_ACCEPTED,           CONFIRMED,         MAKE_FIRM | RELEASE_FIRM | ANNOUNCE, "moved",              "agreed: the old time is given back in the same step" },
    { MOVING,            ORGANIZER_CONFIRMS,     CONFIRMED,         PICK | MAKE_FIRM | RELEASE_FIRM | ANNOUNCE, "moved",           "by this rule the organizer agrees to the new time: the old one is given back in the same step" },
    { MOVING,            REMINDED,               MOVING,            REMIND | TELL_ORGANIZER,             "reminded",           "those who have not answered are reminded before their time is over" },
    { MOVING,            SHIFT_FOUND,            MOVING,            HOLD | ASK | ALTERNATIVES,           "shifted",            "another new time is held in place of the first" },
    { MOVING,            SHIFT_NONE,             MOVING,            REFUSE,                              "shift-impossible",   "no other slot suits everybody" },
    { MOVING,            ROUNDS_USED,            CONFIRMED,         RELEASE_HELD | ANNOUNCE,             "kept",               "too many rounds: everything stays as it was" },
    { MOVING,            DECLINED,               CONFIRMED,         RELEASE_HELD | ANNOUNCE,             "kept",               "the new time was declined: everything stays as it was" },
    { MOVING,            TIME_OVER,              CONFIRMED,         RELEASE_HELD | ANNOUNCE,             "kept",               "not agreed in time: everything stays as it was" },
    { MOVING,            OLD_TIME_ARRIVED,       CONFIRMED,         RELEASE_HELD | ANNOUNCE,             "kept",               "the old time has come: everything stays as it was" },
    { MOVING,            OPTIONAL_WITHDREW,      MOVING,            DROP_PARTY | ANNOUNCE,               "optional-withdrew",  "an optional party will come neither at the old time nor at the new one" },
    { MOVING,            DIVERGED,               MOVING,            ASK_OWNER,                           "diverged",           "an agenda no longer shows the old time, or is busy with something else at the new one: its owner is asked first" },
    { MOVING,            DIVERGENCE_SETTLED,     MOVING,            ASK_OWNER,                           "divergence-settled", "the agenda shows again what is claimed, or its owner keeps to it" },
    { MOVING,            REOPENED,               WAITING_ORGANIZER, RELEASE_HELD | NOT_COMING | FIRM_TO_HELD | ALTERNATIVES | ANNOUNCE, "reopened", "a party that is needed will not come after all: the old time is held for the others until the organizer decides" },
    { MOVING,            CANCEL,                 CANCELLED,         RELEASE_HELD | RELEASE_FIRM | ANNOUNCE, "cancelled",       "a confirmed meeting is called off while it was being moved" },
};
// clang-format on

static const size_t table_count = sizeof(table) / sizeof(table[0]);

const struct transition *negotiation_find(enum negotiation_state from,
                                          enum negotiation_event event)
{
    for (size_t i = 0; i < table_count; i++) {
        if (table[i].from == from && table[i].event == event) {
            return &table[i];
        }
    }
    return NULL;
}

const struct transition *negotiation_table(size_t *ret_count)
{
    *ret_count = table_count;
    return table;
}

const char *negotiation_state_name(enum negotiation_state state)
{
    static const char *const names[] = {
        [NOTHING_YET] = "-",       [SEARCHING] = "SEARCHING",
        [PROPOSED] = "PROPOSED",   [CONFIRMED] = "CONFIRMED",
        [MOVING] = "MOVING",       [WAITING_ORGANIZER] = "WAITING_ORGANIZER",
        [CANCELLED] = "CANCELLED", [EXPIRED] = "EXPIRED",
        [DONE] = "DONE",
    };
    return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

const char *negotiation_event_name(enum negotiation_event event)
{
    static const char *const names[] = {
        [SLOT_FOUND] = "SLOT_FOUND",
        [NO_SLOT] = "NO_SLOT",
        [ACCEPTED] = "ACCEPTED",
        [ALL_ACCEPTED] = "ALL_ACCEPTED",
        [SHIFT_FOUND] = "SHIFT_FOUND",
        [SHIFT_NONE] = "SHIFT_NONE",
        [ROUNDS_USED] = "ROUNDS_USED",
        [OPTIONAL_DECLINED] = "OPTIONAL_DECLINED",
        [OPTIONAL_DECLINED_LAST] = "OPTIONAL_DECLINED_LAST",
        [DECLINED] = "DECLINED",
        [OPTIONAL_WITHDREW] = "OPTIONAL_WITHDREW",
        [CANCEL] = "CANCEL",
        [TIME_OVER] = "TIME_OVER",
        [ORGANIZER_PROPOSES] = "ORGANIZER_PROPOSES",
        [SLOT_ENDED] = "SLOT_ENDED",
        [OLD_TIME_ARRIVED] = "OLD_TIME_ARRIVED",
        [DIVERGED] = "DIVERGED",
        [DIVERGENCE_SETTLED] = "DIVERGENCE_SETTLED",
        [REOPENED] = "REOPENED",
        [REPLACED] = "REPLACED",
        [LATE_ACCEPTED] = "LATE_ACCEPTED",
        [READY] = "READY",
        [ORGANIZER_CONFIRMS] = "ORGANIZER_CONFIRMS",
        [GRADED] = "GRADED",
        [POLL_DECIDED] = "POLL_DECIDED",
        [POLL_EMPTY] = "POLL_EMPTY",
        [SEARCH_ON] = "SEARCH_ON",
        [DELEGATED] = "DELEGATED",
        [REMINDED] = "REMINDED",
        [SILENT] = "SILENT",
        [SUBSTITUTED] = "SUBSTITUTED",
    };
    return (size_t)event < sizeof(names) / sizeof(names[0]) && names[event] != NULL
               ? names[event]
               : "?";
}

const char *negotiation_effect_name(unsigned effect)
{
    static const struct {
        enum negotiation_effect effect;
        const char *name;
    } names[] = {
        {HOLD, "hold"},
        {RELEASE_HELD, "release held"},
        {MAKE_FIRM, "make firm"},
        {RELEASE_FIRM, "release firm"},
        {DROP_PARTY, "drop party"},
        {ASK, "ask"},
        {ANNOUNCE, "announce"},
        {TELL_ORGANIZER, "tell the organizer"},
        {ALTERNATIVES, "show alternatives"},
        {REFUSE, "refuse with the nearest"},
        {FIRM_TO_HELD, "hold what was firm"},
        {ASK_OWNER, "ask the owner"},
        {NOT_COMING, "release the party"},
        {PICK, "pick one"},
        {SEAT, "seat a substitute"},
        {REMIND, "remind"},
        {EXTEND_HOLD, "extend the hold"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (effect == (unsigned)names[i].effect) {
            return names[i].name;
        }
    }
    return NULL;
}

int negotiation_is_over(enum negotiation_state state)
{
    return state == CANCELLED || state == EXPIRED || state == DONE;
}

void negotiation_draw(FILE *file)
{
    fprintf(file, "digraph negotiation {\n    rankdir=LR;\n");
    for (size_t i = 0; i < table_count; i++) {
        fprintf(file, "    \"%s\" -> \"%s\" [label=\"%s\"];\n",
                negotiation_state_name(table[i].from),
                negotiation_state_name(table[i].to),
                negotiation_event_name(table[i].event));
    }
    fprintf(file, "}\n");
}
