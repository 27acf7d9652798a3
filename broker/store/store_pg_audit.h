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
#include "broker/store/store_pg_copy.h"
#include "broker/store/store_pg_sync.h"

enum { AUDIT_SENTENCE = 300 };

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
