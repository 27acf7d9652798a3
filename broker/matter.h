// SPDX-License-Identifier: Apache-2.0

/*
 * matter.h - what one meeting needs, and moving it from state to state
 *
 * Units       minutes (UTC); now in milliseconds.
 */
#ifndef BROKER_MATTER_H
#define BROKER_MATTER_H

#include "broker/batch.h"

/* The party that is @person, or -1.  Who left and has come back is two parties: the one
 * that is not dropped counts. */
int matter_party(const struct entente_meeting *meeting, int64_t person);

/* Is this party's yes ever waited for? */
bool matter_has_a_say(const struct entente_spec *spec,
                      const struct entente_party *party);

/* Is this party's yes to the current proposal of weight by the meeting's rule, and not yet
 * given? */
bool matter_is_awaited(const struct entente_meeting *meeting, size_t party);

/* Does the rule ask for more?  @except (-1: nobody) is taken as having said yes. */
bool matter_awaits_anybody(const struct entente_meeting *meeting, int except);

bool matter_is_indispensable(const struct entente_meeting *meeting, size_t party);

/* Indispensable, or without this party fewer would attend than the quorum. */
bool matter_is_needed(const struct entente_meeting *meeting, size_t party);

/* Which event the yes, or the no, of @party is now. */
enum negotiation_event matter_accept_event(const struct entente_meeting *meeting,
                                           int party);
enum negotiation_event matter_decline_event(const struct entente_meeting *meeting,
                                            int party);

/* Are several slots held together?  The candidate that starts then, or NULL; the one that
 * suits best by what has been said, or NULL; has @party said yes to @slot, or if need be? */
bool matter_poll_is_open(const struct entente_meeting *meeting);
const struct entente_slot *matter_poll_candidate(const struct entente_meeting *meeting,
                                                 int32_t start);
const struct entente_slot *matter_poll_best(const struct entente_meeting *meeting);
bool matter_poll_suits(const struct entente_meeting *meeting, size_t party,
                       const struct entente_slot *slot);

/* Does somebody else come in this party's place?  Until that one has accepted, the party
 * keeps what it has agreed to, and neither attends nor is asked. */
bool matter_is_replaced(const struct entente_spec *spec, size_t party);

/* Is the party asked in the place of one that has not left yet? */
bool matter_is_substitute(const struct entente_spec *spec, size_t party);

/* Has the party withdrawn from what was agreed, while somebody is asked in its place? */
bool matter_has_withdrawn(const struct entente_meeting *meeting, size_t party);

/* The party is not asked any more; it hears of it once. */
void matter_drop(struct matter *matter, size_t party);

/* ---- what its owner knows of an agenda ---------------------------------------------
 */

/* NULL when nothing is kept of this party's agenda. */
const struct entente_owner_note *matter_note(const struct entente_meeting *meeting,
                                             size_t party);

/* The same, made where there is none; NULL when memory is used up. */
struct entente_owner_note *
matter_make_note(struct batch *batch, struct entente_meeting *meeting, size_t party);

/* Has the owner said that they come at @start though their agenda is busy then? */
bool matter_knows(const struct entente_meeting *meeting, size_t party, int32_t start,
                  int64_t now_ms);

/* The owner says so: until then, or for good (0).  What they had said of one other time
 * is kept. */
void matter_note_known(struct entente_owner_note *note, int32_t start,
                       int64_t until_ms);

/* What has just been agreed is looked at again at once where an agenda is busy then whose
 * owner has not said that they come: who was not awaited may have become busy. */
void matter_look_again(struct batch *batch, struct entente_meeting *meeting);

/* Until when the owner of an agenda that diverges is asked, before anybody else hears of
 * it: the organizer needs as long as they had. */
int64_t matter_grace_end(int32_t start, int64_t now_ms);

/* Of one party, or of all (-1). */
void matter_forget_divergence(struct entente_meeting *meeting, int party);

/* What was said of a new time that is not held any more. */
void matter_forget_new_time(struct entente_meeting *meeting);

/* Who travels from where is for whoever searches, not for all who are invited. */
void matter_hide_distance(const struct entente_slot *slots, size_t count);

/* What a transition is given beside its row. */
struct step {
    const struct transition *row;
    const struct entente_slot *slot; /* HOLD */
    size_t slot_count; /* HOLD: more than 1: all of them, best first; a poll */
    int32_t picked;    /* PICK: the candidate that starts then; 0: the best */
    int party;         /* who did it; -1: the organizer or time */
    const struct entente_actor *actor;       /* in any arena: it is copied */
    const struct entente_slot *alternatives; /* ALTERNATIVES */
    size_t alternatives_count;
    uint32_t reason;                        /* enum entente_reason_code */
    const struct entente_party *substitute; /* SEAT: comes in place of `party` */
    int64_t substitute_person;
    uint64_t remind; /* REMIND: bit per party */
};

/* Carry out the row: state, claims, proposal, version, who is to be told.  When nobody
 * is awaited then, what follows by the meeting's rule follows in the same breath. */
void matter_step(struct batch *batch, struct matter *matter, const struct step *step);

/* ---- deadlines ---------------------------------------------------------------------
 */

/* This party is asked now, and has its own time to answer. */
void matter_ask(struct batch *batch, struct entente_meeting *meeting, size_t party);

/* Everybody who is awaited is asked now; the hold ends with the last one's time. */
void matter_ask_all(struct batch *batch, struct entente_meeting *meeting);

/* One more is asked; the hold does not end before that one's time. */
void matter_ask_also(struct batch *batch, struct entente_meeting *meeting,
                     size_t party);

/* The organizer is asked now; with @extend the hold goes on for as long as others have to
 * answer. */
void matter_ask_organizer(struct batch *batch, struct entente_meeting *meeting,
                          bool extend);

/* Until when this party may answer the current proposal. */
int64_t matter_answer_by(const struct entente_meeting *meeting, size_t party);

/* When who is awaited is next reminded, or this party is; 0: not any more. */
int64_t matter_reminder(const struct entente_meeting *meeting);
int64_t matter_reminder_of(const struct entente_meeting *meeting, size_t party);

/* A new party behind all others, in place of @replaced: its index, or -1 when there is no
 * room. */
int matter_seat(struct batch *batch, struct entente_meeting *meeting,
                const struct entente_party *party, int64_t person, size_t replaced);

/* What is due for this meeting from now on; appends to @dues, returns the new count. */
size_t matter_dues(const struct entente_meeting *meeting, struct store_due *dues,
                   size_t count);
enum { MATTER_DUES_MAX = 12 };

/* Has a deadline passed that nobody has seen to?  *ret_due is which. */
bool matter_is_overdue(const struct entente_meeting *meeting, int64_t now_ms,
                       struct store_due *ret_due);

/* May @client look at this meeting: it asked for it, or speaks for one of its people.
 */
bool matter_is_visible(const struct entente_meeting *meeting,
                       const struct client *client);

/* The same for what the meeting has become: not for who has left it, or was replaced.
 * They may still say what their agendas made of it, and reconcile. */
bool matter_concerns(const struct entente_meeting *meeting,
                     const struct client *client);

#endif
