// SPDX-License-Identifier: Apache-2.0

/*
 * text.h - other people's words on a terminal
 *
 * Names and comments come from elsewhere: what would steer the terminal, or turn the
 * direction of writing, is shown as '?'.
 *
 * Units       A column is one cell of the terminal.
 */
#ifndef ADAPTERS_CLI_TEXT_H
#define ADAPTERS_CLI_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Print @text (UTF-8) without anything that is not text.  NULL prints nothing. */
void text_print(FILE *file, const char *text);

/* Print as much of @text as fits in @columns, and spaces up to there.  Text that is
 * cut ends with "…". */
void text_print_column(FILE *file, const char *text, size_t columns);

/* How many columns @text takes. */
size_t text_columns(const char *text);

#endif
