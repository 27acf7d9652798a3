// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_rows.h"

#include "broker/log.h"
#include "proto/codec.h"

#include <inttypes.h>

enum status pg_source_read(const PGresult *result, int row, struct arena *arena,
                           struct store_source *ret)
{
    struct store_source source = {
        .source = pg_int8(result, row, 0),
        .client = pg_int8(result, row, 1),
        .person = pg_int8(result, row, 2),
        .key = arena_text(arena, pg_text(result, row, 3)),
        .name = arena_text(arena, pg_text(result, row, 4)),
        .epoch = (uint64_t)pg_int8(result, row, 5),
        .sequence = (uint64_t)pg_int8(result, row, 6),
        .coverage_start = pg_int4(result, row, 7),
        .coverage_end = pg_int4(result, row, 8),
        .as_of_ms = pg_time_ms(result, row, 9),
        .lease_seconds = (uint32_t)pg_int4(result, row, 10),
        .notice = pg_int4(result, row, 12),
        .daily_cap = pg_int4(result, row, 13),
        .tacit = pg_bool(result, row, 14),
    };
    struct entente_range *ranges;
    if (source.key == NULL) {
        return STATUS_FAILED;
    }
    if (!codec_decode_ranges(pg_bytes(result, row, 11), arena, &ranges,
                             &source.range_count)) {
        log_line(LOG_ERROR, "store", "source %" PRId64 " cannot be read",
                 source.source);
        return STATUS_DAMAGED;
    }
    source.ranges = ranges;
    *ret = source;
    return STATUS_OK;
}

void pg_claim_read(const PGresult *result, int row, struct store_claim *ret)
{
    ret->person = pg_int8(result, row, 0);
    pg_uuid(result, row, 1, ret->meeting.bytes);
    ret->start = pg_int4(result, row, 2);
    ret->end = pg_int4(result, row, 3);
    ret->place = pg_text(result, row, 4);
}

enum status pg_people_read(const PGresult *result, struct arena *arena,
                           struct store_person **ret, size_t *ret_count)
{
    size_t count = (size_t)PQntuples(result);
    struct store_person *people = arena_array(arena, count, sizeof(*people));
    if (people == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        people[i].person = pg_int8(result, (int)i, 0);
        people[i].version = pg_int8(result, (int)i, 1);
        people[i].frozen = PQnfields(result) > 2 && pg_bool(result, (int)i, 2);
    }
    *ret = people;
    *ret_count = count;
    return STATUS_OK;
}
