// SPDX-License-Identifier: Apache-2.0

/*
 * index.h - everybody's time in memory, as the database has it
 *
 * A cache: rebuilt at start, changed only by what has been committed and, inside one
 * batch, by what is about to be (undone when the batch fails).  Each person carries the
 * version of its row, so that a batch can see under the row's lock whether the entry is
 * older than the database.
 *
 * Shape       What one agenda says is one record (matcher/record.h), and so is what all
 *             agendas of a person say together: the same one where there is only one
 *             agenda.  What a record cannot hold lies beside it: ranges that stand for a
 *             meeting of ours, that may be interrupted, or that are for some audience
 *             only.  A publication builds new records and puts pointers to them in place
 *             of the old ones; those live on while somebody pins them (shelf.h).
 *
 *             Nothing has to happen at midnight.  Days that are over leave with the next
 *             publication; the rows (index_rows.h) get their new day bit by bit.  When a lease runs out nothing is rebuilt: whoever asks sees
 *             that the lease is over.
 *
 * Units       minutes (UTC) for time, milliseconds for _ms.
 *
 * Ownership   The index owns all it holds; what it is given is copied.
 *
 * Threads     One index, one thread.
 *
 * Failure     Functions that return bool answer false only when memory is used up; the
 *             index is then as it was.
 */
#ifndef BROKER_INDEX_H
#define BROKER_INDEX_H

#include "broker/must_check.h"
#include "broker/shelf.h"
#include "matcher/record.h"
#include "proto/arena.h"
#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index;

enum { INDEX_BLIND_SIZE = 32 };

struct index_source {
    int64_t source;
    int64_t client;
    int64_t person;
    const char *key;
    const char *name; /* of the person, as this agenda shows it; may be NULL */
    uint64_t epoch;
    uint64_t sequence;
    struct match_span coverage;
    int64_t as_of_ms;
    int64_t renewed_ms; /* the lease runs from here; 0: nobody ever was heard */
    uint32_t lease_seconds;
    int32_t notice; /* minutes that it does not offer */
    int32_t daily_cap;
    bool lapse_noted;
    bool tacit;       /* its owner accepts by silence where that is asked for */
    bool offers_else; /* some of what it offers is not for meetings */
    struct index_source *beside; /* the next agenda of the same person */

    /* What it says, less what is special; without a record (there are too many changes
     * for one) in ranges. */
    const struct match_record *record;
    const struct match_range *ranges;
    const struct entente_range *special;
    const struct match_range *special_time; /* the same for the matcher */
    uint32_t range_count;
    uint32_t special_count;
};

/* Of one meeting on one person: all the slots that are held together, and the firm one. */
enum { INDEX_CLAIMS_MAX = 9 };

/* A range of a person's time that a meeting takes, and where. */
struct index_hold {
    struct match_span span;
    uint16_t place; /* 0: nowhere that is known */
};

struct index_claim {
    uint8_t meeting[16];
    struct index_hold hold;
};

struct index_person {
    int64_t person;
    int64_t version;
    uint32_t kind; /* enum entente_party_kind */
    uint32_t source_count;
    struct index_source *sources;      /* one beside the other; NULL: none */
    const struct match_record *record; /* what all of them say, leases aside; NULL: they
                                          have to be looked at one by one */
    struct index_claim *claims;        /* by rising start */
    uint32_t claim_count;
};

struct index *index_create(void);
void index_destroy(struct index *index); /* NULL is fine */

/* ---- people ------------------------------------------------------------------------
 */

/* Make a person known.  Either @system and @value are given or @blind.  Known already:
 * nothing happens. */
MUST_CHECK bool index_add_person(struct index *index, int64_t person, uint32_t kind,
                                 const char *system, const char *value,
                                 const uint8_t *blind);

/* NULL when not known. */
struct index_person *index_person(const struct index *index, int64_t person);
struct index_person *index_find(const struct index *index, const char *system,
                                const char *value);
struct index_person *index_find_blind(const struct index *index, const uint8_t *blind);

/* The identifier of @person, which lives as long as the index; false for a patient, of
 * whom only a blind index is known. */
bool index_identifier(const struct index_person *person,
                      struct entente_identifier *ret_identifier);

size_t index_people(const struct index *index);
size_t index_sources(const struct index *index);

/* Bytes held for people, identifiers, sources, records, claims and rows. */
size_t index_bytes(const struct index *index);

/* ---- sources -----------------------------------------------------------------------
 */

/* What a client says of one agenda; replaces what is known under (client, key). */
struct index_publication {
    int64_t source;
    int64_t client;
    int64_t person;
    const char *key;
    const char *name;
    uint64_t epoch;
    uint64_t sequence;
    struct match_span coverage;
    int64_t as_of_ms;
    uint32_t lease_seconds;
    int32_t notice; /* minutes, and claims a day; 0: none */
    int32_t daily_cap;
    bool tacit;
    int64_t renewed_ms; /* now, when the client has just said it; 0: read from the
                           database, the lease runs on as before */
    const struct entente_range *ranges;
    size_t range_count;
};

