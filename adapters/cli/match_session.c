// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_session.h"

#include "adapters/cli/match_find.h"
#include "adapters/cli/match_keep.h"

#include <stdlib.h>

struct match_session {
    enum match_records_use use;
    struct match_work work;
    struct match_finder finder;
    struct match_keep *keep;
    struct match_input *input; /* NULL after it was kept */
};

struct match_session *match_session_new(enum match_records_use use)
{
    struct match_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return NULL;
    }
    session->use = use;
    session->keep = match_keep_new(use != MATCH_RECORDS_NONE);
    if (use == MATCH_RECORDS_ALL) {
        session->work.records = match_records_new();
    }
    if (session->keep == NULL) {
        match_session_free(session);
        return NULL;
    }
    return session;
}

void match_session_free(struct match_session *session)
{
    if (session == NULL) {
        return;
    }
    match_work_finish(&session->work);
    match_finder_finish(&session->finder);
    match_keep_free(session->keep);
    free(session->input);
    free(session);
}

static int refused(const struct match_error *error, size_t line, json_t **ret_answer)
{
    *ret_answer = match_output_error(error, line);
    return error->code == MATCH_ERROR_OUT_OF_MEMORY ? MATCH_EXIT_FAILED
                                                    : MATCH_EXIT_REFUSED;
}

int match_session_refuse(enum match_error_code code, const char *sentence, size_t line,
                         json_t **ret_answer)
{
    struct match_error error = {.code = code, .path = "$"};
    snprintf(error.sentence, sizeof(error.sentence), "%s", sentence);
    return refused(&error, line, ret_answer);
}

static int keep(struct match_session *session, size_t line, json_t **ret_answer)
{
    if (!match_keep_take(session->keep, session->input)) {
        return match_session_refuse(MATCH_ERROR_OUT_OF_MEMORY,
                                    "There is no memory left to keep these agendas.",
                                    line, ret_answer);
    }
    session->input = NULL;
    *ret_answer =
        json_pack("{s:I}", "kept", (json_int_t)match_keep_count(session->keep));
    return *ret_answer != NULL ? MATCH_EXIT_ANSWERED : MATCH_EXIT_FAILED;
}

/* The request in session->input. */
static int answer(struct match_session *session, size_t line, FILE *drawing,
                  json_t **ret_answer)
{
    struct match_error error = {0};
    struct match_input *input = session->input;
    if (input->question == MATCH_FIND) {
        if (!match_find_answer(&session->finder, input, ret_answer, &error)) {
            return refused(&error, line, ret_answer);
        }
        return drawing == NULL || match_find_draw(drawing, *ret_answer)
                   ? MATCH_EXIT_ANSWERED
                   : MATCH_EXIT_FAILED;
    }
    if (!match_work_run(&session->work, input, &error)) {
        return refused(&error, line, ret_answer);
    }
    *ret_answer = match_output_answer(input, &session->work);
    bool drawn = drawing == NULL || match_output_draw(drawing, input, &session->work);
    return *ret_answer != NULL && drawn ? MATCH_EXIT_ANSWERED : MATCH_EXIT_FAILED;
}

int match_session_answer(struct match_session *session, const char *bytes, size_t size,
                         size_t line, FILE *drawing, json_t **ret_answer)
{
    struct match_error error;
    int code;

    *ret_answer = NULL;
    if (session->input == NULL) {
        session->input = malloc(sizeof(*session->input));
    }
    if (session->input == NULL) {
        return match_session_refuse(MATCH_ERROR_OUT_OF_MEMORY,
                                    "There is no memory left to read this.", line,
                                    ret_answer);
    }
    bool is_read = match_input_read(session->input, session->keep, bytes, size, &error);
    if (!is_read) {
        code = refused(&error, line, ret_answer);
    } else if (session->input->question == MATCH_KEPT) {
        code = keep(session, line, ret_answer);
    } else {
        code = answer(session, line, drawing, ret_answer);
    }
    if (session->input != NULL) {
        match_input_finish(session->input);
    }
    return code;
}
