// SPDX-License-Identifier: Apache-2.0

/*
 * keys.h - files with a CURVE key pair: the broker's own, and one per client
 *
 * Format      Two lines, "public-key <40 characters>" and "secret-key <40 characters>",
 *             both in Z85.  Lines that begin with '#' and empty lines are skipped.
 *
 * Logging     Nothing is logged.  On failure *@ret_message is a sentence, constant or
 *             thread-local until the next call on the same thread.
 */
#ifndef BROKER_KEYS_H
#define BROKER_KEYS_H

#include "broker/must_check.h"
#include "broker/status.h"
#include "broker/wire.h"

/* Make a key pair in a new file with mode 0600; a file that exists is kept. */
MUST_CHECK enum status keys_create(const char *path, char ret_public_key[WIRE_KEY_TEXT],
                                   const char **ret_message);

/* Read one.  Refuses a file that others can read, and a public key that is not the
 * secret key's.  The caller wipes @ret_secret_key after use. */
MUST_CHECK enum status keys_read(const char *path, char ret_public_key[WIRE_KEY_TEXT],
                                 char ret_secret_key[WIRE_KEY_TEXT],
                                 const char **ret_message);

#endif
