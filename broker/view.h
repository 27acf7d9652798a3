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
 * - That an agenda diverges is its owner's to know until the meeting is reopened.
 * - Why somebody's agenda did not take an event, in which words and which agenda it was,
 *   is for the client that said so; the organizer sees who, and the coded reason.
 */
const struct entente_meeting *view_meeting(const struct entente_meeting *meeting,
                                           const struct client *client,
                                           struct arena *arena);

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
