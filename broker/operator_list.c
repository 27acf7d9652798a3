// SPDX-License-Identifier: Apache-2.0

#include "broker/operator_list.h"

#include <stdio.h>

struct operator_list operator_list_begin(bool json)
{
    struct operator_list list = {.rows = json ? json_array() : NULL};
    list.short_of_memory = json && list.rows == NULL;
    return list;
}

void operator_list_add(struct operator_list *list, json_t *row)
{
    list->short_of_memory =
        json_array_append_new(list->rows, row) != 0 || list->short_of_memory;
}

int operator_list_end(struct operator_list *list, const char *command,
                      const char *message)
{
    if (message == NULL && list->short_of_memory) {
        message = "memory is used up";
    }
    if (message == NULL && list->rows != NULL) {
        json_dumpf(list->rows, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(list->rows);
    if (message != NULL) {
        fprintf(stderr, "entente %s: %s\n", command, message);
    }
    return message == NULL ? 0 : 1;
}
