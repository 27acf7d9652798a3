// SPDX-License-Identifier: Apache-2.0

/*
 * handle.h - one decision per kind of command
 *
 * Each is pure: it looks at the batch, changes meetings through matter_step(), and
 * answers the command.  The reply is spoken only after the commit.
 */
#ifndef BROKER_HANDLE_H
#define BROKER_HANDLE_H

#include "broker/matter.h"

enum outcome handle_request(struct batch *batch, struct command *command);
enum outcome handle_answer(struct batch *batch, struct command *command);
enum outcome handle_decide(struct batch *batch, struct command *command);
enum outcome handle_cancel(struct batch *batch, struct command *command);
enum outcome handle_event_ack(struct batch *batch, struct command *command);
enum outcome handle_event_result(struct batch *batch, struct command *command);
enum outcome handle_due(struct batch *batch, struct command *command);

/* handle_shift.c: the part of an answer that needs another time. */
enum outcome handle_shift(struct batch *batch, struct command *command,
                          struct matter *matter, int party);

/* handle_confirm.c: the parts of a decision that take what is held, and look elsewhere. */
enum outcome handle_confirm(struct batch *batch, struct command *command,
                            struct matter *matter);
enum outcome handle_search_on(struct batch *batch, struct command *command,
                              struct matter *matter);

/* handle_divergence.c: what an agenda reports of an event, and what its owner says to it;
 * a meeting is looked at because an agenda has spoken, or a grace is over. */
void handle_diverging_result(struct batch *batch, struct command *command,
                             struct matter *matter);
/* The party says that they come at @start: if their own diary is busy then, they know. */
void handle_own_diary(struct batch *batch, struct entente_meeting *meeting, int party,
                      int32_t start);
enum outcome handle_owner_answer(struct batch *batch, struct command *command);
enum outcome handle_divergence_due(struct batch *batch, struct command *command,
                                   struct matter *matter);

/* handle_move.c, handle_replace.c: the parts of a decision that look for another time, or
 * for somebody else. */
enum outcome handle_move(struct batch *batch, struct command *command,
                         struct matter *matter);
enum outcome handle_replace(struct batch *batch, struct command *command,
                            struct matter *matter, int party,
                            const struct entente_party *substitute,
                            const struct entente_actor *actor);

/* handle_replace.c: the part of an answer that names somebody else. */
enum outcome handle_delegate(struct batch *batch, struct command *command,
                             struct matter *matter, int party);

/* handle_withdraw.c: @party will not come after all; nothing is replied.  @may_cancel: if
 * the request says so the meeting ends with it. */
enum outcome handle_withdraw(struct batch *batch, struct command *command,
                             struct matter *matter, int party, uint32_t reason,
                             bool may_cancel, const struct entente_actor *actor);

/* handle_due.c: it has been looked at: the row goes. */
enum outcome handle_nothing_follows(struct batch *batch, const struct command *command);

/* ---- shared by several handlers ----------------------------------------------------
 */

/* The meeting of the command, visible to its client and not over; otherwise NULL, and
 * the command has been refused. */
struct matter *handle_matter(struct batch *batch, struct command *command,
                             const struct entente_bytes *meeting);

/* The index of the party that the client answers for; otherwise -1, and refused. */
int handle_party(struct batch *batch, struct command *command,
                 const struct entente_meeting *meeting,
                 const struct entente_identifier *party);

/* The index of the party that the organizer names: a guest by name or contact, anybody
 * else as a person; -1, and refused, when they do not take part. */
int handle_named(struct batch *batch, struct command *command,
                 const struct entente_meeting *meeting,
                 const struct entente_identifier *party);

/* As handle_party(); but the organizer's client may also say what a guest has said, and,
 * by telephone, anybody. */
int handle_speaking(struct batch *batch, struct command *command,
                    const struct entente_meeting *meeting,
                    const struct entente_identifier *party,
                    const struct entente_actor *actor);

/* Ask the matcher about @meeting.  False: the command has been refused. */
bool handle_propose(struct batch *batch, struct command *command,
                    const struct entente_meeting *meeting,
                    struct propose_question *question,
                    struct propose_answer *ret_answer);

/* The slots nearest to @start that suit everybody, at most 3, into *ret_slots: neither what
 * is held nor what somebody has asked to be moved away from. */
size_t handle_nearest(struct batch *batch, const struct entente_meeting *meeting,
                      int32_t start, struct entente_slot **ret_slots);

/* A new id for a meeting, in the batch's arena.  False: memory or chance is used up. */
bool handle_new_id(struct batch *batch, struct entente_bytes *ret_id);

/* Refuse with NO_SLOT and the slots nearest to @start. */
enum outcome handle_no_slot(struct batch *batch, struct command *command,
                            const struct entente_meeting *meeting, int32_t start);

/* Refuse: no slot that starts at @start is held. */
enum outcome handle_not_a_candidate(struct batch *batch, struct command *command,
                                    const struct entente_meeting *meeting,
                                    int32_t start);

/* Refuse: @what is not possible in the state the meeting is in. */
enum outcome handle_not_now(struct batch *batch, struct command *command,
                            const struct entente_meeting *meeting, const char *what);

/* Has @party not said to a program of their own what @actor says in @command? */
bool handle_is_recorded(const struct command *command,
                        const struct entente_actor *actor,
                        const struct entente_meeting *meeting, int party);

/* Remember what the command's answer says of @party, before the step is taken. */
void handle_record(struct batch *batch, struct command *command,
                   struct entente_meeting *meeting, int party);

/* Take the step that the command's answer is, and reply. */
enum outcome handle_answer_step(struct batch *batch, struct command *command,
                                struct matter *matter, struct step *step,
                                enum negotiation_event event);

