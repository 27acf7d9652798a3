// SPDX-License-Identifier: Apache-2.0

/*
 * terms.h - the enumerations of message.h as codes that are typed and words that are
 *           read; the list is terms.def
 */
#ifndef ADAPTERS_CLI_TERMS_H
#define ADAPTERS_CLI_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum term_kind {
    TERM_STATE,
    TERM_ANSWER,
    TERM_ABSENCE,
    TERM_REASON,
    TERM_NATURE,
    TERM_MODALITY,
    TERM_PRESENCE,
    TERM_KIND,
    TERM_RESULT,
    TERM_CHANNEL,
    TERM_CERTAINTY,
    TERM_STEP,
    TERM_TENTATIVE,
    TERM_RELAXATION,
    TERM_RULE,
    TERM_SILENCE,
    TERM_PRIORITY,
    TERM_WITHDRAWAL,
    TERM_GRADE,
    TERM_DIVERGENCE,
    TERM_REPLAY,
};

/* "waiting_organizer"; NULL for 0 and for a number that is not known here. */
const char *term_code(enum term_kind kind, uint32_t value);

/* "waiting for the organizer", in the person's language; "?" when not known. */
const char *term_text(enum term_kind kind, uint32_t value);

/* False when @code is none; '-' may stand for '_'. */
bool term_parse(enum term_kind kind, const char *code, uint32_t *ret_value);

#endif
