// SPDX-License-Identifier: Apache-2.0

#include "broker/take_in.h"

#include <string.h>

bool take_in_person(struct index *index, const struct store_person_row *row)
{
    /* Who is known keeps their version: 0 says that the entry is in doubt. */
    bool is_new = index_person(index, row->person) == NULL;
    if (!index_add_person(index, row->person, row->kind, row->system, row->value,
                          row->system == NULL ? row->blind : NULL)) {
        return false;
    }
    if (is_new) {
        index_person(index, row->person)->version = row->version;
    }
    return true;
}

bool take_in_source(struct index *index, const struct store_source *row)
{
    const struct index_publication publication = {
        .source = row->source,
        .client = row->client,
        .person = row->person,
        .key = row->key,
        .name = row->name,
        .epoch = row->epoch,
        .sequence = row->sequence,
        .coverage = {row->coverage_start, row->coverage_end},
        .as_of_ms = row->as_of_ms,
        .lease_seconds = row->lease_seconds,
        .notice = row->notice,
        .daily_cap = row->daily_cap,
        .tacit = row->tacit,
        .ranges = row->ranges,
        .range_count = row->range_count,
    };
    return index_publish(index, &publication);
}

bool take_in_claim(struct index *index, const struct store_claim *row)
{
    const struct index_hold hold = {{row->start, row->end},
                                    index_name_place(index, row->place)};
    return index_add_claim(index, row->person, row->meeting.bytes, hold);
}

/* Agendas that were withdrawn, or given to somebody else, where another broker heard. */
static void withdraw_missing(struct index *index, const struct index_person *person,
                             const struct store_availability *row)
{
    const struct index_source *source = person->sources;
    while (source != NULL) {
        const struct index_source *next = source->beside;
        bool there = false;
        for (size_t i = 0; i < row->source_count && !there; i++) {
            there = row->sources[i].client == source->client &&
                    strcmp(row->sources[i].key, source->key) == 0;
        }
        if (!there) {
            index_withdraw(index, source->client, source->key);
        }
        source = next;
    }
}

bool take_in_availability(struct index *index, const struct store_availability *row)
{
    struct index_person *person = index_person(index, row->person);
    if (person == NULL) {
        return true;
    }
    while (person->claim_count > 0) {
        uint8_t meeting[16];
        memcpy(meeting, person->claims[0].meeting, sizeof(meeting));
        if (!index_claim(index, row->person, meeting, NULL, 0)) {
            return false;
        }
    }
    for (size_t i = 0; i < row->claim_count; i++) {
        if (!take_in_claim(index, &row->claims[i])) {
            return false;
        }
    }
    withdraw_missing(index, person, row);
    for (size_t i = 0; i < row->source_count; i++) {
        const struct store_source *source = &row->sources[i];
        if (!index_heard_elsewhere(index, source->client, source->heard_ms) ||
            !take_in_source(index, source) ||
            !index_heard_elsewhere(index, source->client, source->heard_ms)) {
            return false;
        }
    }
    person->version = row->version;
    return true;
}
