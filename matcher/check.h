// SPDX-License-Identifier: Apache-2.0

/*
 * check.h - is a request one that can be searched
 *
 * The rest of the matcher relies on what is checked here and does not look again.
 */
#ifndef MATCHER_CHECK_H
#define MATCHER_CHECK_H

#include "matcher/slot.h"

/* Everything about @request except where its slots may lie and the ranges and claims of
 * its parties.  Linear in parties, sources and offsets. */
enum match_status check_limits(const struct match_request *request);

/* The windows, or the slots picked by hand. */
enum match_status check_windows(const struct match_request *request);

/* The ranges and claims of every party.  Linear in their number. */
enum match_status check_ranges(const struct match_request *request);

#endif
