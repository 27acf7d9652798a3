// SPDX-License-Identifier: Apache-2.0

/*
 * match_say.h - a request in memory, said as the JSON of `entente match`
 *
 * Ownership   What is returned is a new reference.
 */
#ifndef TESTS_ADAPTERS_MATCH_SAY_H
#define TESTS_ADAPTERS_MATCH_SAY_H

#include "tests/matcher/random_request.h"

#include <jansson.h>

/* Take away what JSON has no words for: clocks without a name, days that are closed for
 * no reason, grids that do not divide a day, ids beyond 31 bits. */
void match_make_sayable(struct random_request *drawn);

json_t *match_say_request(const struct match_request *request);
void match_say_leeway(json_t *document, const struct match_leeway *leeway);

json_t *match_say_time(minute_t minute);
json_t *match_say_option(const struct match_option *option);

#endif
