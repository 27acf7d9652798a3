// SPDX-License-Identifier: Apache-2.0

/*
 * operator_list.h - rows of the database, shown to the operator as they come or as JSON
 */
#ifndef BROKER_OPERATOR_LIST_H
#define BROKER_OPERATOR_LIST_H

#include <jansson.h>
#include <stdbool.h>

struct operator_list {
    json_t *rows; /* NULL: each was printed as it came */
    bool short_of_memory;
};

struct operator_list operator_list_begin(bool json);

/* Takes @row over; NULL: memory is used up. */
void operator_list_add(struct operator_list *list, json_t *row);

/* Prints the JSON of all rows; or, where @message (otherwise NULL) says why they could not
 * be read, that to standard error, after @command.  Returns the exit code. */
int operator_list_end(struct operator_list *list, const char *command,
                      const char *message);

#endif
