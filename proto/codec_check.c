// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_check.h"

#include "proto/limits.h"

#include <string.h>

enum { MINUTES_PER_DAY = 1440, DEFAULT_STEP = 15 };

/* Refuse range @index of @field. */
static bool refuse_range(struct codec_error *error, unsigned code, const char *field,
                         size_t index, struct arena *arena)
{
    const char *days = code == ERROR_RANGE_TOO_LONG
                           ? codec_number_text(LIMIT_RANGE_DAYS, arena)
                           : NULL;

    return codec_refuse(error, code, field, codec_unsigned_text(index, arena), days,
                        NULL);
}

/* The code of what is wrong with [start, end), or ERROR_NONE. */
static unsigned span_problem(int32_t start, int32_t end)
{
    if (start == end) {
        return ERROR_RANGE_EMPTY;
    }
    if (start > end) {
        return ERROR_RANGE_REVERSED;
    }
    if ((int64_t)end - start > (int64_t)LIMIT_RANGE_DAYS * MINUTES_PER_DAY) {
        return ERROR_RANGE_TOO_LONG;
    }
    return ERROR_NONE;
}

const char *codec_check_identifier(const struct entente_identifier *identifier)
{
    const char *system = identifier->system;
    const char *value = identifier->value;
    bool letter = (system[0] >= 'a' && system[0] <= 'z') ||
                  (system[0] >= 'A' && system[0] <= 'Z');

    if (!letter || strchr(system, ':') == NULL || strchr(system, ' ') != NULL) {
        return "its system is not a URI";
    }
    if (value[0] == ' ' || value[strlen(value) - 1] == ' ') {
        return "its value begins or ends with a space";
    }
    return NULL;
}

bool codec_check_struct(const struct codec_shape *shape, void *plain,
                        const struct codec_path *path, struct arena *arena,
                        struct codec_error *ret_error)
{
    if (shape == &codec_shape_identifier) {
        const char *problem = codec_check_identifier(plain);
        return problem == NULL ||
               codec_refuse(ret_error, ERROR_BAD_IDENTIFIER,
                            codec_path_text(path, NULL, 0, arena), problem, NULL);
    }
    if (shape == &codec_shape_party) {
        return codec_unfold_members(plain, path, arena, ret_error);
    }
    if (!shape->is_span) {
        return true;
    }

