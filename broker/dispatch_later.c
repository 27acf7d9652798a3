// SPDX-License-Identifier: Apache-2.0

/*
 * dispatch_later.c - what the wire carries and the broker does not serve yet
 *
 * One row for each; it goes when the broker serves it.  What is refused here has changed
 * nothing and is never half done.
 */
#include "broker/broker.h"

static bool is_owner_answer(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_OWNER_ANSWER;
}

static bool is_preview(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_PREVIEW;
}

static bool is_reconcile(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_RECONCILE;
}

static bool moves(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_DECIDE &&
           envelope->decide->decision == ENTENTE_MOVE;
}

static bool replaces(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_DECIDE &&
           envelope->decide->decision == ENTENTE_REPLACE_PARTY;
}

static bool has_sequence(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_REQUEST && envelope->request->sequence_count > 0;
}

static bool says_what_withdrawal_means(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_REQUEST &&
           envelope->request->spec->on_withdrawal != 0;
}

static bool reports_a_deletion(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_EVENT_RESULT &&
           envelope->event_result->kind == ENTENTE_DELETED_RESULT;
}

static const struct later {
    const char *what;
    bool (*is)(const struct entente_envelope *envelope);
} rows[] = {
    {"owner_answer", is_owner_answer},
    {"preview", is_preview},
    {"reconcile", is_reconcile},
    {"decide.decision: MOVE", moves},
    {"decide.decision: REPLACE_PARTY", replaces},
    {"request.sequence", has_sequence},
    {"spec.on_withdrawal", says_what_withdrawal_means},
    {"event_result.kind: DELETED_RESULT", reports_a_deletion},
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
