// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match.h"

#include "adapters/cli/match_session.h"
#include "matcher/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: entente match [OPTION ...] FILE\n"
    "\n"
    "Find the best common slots of the people in FILE (- reads the standard input), a\n"
    "JSON document that docs/match.md describes.  Nothing is sent, held or kept.\n"
    "FILE may hold many requests, one on each line: each is answered with one line, "
    "in\n"
    "order, and a line that is wrong does not stop the rest.\n"
    "\n"
    "  --json         print each answer as JSON on one line (the default)\n"
    "  --pretty       print it as JSON on many lines\n"
    "  --explain      draw everybody's time around each slot instead\n"
    "  --ndjson       every line is a request, even if the first one is broken\n"
    "  --records      compile every agenda before the search; --no-records: none\n"
    "                 (otherwise those that \"agendas\" gives for many requests)\n"
    "  --kernel NAME  search with auto, scalar, x86-64-v2, avx2, avx512 or neon\n"
    "  --help         print this\n"
    "\n"
    "Exit code: 0 answered (also where there is no slot: see why_not), 1 failed,\n"
    "2 a request is wrong: its answer is {\"error\": {code, sentence, path, line}}.\n";

/* What the command line says. */
struct wish {
    const char *file;
    enum match_shape shape;
    enum match_records_use records;
    bool lines;
    bool help;
    const char *kernel;
};

int match_answer(const char *bytes, size_t size, json_t **ret_answer)
{
    struct match_session *session = match_session_new(MATCH_RECORDS_KEPT);
    int code = MATCH_EXIT_FAILED;
    *ret_answer = NULL;
    if (session != NULL) {
        code = match_session_answer(session, bytes, size, 0, NULL, ret_answer);
    }
    match_session_free(session);
    return code;
}

static int tell(enum match_error_code error, const char *sentence)
{
    json_t *answer = NULL;
    int code = match_session_refuse(error, sentence, 0, &answer);
    bool printed = answer != NULL && json_dumpf(answer, stdout, JSON_COMPACT) == 0 &&
                   putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(answer);
    return printed ? code : MATCH_EXIT_FAILED;
}

static bool use_kernel(const char *name)
{
    enum match_kernel kernel;
    return name == NULL ||
           (match_kernel_find(name, &kernel) && match_kernel_force(kernel));
}

static int run(const struct wish *wish)
{
    char sentence[256];
    bool is_pipe = strcmp(wish->file, "-") == 0;
    if (!use_kernel(wish->kernel)) {
        snprintf(sentence, sizeof(sentence),
                 "The kernel \"%s\" is not known, or this processor cannot run it.",
                 match_quote(wish->kernel).text);
        return tell(MATCH_ERROR_BAD_KERNEL, sentence);
    }
    int in = is_pipe ? STDIN_FILENO : open(wish->file, O_RDONLY | O_CLOEXEC);
    char first = 0;
    if (in < 0 || (!is_pipe && read(in, &first, 0) < 0)) {
        snprintf(sentence, sizeof(sentence), "The file \"%s\" cannot be read: %s.",
                 match_quote(wish->file).text, strerror(errno));
        if (in >= 0) {
            close(in);
        }
        return tell(MATCH_ERROR_CANNOT_READ, sentence);
    }
    struct match_session *session = match_session_new(wish->records);
    int code = session == NULL
                   ? tell(MATCH_ERROR_OUT_OF_MEMORY, "There is no memory left.")
                   : match_stream(session, in, wish->shape, wish->lines);
    match_session_free(session);
    if (!is_pipe) {
        close(in);
    }
    return code;
}

/* The option at argv[i], which may take the next argument, too: how many it took, or 0
 * if it is not understood. */
static int read_option(struct wish *wish, char **argv, int left)
{
    const char *word = argv[0];
    if (strcmp(word, "--help") == 0) {
        wish->help = true;
    } else if (strcmp(word, "--json") == 0) {
        wish->shape = MATCH_ONE_LINE;
    } else if (strcmp(word, "--pretty") == 0) {
        wish->shape = MATCH_PRETTY;
    } else if (strcmp(word, "--explain") == 0) {
        wish->shape = MATCH_DRAWING;
    } else if (strcmp(word, "--ndjson") == 0) {
        wish->lines = true;
    } else if (strcmp(word, "--records") == 0) {
        wish->records = MATCH_RECORDS_ALL;
    } else if (strcmp(word, "--no-records") == 0) {
        wish->records = MATCH_RECORDS_NONE;
    } else if (strcmp(word, "--kernel") == 0 && left > 1) {
        wish->kernel = argv[1];
        return 2;
    } else if (wish->file == NULL && (word[0] != '-' || word[1] == '\0')) {
        wish->file = word;
    } else {
        return 0;
    }
    return 1;
}

int command_match(int argc, char **argv)
{
    struct wish wish = {.shape = MATCH_ONE_LINE, .records = MATCH_RECORDS_KEPT};

    for (int i = 1; i < argc && !wish.help;) {
        int took = read_option(&wish, argv + i, argc - i);
        if (took == 0) {
            fprintf(stderr, "entente match: \"%s\" is not understood here\n\n%s",
                    argv[i], help);
            return MATCH_EXIT_REFUSED;
        }
        i += took;
    }
    if (wish.help) {
        fputs(help, stdout);
        return MATCH_EXIT_ANSWERED;
    }
    if (wish.file == NULL) {
        fprintf(stderr, "entente match: name a file, or - for the standard input\n\n%s",
                help);
        return MATCH_EXIT_REFUSED;
    }
    return run(&wish);
}
