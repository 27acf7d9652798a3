// SPDX-License-Identifier: Apache-2.0

/*
 * bench_people.c - who of 100,000 people is free, and what it costs to keep track of it
 *
 * Office calendars of the next 14 days.  Every question is another slot; people and slots
 * are the same for the same seed.  The set, the list and the counts are checked against
 * each other and, for some people, against their agendas.
 */
#include "bench/report.h"
#include "bench/workload.h"
#include "matcher/people.h"
#include "matcher/record.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    BLOCKS = 25,
    PEOPLE = BLOCKS * PEOPLE_BLOCK, /* 102,400 */
    ASKED = 100000,
    SLOTS = 401,
    STARTS = 132,
    SPARE = 4096, /* other calendars that people may get */
};

struct agenda {
    struct match_record *record;
    struct match_span claim;
    size_t claim_count;
};

struct world {
    struct people people;
    struct people_agendas agendas;
    struct agenda *all;
    minute_t monday;
    struct workload_random random;
    uint64_t *within;
    uint64_t *set;
    uint32_t *ids;
    uint32_t *some;

    /* Where records are built, and where they come to lie. */
    void *workspace;
    size_t workspace_size;
    struct match_record *record;
    size_t record_size;
    char *next;
    size_t left;
};

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        report_die("no memory left");
    }
    return memory;
}

static bool person_of(const struct agenda *agenda, struct match_person *ret)
{
    *ret = (struct match_person){
        .claims = &agenda->claim,
        .claim_count = agenda->claim_count,
        .record = agenda->record,
    };
    return agenda->record != NULL;
}

static bool look_up(void *context, uint32_t who, struct match_person *ret_person)
{
    struct world *world = context;
    return person_of(&world->all[who], ret_person);
}

/* Side by side, as an index has them. */
static struct match_record *place(struct world *world, const void *record, size_t size)
{
    if (size > world->left) {
        world->left = (size_t)64 << 20;
        world->next = aligned_alloc(PEOPLE_BLOCK_SIZE, world->left);
        if (world->next == NULL) {
            report_die("no memory left");
        }
        madvise(world->next, world->left, MADV_HUGEPAGE);
    }
    void *here = memcpy(world->next, record, size);
    world->next += size;
    world->left -= size;
    return here;
}

static void draw(struct world *world, uint64_t seed, uint32_t who)
{
    static struct match_span spans[WORKLOAD_RANGES_MAX];
    static struct match_range ranges[WORKLOAD_RANGES_MAX];
    struct workload_random random = workload_stream(seed, who);
    size_t count = workload_office(&random, world->monday, spans);

    for (size_t i = 0; i < count; i++) {
        ranges[i] = (struct match_range){.start = spans[i].start,
                                         .end = spans[i].end,
                                         .kind = MATCH_FREE,
                                         .certainty = MATCH_DECLARED};
    }
    struct match_source source = {
        .coverage = {world->monday, world->monday + WORKLOAD_DAYS * MINUTES_PER_DAY},
        .ranges = ranges,
        .range_count = count,
    };
    size_t workspace = record_workspace_size(&source, 1);
    size_t size = record_bound(&source, 1, RECORD_FOR_INDEX);
    if (workspace > world->workspace_size || size > world->record_size) {
        world->workspace_size = workspace * 2;
        world->record_size = size * 2 / RECORD_ALIGN * RECORD_ALIGN;
        free(world->workspace);
        free(world->record);
        world->workspace = room(1, world->workspace_size);
        world->record = aligned_alloc(RECORD_ALIGN, world->record_size);
    }
    if (record_build(&source, 1, RECORD_FOR_INDEX, world->workspace,
                     world->workspace_size, world->record, size) != MATCH_OK) {
        report_die("a record could not be built");
    }
    world->all[who].record = place(world, world->record, record_size(world->record));
}

