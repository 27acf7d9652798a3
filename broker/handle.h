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

/* Ask the matcher about @meeting.  False: the command has been refused. */
bool handle_propose(struct batch *batch, struct command *command,
                    const struct entente_meeting *meeting,
                    struct propose_question *question,
                    struct propose_answer *ret_answer);

/* The slots nearest to @start that suit everybody, at most 3, into *ret_slots. */
size_t handle_nearest(struct batch *batch, struct command *command,
                      const struct entente_meeting *meeting, int32_t start,
                      struct entente_slot **ret_slots);

/* Refuse with NO_SLOT and the slots nearest to @start. */
enum outcome handle_no_slot(struct batch *batch, struct command *command,
                            const struct entente_meeting *meeting, int32_t start);

/* Refuse: @what is not possible in the state the meeting is in. */
enum outcome handle_not_now(struct batch *batch, struct command *command,
                            const struct entente_meeting *meeting, const char *what);

/* Who is chosen from a pool at @slot becomes a party, the first in place of the pool, the
 * others behind all.  A pool that does not attend (@slot NULL: none does) keeps its
 * number only; it is not searched again, and without @slot neither is the meeting.  False
 * when memory is used up. */
bool handle_seat_pools(struct batch *batch, struct entente_meeting *meeting,
                       const struct entente_slot *slot);

#endif
