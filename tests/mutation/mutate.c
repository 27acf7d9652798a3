// SPDX-License-Identifier: Apache-2.0

/*
 * mutate.c - small wrong changes to a C file (which: see tokens.h)
 *
 *     mutate FILE                      lists them: number, line, column, what becomes what
 *     mutate FILE NUMBER               writes the file with this one made
 *     mutate FILE --all FIRST [FILE]   writes the file with all of them, of which one is chosen
 *                                      at run time; their numbers begin with FIRST.  Those whose
 *                                      numbers are in the second file are left out.
 *
 * It works on tokens and knows no grammar; what does not compile is not counted.
 */
#include "tests/mutation/schemata.h"
#include "tests/mutation/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 1 << 17 };

static struct source source;
static bool left_out[NUMBERS + SOURCE_MUTANTS];

static void list(void)
{
    for (size_t i = 0; i < source.mutant_count; i++) {
        const struct mutant *mutant = &source.mutants[i];
        const struct token *token = &source.tokens[mutant->token];
        printf("%zu %zu:%zu %.*s -> %s\n", i, mutant->line, mutant->column,
               (int)token->length, source.text + token->at,
               *mutant->to != 0 ? mutant->to : "nothing");
    }
}

static void write_mutant(size_t number)
{
    const struct mutant *mutant = &source.mutants[number];
    const struct token *token = &source.tokens[mutant->token];
    size_t behind = token->at + token->length;
    fwrite(source.text, 1, token->at, stdout);
    fputs(mutant->to, stdout);
    fwrite(source.text + behind, 1, source.size - behind, stdout);
}

static int write_all(size_t first, const char *leave)
{
    FILE *file = leave != NULL ? fopen(leave, "r") : NULL;
    char line[TEXT_BYTES];
    if (first >= NUMBERS || (leave != NULL && file == NULL)) {
        fprintf(stderr, "no such number, or no file %s\n", leave != NULL ? leave : "");
        return 2;
    }
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        size_t number = strtoul(line, NULL, 10);
        if (number < NUMBERS) {
            left_out[number] = true;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    schemata_write(&source, first, left_out);
    return 0;
}

int main(int argc, char **argv)
{
    bool all = argc > 3 && strcmp(argv[2], "--all") == 0;
    if (argc < 2 || argc > (all ? 5 : 3)) {
        fprintf(stderr, "usage: mutate FILE [NUMBER | --all FIRST [LEFT-OUT]]\n");
        return 2;
    }
    if (!source_read(&source, argv[1])) {
        return 1;
    }
    if (all) {
        return write_all(strtoul(argv[3], NULL, 10), argc > 4 ? argv[4] : NULL);
    }
    if (argc == 2) {
        list();
        return 0;
    }
    size_t number = strtoul(argv[2], NULL, 10);
    if (number >= source.mutant_count) {
        fprintf(stderr, "%s has %zu mutants\n", argv[1], source.mutant_count);
        return 1;
    }
    write_mutant(number);
    return 0;
}
