// SPDX-License-Identifier: Apache-2.0

/*
 * codec_check_act.c - the rules of what a client asks, answers and decides
 */
#include "proto/codec_check.h"

#include "proto/limits.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 128, ID_BYTES = 16 };

/* Where the message stands ("answer", "preview.answer"), and where a refusal goes. */
struct check {
    const char *body;
    struct arena *arena;
    struct codec_error *error;
};

static const char *path_of(const struct check *check, const char *field)
{
    char text[PATH_BYTES];

    snprintf(text, sizeof(text), "%s.%s", check->body, field);
    const char *copy = arena_text(check->arena, text);
    return copy != NULL ? copy : "?";
}

static bool refuse_missing(const struct check *check, const char *field)
{
    return codec_refuse(check->error, ERROR_FIELD_MISSING, path_of(check, field), NULL);
}

static bool refuse_conflict(const struct check *check, const char *one,
                            const char *other, const char *why)
{
    return codec_refuse(check->error, ERROR_FIELD_CONFLICT, path_of(check, one),
                        path_of(check, other), why, NULL);
}

void codec_clear_party(struct entente_party *party)
{
    party->answer = 0;
    party->answer_reason = 0;
    party->answer_proposal = 0;
    party->answer_ms = 0;
    party->answer_actor = NULL;
    party->dropped = false;
    party->attends = false;
    party->absence = 0;
    party->asked = false;
    party->chosen = NULL;
    party->chosen_count = 0;
    party->replaces = 0;
    party->recorded = false;
    party->reminded = 0;
    party->answer_by_ms = 0;
    party->diverged = 0;
    party->diverged_until_ms = 0;
    party->grades = NULL;
    party->grades_count = 0;
    party->tacit = false;
    party->from_pool = 0;
    party->despite_busy = false;
}

/* Who comes instead is one person, whose answer is not given with the name. */
static bool check_substitute(const struct check *check, struct entente_party *party)
{
    bool guest = party->kind == ENTENTE_GUEST;

    if (party->kind == ENTENTE_POOL || party->kind == ENTENTE_PATIENT) {
        return refuse_conflict(
            check, "substitute", "substitute.kind",
            "neither a pool nor the patient comes for somebody else");
    }
    if (!guest && party->identifier == NULL) {
        return refuse_missing(check, "substitute.identifier");
    }
    if (guest && (party->name == NULL || party->contact == NULL)) {
        return refuse_missing(check, party->name == NULL ? "substitute.name"
                                                         : "substitute.contact");
    }
    if (guest && party->silence == ENTENTE_SILENCE_ACCEPTS) {
        return refuse_conflict(check, "substitute.kind", "substitute.silence",
                               "a guest never accepts by silence");
    }
    if (party->members_count > 0 || party->pool_size > 0) {
        return refuse_conflict(check, "substitute.kind", "substitute.members",
                               "only a pool has members");
    }
    if (party->kind == ENTENTE_REPRESENTATIVE && party->represents == NULL) {
        return refuse_missing(check, "substitute.represents");
    }
    codec_clear_party(party);
    return true;
}

static bool check_grades(const struct check *check, const struct entente_answer *answer)
{
    char later[32];
    char earlier[32];

    for (size_t i = 0; i < answer->grades_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (answer->grades[i].start == answer->grades[j].start) {
                snprintf(earlier, sizeof(earlier), "grades[%zu]", j);
                snprintf(later, sizeof(later), "grades[%zu]", i);
                return refuse_conflict(check, earlier, later,
                                       "two grades of the same candidate");
            }
        }
    }
    return true;
}

/* The field that only another kind of answer has, or NULL; *@ret_why says which. */
static const char *foreign_field(const struct entente_answer *answer,
                                 const char **ret_why)
{
    if (answer->kind != ENTENTE_SHIFT) {
        *ret_why = "only a shift names times";
        if (answer->ranges_count > 0 || answer->counter_start != 0) {
            return answer->ranges_count > 0 ? "ranges" : "counter_start";
        }
    }
    if (answer->kind != ENTENTE_DELEGATE && answer->substitute != NULL) {
        *ret_why = "only who delegates names a substitute";
        return "substitute";
    }
    if (answer->kind != ENTENTE_ACCEPT && answer->grades_count > 0) {
        *ret_why = "who declines, shifts or delegates grades nothing";
        return "grades";
    }
    return NULL;
}

