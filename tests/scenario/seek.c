// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_MS = 30000, COVERAGE_DAYS = 60 };

void seek_begin(struct seek *seek, const char *const *people)
{
    size_t count = 0;
    memset(seek, 0, sizeof(*seek));
    for (; people[count] != NULL; count++) {
        assert_in_range(count, 0, SEEK_PARTIES - 1);
        seek->who[count] = world_identifier(people[count]);
        seek->parties[count] = world_party(&seek->who[count], false);
    }
    seek->window = (struct entente_span){world.day, world.day + 3 * DAY};
    seek->spec = world_spec(seek->parties, count, &seek->window);
    seek->spec.zone = "UTC";
    seek->search.spec = &seek->spec;
}

enum entente_code seek_ask(struct seek *seek,
                           const struct entente_search_result **ret_result)
{
    return entente_client_search(coordinator->sdk, &seek->search, PATIENCE_MS,
                                 ret_result);
}

const struct entente_search_result *seek_found(struct seek *seek)
{
    const struct entente_search_result *result = NULL;
    enum entente_code code = seek_ask(seek, &result);
    if (code != ENTENTE_OK) {
        fail_msg("%s: %s", entente_code_name(code),
                 entente_client_sentence(coordinator->sdk));
    }
    assert_non_null(result);
    return result;
}

void seek_starts(const struct entente_search_result *result, const int32_t *starts,
                 size_t count)
{
    for (size_t i = 0; i < result->slots_count && i < count; i++) {
        if (result->slots[i].start - world.day != starts[i]) {
            fail_msg("slot %zu starts at %d, not at %d", i,
                     result->slots[i].start - world.day, starts[i]);
        }
    }
    assert_int_equal(result->slots_count, count);
}

struct entente_range seek_range(int32_t from, int32_t until, uint32_t kind)
{
    return (struct entente_range){
        .start = world.day + from, .end = world.day + until, .kind = kind};
}

static int by_time(const void *a, const void *b)
{
    const struct entente_range *one = a;
    const struct entente_range *two = b;
    if (one->start != two->start) {
        return one->start < two->start ? -1 : 1;
    }
    return (one->end > two->end) - (one->end < two->end);
}

void seek_publish(struct world_client *client, const char *person,
                  const struct entente_range *ranges, size_t count,
                  const struct entente_publish *like)
{
    static const struct entente_publish nothing;
    struct entente_identifier who = world_identifier(person);
    struct entente_span coverage = {world.day, world.day + COVERAGE_DAYS * DAY};
    struct entente_publish publish = like == NULL ? nothing : *like;
    struct entente_range sorted[SEEK_RANGES];
    assert_in_range(count, 0, SEEK_RANGES);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = ranges[i];
    }
    qsort(sorted, count, sizeof(sorted[0]), by_time);
    publish.source = publish.source == NULL ? person : publish.source;
    publish.person = &who;
    publish.coverage = publish.coverage == NULL ? &coverage : publish.coverage;
    publish.lease_seconds = publish.lease_seconds == 0 ? 604800 : publish.lease_seconds;
    publish.as_of_ms = (int64_t)time(NULL) * 1000;
    publish.ranges = sorted;
    publish.ranges_count = count;
    assert_int_equal(world_publish_this(client, &publish), ENTENTE_OK);
}

const struct entente_relaxation *
seek_relaxation(const struct entente_search_result *result, uint32_t kind)
{
    assert_non_null(result->why_not);
    for (size_t i = 0; i < result->why_not->relaxations_count; i++) {
        if (result->why_not->relaxations[i].kind == kind) {
            return &result->why_not->relaxations[i];
        }
    }
    return NULL;
}
