// SPDX-License-Identifier: Apache-2.0

/*
 * seal.h - what must not be readable in the database, and what must not be altered
 *
 * Sealed      AES-256-GCM: version byte, key number (4 bytes), nonce (96 random bits),
 *             ciphertext, tag (128 bits).  The table, the column and the row's key are
 *             authenticated with it, so that a sealed value cannot be moved elsewhere.
 *
 * Blind index HMAC-SHA-256 under a key of its own over the normalised identifier and
 * its system: equality can be looked up, nothing can be read.
 *
 * Key file    32 random bytes for sealing and 32 for the index, as text, mode 0600.
 * Whoever loses it loses every reason and every patient identifier; it is backed up
 *             apart from the database (docs/keys.md).
 *
 * Threads     One struct seal, one thread.
 */
#ifndef BROKER_SEAL_H
#define BROKER_SEAL_H

#include "broker/must_check.h"
#include "broker/status.h"

#include <stddef.h>
#include <stdint.h>

struct seal;

enum {
    SEAL_OVERHEAD = 1 + 4 + 12 + 16,
    SEAL_BLIND_SIZE = 32,
    SEAL_HASH_SIZE = 32,
};

/* Where a sealed value lives. */
struct seal_place {
    const char *table;
    const char *column;
    const void *row; /* the row's key as bytes */
    size_t row_size;
};

/* Make a new key file at @path; fails if it exists.  Logs nothing: *@ret_message is a
 * sentence, constant or thread-local, on failure. */
MUST_CHECK enum status seal_create_key_file(const char *path, const char **ret_message);

/* Read a key file.  Refuses one that others can read. */
MUST_CHECK enum status seal_open(const char *path, struct seal **ret_seal,
                                 const char **ret_message);
void seal_close(struct seal *seal); /* NULL is fine; keys are wiped */

/* Seal @size bytes into @ret (size + SEAL_OVERHEAD bytes). */
MUST_CHECK enum status seal_close_bytes(struct seal *seal,
                                        const struct seal_place *place,
                                        const void *plain, size_t size, uint8_t *ret);

/* Open what was sealed for the same place into @ret (size - SEAL_OVERHEAD bytes).
 * STATUS_DAMAGED: altered, moved, or another key. */
MUST_CHECK enum status seal_open_bytes(struct seal *seal,
                                       const struct seal_place *place,
                                       const void *sealed, size_t size, void *ret);

/* The blind index of an identifier: letters folded to capitals, white space dropped. */
MUST_CHECK enum status seal_blind_index(struct seal *seal, const char *system,
                                        const char *value,
                                        uint8_t ret[SEAL_BLIND_SIZE]);

/* SHA-256 over several pieces, for the audit chain and request digests. */
struct seal_piece {
    const void *bytes;
    size_t size;
};
MUST_CHECK enum status seal_hash(const struct seal_piece *pieces, size_t count,
                                 uint8_t ret[SEAL_HASH_SIZE]);

/* @size random bytes fit for keys and identifiers. */
MUST_CHECK enum status seal_random(void *ret, size_t size);

#endif
