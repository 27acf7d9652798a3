// SPDX-License-Identifier: Apache-2.0

/*
 * preview.h - what a change would make of a meeting: the meeting before and after
 */
#ifndef BROKER_PREVIEW_H
#define BROKER_PREVIEW_H

#include "broker/clients.h"
#include "broker/handle.h"
#include "proto/arena.h"
#include "proto/limits.h"
#include "proto/message.h"

/* What the parties had said, before anything was tried. */
struct preview_before {
    struct entente_party parties[LIMIT_PARTIES];
    size_t count;
    uint32_t proposal;
};

void preview_remember(const struct entente_meeting *meeting,
                      struct preview_before *ret_before);

/*
 * What has become of it: @after, or the @refusal that it met, as @client may see it.  The
 * result lives in @arena, @after and @refusal.  False when the arena is used up.
 */
bool preview_compare(const struct preview_before *before,
                     const struct entente_meeting *after, const struct refusal *refusal,
                     const struct client *client, struct arena *arena,
                     struct entente_preview_result *ret_result);

#endif
