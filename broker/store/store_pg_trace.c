// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_trace.c - what a batch leaves behind: a link of the audit chain, feed rows
 *
 * Each origin of the feed is written by one connection, one transaction at a time, so
 * that its numbers become visible in their order.  The writer's origin is the broker's
 * id, the publisher's is the same number negated.
 */
#include "broker/store/store_pg_write.h"

#include <string.h>

static const struct pg_statement audit_add = {
    "audit_add", "INSERT INTO audit (broker, seq, at, prev, hash, body)"
                 " VALUES ($1, $2, $3, $4, $5, $6)"};

static const struct pg_statement feed_add = {
    "feed_add",
    "INSERT INTO feed (origin, seq, kind, person, client, version, at)"
    " SELECT $1::int8,"
    "        (SELECT coalesce(max(seq), 0) FROM feed WHERE origin = $1::int8)"
    "          + row_number() OVER (),"
    "        t.kind, nullif(t.person, 0),"
    "        nullif(t.client, 0), coalesce(p.version, t.version),"
    "        coalesce($6::timestamptz, " PG_NOW ")"
    "   FROM (SELECT DISTINCT *"
    "           FROM unnest($2::int4[], $3::int8[], $4::int8[], $5::int8[]))"
    "        AS t (kind, person, client, version)"
    "   LEFT JOIN person p ON p.id = t.person"};

const struct pg_statement *const pg_write_trace_statements[] = {&audit_add, &feed_add,
                                                                NULL};
const struct pg_statement *const pg_publish_feed_statements[] = {&feed_add, NULL};

static void put_64(uint8_t *at, int64_t value)
{
    for (int i = 0; i < 8; i++) {
        at[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
    }
}

enum status pg_write_audit(struct store *store, struct pg_link *link,
                           const struct store_changes *changes,
                           uint8_t ret_hash[SEAL_HASH_SIZE])
{
    if (changes->audit.size == 0) {
        return STATUS_OK;
    }
    uint8_t numbers[16];
    put_64(numbers, store->broker);
    put_64(numbers + 8, store->audit_seq + 1);
    const struct seal_piece pieces[] = {
        {store->audit_hash, sizeof(store->audit_hash)},
        {numbers, sizeof(numbers)},
        {changes->audit.data, changes->audit.size},
    };
    uint8_t hash[SEAL_HASH_SIZE];
    enum status status = seal_hash(pieces, sizeof(pieces) / sizeof(pieces[0]), hash);
    if (status != STATUS_OK) {
        return status;
    }

    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, store->broker);
    pg_args_int8(&args, store->audit_seq + 1);
    pg_args_time(&args, changes->now_ms);
    pg_args_bytes(&args, store->audit_hash, sizeof(store->audit_hash));
    pg_args_bytes(&args, hash, sizeof(hash));
    pg_args_bytes(&args, changes->audit.data, changes->audit.size);
    pg_link_send(link, &audit_add, &args);
    memcpy(ret_hash, hash, sizeof(hash));
    return STATUS_OK;
}

/* ---- feed --------------------------------------------------------------------------
 */

struct feed {
    struct pg_array kinds;
    struct pg_array people;
    struct pg_array clients;
    struct pg_array versions;
};

static void feed_put(struct feed *feed, enum store_change_kind kind, int64_t person,
                     int64_t client, int64_t version)
{
    pg_array_int4(&feed->kinds, (int32_t)kind);
    pg_array_int8(&feed->people, person);
    pg_array_int8(&feed->clients, client);
    pg_array_int8(&feed->versions, version);
}

static void feed_begin(struct feed *feed, struct pg_args *args, size_t count)
{
    feed->kinds = pg_array_begin(args, PG_INT4, count);
    feed->people = pg_array_begin(args, PG_INT8, count);
    feed->clients = pg_array_begin(args, PG_INT8, count);
    feed->versions = pg_array_begin(args, PG_INT8, count);
}

static void feed_send(struct feed *feed, struct pg_link *link, struct pg_args *args,
                      int64_t now_ms)
{
    pg_array_end(&feed->kinds);
    pg_array_end(&feed->people);
    pg_array_end(&feed->clients);
    pg_array_end(&feed->versions);
    if (now_ms != 0) {
        pg_args_time(args, now_ms);
    } else {
        pg_args_text(args, NULL);
    }
    pg_link_send(link, &feed_add, args);
}

void pg_write_feed(struct store *store, struct pg_link *link,
                   const struct store_changes *changes)
{
    size_t removed = changes->claims_removed_count;
    size_t claims = removed + changes->claims_added_count;
    size_t count = claims + changes->outbox_count;
    if (count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, store->broker);
    struct feed feed;
    feed_begin(&feed, &args, count);
    for (size_t i = 0; i < claims; i++) {
        int64_t person = i < removed ? changes->claims_removed[i].person
                                     : changes->claims_added[i - removed].person;
        feed_put(&feed, STORE_CLAIMS, person, 0, 0);
    }
    for (size_t i = 0; i < changes->outbox_count; i++) {
        feed_put(&feed, STORE_RECIPIENT, 0, changes->outbox[i].client, 0);
    }
    feed_send(&feed, link, &args, changes->now_ms);
}

void pg_publish_feed(struct store *store, struct pg_link *link,
                     const struct store_publication *publications, size_t count)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, -store->broker);
    struct feed feed;
    feed_begin(&feed, &args, count);
    for (size_t i = 0; i < count; i++) {
        feed_put(&feed, STORE_AVAILABILITY, publications[i].person, 0, 0);
    }
    feed_send(&feed, link, &args, 0);
}

void pg_lapse_feed(struct store *store, struct pg_link *link, const int64_t *people,
                   size_t count)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, -store->broker);
    struct feed feed;
    feed_begin(&feed, &args, count);
    for (size_t i = 0; i < count; i++) {
        feed_put(&feed, STORE_AVAILABILITY, people[i], 0, 0);
    }
    feed_send(&feed, link, &args, 0);
}

void pg_hello_feed(struct store *store, struct pg_link *link, int64_t client,
                   int64_t request_epoch)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, -store->broker);
    struct feed feed;
    feed_begin(&feed, &args, 1);
    feed_put(&feed, STORE_HELLO, 0, client, request_epoch);
    feed_send(&feed, link, &args, 0);
}
