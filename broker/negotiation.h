// SPDX-License-Identifier: Apache-2.0

/*
 * negotiation.h - the life of one meeting, as data
 *
 * The rules live in one table (negotiation.c) and nowhere else.  This module only
 * answers "what would happen?": it performs nothing, allocates nothing, reads no clock
 * and knows neither the database nor the network.  matter_effect.c carries the effects out.
 *
 * Claims follow the state: held while PROPOSED, firm while CONFIRMED, both while
 * MOVING. In WAITING_ORGANIZER the hold goes on, for as long
 * as the parties had to answer.
 */
#ifndef BROKER_NEGOTIATION_H
#define BROKER_NEGOTIATION_H

#include <stddef.h>
#include <stdio.h>

/* The numbers of enum entente_state (proto/message.h), and the one before the first. */
enum negotiation_state {
    NOTHING_YET = 0,
    SEARCHING = 1,
    PROPOSED = 2,
    CONFIRMED = 3,
    MOVING = 4,
    WAITING_ORGANIZER = 5,
    CANCELLED = 6,
    EXPIRED = 7,
    DONE = 8,
};

/* Stored in meeting.path and transition.event: append with the next number, never renumber. */
enum negotiation_event {
    SLOT_FOUND = 1,
    NO_SLOT,
    ACCEPTED,               /* others are still needed */
    ALL_ACCEPTED,           /* the last one needed */
    SHIFT_FOUND,            /* somebody needs another time, and there is one */
    SHIFT_NONE,             /* ... and there is none */
    ROUNDS_USED,            /* another proposal would be one too many */
    OPTIONAL_DECLINED,      /* others are still needed */
    OPTIONAL_DECLINED_LAST, /* everybody else has accepted already */
    DECLINED,               /* by an indispensable party; while MOVING by anybody */
    OPTIONAL_WITHDREW,
    CANCEL,
    TIME_OVER,          /* the search or the answer deadline */
    ORGANIZER_PROPOSES, /* another slot, or without a party */
    SLOT_ENDED,
    OLD_TIME_ARRIVED,
    DIVERGED, /* an agenda no longer says what was agreed: its owner is asked */
    DIVERGENCE_SETTLED, /* ... and says that it does, or it does so by itself */
    REOPENED,           /* a needed party will not come after all */
    REPLACED,           /* another one comes in a party's place, at the same time */
    LATE_ACCEPTED,      /* of who was not waited for */
    READY,              /* all have answered, and the organizer has the last word */
    ORGANIZER_CONFIRMS, /* the time that is held, whoever has not answered */
    GRADED,             /* which of several candidates suit */
    POLL_DECIDED,
    POLL_EMPTY,
    SEARCH_ON,   /* in other windows, or longer */
    REMINDED,    /* those who are awaited, before their time is over */
    SILENT,      /* somebody's time is over, and then the organizer decides */
    SUBSTITUTED, /* somebody else of the same pool comes instead */
    DELEGATED,   /* by a party, to somebody named */
};

/* What a row asks matter_effect.c to do. */
enum negotiation_effect {
    HOLD = 1 << 0, /* hold the slot found, in place of one that is held */
    RELEASE_HELD = 1 << 1,
    MAKE_FIRM = 1 << 2,    /* the held slot becomes the firm one */
    RELEASE_FIRM = 1 << 3, /* together with MAKE_FIRM: the old one */
    DROP_PARTY = 1 << 4,
    ASK = 1 << 5,      /* those whose time changed: everybody learns of it */
    ANNOUNCE = 1 << 6, /* to everybody who has ever been asked */
    TELL_ORGANIZER = 1 << 7,
    ALTERNATIVES = 1 << 8, /* the nearest slots stand in the meeting */
    PICK = 1 << 16,        /* of several slots held together one stays */
    REFUSE = 1 << 9,       /* nothing changes; the answer names the nearest slots */
    FIRM_TO_HELD =
        1 << 10,           /* the agreed time is held until the organizer has decided */
    ASK_OWNER = 1 << 11,   /* only who speaks for the party learns of it */
    NOT_COMING = 1 << 12,  /* the party gives its time back, and may be asked again */
    SEAT = 1 << 13,        /* a substitute comes in the party's place and is asked */
    REMIND = 1 << 14,      /* those who are awaited and whose moment has come */
    EXTEND_HOLD = 1 << 15, /* the organizer has as long to decide as others to answer */
};

struct transition {
    enum negotiation_state from;
    enum negotiation_event event;
    enum negotiation_state to;
    unsigned effects; /* of enum negotiation_effect */
    const char *code; /* entente_meeting.last_event: stable, for programs */
    const char *why;  /* for people */
};

/* The row for @event in @from, or NULL: refused.  There are no wildcards. */
const struct transition *negotiation_find(enum negotiation_state from,
                                          enum negotiation_event event);

/* The whole table. */
const struct transition *negotiation_table(size_t *ret_count);

/* "PROPOSED", "SHIFT_FOUND".  Never NULL. */
const char *negotiation_state_name(enum negotiation_state state);
const char *negotiation_event_name(enum negotiation_event event);

/* "hold", for one effect; NULL for what is none.  EFFECT_BITS is more than there are. */
enum { EFFECT_BITS = 32 };
const char *negotiation_effect_name(unsigned effect);

/* Is this the end? */
int negotiation_is_over(enum negotiation_state state);

/* The same rows as a Graphviz graph. */
void negotiation_draw(FILE *file);

#endif