static void build(struct world *world, uint64_t seed)
{
    struct match_person person;

    *world = (struct world){.monday = workload_monday()};
    world->random = workload_stream(seed, UINT32_MAX);
    world->all = room(PEOPLE + SPARE, sizeof(*world->all));
    world->within = room(PEOPLE / 64, sizeof(*world->within));
    world->set = room((size_t)STARTS * PEOPLE / 64, sizeof(*world->set));
    world->ids = room(PEOPLE, sizeof(*world->ids));
    world->some = room(PEOPLE, sizeof(*world->some));
    world->agendas = (struct people_agendas){.person = look_up, .context = world};
    people_init(&world->people, world->monday / MINUTES_PER_DAY);
    for (size_t i = 0; i < BLOCKS; i++) {
        void *memory = aligned_alloc(PEOPLE_BLOCK_SIZE, PEOPLE_BLOCK_SIZE);
        if (memory == NULL) {
            report_die("no memory left");
        }
        madvise(memory, PEOPLE_BLOCK_SIZE, MADV_HUGEPAGE);
        people_grow(&world->people, memory);
    }
    for (uint32_t who = 0; who < PEOPLE + SPARE; who++) {
        draw(world, seed, who);
    }
    for (uint32_t who = 0; who < ASKED; who++) {
        person_of(&world->all[who], &person);
        people_replace(&world->people, who, NULL, &person);
        world->within[who / 64] |= 1ULL << who % 64;
    }
}

static minute_t random_slot(struct world *world, int32_t unit)
{
    minute_t day = (minute_t)workload_below(&world->random, 12) * MINUTES_PER_DAY;
    return world->monday + day + 8 * 60 +
           unit * (minute_t)workload_below(&world->random, (uint32_t)(600 / unit));
}

static size_t ask_set(struct world *world, const struct people_question *question,
                      minute_t start)
{
    people_find(&world->people, &world->agendas, question, start, world->within,
                world->set, NULL);
    return 0;
}

static size_t ask_count(struct world *world, const struct people_question *question,
                        minute_t start)
{
    size_t count = 0;
    people_find(&world->people, &world->agendas, question, start, world->within, NULL,
                &count);
    return count;
}

static size_t ask_ids(struct world *world, const struct people_question *question,
                      minute_t start)
{
    struct people_page page = {.ids = world->ids, .capacity = PEOPLE};
    people_list(&world->people, &world->agendas, question, start, world->within, &page);
    return page.count;
}

static size_t among;

static size_t ask_among(struct world *world, const struct people_question *question,
                        minute_t start)
{
    size_t count = among;
    people_among(&world->people, &world->agendas, question, start, world->some,
                 world->ids, &count);
    return count;
}

static size_t ask_starts(struct world *world, const struct people_question *question,
                         minute_t start)
{
    static uint32_t counts[STARTS];
    struct people_grid grid = {start - start % MINUTES_PER_DAY + 8 * 60, 5, STARTS};
    people_starts(&world->people, &world->agendas, question, &grid, world->within,
                  counts, NULL);
    return counts[0];
}

typedef size_t asker(struct world *world, const struct people_question *question,
                     minute_t start);

static void measure(struct world *world, struct report *report, const char *what,
                    asker *ask, const struct people_question *question, int32_t unit)
{
    struct figure figure = {0};
    size_t slots = report->quick ? SLOTS / 8 : SLOTS;
    double found = 0;

    for (size_t i = 0; i < slots; i++) {
        minute_t start = random_slot(world, unit);
        double began = report_now();
        found += (double)ask(world, question, start);
        figure_add(&figure, (report_now() - began) * 1e6);
    }
    report_line(report, what, "us", &figure, NULL, NULL);
    if (found > 0) {
        report_note("%.0f on average", found / (double)slots);
    }
    figure_free(&figure);
}

/* One person has another calendar from now on; then has their own again.  The rows of
 * many people at once are changed without a pause if @is_burst. */