MUST_CHECK bool index_publish(struct index *index,
                              const struct index_publication *publication);
void index_withdraw(struct index *index, int64_t client, const char *key);

/* NULL when not known. */
const struct index_source *index_source(const struct index *index, int64_t client,
                                        const char *key);

/* The sources of @client, one after the other: begin with *cursor = 0; NULL at the end.
 */
const struct index_source *index_next_source(const struct index *index, int64_t client,
                                             size_t *cursor);

/* Two struct entente_range: the earlier start first, then the earlier end.  For qsort(). */
int index_compare_ranges(const void *a, const void *b);

/*
 * What the client said of its source, sorted, into @arena: ranges that say the same as
 * those that it published, less the days that were over then.  Texts live as long as the
 * source.  False when the arena is used up.
 */
MUST_CHECK bool index_source_ranges(const struct index *index,
                                    const struct index_source *source,
                                    struct arena *arena,
                                    struct entente_range **ret_ranges,
                                    size_t *ret_count);

/* The same for the matcher: what counts for @meeting (16 bytes; NULL: for anybody), whose
 * own echo is not in its way.  @ret has room for index_source_bound() ranges.  *ret_source
 * points at them; its coverage is whole, whatever the lease says. */
size_t index_source_bound(const struct index_source *source);
void index_source_time(const struct index_source *source, const uint8_t *meeting,
                       struct match_range *ret, struct match_source *ret_source);

/* Does the source show an event of @meeting? */
bool index_source_echoes(const struct index_source *source, const uint8_t *meeting);

/* @client was heard of at @now_ms: its leases run from there, but those that have run
 * out.  What such a source said is too old until it is published again. */
MUST_CHECK bool index_heard(struct index *index, int64_t client, int64_t now_ms);

/* The same as the database says it, where another broker hears the client: what has run
 * out there says so itself (a lease of no length), so that a word that comes late does
 * not. */
MUST_CHECK bool index_heard_elsewhere(struct index *index, int64_t client,
                                      int64_t at_ms);

/* The moment at which the source's lease ends; 0 when it never began, or has no length. */
int64_t index_lease_until_ms(const struct index_source *source);

/* That the source's lease has run out has been dealt with: true the first time. */
bool index_note_lapse(struct index *index, const struct index_source *source);

/* ---- places ------------------------------------------------------------------------
 */

/* Places are opaque keys: equal keys are the same place.  Numbers run from 1 to
 * INDEX_PLACES_MAX; 0 when nobody has published a range at a place of this key. */
enum { INDEX_PLACES_MAX = 49151, INDEX_PLACE_ELSEWHERE = 65535 };
uint16_t index_place(const struct index *index, const char *key);

/* The same, but the key is given a number if it has none: INDEX_PLACE_ELSEWHERE when there
 * are too many; 0 for NULL. */
uint16_t index_name_place(struct index *index, const char *key);

/* NULL for a number that no key has. */
const char *index_place_key(const struct index *index, uint16_t place);

/* ---- readers -----------------------------------------------------------------------
 */

/* What records say now stays readable, also by another thread, until it is let go. */
void index_pin(struct index *index, struct shelf_pin *pin);
void index_unpin(struct index *index, struct shelf_pin *pin);

/* ---- rows (index_rows.h) -----------------------------------------------------------
 */

/* Do some of what was put off, some hundred microseconds of it at most, and go on to the
 * day of @now_ms.  False: nothing is left to do. */
bool index_rows_work(struct index *index, int64_t now_ms);

/* ---- busy with something else ------------------------------------------------------
 */

/* Does this agenda say that its person is busy with something that is not ours in a
 * minute of [start, end)? */
bool index_is_busy(const struct index_source *source, int32_t start, int32_t end);

/* The first agenda of @person that is believed at @now_ms and says so, or NULL. */
const struct index_source *index_busy_source(const struct index *index, int64_t person,
                                             int32_t start, int32_t end,
                                             int64_t now_ms);

/* ---- claims ------------------------------------------------------------------------
 */

/* Replace all claims of @meeting on @person by @holds. */
MUST_CHECK bool index_claim(struct index *index, int64_t person, const uint8_t *meeting,
                            const struct index_hold *holds, size_t count);

/* One claim more; nothing is looked for, as where all of them are read. */
MUST_CHECK bool index_add_claim(struct index *index, int64_t person,
                                const uint8_t *meeting, struct index_hold hold);

/* The claims of @meeting on @person, at most @capacity; returns how many they are. */
size_t index_claims(const struct index *index, int64_t person, const uint8_t *meeting,
                    struct index_hold *ret, size_t capacity);

/* Forget claims that ended at or before @minute. */
void index_forget(struct index *index, minute_t minute);

#endif
