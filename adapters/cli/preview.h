// SPDX-License-Identifier: Apache-2.0

/*
 * preview.h - what would come of something, said before it is done
 */
#ifndef ADAPTERS_CLI_PREVIEW_H
#define ADAPTERS_CLI_PREVIEW_H

#include "adapters/cli/link.h"
#include "proto/message.h"

/* Say what would come of @preview for @meeting, and for those of its series; the exit code
 * is EXIT_FAILED where it would be refused. */
int preview_change(struct link *link, const struct entente_preview *preview,
                   const struct entente_meeting *meeting);

/* The same of a new meeting, or of several. */
int preview_request(struct link *link, struct entente_request *request);

#endif