static void measure_replace(struct world *world, struct report *report,
                            const char *what, bool is_shifted, bool is_burst)
{
    struct figure figure = {0};
    struct figure later = {0};

    for (uint32_t i = 0; i < (report->quick ? 400U : 4000U); i++) {
        uint32_t who = workload_below(&world->random, ASKED);
        struct match_person before;
        struct match_person after;
        struct agenda other = world->all[PEOPLE + i % SPARE];
        if (is_shifted) {
            other = world->all[who];
            other.claim_count = 1;
            other.claim = (struct match_span){random_slot(world, 15), 0};
            other.claim.end = other.claim.start + 30;
        }
        person_of(&world->all[who], &before);
        person_of(&other, &after);
        double began = report_now();
        people_replace(&world->people, who, &before, &after);
        figure_add(&figure, (report_now() - began) * 1e6);
        if (is_burst) {
            world->all[who].record = other.record;
            continue;
        }
        began = report_now();
        people_fill(&world->people, &world->agendas);
        figure_add(&later, (report_now() - began) * 1e6);
        people_replace(&world->people, who, &after, &before);
        people_fill(&world->people, &world->agendas);
    }
    report_line(report, what, "us", &figure, NULL, NULL);
    if (!is_burst && !is_shifted) {
        report_line(report, "  and entered later", "us", &later, NULL, NULL);
    }
    figure_free(&figure);
    figure_free(&later);
}

static void measure_touch(struct world *world, struct report *report)
{
    struct figure figure = {0};

    for (uint32_t i = 0; i < (report->quick ? 400U : 4000U); i++) {
        uint32_t who = workload_below(&world->random, ASKED);
        struct agenda *agenda = &world->all[who];
        struct match_person person;
        agenda->claim.start = random_slot(world, 15);
        agenda->claim.end = agenda->claim.start + 30;
        agenda->claim_count = 1;
        person_of(agenda, &person);
        double began = report_now();
        people_touch(&world->people, who, &person, agenda->claim.start,
                     agenda->claim.end);
        figure_add(&figure, (report_now() - began) * 1e6);
        agenda->claim_count = 0;
        person.claim_count = 0;
        people_touch(&world->people, who, &person, agenda->claim.start,
                     agenda->claim.end);
    }
    report_line(report, "one appointment", "us", &figure, NULL, NULL);
    figure_free(&figure);
}

static void measure_fill(struct world *world, struct report *report)
{
    struct figure figure = {0};
    bool more = true;

    people_roll(&world->people, world->people.today + 1);
    while (more) {
        double began = report_now();
        more = people_fill(&world->people, &world->agendas);
        if (more) {
            figure_add(&figure, (report_now() - began) * 1e6);
        }
    }
    report_line(report, "a new day, for 512 people", "us", &figure, NULL, NULL);
    figure_free(&figure);
}

int main(int argc, char **argv)
{
    static struct world world;
    struct report report;
    const struct people_question plain = {.duration = 30};
    const struct people_question filtered = {
        .duration = 30, .certainties = 1U << MATCH_DECLARED, .buffer_before = 5};

    report_open(&report, argc, argv);
    build(&world, report.seed);
    measure(&world, &report, "half an hour, as a set", ask_set, &plain, 5);
    measure(&world, &report, "half an hour, counted", ask_count, &plain, 5);
    measure(&world, &report, "half an hour, as numbers", ask_ids, &plain, 5);
    measure(&world, &report, "half an hour, any minute", ask_ids, &plain, 1);
    measure(&world, &report, "with buffers and certainty", ask_ids, &filtered, 5);
    for (among = 100; among <= ASKED; among *= 10) {
        char what[40];
        for (size_t i = 0; i < among; i++) {
            world.some[i] = (uint32_t)(i * (ASKED / among));
        }
        snprintf(what, sizeof(what), "%zu numbers asked for", among);
        measure(&world, &report, what, ask_among, &plain, 5);
    }
    measure(&world, &report, "132 starts of a day, counted", ask_starts, &plain, 5);
    measure_replace(&world, &report, "a whole span: one appointment more", true, false);
    measure_replace(&world, &report, "a whole span: another calendar", false, false);
    measure_replace(&world, &report, "  in a burst", false, true);
    while (people_fill(&world.people, &world.agendas)) {
    }
    measure_touch(&world, &report);
    measure_fill(&world, &report);
    report_close(&report);
    return 0;
}
