// SPDX-License-Identifier: Apache-2.0

/*
 * match_record.h - agendas compiled for searching (matcher/record.h)
 *
 * Ownership   Records live until match_records_free().
 */
#ifndef ADAPTERS_CLI_MATCH_RECORD_H
#define ADAPTERS_CLI_MATCH_RECORD_H

#include "matcher/request.h"

struct match_records;

/* NULL without memory. */
struct match_records *match_records_new(void);
void match_records_free(struct match_records *records);

/* Let @person have a record in place of sources.  One who says too much for a record, or
 * for the memory that is left, keeps the sources: the answers are the same. */
void match_records_compile(struct match_records *records, struct match_person *person);

/* True if nothing at all is known of @person. */
bool match_records_silent(const struct match_person *person);

#endif
