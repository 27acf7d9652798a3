// SPDX-License-Identifier: Apache-2.0

/*
 * shown_model.c - the full request model: two options, a pool of twelve, two optional
 * parties, buffers, travel, preferences, claims at places
 */
#include "bench/allocation.h"
#include "bench/shown.h"
#include "matcher/slot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDISPENSABLE = 5,
    OPTIONAL = 2,
    PARTIES = INDISPENSABLE + OPTIONAL + 1,
    POOL = 12,
    CLAIMS = 6,
    HERE = 1,
    THERE = 2,
    AHEAD = 120,
};

struct question {
    struct match_request request;
    struct match_party parties[PARTIES];
    struct match_person members[POOL];
    struct match_span claims[PARTIES][CLAIMS];
};

struct model {
    struct bench_people people;
    struct question question[BENCH_REQUESTS];
    struct match_span window;
    struct match_offset clock;
    void *workspace;
    size_t workspace_size;
    uint16_t chosen[2][MATCH_SLOTS_MAX * POOL];
    struct match_result result[2];
};

static const uint16_t places[CLAIMS] = {HERE, THERE, HERE, 0, THERE, HERE};
static const struct match_option options[] = {{1, HERE}, {2, 0}};
static const struct match_leg legs[] = {{HERE, THERE, 25}, {THERE, HERE, 25}};

static struct match_person person_of(const struct bench_people *people, size_t who,
                                     bool by_record)
{
    struct match_person person = {.id = 1000 + who};
    if (by_record) {
        person.record = people->person[who].record;
    } else {
        person.sources = &people->person[who].source;
        person.source_count = 1;
    }
    return person;
}

/* An hour each, on different days. */
static void make_claims(struct workload_random *random, struct match_span *ret_claims)
{
    for (size_t i = 0; i < CLAIMS; i++) {
        minute_t day = (minute_t)(i * 14 + workload_below(random, 12));
        minute_t start = KIND_MONDAY + day * MINUTES_PER_DAY + 540 +
                         5 * (minute_t)workload_below(random, 84);
        ret_claims[i] = (struct match_span){start, start + 60};
    }
}

static void make_question(struct model *model, struct question *question, size_t number,
                          uint64_t seed)
{
    struct workload_random random = workload_stream(seed, 7000 + number);
    size_t who = workload_below(&random, BENCH_PEOPLE);
    for (size_t i = 0; i < PARTIES; i++) {
        struct match_party *party = &question->parties[i];
        *party = (struct match_party){
            .importance = i < INDISPENSABLE || i == PARTIES - 1 ? MATCH_INDISPENSABLE
                                                                : MATCH_OPTIONAL,
            .id = i + 1,
            .buffer_before = i < 2 ? 10 : 0,
            .buffer_after = i < 2 ? 5 : 0,
        };
        make_claims(&random, question->claims[i]);
        party->person = person_of(&model->people, who++ % BENCH_PEOPLE, true);
        party->person.claims = question->claims[i];
        party->person.claim_places = places;
        party->person.claim_count = CLAIMS;
    }
    struct match_party *pool = &question->parties[PARTIES - 1];
    pool->person = (struct match_person){0};
    pool->members = question->members;
    pool->member_count = POOL;
    pool->needed = 1;
    for (size_t i = 0; i < POOL; i++) {
        question->members[i] = person_of(&model->people, who++ % BENCH_PEOPLE, true);
        question->members[i].load = workload_below(&random, 4);
    }
    question->request = (struct match_request){
        .duration = 30,
        .grid = KIND_CELL,
        .windows = &model->window,
        .window_count = 1,
        .earliest = KIND_MONDAY,
        .now = KIND_MONDAY,
        .offsets = &model->clock,
        .offset_count = 1,
        .has_target = true,
        .target = KIND_MONDAY + (minute_t)workload_below(&random, 90) * MINUTES_PER_DAY,
        .options = options,
        .option_count = 2,
        .legs = legs,
        .leg_count = 2,
        .parties = question->parties,
        .party_count = PARTIES,
        .wanted = 10,
    };
}

static void search(struct model *model, const struct question *question,
                   struct match_result *ret)
{
    enum match_status status =
        match_search(&question->request, model->workspace, model->workspace_size, ret);
    if (status != MATCH_OK) {
        report_die("the matcher: %s", match_status_text(status));
    }
}