/* What is proposed now is not proposed again by itself.  False: memory is used up. */
bool handle_refuse_starts(struct batch *batch, struct entente_meeting *meeting);

/* How many slots a new proposal of the meeting holds at once; and all that were found, as
 * far as they are held, into the step. */
size_t handle_held_slots(const struct entente_meeting *meeting);
void handle_hold(const struct entente_meeting *meeting,
                 const struct propose_answer *found, struct step *ret_step);

/* May the organizer of @meeting hold so many slots more?  If not, of whom too many are held
 * (party -1: of all together), how many, and what is allowed. */
struct handle_excess {
    int party;
    int64_t held;
    int64_t most;
};
bool handle_may_hold(const struct batch *batch, const struct entente_meeting *meeting,
                     size_t slots, struct handle_excess *ret_excess);
enum outcome handle_too_many_holds(struct batch *batch, struct command *command,
                                   const struct handle_excess *excess);

/* The same for the next proposal of a meeting whose organizer decides: a time instead of one
 * that is held is none more, but beside what has been agreed it is.  False: it has been
 * refused. */
bool handle_may_hold_anew(struct batch *batch, struct command *command,
                          const struct entente_meeting *meeting);

/* May @meeting, and others asked for with it, @count in all, wait for a time beside those
 * of its organizer that do?  False: it has been refused. */
bool handle_may_wait(struct batch *batch, struct command *command,
                     const struct entente_meeting *meeting, size_t count);

/* A new meeting that the client asks for with @spec, whose parties are @people; its pools
 * are kept.  NULL when memory is used up. */
struct matter *handle_new_matter(struct batch *batch, struct command *command,
                                 struct entente_spec *spec, const int64_t *people);

/* The last minute at which the search may go on, in milliseconds: @wanted (0: as long as
 * possible), but no later than the last possible start. */
int64_t handle_search_end(const struct entente_spec *spec, int64_t wanted_ms);

/* Why nothing can be searched in the windows of @spec: WINDOW_PAST, WINDOW_TOO_SHORT, or
 * 0. */
unsigned handle_bad_windows(const struct entente_spec *spec, int64_t now_ms);

/* May @meeting be searched for anew as @spec says, with other windows than before?  As for a
 * request: not in the past, and not so large that others would wait for it.  False: it has
 * been refused. */
bool handle_may_search(struct batch *batch, struct command *command,
                       const struct entente_meeting *meeting,
                       const struct entente_spec *spec);
/* ---- handle_pool.c -----------------------------------------------------------------
 */

/* The pools of a request are kept with its meeting, and their members leave its parties.
 * False when memory is used up. */
bool handle_keep_pools(struct batch *batch, struct entente_meeting *meeting);

/*
 * The slots to hold.  Who is chosen from a pool for the first of them becomes a party, the
 * first one in place of the pool, the others behind all; the other slots are then searched
 * for those.  A pool that does not attend stays a party without members, and is not
 * searched again.  OUTCOME_NEEDS: who is chosen has to be locked first.  If nothing could
 * be searched the command has been refused.
 */
enum outcome handle_find_slots(struct batch *batch, struct command *command,
                               struct entente_meeting *meeting, enum propose_why why,
                               struct propose_answer *ret_found);

/* Who is chosen from the meeting's pools at @slot becomes a party.  OUTCOME_NEEDS: they
 * have to be locked first; refused when memory is used up. */
enum outcome handle_seat_pools(struct batch *batch, struct command *command,
                               struct entente_meeting *meeting,
                               const struct entente_slot *slot);

/* Somebody who comes in another's place. */
struct substitute {
    struct entente_party *party; /* NULL: there is nobody */
    int64_t person;
    bool delegated; /* by the party itself */
};

/*
 * Somebody else of the pool that @party is from, who can come at exactly @at, held with
 * @option; of several the one that a search would choose.  Nobody is asked twice.
 * OUTCOME_NEEDS: they have to be locked first.
 */
enum outcome handle_find_substitute(struct batch *batch, struct command *command,
                                    const struct entente_meeting *meeting, size_t party,
                                    struct entente_span at, uint32_t option,
                                    struct substitute *ret_substitute);

/* The same for the current proposal, if a substitute may take part in it. */
enum outcome handle_find_substitute_now(struct batch *batch, struct command *command,
                                        const struct entente_meeting *meeting,
                                        size_t party,
                                        struct substitute *ret_substitute);

/* The substitute takes the party's place in the current proposal; of a poll the candidates
 * stay at which the substitute can come.  False: there is none, or the substitute cannot
 * come after all, and nothing has happened. */
bool handle_take_substitute(struct batch *batch, struct command *command,
                            struct matter *matter, size_t party,
                            const struct entente_actor *actor,
                            const struct substitute *substitute);

/* ---- handle_silence.c --------------------------------------------------------------
 */

/* What follows for everybody whose time to answer is over, and at the end of a hold. */
enum outcome handle_silence(struct batch *batch, struct command *command,
                            struct matter *matter);

/* Those are reminded who are awaited and whose moment has come. */
void handle_reminders(struct batch *batch, struct matter *matter);

/* handle_replace.c: the substitute takes the place of a party at the time that is agreed or
 * held, and nothing is replied.  Busy: the substitute cannot come then. */
enum replaced { REPLACED_DONE = 1, REPLACED_BUSY, REPLACED_REFUSED };
enum replaced handle_take_place(struct batch *batch, struct command *command,
                                struct matter *matter, size_t replaced,
                                const struct substitute *substitute,
                                const struct entente_actor *actor);

/* The same in a poll: the candidates at which the substitute cannot come are given back. */
enum replaced handle_take_place_in_poll(struct batch *batch, struct command *command,
                                        struct matter *matter, size_t replaced,
                                        const struct substitute *substitute,
                                        const struct entente_actor *actor);

#endif
