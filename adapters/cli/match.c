// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match.h"

#include "adapters/cli/match_input.h"
#include "adapters/cli/match_output.h"
#include "matcher/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: entente match [--json | --pretty | --explain] FILE\n"
    "\n"
    "Find the best common slots of the people in FILE (- reads the standard input), a\n"
    "JSON document that docs/match.md describes.  Nothing is sent, held or kept.\n"
    "\n"
    "  --json      print the answer as JSON on one line (the default)\n"
    "  --pretty    print the answer as JSON on many lines\n"
    "  --explain   draw everybody's time around each slot instead\n"
    "  --help      print this\n"
    "\n"
    "Exit code: 0 answered (also where there is no slot: see why_not), 1 failed,\n"
    "2 the request is wrong: the answer is {\"error\": {code, sentence, path}}.\n";

enum shape { ONE_LINE, PRETTY, DRAWING };

static int refuse(enum match_error_code code, const char *sentence, json_t **ret_answer)
{
    struct match_error error = {.code = code, .path = "$"};
    snprintf(error.sentence, sizeof(error.sentence), "%s", sentence);
    *ret_answer = match_output_error(&error);
    return code == MATCH_ERROR_OUT_OF_MEMORY ? MATCH_EXIT_FAILED : MATCH_EXIT_REFUSED;
}

/* Search @input and make the answer; the drawing goes to @drawing where it is given. */
static int search(const struct match_input *input, FILE *drawing, json_t **ret_answer)
{
    static struct match_result result;
    static struct match_why why;
    static const struct match_leeway none;
    size_t size = match_workspace_size(&input->request);
    void *workspace = malloc(size);
    if (workspace == NULL) {
        return refuse(
            MATCH_ERROR_OUT_OF_MEMORY,
            "There is no memory left to search; ask for fewer people or days.",
            ret_answer);
    }
    enum match_status status = match_search(&input->request, workspace, size, &result);
    if (status == MATCH_OK) {
        status = match_explain(&input->request, &none, workspace, size, &why);
    }
    if (status != MATCH_OK) {
        free(workspace);
        return refuse(MATCH_ERROR_REFUSED, match_status_text(status), ret_answer);
    }
    free(workspace);
    *ret_answer = match_output_answer(input, &result, &why);
    bool drawn = drawing == NULL || match_output_draw(drawing, input, &result, &why);
    return *ret_answer != NULL && drawn ? MATCH_EXIT_ANSWERED : MATCH_EXIT_FAILED;
}

static int answer(const char *bytes, size_t size, FILE *drawing, json_t **ret_answer)
{
    static struct match_input input;
    struct match_error error;
    int code;

    *ret_answer = NULL;
    if (match_input_read(&input, bytes, size, &error)) {
        code = search(&input, drawing, ret_answer);
    } else {
        *ret_answer = match_output_error(&error);
        code = error.code == MATCH_ERROR_OUT_OF_MEMORY ? MATCH_EXIT_FAILED
                                                       : MATCH_EXIT_REFUSED;
    }
    match_input_finish(&input);
    return code;
}

int match_answer(const char *bytes, size_t size, json_t **ret_answer)
{
    return answer(bytes, size, NULL, ret_answer);
}

/* At most one byte more than a request may have, so that too much is seen as such. NULL
 * with errno where the file cannot be read; the caller frees. */
static char *read_all(FILE *in, size_t *ret_size)
{
    size_t room = 65536;
    size_t size = 0;
    char *bytes = malloc(room);
    while (bytes != NULL && size <= MATCH_INPUT_BYTES_MAX) {
        size_t wanted = room - size;
        size_t got = fread(bytes + size, 1, wanted, in);
        size += got;
        if (got < wanted) {
            break;
        }
        room *= 2;
        char *larger = realloc(bytes, room);
        if (larger == NULL) {
            free(bytes);
        }
        bytes = larger;
    }
    if (bytes == NULL || ferror(in)) {
        int why = bytes == NULL ? ENOMEM : errno;
        free(bytes);
        errno = why;
        return NULL;
    }
    *ret_size = size;
    return bytes;
}

static char *read_file(const char *name, size_t *ret_size)
{
    if (strcmp(name, "-") == 0) {
        return read_all(stdin, ret_size);
    }
    FILE *in = fopen(name, "rb");
    if (in == NULL) {
        return NULL;
    }
    char *bytes = read_all(in, ret_size);
    int why = errno;
    fclose(in);
    errno = why;
    return bytes;
}

/* Print what there is to print.  True if it has reached the standard output. */
static bool print(const json_t *document, enum shape shape)
{
    if (document == NULL) {
        return false;
    }
    size_t flags = shape == ONE_LINE ? JSON_COMPACT : JSON_INDENT(2);
    if (json_dumpf(document, stdout, flags) != 0) {
        return false;
    }
    putchar('\n');
    return fflush(stdout) == 0 && !ferror(stdout);
}

static int run(const char *file, enum shape shape)
{
    json_t *document = NULL;
    size_t size = 0;
    int code;

    char *bytes = read_file(file, &size);
    if (bytes == NULL) {
        char sentence[256];
        snprintf(sentence, sizeof(sentence), "The file \"%s\" cannot be read: %s.",
                 match_quote(file).text, strerror(errno));
        code = refuse(MATCH_ERROR_CANNOT_READ, sentence, &document);
    } else {
        code = answer(bytes, size, shape == DRAWING ? stdout : NULL, &document);
    }
    bool printed = true;
    if (shape != DRAWING || code != MATCH_EXIT_ANSWERED) {
        printed = print(document, shape);
    }
    json_decref(document);
    free(bytes);
    return printed && fflush(stdout) == 0 ? code : MATCH_EXIT_FAILED;
}

int command_match(int argc, char **argv)
{
    const char *file = NULL;
    enum shape shape = ONE_LINE;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            return MATCH_EXIT_ANSWERED;
        }
        if (strcmp(argv[i], "--json") == 0) {
            shape = ONE_LINE;
        } else if (strcmp(argv[i], "--pretty") == 0) {
            shape = PRETTY;
        } else if (strcmp(argv[i], "--explain") == 0) {
            shape = DRAWING;
        } else if (file == NULL && (argv[i][0] != '-' || argv[i][1] == '\0')) {
            file = argv[i];
        } else {
            fprintf(stderr, "entente match: \"%s\" is not understood here\n\n%s",
                    argv[i], help);
            return MATCH_EXIT_REFUSED;
        }
    }
    if (file == NULL) {
        fprintf(stderr, "entente match: name a file, or - for the standard input\n\n%s",
                help);
        return MATCH_EXIT_REFUSED;
    }
    return run(file, shape);
}
