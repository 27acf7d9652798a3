// SPDX-License-Identifier: Apache-2.0

/*
 * preview.h - what a change would make of meetings: each before and after, and what it met
 */
#ifndef BROKER_PREVIEW_H
#define BROKER_PREVIEW_H

#include "broker/clients.h"
#include "broker/handle.h"
#include "proto/arena.h"
#include "proto/limits.h"
#include "proto/message.h"

/* One meeting before anything was tried, and what it then met. */
struct preview_one {
    struct entente_meeting *meeting; /* changed in place by what is tried */
    struct entente_party *parties;   /* what they had said */
    size_t count;
    uint32_t proposal;
    uint32_t version;
    struct entente_span time; /* its time; end 0: none */
    bool is_new;              /* made by what was tried */
    bool concerns;            /* the client has a part in it */

    struct refusal refusal;
    int32_t wanted; /* the start that it was to have, and that does not suit; 0: none */
    const struct entente_why_not
        *why_not; /* who could not come then; NULL: not asked */
};

/* All of one preview, those that belong together in the order of their series. */
struct preview_all {
    struct batch *batch;
    const struct client *client;
    struct preview_one *ones;
    size_t count;
};

/* @meeting as it is now; made by what was tried, with nothing said before, if it @is_new.
 * False: @arena is used up. */
MUST_CHECK bool preview_remember(struct entente_meeting *meeting, bool is_new,
                                 const struct client *client, struct arena *arena,
                                 struct preview_one *ret_one);

/*
 * What has become of it: the meeting as it now is, or the refusal that it met, as @client
 * may see it.  The result lives in @arena and in what it is made of.  False when the arena is
 * used up.
 */
MUST_CHECK bool preview_compare(const struct preview_one *one,
                                const struct client *client, struct arena *arena,
                                struct entente_preview_result *ret_result);

/* ---- preview_series.c --------------------------------------------------------------
 */

/* Who could not come at @one's wanted start, if it is one that its organizer has asked for. */
void preview_ask_why(const struct preview_all *all, struct preview_one *one);

/* Every meeting of a series or sequence that has changed or was refused, and the gaps that
 * would be broken.  False when @arena is used up. */
MUST_CHECK bool preview_tell_series(const struct preview_all *all, struct arena *arena,
                                    struct entente_preview_result *result);

#endif
