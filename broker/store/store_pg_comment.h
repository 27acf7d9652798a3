// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_comment.h - what an agenda says about a meeting in plain words, sealed
 *
 * Somebody may have written a patient's name into it.  The column result.comment is
 * text: it holds the sealed bytes in hexadecimal digits.
 */
#ifndef BROKER_STORE_STORE_PG_COMMENT_H
#define BROKER_STORE_STORE_PG_COMMENT_H

#include "broker/store/store_pg.h"

/* The row of table result that a comment belongs to. */
struct pg_comment_row {
    const uint8_t *meeting; /* 16 bytes */
    int64_t client;
    const char *source;
};

/* The column's value for @comment; NULL for NULL. */
MUST_CHECK enum status pg_comment_seal(struct store *store,
                                       const struct pg_comment_row *row,
                                       const char *comment, struct arena *arena,
                                       const char **ret_column);

/* The comment in the column; NULL for NULL. */
MUST_CHECK enum status pg_comment_open(struct store *store,
                                       const struct pg_comment_row *row,
                                       const char *column, struct arena *arena,
                                       const char **ret_comment);

#endif
