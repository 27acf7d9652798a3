// SPDX-License-Identifier: Apache-2.0

/*
 * offer.h - from a calendar file to the ranges that are published of it
 *
 * Invariant   Ranges are sorted, lie inside the coverage, and carry no word of the
 *             file.  A range that stands for a meeting of Entente carries its id.
 *
 * Ownership   offer_finish() frees what offer_make() filled.
 */
#ifndef ADAPTERS_ICS_OFFER_H
#define ADAPTERS_ICS_OFFER_H

#include "adapters/ics/agenda_file.h"
#include "adapters/ics/config.h"

#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct offer {
    struct entente_range *ranges;
    size_t count;
    struct entente_span coverage;
    uint8_t (*ids)[16]; /* what the ranges' meetings point into */
};

/* What @agenda offers in [from, until) by the bytes of @file.  False with *ret_offer
 * untouched and the reason, with its line, if the file is not understood or has more
 * than 10,000 ranges. */
bool offer_make(const struct config_agenda *agenda, const struct agenda_file *file,
                int32_t from, int32_t until, struct offer *ret_offer,
                struct ics_error *ret_error);

void offer_finish(struct offer *offer);

#endif
