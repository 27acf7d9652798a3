// SPDX-License-Identifier: Apache-2.0

/*
 * dispatch_later.c - what the wire carries and the broker does not serve yet
 *
 * One row for each; it goes when the broker serves it.  What is refused here has changed
 * nothing and is never half done.
 */
#include "broker/broker.h"

static bool is_preview(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_PREVIEW;
}

static bool is_reconcile(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_RECONCILE;
}

static const struct later {
    const char *what;
    bool (*is)(const struct entente_envelope *envelope);
} rows[] = {
    {"preview", is_preview},
    {"reconcile", is_reconcile},
};

const char *dispatch_not_yet(const struct entente_envelope *envelope)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].is(envelope)) {
            return rows[i].what;
        }
    }
    return NULL;
}
