// SPDX-License-Identifier: Apache-2.0

/*
 * language.h - sentences for people, in the language of LC_ALL, LC_MESSAGES or LANG
 *
 * The catalogues are po/; a sentence that is marked with _() is looked up where it
 * stands, one that is marked with N_() where it is printed.  Codes, names of fields and
 * the numbers of JSON are the same in every language.
 *
 * Threads     language_begin() is called once, before the first sentence.
 */
#ifndef ADAPTERS_CLI_LANGUAGE_H
#define ADAPTERS_CLI_LANGUAGE_H

#include <libintl.h>

/* The name that every program with catalogues uses. */
#define _(text) gettext(text) /* NOLINT(bugprone-reserved-identifier) */
#define N_(text) text

/* Use the catalogues of this installation: those beside the program (../share/locale),
 * which is where the build puts them too, or those of the system. */
void language_begin(void);

/* The same with the catalogues below @folder, for tests. */
void language_begin_in(const char *folder);

#endif