static bool check_answer(const struct check *check, struct entente_answer *answer)
{
    const char *why = NULL;
    const char *foreign = foreign_field(answer, &why);

    if (foreign != NULL) {
        return refuse_conflict(check, "kind", foreign, why);
    }
    if (answer->ranges_count > 0 && answer->counter_start != 0) {
        return refuse_conflict(check, "ranges", "counter_start",
                               "a shift names acceptable times or one start, not both");
    }
    if (answer->kind == ENTENTE_DELEGATE && answer->substitute == NULL) {
        return refuse_missing(check, "substitute");
    }
    if (answer->substitute != NULL && !check_substitute(check, answer->substitute)) {
        return false;
    }
    return check_grades(check, answer) &&
           codec_check_spans(answer->ranges, answer->ranges_count,
                             path_of(check, "ranges"), check->arena, check->error);
}

/* What a decision may be given, beside the meeting, its version and who decides. */
struct decision_fields {
    uint32_t decision;
    bool start;
    bool party;
    bool times; /* windows or picked starts */
    bool deadline;
    bool substitute;
    bool series;
};

static const struct decision_fields decision_fields[] = {
    {.decision = ENTENTE_PROPOSE_SLOT, .start = true},
    {.decision = ENTENTE_WITHOUT_PARTY, .party = true, .series = true},
    {.decision = ENTENTE_SEARCH_ON, .times = true, .deadline = true, .series = true},
    {.decision = ENTENTE_CONFIRM, .start = true, .series = true},
    {.decision = ENTENTE_MOVE, .start = true, .times = true, .series = true},
    {.decision = ENTENTE_REPLACE_PARTY,
     .party = true,
     .substitute = true,
     .series = true},
};

static const struct decision_fields *fields_of(uint32_t decision)
{
    size_t i = 0;

    /* The codec has refused what is not listed. */
    while (i + 1 < sizeof(decision_fields) / sizeof(decision_fields[0]) &&
           decision_fields[i].decision != decision) {
        i++;
    }
    return &decision_fields[i];
}

static bool check_foreign(const struct check *check,
                          const struct entente_decide *decide,
                          const struct decision_fields *may)
{
    if (!may->start && decide->start != 0) {
        return refuse_conflict(check, "decision", "start",
                               "no slot is chosen by this decision");
    }
    if (!may->party && decide->party != NULL) {
        return refuse_conflict(check, "decision", "party",
                               "no party is left out or replaced by this decision");
    }
    if (!may->times && (decide->windows_count > 0 || decide->picked_count > 0)) {
        return refuse_conflict(check, "decision",
                               decide->windows_count > 0 ? "windows" : "picked",
                               "nothing is searched by this decision");
    }
    if (!may->deadline && decide->search_until_ms != 0) {
        return refuse_conflict(check, "decision", "search_until_ms",
                               "only searching on has a deadline");
    }
    if (!may->substitute && decide->substitute != NULL) {
        return refuse_conflict(check, "decision", "substitute",
                               "nobody is replaced by this decision");
    }
    return may->series || !decide->series ||
           refuse_conflict(check, "decision", "series",
                           "a slot is proposed for one meeting");
}

static bool check_decide(const struct check *check, struct entente_decide *decide)
{
    const struct decision_fields *may = fields_of(decide->decision);
    bool times = decide->windows_count > 0 || decide->picked_count > 0;

    if (decide->decision == ENTENTE_PROPOSE_SLOT && decide->start == 0) {
        return refuse_missing(check, "start");
    }
    if (may->party && decide->party == NULL) {
        return refuse_missing(check, "party");
    }
    if (!check_foreign(check, decide, may)) {
        return false;
    }
    if (decide->windows_count > 0 && decide->picked_count > 0) {
        return refuse_conflict(check, "windows", "picked",
                               "slots are searched in windows or picked, not both");
    }
    if (decide->decision == ENTENTE_MOVE && (decide->start != 0) == times) {
        return times ? refuse_conflict(check, "start",
                                       decide->windows_count > 0 ? "windows" : "picked",
                                       "it is moved to one start, or searched for")
                     : refuse_missing(check, "start");
    }
    if (may->substitute && decide->substitute == NULL) {
        return refuse_missing(check, "substitute");
    }
    return (decide->substitute == NULL ||
            check_substitute(check, decide->substitute)) &&
           codec_check_spans(decide->windows, decide->windows_count,
                             path_of(check, "windows"), check->arena, check->error);
}

