// SPDX-License-Identifier: Apache-2.0

#include "bench/million.h"

#include "bench/agenda.h"
#include "bench/workload.h"
#include "broker/store/store_pg_meeting.h"
#include "proto/arena.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MEETINGS = 250000,
    MEETINGS_QUICK = 25000,
    ROUNDS = 5,
    ROUNDS_QUICK = 3,
    VENDORS = 20,
    PEOPLE_FROM = 100, /* the number of the first one */
    SLOT_MINUTES = 30,
    SLOTS_A_DAY = 10,
    DAYS_AHEAD = 7,
    ROW_BYTES = 64 * 1024,
    ARENA = 1 << 20,
};

/* What is the same of all meetings, and how they are written. */
struct writer {
    struct million *million;
    struct store store; /* for its seal alone */
    struct entente_meeting *meeting;
    char path[8]; /* to CONFIRMED, in hexadecimal */
    minute_t first_day;
    struct workload_random random; /* of the ids */
    struct arena arena;
};

/* ---- the first meeting -------------------------------------------------------------
 */

/* Its id as text. */
static void negotiate(struct million *million, uint64_t seed, char ret_id[64])
{
    static struct entente_range ranges[WORKLOAD_RANGES_MAX];
    struct entente_settings settings = {0};
    minute_t monday = workload_monday();
    const struct entente_span window = {monday,
                                        monday + WORKLOAD_DAYS * MINUTES_PER_DAY};
    struct entente_client *client = stand_connect(&million->stand, 0, &settings);
    for (uint32_t person = 0; person < MILLION_PARTIES; person++) {
        struct workload_random random = workload_stream(seed, 0);
        const struct agenda_ranges agenda = {
            ranges, workload_office_ranges(&random, monday, ranges)};
        agenda_publish(client, person, &window, &agenda);
    }
    struct agenda_meeting meeting = agenda_propose(client, 0, MILLION_PARTIES, &window);
    for (uint32_t person = 0; person < MILLION_PARTIES; person++) {
        meeting = agenda_accept(client, person, &meeting);
    }
    if (meeting.state != ENTENTE_CONFIRMED) {
        report_die("the first meeting is not confirmed");
    }
    bulk_ask(million->connection, "SELECT id FROM meeting", ret_id);
    entente_client_destroy(client);
}

static void read_first(struct writer *writer, const char *id)
{
    const char *values[] = {id};
    PGresult *rows =
        PQexecParams(writer->million->connection,
                     "SELECT id, body, sealed FROM meeting WHERE id = $1::text::uuid",
                     1, NULL, values, NULL, NULL, 1);
    static struct arena lasting;
    arena_init(&lasting, ARENA);
    if (PQntuples(rows) != 1 || pg_meeting_read(&writer->store, rows, 0, 0, &lasting,
                                                &writer->meeting) != STATUS_OK) {
        report_die("the first meeting cannot be read");
    }
    PQclear(rows);
}

/* ---- the others --------------------------------------------------------------------
 */

/* Meeting @number: of the group of four whose turn it is, at the next slot of theirs. */
static void make_meeting(struct writer *writer, uint32_t number, uint8_t id[16],
                         char values[MILLION_PARTIES][24])
{
    struct entente_meeting *meeting = writer->meeting;
    uint32_t groups = writer->million->people / MILLION_PARTIES;
    uint32_t first = number % groups * MILLION_PARTIES;
    uint32_t slot = number / groups;
    minute_t start = writer->first_day +
                     (minute_t)(slot / SLOTS_A_DAY) * MINUTES_PER_DAY +
                     (minute_t)(slot % SLOTS_A_DAY) * SLOT_MINUTES;
    for (size_t i = 9; i < 16; i++) {
        id[i] = (uint8_t)workload_below(&writer->random, 256);
    }
    meeting->id = (struct entente_bytes){.data = id, .size = 16};
    *meeting->confirmed = (struct entente_span){start, start + SLOT_MINUTES};
    meeting->kept->firm_start = start;
    meeting->kept->firm_end = start + SLOT_MINUTES;
    for (uint32_t i = 0; i < MILLION_PARTIES; i++) {
        *meeting->spec->parties[i].identifier =
            stand_person(PEOPLE_FROM + first + i, values[i]);
        meeting->kept->people[i] = (int64_t)first + i + 1;
    }
}

