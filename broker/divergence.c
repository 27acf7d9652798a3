// SPDX-License-Identifier: Apache-2.0

#include "broker/divergence.h"

#include <string.h>

enum { MS_PER_MINUTE = 60000 };

/* ---- what an agenda could contradict ----------------------------------------------
 */

/* The time that is agreed, or with NEW_TIME_BUSY the one that is to take its place.  Of
 * what is only held those are watched who have accepted it, or are not asked: the others
 * say themselves what their agenda says. */
static struct entente_span watched_span(const struct entente_meeting *meeting,
                                        size_t party, uint32_t kind)
{
    const struct entente_kept *kept = meeting->kept;
    const struct entente_party *who = &meeting->spec->parties[party];
    const struct entente_span nothing = {0, 0};
    const struct entente_span firm = {kept->firm_start, kept->firm_end};
    const struct entente_span held = {kept->held_start, kept->held_end};
    bool stands_by_it =
        kept->candidates_count == 0 &&
        (who->answer == ENTENTE_ACCEPT || !matter_has_a_say(meeting->spec, who));
    if (meeting->state == ENTENTE_PROPOSED) {
        return kind != ENTENTE_NEW_TIME_BUSY && stands_by_it ? held : nothing;
    }
    if (kind != ENTENTE_NEW_TIME_BUSY) {
        return firm;
    }
    bool other = held.start != firm.start || held.end != firm.end;
    return meeting->state == ENTENTE_MOVING && stands_by_it && other ? held : nothing;
}

bool divergence_span(const struct batch *batch, const struct entente_meeting *meeting,
                     size_t party, uint32_t kind, struct entente_span *ret_span)
{
    const struct entente_kept *kept = meeting->kept;
    const struct entente_party *who = &meeting->spec->parties[party];
    struct index_hold holds[INDEX_CLAIMS_MAX];
    struct entente_span span = watched_span(meeting, party, kind);
    size_t count = index_claims(batch->index, kept->people[party], meeting->id.data,
                                holds, INDEX_CLAIMS_MAX);
    bool claimed = false;
    for (size_t i = 0; i < count && i < INDEX_CLAIMS_MAX; i++) {
        claimed = claimed ||
                  (holds[i].span.start == span.start && holds[i].span.end == span.end);
    }
    *ret_span = span;
    return claimed && span.end != 0 && !who->dropped &&
           (int64_t)span.start * MS_PER_MINUTE > batch->now_ms;
}

const struct index_source *divergence_busy(const struct batch *batch,
                                           const struct entente_meeting *meeting,
                                           size_t party, uint32_t kind,
                                           struct entente_span *ret_span)
{
    if (!divergence_span(batch, meeting, party, kind, ret_span) ||
        matter_knows(meeting, party, ret_span->start, batch->now_ms)) {
        return NULL;
    }
    return index_busy_source(batch->index, meeting->kept->people[party],
                             ret_span->start, ret_span->end, batch->now_ms);
}

/* ---- breakers ----------------------------------------------------------------------
 */

static const struct store_breaker *breaker_of(const struct batch *batch, int64_t client)
{
    for (size_t i = 0; i < batch->loaded->breaker_count; i++) {
        if (batch->loaded->breakers[i].client == client &&
            (batch->loaded->breakers[i].tripped || batch->loaded->breakers[i].lifted)) {
            return &batch->loaded->breakers[i];
        }
    }
    return NULL;
}

static size_t recent_of(const struct batch *batch, int64_t client)
{
    size_t count = 0;
    for (size_t i = 0; i < batch->loaded->breaker_count; i++) {
        count += batch->loaded->breakers[i].client == client
                     ? batch->loaded->breakers[i].recent
                     : 0;
    }
    for (size_t i = 0; i < batch->divergence_count; i++) {
        const struct store_divergence *one = &batch->divergences[i];
        count += one->client == client && one->kind != 0 ? 1 : 0;
    }
    return count;
}

bool divergence_has_tripped(const struct batch *batch, int64_t client)
{
    const struct store_breaker *breaker = breaker_of(batch, client);
    bool tripped = breaker != NULL && breaker->tripped;
    for (size_t i = 0; i < batch->trip_count; i++) {
        tripped = tripped || batch->trips[i] == client;
    }
    return tripped;
}

bool divergence_may_ask(struct batch *batch, int64_t client)
{
    const struct store_breaker *breaker = breaker_of(batch, client);
    if (divergence_has_tripped(batch, client)) {
        return false;
    }
    if ((breaker != NULL && breaker->lifted) ||
        recent_of(batch, client) < DIVERGENCES_MAX) {
        return true;
    }
    void *list = batch->trips;
    int64_t *trip = batch_grow(batch, &list, &batch->trip_count, &batch->trip_capacity,
                               sizeof(*trip));
    if (trip != NULL) {
        batch->trips = list;
        *trip = client;
    }
    return false;
}

/* ---- rows of divergence ------------------------------------------------------------
 */

const struct store_divergence *divergence_row(const struct batch *batch,
                                              const struct entente_meeting *meeting,
                                              int64_t person)
{
    for (size_t i = 0; i < batch->loaded->divergence_count; i++) {
        const struct store_divergence *row = &batch->loaded->divergences[i];
        if (row->person == person && memcmp(row->meeting, meeting->id.data, 16) == 0) {
            return row;
        }
    }
    return NULL;
}

void divergence_write(struct batch *batch, const struct entente_meeting *meeting,
                      size_t party, int64_t client, uint32_t kind, bool held_back)
{
    int64_t person = meeting->kept->people[party];
    struct store_divergence *row = NULL;
    for (size_t i = 0; i < batch->divergence_count && row == NULL; i++) {
        struct store_divergence *one = &batch->divergences[i];
        bool same =
            one->person == person && memcmp(one->meeting, meeting->id.data, 16) == 0;
        row = same ? one : NULL;
    }
    if (row == NULL) {
        void *list = batch->divergences;
        row = batch_grow(batch, &list, &batch->divergence_count,
                         &batch->divergence_capacity, sizeof(*row));
        if (row == NULL) {
            return;
        }
        batch->divergences = list;
    }
    *row = (struct store_divergence){
        .person = person, .client = client, .kind = kind, .held_back = held_back};
    memcpy(row->meeting, meeting->id.data, sizeof(row->meeting));
}