/* The meetings of a sequence are asked for like the first one. */
static bool check_request(const struct check *check, struct entente_request *request)
{
    if (!codec_check_spec(request->spec, check->body, check->arena, check->error)) {
        return false;
    }
    for (size_t i = 0; i < request->sequence_count; i++) {
        struct entente_linked *linked = &request->sequence[i];
        char body[PATH_BYTES];
        snprintf(body, sizeof(body), "%s.sequence[%zu]", check->body, i);
        struct check inner = *check;
        inner.body = body;
        if (linked->max_gap_minutes != 0 &&
            linked->min_gap_minutes > linked->max_gap_minutes) {
            return refuse_conflict(&inner, "min_gap_minutes", "max_gap_minutes",
                                   "the shortest gap is longer than the longest");
        }
        if (!codec_check_spec(linked->spec, body, check->arena, check->error)) {
            return false;
        }
    }
    return true;
}

static bool check_preview(const struct check *check, struct entente_preview *preview)
{
    struct check inner = *check;
    size_t asked = 0;

    asked += preview->answer != NULL ? 1 : 0;
    asked += preview->decide != NULL ? 1 : 0;
    asked += preview->cancel != NULL ? 1 : 0;
    asked += preview->request != NULL ? 1 : 0;
    if (asked == 0) {
        return refuse_missing(check, "decide");
    }
    if (asked > 1) {
        return refuse_conflict(check,
                               preview->answer != NULL   ? "answer"
                               : preview->decide != NULL ? "decide"
                                                         : "cancel",
                               preview->request != NULL  ? "request"
                               : preview->cancel != NULL ? "cancel"
                                                         : "decide",
                               "one thing is looked at, at a time");
    }
    if (preview->answer != NULL) {
        inner.body = "preview.answer";
        return check_answer(&inner, preview->answer);
    }
    if (preview->decide != NULL) {
        inner.body = "preview.decide";
        return check_decide(&inner, preview->decide);
    }
    if (preview->request != NULL) {
        inner.body = "preview.request";
        return check_request(&inner, preview->request);
    }
    return true;
}

/* The list is sorted, so that the broker goes through it and its own once. */
static bool check_reconcile(const struct check *check,
                            const struct entente_reconcile *reconcile)
{
    bool list = reconcile->known_count > 0 || reconcile->last;
    const uint8_t *before = reconcile->after.data;

    if (reconcile->digest.size == 0 && !list) {
        return refuse_missing(check, "digest");
    }
    if (reconcile->digest.size != 0 && (list || reconcile->after.size != 0)) {
        return refuse_conflict(check, "digest", "known",
                               "the digest stands for the whole list");
    }
    for (size_t i = 0; i < reconcile->known_count; i++) {
        const uint8_t *id = reconcile->known[i].meeting.data;
        if (before != NULL && memcmp(before, id, ID_BYTES) >= 0) {
            return codec_refuse(check->error, ERROR_RANGES_UNSORTED,
                                path_of(check, "known"),
                                codec_unsigned_text(i, check->arena), NULL);
        }
        before = id;
    }
    return true;
}

bool codec_check_act(struct entente_envelope *envelope, struct arena *arena,
                     struct codec_error *ret_error)
{
    const struct check check = {codec_body_name(envelope->body), arena, ret_error};

    if (envelope->body == ENTENTE_REQUEST) {
        return check_request(&check, envelope->request);
    }
    if (envelope->body == ENTENTE_ANSWER) {
        return check_answer(&check, envelope->answer);
    }
    if (envelope->body == ENTENTE_DECIDE) {
        return check_decide(&check, envelope->decide);
    }
    if (envelope->body == ENTENTE_PREVIEW) {
        return check_preview(&check, envelope->preview);
    }
    return check_reconcile(&check, envelope->reconcile);
}
