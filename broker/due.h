// SPDX-License-Identifier: Apache-2.0

/*
 * due.h - why a meeting wants to be looked at
 */
#ifndef BROKER_DUE_H
#define BROKER_DUE_H

/* Stored in due.reason: append, never renumber. */
enum due_reason {
    DUE_SEARCH = 1,      /* one of its people has become freer: search again */
    DUE_SEARCH_END = 2,  /* the search deadline */
    DUE_ANSWERS_END = 3, /* the answer deadline, or the end of a hold that was kept */
    DUE_SLOT_END = 4,    /* the confirmed slot has ended */
    DUE_OLD_TIME = 5,    /* moving: the old time has arrived */
    DUE_SILENCE = 6,     /* somebody's own answer deadline, before the hold ends */
    DUE_REMINDER = 7,    /* somebody who is awaited is to be reminded */
    DUE_DIVERGENCE = 10, /* an agenda has spoken: does it still say what was agreed? */
    DUE_GRACE_END = 11,  /* whose agenda diverges has not said what to do */
};

#endif
