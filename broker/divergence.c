// SPDX-License-Identifier: Apache-2.0

#include "broker/divergence.h"

#include <string.h>

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
