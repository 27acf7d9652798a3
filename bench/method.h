// SPDX-License-Identifier: Apache-2.0

/*
 * method.h - one way to answer the questions that `./run bench matcher` asks
 *
 * A cell is a population and requests about it; a method is opened on a cell and then asked
 * request by request.  All methods must find the same windows.
 *
 * Units       UTC minutes.  A window is a run of starts as in common.h, KIND_CELL minutes
 *             apart.
 *
 * Ownership   A cell borrows its population and outlives the methods opened on it.
 */
#ifndef BENCH_METHOD_H
#define BENCH_METHOD_H

#include "bench/workload_kinds.h"
#include "matcher/common.h"
#include "matcher/kernel.h"

#include <stdbool.h>

enum {
    BENCH_PEOPLE = 256, /* of a hot cell */
    BENCH_PARTIES_MAX = 64,
    BENCH_REQUESTS = 240,
    BENCH_WINDOWS_MAX = KIND_DAYS_MAX * KIND_RANGES_DAY,
};

struct bench_person {
    struct match_span *spans; /* free time */
    size_t count;
    struct match_range *ranges;
    struct match_source source; /* the same as the matcher takes it */
    struct match_record *record;
};

struct bench_people {
    const struct workload_kind *kind;
    uint32_t days;
    uint32_t serial; /* no other population of this program has it */
    size_t count;
    struct bench_person *person;
    double ranges; /* of a person, on average */
    size_t record_bytes;
};

struct bench_cell {
    const struct bench_people *people;
    uint32_t parties;
    uint32_t
        needed; /* parties: everybody; fewer: the same so many for the whole slot */
    uint32_t wanted; /* 0: all windows; otherwise the best starts, one window each */
    int32_t duration;
    size_t request_count;
    uint16_t request[BENCH_REQUESTS][BENCH_PARTIES_MAX]; /* different people each */
    minute_t target[BENCH_REQUESTS];                     /* for the best starts */
};

struct method {
    const char *name;         /* as in the column `method` */
    const char *isa;          /* of ours: the name of the kernel; otherwise "-" */
    enum match_kernel kernel; /* forced before this method is asked */
    bool
        ranks; /* finds the best starts by itself; rank_windows() does it for the rest */

    /* NULL: this method has no answer for such a cell. */
    void *(*open)(const struct bench_cell *cell);

    /* Returns how many windows there are; @ret_windows has room for BENCH_WINDOWS_MAX. */
    size_t (*answer)(void *state, size_t request, struct match_run *ret_windows);

    /* Not NULL: takes the time of requests [first, first + count) itself, in seconds.
     * Such a method is left out where the best starts are wanted. */
    double (*time)(void *state, size_t first, size_t count);

    void (*close)(void *state);
};

/* Make @count people and compile their records, which lie side by side. */
void population_init(struct bench_people *people, const struct workload_kind *kind,
                     uint64_t seed, uint32_t days, size_t count);
void population_finish(struct bench_people *people);

/* Requests of @parties different people each. */
void cell_init(struct bench_cell *cell, const struct bench_people *people,
               uint64_t seed, uint32_t parties, uint32_t needed);

/* @spans of free time as one source publishes them, preferences included; @ranges has
 * room for them. */
struct match_source bench_source(const struct match_span *spans, size_t count,
                                 uint32_t days, struct match_range *ranges);

/* The record of @source, in memory of its own. */
struct match_record *bench_record(const struct match_source *source, unsigned shape);

/* Memory that is there, or the end of the program. */
void *bench_memory(size_t size);

/* The same in huge pages where the system gives them; never returned. */
void *bench_huge(size_t size);

/* Lines of day words that a request reads before no day of [day, day + days) is left. */
size_t bench_lines(const struct bench_cell *cell, size_t request, uint32_t day,
                   uint32_t days);

/* Preference of a free range, from when it begins: mornings are liked, evenings are not. */
enum match_preference bench_preference(minute_t start);

/*
 * The best of the starts in @windows, as slot.h orders them, into @ret_windows (room for
 * cell->wanted; may be @windows), one window each; returns how many.
 */
size_t rank_windows(const struct bench_cell *cell, size_t request,
                    const struct match_run *windows, size_t count,
                    struct match_run *ret_windows);

/* The peers.  method_merge is the one that others are checked against. */
extern const struct method method_merge;
extern const struct method method_naive;
extern const struct method method_icl;
extern const struct method method_roaring;
extern const struct method method_pg_server;
extern const struct method method_pg_query;

/* Ours with each kernel that runs here, the fastest first; ends with one without name. */
enum { METHODS_OURS_MAX = 6 };
extern struct method methods_ours[METHODS_OURS_MAX]; /* all windows, or a quorum */
extern struct method methods_ours_search[METHODS_OURS_MAX]; /* the best starts */
void methods_ours_init(void);

#endif
