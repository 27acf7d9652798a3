// SPDX-License-Identifier: Apache-2.0

/*
 * view.h - what of a meeting a reader may see
 *
 * One place for all that leaves the broker: replies, refusals, events, lists.
 */
#ifndef BROKER_VIEW_H
#define BROKER_VIEW_H

#include "broker/clients.h"
#include "proto/arena.h"
#include "proto/message.h"

/*
 * @meeting as @client may see it: itself where nothing is to be hidden, else a copy in
 * @arena; NULL when that is used up.
 *
 * - That an agenda diverges is its owner's to know until the meeting is reopened: the
 *   version and the time of the last change are those of what everybody has heard of.
 * - Why somebody's agenda did not take an event, in which words and which agenda it was,
 *   is for the client that said so; the organizer sees who, and the coded reason.
 */
const struct entente_meeting *view_meeting(const struct entente_meeting *meeting,
                                           const struct client *client,
                                           struct arena *arena);

/*
 * The version that @client sees of @meeting, and may name: that of the last change of which
 * it hears.  What is between the broker and the owner of an agenda makes a version that is
 * the owner's alone.  NULL: nobody's eyes, the meeting's own.
 */
uint32_t view_version(const struct entente_meeting *meeting,
                      const struct client *client);

/*
 * What @said led to a step of @meeting's that its party @party (-1: the organizer, or time)
 * has caused, as @client may see it: why, and which times would suit them, is for the
 * organizer and for who speaks for that party.
 */
void view_said(const struct entente_meeting *meeting, int party,
               const struct client *client, struct entente_said *said);

/* The same beside a refusal; NULL also for who has left the meeting, or was replaced. */
const struct entente_meeting *view_told(const struct entente_meeting *meeting,
                                        const struct client *client,
                                        struct arena *arena);

#endif