static void put_meeting(struct writer *writer)
{
    static char text[ROW_BYTES];
    const struct entente_meeting *meeting = writer->meeting;
    const int64_t *people = meeting->kept->people;
    struct entente_bytes body;
    struct entente_bytes sealed;
    arena_reset(&writer->arena);
    if (pg_meeting_encode(&writer->store, meeting, &writer->arena, &body, &sealed) !=
            STATUS_OK ||
        2 * (body.size + sealed.size) + 512 > sizeof(text)) {
        report_die("a meeting cannot be encoded");
    }
    size_t used = 0;
    for (size_t i = 0; i < 16; i++) {
        used += (size_t)snprintf(text + used, 3, "%02x", meeting->id.data[i]);
    }
    used += (size_t)snprintf(text + used, 512,
                             "\t%" PRIu32 "\t%d\t{%" PRId64 ",%" PRId64 ",%" PRId64
                             ",%" PRId64 "}\t%" PRId64 "\t[%d,%d)\tnow\tnow\t\\\\x%s\t",
                             meeting->version, ENTENTE_CONFIRMED, people[0], people[1],
                             people[2], people[3], writer->million->client,
                             meeting->kept->firm_start, meeting->kept->firm_end,
                             writer->path);
    char *at = text + used;
    at = bulk_hexadecimal(at, body.data, body.size);
    *at++ = '\t';
    at = bulk_hexadecimal(at, sealed.data, sealed.size);
    *at++ = '\n';
    bulk_put(writer->million->connection, text, (size_t)(at - text));
}

static void put_meetings(struct writer *writer)
{
    PGconn *connection = writer->million->connection;
    uint8_t id[16] = {0x01, 0x93, 0, 0, 0, 0, 0x70, 0, 0x80};
    char values[MILLION_PARTIES][24];
    bulk_begin_copy(
        connection,
        "COPY meeting (id, version, state, people, organizer, firm, created,"
        " updated, path, body, sealed) FROM STDIN");
    for (uint32_t i = 0; i < writer->million->meetings; i++) {
        make_meeting(writer, i, id, values);
        put_meeting(writer);
    }
    bulk_end_copy(connection);
}

/* Events in the order of a life's steps: all meetings' first ones, then the second. */
static void put_events(const struct million *million)
{
    bulk_run(million->connection,
             "DELETE FROM outbox WHERE recipient = %" PRId64 ";"
             "INSERT INTO outbox (recipient, seq, meeting, version, at)"
             " SELECT %" PRId64 ", row_number() OVER (ORDER BY n, id), id, n, now()"
             "   FROM meeting, generate_series(1, %d) n WHERE people[1] <= %" PRIu32 ";"
             "UPDATE recipient SET last_seq = %" PRIu32
             ", acked_seq = 0 WHERE client = %" PRId64,
             million->client, million->client, MILLION_EVENTS_EACH, million->people,
             million->events, million->client);
}

static void fill(struct million *million, const char *first)
{
    struct writer writer = {.million = million, .random = workload_stream(1, 0)};
    char path[256];
    const char *message = NULL;
    snprintf(path, sizeof(path), "%s/seal.key", million->stand.folder);
    if (seal_open(path, &writer.store.seal, &message) != STATUS_OK) {
        report_die("%s: %s", path, message);
    }
    arena_init(&writer.arena, ARENA);
    char text[64];
    bulk_ask(million->connection,
             "SELECT lpad(to_hex(a.event::int4), 2, '0') || "
             "lpad(to_hex(b.event::int4), 2, '0')"
             "  FROM transition a JOIN transition b ON b.from_state = a.to_state"
             " WHERE a.from_state = 0 AND b.to_state = 3"
             "   AND NOT a.refuses AND NOT b.refuses LIMIT 1",
             text);
    snprintf(writer.path, sizeof(writer.path), "%.4s", text);
    writer.first_day = workload_monday() + DAYS_AHEAD * MINUTES_PER_DAY + 8 * 60;
    read_first(&writer, first);
    bulk_add_people(million->connection, VENDORS, PEOPLE_FROM, million->people);
    put_meetings(&writer);
    bulk_run(
        million->connection,
        "INSERT INTO claim (person, meeting, during)"
        " SELECT unnest(people), id, firm FROM meeting WHERE people[1] <= %" PRIu32,
        million->people);
    put_events(million);
    bulk_run(million->connection, "VACUUM ANALYZE");
    bulk_run(million->connection, "CHECKPOINT");
    seal_close(writer.store.seal);
    arena_finish(&writer.arena);
}

void million_create(struct million *million, const struct report *report)
{
    char id[64];
    char client[64];
    *million = (struct million){
        .meetings = report->quick ? MEETINGS_QUICK : MEETINGS,
        .rounds = report->quick ? ROUNDS_QUICK : ROUNDS,
    };
    million->claims = million->meetings * MILLION_PARTIES;
    million->people = million->claims / MILLION_CLAIMS_EACH;
    million->events = million->meetings * MILLION_EVENTS_EACH;
    stand_create(&million->stand);
    stand_start_broker(&million->stand);
    stand_add_client(&million->stand, 0, MILLION_PARTIES);
    million->connection = bulk_connect(&million->stand);
    negotiate(million, report->seed, id);
    stand_stop_broker(&million->stand);
    bulk_ask(million->connection, "SELECT id FROM client", client);
    million->client = strtoll(client, NULL, 10);
    double began = report_now();
    fill(million, id);
    report_note(
        "%" PRIu32 " claims of %" PRIu32 " people, %" PRIu32 " events: made in %.0f s",
        million->claims, million->people, million->events, report_now() - began);
}

void million_destroy(struct million *million)
{
    PQfinish(million->connection);
    stand_destroy(&million->stand);
}
