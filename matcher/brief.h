// SPDX-License-Identifier: Apache-2.0

/*
 * brief.h - the rest of a search that the sieve leaves few starts of, where little can be
 *           said of anybody
 *
 * The same as all that comes after the sieve otherwise (quick.h), for the request that is
 * asked most often: everybody must come, and nothing but the changes of their records says
 * when. Then a start is judged by the changes around it, read once, and neither planes nor
 * working memory are needed.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_BRIEF_H
#define MATCHER_BRIEF_H

#include "matcher/sieve_request.h"
#include "matcher/slot.h"

/* Choose among the starts that are @left.  False, and nothing is chosen, where there are
 * many of them or something else matters.  Nobody of @request has sources or claims, or is
 * a member of a pool. */
bool brief_search(const struct match_request *request, const struct sieve_left *left,
                  struct match_result *result);

#endif
