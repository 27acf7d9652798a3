// SPDX-License-Identifier: Apache-2.0

/*
 * calls_each.c - one function for each kind of call, with the one kind of result it has
 */
#include "adapters/sdk/client_private.h"

/* Call, and let only @expected through: NULL when anything else became of it, which
 * *@ret_code then says. */
static const struct entente_envelope *
call_for(struct entente_client *client, const struct entente_envelope *envelope,
         int timeout_ms, enum entente_body expected, enum entente_code *ret_code)
{
    const struct entente_envelope *reply = NULL;

    *ret_code = entente_client_call(client, envelope, timeout_ms, &reply);
    if (*ret_code != ENTENTE_OK) {
        return NULL;
    }
    if (!reply || reply->body != expected) {
        *ret_code = client_fail(client, ENTENTE_ERROR_UNEXPECTED,
                                "The broker answered with another kind of message.");
        return NULL;
    }
    return reply;
}

/* Those that are answered with the meeting. */
static enum entente_code call_for_meeting(struct entente_client *client,
                                          const struct entente_envelope *envelope,
                                          int timeout_ms,
                                          const struct entente_meeting **ret_meeting)
{
    enum entente_code code;
    const struct entente_envelope *reply =
        call_for(client, envelope, timeout_ms, ENTENTE_MEETING, &code);

    if (reply) {
        *ret_meeting = reply->meeting;
    }
    return code;
}

enum entente_code
entente_client_query_free(struct entente_client *client,
                          const struct entente_query_free *query, int timeout_ms,
                          const struct entente_free_ranges **ret_ranges)
{
    struct entente_query_free copy = *query;
    enum entente_code code;
    const struct entente_envelope *reply = call_for(
        client,
        &(struct entente_envelope){.body = ENTENTE_QUERY_FREE, .query_free = &copy},
        timeout_ms, ENTENTE_FREE_RANGES, &code);

    if (reply) {
        *ret_ranges = reply->free_ranges;
    }
    return code;
}

enum entente_code entente_client_search(struct entente_client *client,
                                        const struct entente_search *search,
                                        int timeout_ms,
                                        const struct entente_search_result **ret_result)
{
    struct entente_search copy = *search;
    enum entente_code code;
    const struct entente_envelope *reply = call_for(
        client, &(struct entente_envelope){.body = ENTENTE_SEARCH, .search = &copy},
        timeout_ms, ENTENTE_SEARCH_RESULT, &code);

    if (reply) {
        *ret_result = reply->search_result;
    }
    return code;
}

enum entente_code
entente_client_who_is_free(struct entente_client *client,
                           const struct entente_who_is_free *who, int timeout_ms,
                           const struct entente_free_people **ret_people)
{
    struct entente_who_is_free copy = *who;
    enum entente_code code;
    const struct entente_envelope *reply = call_for(
        client,
        &(struct entente_envelope){.body = ENTENTE_WHO_IS_FREE, .who_is_free = &copy},
        timeout_ms, ENTENTE_FREE_PEOPLE, &code);

    if (reply) {
        *ret_people = reply->free_people;
    }
    return code;
}

enum entente_code entente_client_request(struct entente_client *client,
                                         const struct entente_request *request,
                                         int timeout_ms,
                                         const struct entente_meeting **ret_meeting)
{
    struct entente_request copy = *request;

    return call_for_meeting(
        client, &(struct entente_envelope){.body = ENTENTE_REQUEST, .request = &copy},
        timeout_ms, ret_meeting);
}

enum entente_code entente_client_answer(struct entente_client *client,
                                        const struct entente_answer *answer,
                                        int timeout_ms,
                                        const struct entente_meeting **ret_meeting)
{
    struct entente_answer copy = *answer;

    return call_for_meeting(
        client, &(struct entente_envelope){.body = ENTENTE_ANSWER, .answer = &copy},
        timeout_ms, ret_meeting);
}

enum entente_code entente_client_decide(struct entente_client *client,
                                        const struct entente_decide *decide,
                                        int timeout_ms,
                                        const struct entente_meeting **ret_meeting)
{
    struct entente_decide copy = *decide;

    return call_for_meeting(
        client, &(struct entente_envelope){.body = ENTENTE_DECIDE, .decide = &copy},
        timeout_ms, ret_meeting);
}

