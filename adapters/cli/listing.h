// SPDX-License-Identifier: Apache-2.0

/*
 * listing.h - meetings in the order of their time, as `entente list` shows them
 *
 * The broker pages by id, so that nothing is shown before the last page has come.
 *
 * Ownership   A listing keeps what it has been given as text or JSON; listing_end() gives
 *             all of it back.
 */
#ifndef ADAPTERS_CLI_LISTING_H
#define ADAPTERS_CLI_LISTING_H

#include "adapters/cli/link.h"

#include <jansson.h>

struct listing {
    bool json;
    struct listed *meetings;
    size_t count;
    size_t capacity;
    bool exhausted; /* there was no memory for one of them */
};

void listing_add(struct listing *listing, const struct entente_meeting *meeting);

/* The earliest first, those without a time last; of one time by id. */
void listing_sort(struct listing *listing);

void listing_print(const struct listing *listing, FILE *out);

/* The caller's. */
json_t *listing_json(const struct listing *listing);

void listing_end(struct listing *listing);

#endif
