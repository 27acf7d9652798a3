// SPDX-License-Identifier: Apache-2.0

/*
 * store_operator.h - the part of store.h that serves the operator's commands
 */
#ifndef BROKER_STORE_STORE_OPERATOR_H
#define BROKER_STORE_STORE_OPERATOR_H

#include "broker/must_check.h"
#include "broker/status.h"
#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_settings;
struct store_client;

/* ---- the operator's commands: blocking ---------------------------------------------
 */

/* Apply the migrations that are missing.  @report is called with a sentence for each.
 */
MUST_CHECK enum status
store_migrate(const char *conninfo, void (*report)(void *context, const char *sentence),
              void *context);

struct store_new_client {
    const char *name;
    const char *public_key;
    bool sandbox;
    bool is_operator;
    const struct entente_identifier
        *speaks_for;       /* people are made where they are new */
    const uint32_t *kinds; /* enum entente_party_kind, by person */
    size_t speaks_for_count;
};

/* Adds, or widens what an existing client of this name speaks for (then public_key may
 * be NULL).  *ret_message is a sentence on failure. */
MUST_CHECK enum status store_add_client(const struct store_settings *settings,
                                        const struct store_new_client *client,
                                        const char **ret_message);

MUST_CHECK enum status store_revoke_client(const struct store_settings *settings,
                                           const char *name, const char **ret_message);

typedef void (*store_client_fn)(void *context, const struct store_client *client);
MUST_CHECK enum status store_list_clients(const struct store_settings *settings,
                                          store_client_fn visit, void *context,
                                          const char **ret_message);

#endif
