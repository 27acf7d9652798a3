// SPDX-License-Identifier: Apache-2.0

#include "bench/method.h"
#include "bench/peer_icl.h"

#include <stdlib.h>

struct peer {
    const struct bench_cell *cell;
    struct peer_icl *icl;
    struct peer_pair *pairs;
};

static void *open_icl(const struct bench_cell *cell)
{
    struct peer *peer = bench_memory(sizeof(*peer));
    peer->cell = cell;
    peer->icl = peer_icl_create(cell->people->count);
    peer->pairs = bench_memory(BENCH_WINDOWS_MAX * sizeof(*peer->pairs));
    for (size_t i = 0; i < cell->people->count; i++) {
        const struct bench_person *person = &cell->people->person[i];
        for (size_t j = 0; j < person->count; j++) {
            peer->pairs[j] =
                (struct peer_pair){person->spans[j].start, person->spans[j].end};
        }
        peer_icl_add(peer->icl, i, peer->pairs, person->count);
    }
    return peer;
}

static void close_icl(void *state)
{
    struct peer *peer = state;
    peer_icl_destroy(peer->icl);
    free(peer->pairs);
    free(peer);
}

static size_t answer_icl(void *state, size_t request, struct match_run *ret_windows)
{
    struct peer *peer = state;
    const struct bench_cell *cell = peer->cell;
    bool all = cell->needed == cell->parties;
    int32_t tail = all ? cell->duration : KIND_CELL;
    size_t count =
        all ? peer_icl_common(peer->icl, cell->request[request], cell->parties,
                              cell->duration, peer->pairs)
            : peer_icl_quorum(peer->icl, cell->request[request], cell->parties,
                              cell->needed, cell->duration, KIND_CELL, peer->pairs);
    for (size_t i = 0; i < count; i++) {
        ret_windows[i] =
            (struct match_run){peer->pairs[i].start, peer->pairs[i].end - tail};
    }
    return count;
}

const struct method method_icl = {
    .name = "icl",
    .isa = "-",
    .open = open_icl,
    .answer = answer_icl,
    .close = close_icl,
};
