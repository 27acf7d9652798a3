// SPDX-License-Identifier: Apache-2.0

/*
 * match_stream.c - requests read from a file or a pipe: one document, or one on each line
 *
 * A document that begins and ends on the first line makes a stream: it is answered before
 * the next line is waited for, so that a program can ask and listen in turns.  Answers go
 * out before the reader has to wait, and otherwise in large pieces.
 */
#include "adapters/cli/match_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };

struct source {
    int in;
    char *bytes;
    size_t room;
    size_t begin; /* of what has not been answered yet */
    size_t end;
    size_t seen; /* from begin on: has no line end */
    size_t line; /* the number of the one that begins there, from 1 on */
    bool is_over;
    int trouble; /* errno */
};

/* Read more behind what is there.  False at the end, and on trouble. */
static bool read_more(struct source *source)
{
    if (source->is_over) {
        return false;
    }
    if (source->begin > 0) {
        memmove(source->bytes, source->bytes + source->begin,
                source->end - source->begin);
        source->end -= source->begin;
        source->begin = 0;
    }
    if (source->room - source->end < PIECE) {
        char *larger = realloc(source->bytes, 2 * source->room + PIECE);
        if (larger == NULL) {
            source->trouble = ENOMEM;
            source->is_over = true;
            return false;
        }
        source->bytes = larger;
        source->room = 2 * source->room + PIECE;
    }
    ssize_t got;
    do {
        got = read(source->in, source->bytes + source->end, PIECE);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        source->trouble = got < 0 ? errno : 0;
        source->is_over = true;
        return false;
    }
    source->end += (size_t)got;
    return true;
}

/* True if there is a whole line, or the rest of the input, to answer.  Beyond the limit
 * a line is told as too long, and what follows of it is passed over. */
static bool next_line(struct source *source, size_t *ret_size)
{
    for (;;) {
        char *begin = source->bytes + source->begin;
        size_t have = source->end - source->begin;
        char *end = have > source->seen
                        ? memchr(begin + source->seen, '\n', have - source->seen)
                        : NULL;
        if (end != NULL) {
            *ret_size = (size_t)(end - begin);
            return true;
        }
        source->seen = have;
        if (have > MATCH_INPUT_BYTES_MAX) {
            *ret_size = have;
            return true;
        }
        fflush(stdout);
        if (!read_more(source)) {
            *ret_size = have;
            return have > 0;
        }
    }
}

/* The line of @size bytes, and its end, have been answered. */
static void pass(struct source *source, size_t size)
{
    bool cut = source->begin + size < source->end &&
               source->bytes[source->begin + size] != '\n';
    bool is_whole = source->begin + size < source->end && !cut;
    source->begin += size + is_whole;
    source->seen = 0;
    source->line++;
    while (!is_whole && size > MATCH_INPUT_BYTES_MAX) {
        char *end =
            memchr(source->bytes + source->begin, '\n', source->end - source->begin);
        if (end != NULL) {
            source->begin = (size_t)(end - source->bytes) + 1;
            return;
        }
        source->begin = source->end;
        if (!read_more(source)) {
            return;
        }
    }
}

static bool is_blank(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (strchr(" \t\r\n", bytes[i]) == NULL || bytes[i] == '\0') {
            return false;
        }
    }
    return true;
}

/* True if the brackets that open in the @size bytes close there. */
static bool is_closed(const char *bytes, size_t size)
{
    size_t depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < size; i++) {
        if (in_text && bytes[i] == '\\') {
            i++;
        } else if (bytes[i] == '"') {
            in_text = !in_text;
        } else if (!in_text && (bytes[i] == '{' || bytes[i] == '[')) {
            depth++;
        } else if (!in_text && depth > 0 && (bytes[i] == '}' || bytes[i] == ']')) {
            depth--;
        }
    }
    return depth == 0 && !in_text;
}

