// SPDX-License-Identifier: Apache-2.0

/*
 * quick_people.h - what everybody says of the starts that are judged together (for quick*.c)
 *
 * Planes are single words here: there are AXIS_WORD starts at most.  What somebody has
 * been asked is kept until other starts are judged; it is asked again only for another
 * way to attend, and only where that can make a difference.
 */
#ifndef MATCHER_QUICK_PEOPLE_H
#define MATCHER_QUICK_PEOPLE_H

#include "matcher/search_internal.h"

/* Nobody has been looked at yet. */
void quick_begin(struct search *search);

/* Judge these starts from here on.  Where they are among those that are judged already,
 * what is known of them stays known.  The place of each into @ret_places; returns all of
 * these places. */
uint64_t quick_enter(struct search *search, const minute_t *starts, size_t count,
                     uint8_t ret_places[static AXIS_WORD]);

/* All that @member of @party (0 where it is no pool) says of @asked, with @option. */
struct glance *quick_look(struct search *search, size_t option, size_t party,
                          size_t member, uint64_t asked);

/* At which of @asked @party attends with @option. */
uint64_t quick_attend(struct search *search, size_t option, size_t party,
                      uint64_t asked);

/* Choose the members of @party, a pool, for each of @attend, at which enough can come:
 * into the glances, which begin at the one that is returned. */
const struct glance *quick_choose(struct search *search, size_t option, size_t party,
                                  uint64_t attend);

/* Add the unusable minutes of @member at each of @attend to @unusable. */
void quick_add_gaps(const struct search *search, size_t option, size_t party,
                    size_t member, uint64_t attend, uint32_t *unusable);

/* The slots of @result, of which start, option and merit are known: all the rest. */
void quick_describe_all(struct search *search, struct match_result *result);

#endif
