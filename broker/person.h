// SPDX-License-Identifier: Apache-2.0

/*
 * person.h - from the identifiers of the wire to the people of the index
 */
#ifndef BROKER_PERSON_H
#define BROKER_PERSON_H

#include "broker/clients.h"
#include "broker/index.h"
#include "broker/seal.h"
#include "proto/codec.h"

struct people {
    const struct index *index;
    struct seal *seal;
};

/* Does @envelope name anybody by an INS of production (OIDs ...4.8 and ...4.9; FR Core,
 * fr-core-patient-ins), however the OID is written? */
bool person_production_ins_in(const struct entente_envelope *envelope);

/* NULL when nobody is known by this identifier. */
const struct index_person *person_find(const struct people *people,
                                       const struct entente_identifier *identifier);

/* Is a search for @spec one that may be made, beside its own parties among @more people?
 * False and *ret_error (texts in @arena): it has too many possible starts. */
MUST_CHECK bool person_is_affordable(const struct entente_spec *spec, size_t more,
                                     struct arena *arena,
                                     struct codec_error *ret_error);

/* What a spec is for: a search holds nothing and asks nobody, so that it may say more. */
enum person_use { PERSON_SEARCH = 1, PERSON_REQUEST = 2 };

struct person_found {
    int64_t *people; /* by party, 0 for pools and guests; then the members of pools */
    size_t count;
};

/*
 * Check what a client asks for against what is served now, and find its parties.
 *
 * Refused: patients for clients not marked sandbox, what is not served yet, unknown people
 * and zones, the same person twice, nobody indispensable, a pool of which fewer members
 * are known than are wanted (others whom nobody knows just never come).
 *
 * True and *ret_found (in @arena; members of pools only for a request, which has to lock
 * them), or false and *ret_error.
 */
MUST_CHECK bool person_of_parties(const struct people *people,
                                  const struct entente_spec *spec, enum person_use use,
                                  const struct client *client, struct arena *arena,
                                  struct person_found *ret_found,
                                  struct codec_error *ret_error);

#endif