static bool print(const json_t *document, enum match_shape shape)
{
    size_t flags = shape == MATCH_PRETTY ? JSON_INDENT(2) : JSON_COMPACT;
    char *text = document == NULL ? NULL : json_dumps(document, flags);
    bool printed = text != NULL && fputs(text, stdout) != EOF && putchar('\n') != EOF;
    free(text);
    return printed && !ferror(stdout);
}

static int worse(int a, int b)
{
    if (a == MATCH_EXIT_FAILED || b == MATCH_EXIT_FAILED) {
        return MATCH_EXIT_FAILED;
    }
    return a > b ? a : b;
}

static int answer_one(struct match_session *session, const char *bytes, size_t size,
                      size_t line, enum match_shape shape)
{
    json_t *answer = NULL;
    int code = match_session_answer(session, bytes, size, line,
                                    shape == MATCH_DRAWING ? stdout : NULL, &answer);
    if ((shape != MATCH_DRAWING || code != MATCH_EXIT_ANSWERED) &&
        !print(answer, shape)) {
        code = MATCH_EXIT_FAILED;
    }
    json_decref(answer);
    return code;
}

static int answer_lines(struct match_session *session, struct source *source,
                        enum match_shape shape)
{
    int code = MATCH_EXIT_ANSWERED;
    size_t size = 0;
    while (next_line(source, &size) && !ferror(stdout)) {
        const char *bytes = source->bytes + source->begin;
        if (!is_blank(bytes, size)) {
            code = worse(code, answer_one(session, bytes, size, source->line, shape));
        }
        pass(source, size);
    }
    return code;
}

/* Whether several documents stand on lines of their own, although the first does not
 * close: then that one is broken, and the last tells. */
static bool ends_with_a_document(const struct source *source)
{
    const char *bytes = source->bytes;
    size_t end = source->end;
    while (end > source->begin && is_blank(bytes + end - 1, 1)) {
        end--;
    }
    size_t begin = end;
    while (begin > source->begin && bytes[begin - 1] != '\n') {
        begin--;
    }
    /* Parsed, not only looked at: the last line of a document over several lines may
     * begin with a bracket and end with one, too. */
    json_t *last = begin > source->begin && end > begin && bytes[begin] == '{'
                       ? json_loadb(bytes + begin, end - begin, 0, NULL)
                       : NULL;
    json_decref(last);
    return last != NULL;
}

static int answer_input(struct match_session *session, struct source *source,
                        enum match_shape shape, bool lines)
{
    size_t size = 0;
    bool some = next_line(source, &size);
    while (some && !lines && is_blank(source->bytes + source->begin, size) &&
           source->begin + size < source->end) {
        pass(source, size);
        some = next_line(source, &size);
    }
    if (some && (lines || is_closed(source->bytes + source->begin, size))) {
        return answer_lines(session, source, shape);
    }
    while (source->end - source->begin <= MATCH_INPUT_BYTES_MAX && read_more(source)) {
    }
    source->seen = 0;
    if (ends_with_a_document(source)) {
        return answer_lines(session, source, shape);
    }
    return answer_one(session, source->bytes + source->begin,
                      source->end - source->begin, 0, shape);
}

int match_stream(struct match_session *session, int in, enum match_shape shape,
                 bool lines)
{
    struct source source = {.in = in, .room = PIECE, .line = 1};
    json_t *answer = NULL;
    int code;

    source.bytes = malloc(source.room);
    if (source.bytes == NULL) {
        return MATCH_EXIT_FAILED;
    }
    code = read_more(&source) || source.trouble == 0
               ? answer_input(session, &source, shape, lines)
               : MATCH_EXIT_ANSWERED;
    if (source.trouble != 0) {
        char sentence[128];
        snprintf(sentence, sizeof(sentence), "The input cannot be read: %s.",
                 strerror(source.trouble));
        code = worse(
            code, match_session_refuse(MATCH_ERROR_CANNOT_READ, sentence, 0, &answer));
        print(answer, MATCH_ONE_LINE);
        json_decref(answer);
    }
    free(source.bytes);
    return fflush(stdout) == 0 && !ferror(stdout) ? code : MATCH_EXIT_FAILED;
}
