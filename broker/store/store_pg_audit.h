// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_audit.h - shared by store_pg_audit*.c, and nobody else
 *
 * store_pg_audit.c           the order of things, and freezing
 * store_pg_audit_claims.c    claims, and the meetings that they are of
 * store_pg_audit_numbers.c   events and chains
 */
#ifndef BROKER_STORE_STORE_PG_AUDIT_H
#define BROKER_STORE_STORE_PG_AUDIT_H

#include "broker/store/store_audit.h"
#include "broker/store/store_pg_sync.h"

enum { AUDIT_FIELDS = 12, AUDIT_SENTENCE = 300 };

/* One row of COPY ... (FORMAT binary). */
struct audit_row {
    const uint8_t *fields[AUDIT_FIELDS];
    int32_t sizes[AUDIT_FIELDS]; /* -1: null */
    int count;
};

typedef bool (*audit_row_fn)(void *context, const struct audit_row *row);

/* Every row of the query, as it comes. */
MUST_CHECK enum status audit_each(PGconn *connection, const char *copy,
                                  audit_row_fn see, void *context);

int64_t audit_int8(const struct audit_row *row, int field);
int32_t audit_int4(const struct audit_row *row, int field);

/* What has been found, and whom it concerns. */
struct auditor {
    PGconn *connection;
    struct store_audit *audit;
    int64_t *people;
    size_t people_count;
    size_t people_capacity;
    bool failed; /* memory is used up */
};

/* @person 0: nobody in particular. */
void audit_find(struct auditor *auditor, int64_t person, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

MUST_CHECK enum status audit_claims(struct auditor *auditor);
MUST_CHECK enum status audit_numbers(struct auditor *auditor);

#endif
