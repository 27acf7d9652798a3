// SPDX-License-Identifier: Apache-2.0

/*
 * series.h - several meetings that were asked for as one
 *
 * Each occurrence of a series, and each link of a sequence, is a meeting of its own: it is
 * held, answered, moved and cancelled by the same rules as every other.  They know of each
 * other by the series' id and the list of its meetings (struct entente_kept), and what
 * somebody says to all of them is said to each in turn.
 *
 * Series      the same people at the same civil time, week after week.  The best common
 *             time is one that suits every time; where there is none, the one that suits
 *             most often: the occurrences that it does not suit are its conflicts, and
 *             each gets the best time of its own, or goes on searching.
 *
 * Sequence    other people each time, in order, with least and most minutes between.
 *             All of it is found, or nothing is held and all of it waits.  One that is
 *             searched again alone keeps its gaps to those that have a time.
 *
 * Units       minutes (UTC).
 */
#ifndef BROKER_SERIES_H
#define BROKER_SERIES_H

#include "broker/handle.h"

enum { SERIES_ID = 16 };

/* The id of the meeting of @kept's series with this index; NULL: there is none. */
const uint8_t *series_sibling(const struct entente_kept *kept, size_t index);

/* Does this spec ask for several meetings? */
bool series_is_asked(const struct entente_spec *spec);

/* By whom, whether the organizer looks elsewhere than before, and whether anybody reads why
 * there is no time. */
struct series_asked {
    const struct entente_actor *actor; /* NULL: time */
    bool looks_on;
    enum propose_why why;
};

/*
 * Hold the whole series that the spec of @matter asks for, at times that suit as often as
 * possible.  @matter becomes its first meeting, the others are new; *ret_opened false:
 * none of them has a time, nothing has happened, and *ret_why_not says why if that is asked.
 * OUTCOME_NEEDS: people have to be locked first.  If nothing could be searched the command
 * has been refused.
 */
enum outcome series_open(struct batch *batch, struct command *command,
                         struct matter *matter, const struct series_asked *asked,
                         bool *ret_opened, struct entente_why_not **ret_why_not);

/* Request: the first meeting of a sequence and those that follow. */
enum outcome sequence_request(struct batch *batch, struct command *command);

/* When @meeting takes place as far as is known; false: nobody knows. */
bool series_time(const struct entente_meeting *meeting, struct entente_span *ret_time);

/* Is it one of a sequence, so that its neighbours bound its time? */
bool sequence_is(const struct entente_meeting *meeting);

/*
 * Search for times for @meeting and those beside it that wait, too: for all of them, or
 * sequence_is_found() is false.  What is found is then held, or the meetings end, or what
 * the search has changed of them is forgotten.  OUTCOME_NEEDS: people have to be locked
 * first, and it is forgotten.  If nothing could be searched the command has been refused.
 */
struct sequence;
enum outcome sequence_find(struct batch *batch, struct command *command,
                           struct entente_meeting *meeting,
                           struct sequence **ret_sequence);
bool sequence_is_found(const struct sequence *sequence);
void sequence_hold(struct sequence *sequence, const struct entente_actor *actor);
void sequence_explain(struct sequence *sequence);
void sequence_end(struct sequence *sequence, const struct entente_actor *actor);
void sequence_forget(struct sequence *sequence);

/* What has to be locked beside the meeting of @command before it can be decided: all of
 * its series where all are meant or wait together, its neighbours where they bound its
 * time.  False: it needs them first. */
bool series_is_loaded(struct batch *batch, struct command *command);

/* Does @command name another time, for a whole series? */
bool series_moves(const struct command *command);

/* Decide that: first for the meeting that is named; unless it is refused, every other open
 * one (moving what is agreed: every later one) is told a time as much earlier or later, on
 * the clock, as it takes place itself.  OUTCOME_NEEDS: nothing has happened. */
enum outcome series_move(struct batch *batch, struct command *command,
                         enum outcome (*handle)(struct batch *batch,
                                                struct command *command));

/* Say to every other open meeting of the series what @command says to one of them. */
void series_tell(struct batch *batch, struct command *command,
                 enum outcome (*handle)(struct batch *batch, struct command *command));

/*
 * Narrow @question to the times that the neighbours of a linked meeting leave to it; of
 * every other meeting nothing is changed.  False: they leave nothing of what it asks for,
 * or memory is used up.
 */
bool series_bound(struct batch *batch, const struct entente_meeting *meeting,
                  struct propose_question *question);

#endif