/* What the same sources say when they are read at each search. */
static bool is_same_by_source(struct model *model, const struct question *question)
{
    static struct question other;
    other = *question;
    other.request.parties = other.parties;
    other.parties[PARTIES - 1].members = other.members;
    for (size_t i = 0; i + 1 < PARTIES; i++) {
        struct match_person *person = &other.parties[i].person;
        struct match_person plain =
            person_of(&model->people, (size_t)person->id - 1000, false);
        person->record = NULL;
        person->sources = plain.sources;
        person->source_count = 1;
    }
    for (size_t i = 0; i < POOL; i++) {
        uint32_t load = other.members[i].load;
        other.members[i] =
            person_of(&model->people, (size_t)other.members[i].id - 1000, false);
        other.members[i].load = load;
    }
    size_t size = match_workspace_size(&other.request);
    void *workspace = bench_memory(size);
    enum match_status status =
        match_search(&other.request, workspace, size, &model->result[1]);
    free(workspace);
    return status == MATCH_OK && model->result[0].count == model->result[1].count &&
           memcmp(model->result[0].slots, model->result[1].slots,
                  model->result[0].count * sizeof(struct match_slot)) == 0;
}

static void ask(void *context, size_t number)
{
    struct model *model = context;
    search(model, &model->question[number], &model->result[0]);
}

static void measure(struct table *table, struct model *model,
                    const struct method *kernel)
{
    const struct table_place place = {"real", PARTIES, 90, "model"};
    const struct measure_loop loop = {ask, model, BENCH_REQUESTS};
    struct figure rounds = {0};
    bool is_same = true;
    size_t found = 0;
    match_kernel_force(kernel->kernel);
    for (size_t i = 0; i < BENCH_REQUESTS; i += table->quick ? 8 : 1) {
        search(model, &model->question[i], &model->result[0]);
        found += model->result[0].count;
        is_same &= is_same_by_source(model, &model->question[i]);
    }
    double p99 = measure_loop(&loop, &table->budget, &rounds);
    table_row(table, &place, "ours-search", kernel->isa, &rounds, p99,
              is_same && found > 0);
    figure_free(&rounds);
}

static void count_allocations(struct model *model)
{
    uint64_t before = allocation_count();
    for (size_t i = 0; i < BENCH_REQUESTS; i++) {
        search(model, &model->question[i], &model->result[0]);
    }
    double each = (double)(allocation_count() - before) / BENCH_REQUESTS;
    shown_note("allocations in a search of the full model", 0,
               allocation_is_counted() ? each : NAN, "", false,
               "counted in the whole program");
}

void shown_model(struct table *table)
{
    struct model *model = bench_memory(sizeof(*model));
    population_init(&model->people, workload_kind_find("real"), table->seed, 90,
                    BENCH_PEOPLE);
    model->window =
        (struct match_span){KIND_MONDAY, KIND_MONDAY + 90 * MINUTES_PER_DAY};
    model->clock = (struct match_offset){KIND_MONDAY, AHEAD};
    for (size_t i = 0; i < 2; i++) {
        model->result[i].chosen = model->chosen[i];
        model->result[i].chosen_capacity = (size_t)MATCH_SLOTS_MAX * POOL;
    }
    for (size_t i = 0; i < BENCH_REQUESTS; i++) {
        make_question(model, &model->question[i], i, table->seed);
        size_t size = match_workspace_size(&model->question[i].request);
        model->workspace_size =
            size > model->workspace_size ? size : model->workspace_size;
    }
    model->workspace = bench_memory(model->workspace_size);
    for (const struct method *kernel = methods_ours_search; kernel->name != NULL;
         kernel++) {
        measure(table, model, kernel);
    }
    const struct table_place place = {"real", PARTIES, 90, "model"};
    shown_note("the full model, 8 parties x 90 days", 1500,
               table_find(table, &place, "ours-search", NULL), "ns", false,
               "20 records, two options, claims and legs by hand");
    match_kernel_force(MATCH_KERNEL_AUTO);
    count_allocations(model);
    free(model->workspace);
    population_finish(&model->people);
    free(model);
}
