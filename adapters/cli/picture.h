// SPDX-License-Identifier: Apache-2.0

/*
 * picture.h - what is drawn of a meeting: the day of its slot, a row for each party
 */
#ifndef ADAPTERS_CLI_PICTURE_H
#define ADAPTERS_CLI_PICTURE_H

#include "adapters/cli/link.h"

#include <stdio.h>

/* Ask for the parties' time and draw it.  Whose time may not be seen is drawn unknown.
 * @meeting is kept (link_keep).  Returns ENTENTE_OK, or why nothing could be drawn. */
enum entente_code picture_print(struct link *link,
                                const struct entente_meeting *meeting, FILE *out);

#endif