enum entente_code entente_client_cancel(struct entente_client *client,
                                        const struct entente_cancel *cancel,
                                        int timeout_ms,
                                        const struct entente_meeting **ret_meeting)
{
    struct entente_cancel copy = *cancel;

    return call_for_meeting(
        client, &(struct entente_envelope){.body = ENTENTE_CANCEL, .cancel = &copy},
        timeout_ms, ret_meeting);
}

enum entente_code
entente_client_owner_answer(struct entente_client *client,
                            const struct entente_owner_answer *answer, int timeout_ms,
                            const struct entente_meeting **ret_meeting)
{
    struct entente_owner_answer copy = *answer;

    return call_for_meeting(
        client,
        &(struct entente_envelope){.body = ENTENTE_OWNER_ANSWER, .owner_answer = &copy},
        timeout_ms, ret_meeting);
}

enum entente_code
entente_client_preview(struct entente_client *client,
                       const struct entente_preview *preview, int timeout_ms,
                       const struct entente_preview_result **ret_result)
{
    struct entente_preview copy = *preview;
    enum entente_code code;
    const struct entente_envelope *reply = call_for(
        client, &(struct entente_envelope){.body = ENTENTE_PREVIEW, .preview = &copy},
        timeout_ms, ENTENTE_PREVIEW_RESULT, &code);

    if (reply) {
        *ret_result = reply->preview_result;
    }
    return code;
}

enum entente_code
entente_client_reconcile(struct entente_client *client,
                         const struct entente_reconcile *reconcile, int timeout_ms,
                         const struct entente_reconciled **ret_reconciled)
{
    struct entente_reconcile copy = *reconcile;
    enum entente_code code;
    const struct entente_envelope *reply = call_for(
        client,
        &(struct entente_envelope){.body = ENTENTE_RECONCILE, .reconcile = &copy},
        timeout_ms, ENTENTE_RECONCILED, &code);

    if (reply) {
        *ret_reconciled = reply->reconciled;
    }
    return code;
}

enum entente_code
entente_client_explain(struct entente_client *client,
                       const struct entente_explain *explain, int timeout_ms,
                       const struct entente_decision_record **ret_record)
{
    struct entente_explain copy = *explain;
    enum entente_code code;
    const struct entente_envelope *reply = call_for(
        client, &(struct entente_envelope){.body = ENTENTE_EXPLAIN, .explain = &copy},
        timeout_ms, ENTENTE_DECISION_RECORD, &code);

    if (reply) {
        *ret_record = reply->decision_record;
    }
    return code;
}

enum entente_code entente_client_get(struct entente_client *client,
                                     struct entente_bytes meeting, int timeout_ms,
                                     const struct entente_meeting **ret_meeting)
{
    struct entente_get get = {.meeting = meeting};

    return call_for_meeting(
        client, &(struct entente_envelope){.body = ENTENTE_GET, .get = &get},
        timeout_ms, ret_meeting);
}

enum entente_code entente_client_list(struct entente_client *client,
                                      const struct entente_list *list, int timeout_ms,
                                      const struct entente_meeting_list **ret_list)
{
    struct entente_list copy = *list;
    enum entente_code code;
    const struct entente_envelope *reply = call_for(
        client, &(struct entente_envelope){.body = ENTENTE_LIST, .list = &copy},
        timeout_ms, ENTENTE_MEETING_LIST, &code);

    if (reply) {
        *ret_list = reply->meeting_list;
    }
    return code;
}

enum entente_code entente_client_status(struct entente_client *client, bool everything,
                                        int timeout_ms,
                                        const struct entente_status_report **ret_report)
{
    struct entente_status_query query = {.everything = everything};
    enum entente_code code;
    const struct entente_envelope *reply =
        call_for(client,
                 &(struct entente_envelope){.body = ENTENTE_STATUS_QUERY,
                                            .status_query = &query},
                 timeout_ms, ENTENTE_STATUS_REPORT, &code);

    if (reply) {
        *ret_report = reply->status_report;
    }
    return code;
}