    /* All of these begin with their start and their end (codec_rows_*.c). */
    const struct entente_span *span = plain;
    unsigned code = span_problem(span->start, span->end);
    if (code == ERROR_NONE) {
        return true;
    }
    struct codec_path field = *path;
    size_t index = 0;
    if (field.depth > 0 && field.parts[field.depth - 1].repeated) {
        index = field.parts[field.depth - 1].index;
        field.parts[field.depth - 1].repeated = false;
    }
    return refuse_range(ret_error, code, codec_path_text(&field, NULL, 0, arena), index,
                        arena);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_bytes(struct entente_bytes a, struct entente_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* @value, or @preset where it is absent. */
static uint32_t value_or(uint32_t value, uint32_t preset)
{
    return value != 0 ? value : preset;
}

static bool same_attributes(const struct entente_range *a,
                            const struct entente_range *b)
{
    return a->kind == b->kind &&
           value_or(a->certainty, ENTENTE_DECLARED) ==
               value_or(b->certainty, ENTENTE_DECLARED) &&
           value_or(a->preference, ENTENTE_NEUTRAL) ==
               value_or(b->preference, ENTENTE_NEUTRAL) &&
           a->purposes == b->purposes && a->audience == b->audience &&
           a->modalities == b->modalities && a->interruptible == b->interruptible &&
           same_text(a->place, b->place) && same_bytes(a->meeting, b->meeting);
}

/* True if an earlier range with the attributes of range @index overlaps it.
 * latest[j] is the latest end of ranges 0 .. j. */
static bool overlaps_alike(const struct entente_range *ranges, const int32_t *latest,
                           size_t index)
{
    const struct entente_range *range = &ranges[index];

    for (size_t j = index; j > 0 && latest[j - 1] > range->start; j--) {
        const struct entente_range *earlier = &ranges[j - 1];
        if (earlier->end > range->start && same_attributes(earlier, range)) {
            return true;
        }
    }
    return false;
}

static unsigned range_problem(const struct entente_range *ranges, const int32_t *latest,
                              size_t index, const struct entente_span *coverage)
{
    const struct entente_range *range = &ranges[index];
    unsigned code = span_problem(range->start, range->end);

    if (code != ERROR_NONE) {
        return code;
    }
    if (coverage != NULL &&
        (range->start < coverage->start || range->end > coverage->end)) {
        return ERROR_RANGE_OUTSIDE;
    }
    if (index == 0) {
        return ERROR_NONE;
    }
    const struct entente_range *ahead = &ranges[index - 1];
    if (range->start < ahead->start ||
        (range->start == ahead->start && range->end < ahead->end)) {
        return ERROR_RANGES_UNSORTED;
    }
    return overlaps_alike(ranges, latest, index) ? ERROR_RANGES_OVERLAP : ERROR_NONE;
}

bool codec_check_ranges(const struct entente_range *ranges, size_t count,
                        const struct entente_span *coverage, const char *field,
                        struct arena *arena, struct codec_error *ret_error)
{
    int32_t *latest = arena_array(arena, count, sizeof(*latest));

    if (latest == NULL) {
        return codec_refuse(ret_error, ERROR_TOO_COMPLEX,
                            codec_unsigned_text(arena->quota, arena), NULL);
    }
    for (size_t i = 0; i < count; i++) {
        unsigned code = range_problem(ranges, latest, i, coverage);
        if (code != ERROR_NONE) {
            return refuse_range(ret_error, code, field, i, arena);
        }
        latest[i] =
            i > 0 && latest[i - 1] > ranges[i].end ? latest[i - 1] : ranges[i].end;
    }
    return true;
}

bool codec_check_spans(const struct entente_span *spans, size_t count,
                       const char *field, struct arena *arena,
                       struct codec_error *error)
{
    for (size_t i = 1; i < count; i++) {
        if (spans[i].start < spans[i - 1].start) {
            return refuse_range(error, ERROR_RANGES_UNSORTED, field, i, arena);
        }
        if (spans[i].start < spans[i - 1].end) {
            return refuse_range(error, ERROR_RANGES_OVERLAP, field, i, arena);
        }
    }
    return true;
}

static bool refuse_conflict(struct codec_error *error, const char *one,
                            const char *other, const char *why)
{
    return codec_refuse(error, ERROR_FIELD_CONFLICT, one, other, why, NULL);
}

static bool check_publish(const struct entente_publish *publish, struct arena *arena,
                          struct codec_error *error)
{
    uint32_t part = value_or(publish->part, 1);
    uint32_t parts = value_or(publish->parts, 1);

    if (part > parts) {
        return refuse_conflict(error, "publish.part", "publish.parts",
                               "there is no such part");
    }
    if (publish->publication == ENTENTE_DELTA && parts > 1) {
        return refuse_conflict(error, "publish.publication", "publish.parts",
                               "a delta has one part");
    }
    return codec_check_ranges(publish->ranges, publish->ranges_count, publish->coverage,
                              "publish.ranges", arena, error);
}

static bool check_query_free(const struct entente_query_free *query,
                             struct arena *arena, struct codec_error *error)
{
    unsigned code = span_problem(query->from, query->until);

    return code == ERROR_NONE || refuse_range(error, code, "query_free", 0, arena);
}

/* The last start is a time at which a meeting may begin, too. */
static bool check_last_start(const struct entente_who_is_free *who, struct arena *arena,
                             struct codec_error *error)
{
    int64_t step = value_or(who->step_minutes, DEFAULT_STEP);
    int64_t left = CODEC_TIME_MAX - LIMIT_DURATION_MINUTES - (int64_t)who->start;

    return (int64_t)(value_or(who->starts, 1) - 1) * step <= left ||
           codec_refuse(error, ERROR_OUT_OF_BOUNDS, "who_is_free.starts",
                        codec_unsigned_text(who->starts, arena), "1",
                        codec_number_text(left / step + 1, arena), NULL);
}

static bool check_who(const struct entente_who_is_free *who, struct arena *arena,
                      struct codec_error *error)
{
    const struct entente_party *people = who->people;

    if (people->kind != ENTENTE_POOL) {
        return refuse_conflict(error, "who_is_free.people.kind",
                               "who_is_free.people.members",
                               "those who are asked about are the members of a pool");
    }
    if (people->ask_if_unknown) {
        return refuse_conflict(error, "who_is_free.people.kind",
                               "who_is_free.people.ask_if_unknown",
                               "people are asked by name, not from a pool");
    }
    if (who->mine && people->members_count > 0) {
        return refuse_conflict(error, "who_is_free.mine", "who_is_free.people.members",
                               "they are named, or they are one's own");
    }
    if (!who->mine && people->members_count == 0) {
        return codec_refuse(error, ERROR_FIELD_MISSING, "who_is_free.people.members",
                            NULL);
    }
    return check_last_start(who, arena, error);
}

static bool check_hello(const struct entente_hello *hello, struct codec_error *error)
{
    if (value_or(hello->version_min, 1) > value_or(hello->version_max, 1)) {
        return refuse_conflict(error, "hello.version_min", "hello.version_max",
                               "the lowest version is above the highest");
    }
    return true;
}

bool codec_check_body(struct entente_envelope *envelope, struct arena *arena,
                      struct codec_error *ret_error)
{
    switch (envelope->body) {
    case ENTENTE_HELLO:
        return check_hello(envelope->hello, ret_error);
    case ENTENTE_PUBLISH:
        return check_publish(envelope->publish, arena, ret_error);
    case ENTENTE_QUERY_FREE:
        return check_query_free(envelope->query_free, arena, ret_error);
    case ENTENTE_SEARCH:
        return codec_check_spec(envelope->search->spec, "search", arena, ret_error);
    case ENTENTE_WHO_IS_FREE:
        return check_who(envelope->who_is_free, arena, ret_error);
    case ENTENTE_REQUEST:
    case ENTENTE_ANSWER:
    case ENTENTE_DECIDE:
    case ENTENTE_PREVIEW:
    case ENTENTE_RECONCILE:
        return codec_check_act(envelope, arena, ret_error);
    case ENTENTE_FREE_RANGES:
        return codec_check_spans(envelope->free_ranges->known,
                                 envelope->free_ranges->known_count,
                                 "free_ranges.known", arena, ret_error) &&
               codec_check_ranges(envelope->free_ranges->ranges,
                                  envelope->free_ranges->ranges_count, NULL,
                                  "free_ranges.ranges", arena, ret_error);
    case ENTENTE_HEARTBEAT:
    case ENTENTE_WITHDRAW:
    case ENTENTE_CANCEL:
    case ENTENTE_OWNER_ANSWER:
    case ENTENTE_EXPLAIN:
    case ENTENTE_GET:
    case ENTENTE_LIST:
    case ENTENTE_EVENT_ACK:
    case ENTENTE_EVENT_RESULT:
    case ENTENTE_STATUS_QUERY:
    case ENTENTE_WELCOME:
    case ENTENTE_PULSE:
    case ENTENTE_ERROR:
    case ENTENTE_DONE_REPLY:
    case ENTENTE_SEARCH_RESULT:
    case ENTENTE_MEETING:
    case ENTENTE_MEETING_LIST:
    case ENTENTE_EVENT:
    case ENTENTE_STATUS_REPORT:
    case ENTENTE_RESYNC:
    case ENTENTE_FREE_PEOPLE:
    case ENTENTE_PREVIEW_RESULT:
    case ENTENTE_RECONCILED:
    case ENTENTE_DECISION_RECORD:
        return true;
    }
    return false;
}
