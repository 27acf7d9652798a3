// SPDX-License-Identifier: Apache-2.0

/*
 * simulate.c - `./run simulate`: worlds from one seed, until so many events have happened
 */
#include "tests/simulation/worlds.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const kind_texts[] = {
#define SIM_KIND(name, text) text,
    SIM_KINDS(SIM_KIND)
#undef SIM_KIND
};

static struct sim_plan plan = {.seed = 1, .troubles = TROUBLE_ALL, .acts = ~0U};
static bool counts;
static bool quiet;
static bool no_shrink;
static unsigned jobs; /* 0: as many as there are processors */

static void say_number(const char *before, uint64_t number)
{
    char digits[24];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    size_t size = 0;
    while (before[size] != '\0') {
        size++;
    }
    if (write(STDERR_FILENO, before, size) < 0 ||
        write(STDERR_FILENO, digits + at, sizeof(digits) - at) < 0) {
        _exit(3);
    }
}

static void crashed(int signal_number)
{
    /* Nothing else may be called here. */
    say_number("simulate: a signal: ", (uint64_t)signal_number);
    say_number(" in seed ", world == NULL ? 0 : world->plan.seed);
    say_number(" at step ", world == NULL ? 0 : world->result.events);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- shrinking ---------------------------------------------------------------------
 */

static bool still_fails(const struct sim_plan *attempt, const char *violation,
                        struct sim_result *ret_result)
{
    worlds_try(attempt, ret_result);
    /* The same law, whoever it concerns. */
    return ret_result->violation != NULL &&
           strncmp(ret_result->violation, violation, 2) == 0;
}

static void try_plan(struct sim_plan *best, const struct sim_plan *attempt,
                     const char *violation, uint64_t *events)
{
    struct sim_result result;
    if (still_fails(attempt, violation, &result) && result.violated_at <= *events) {
        *best = *attempt;
        *events = result.violated_at;
    }
}

/* Fewer kinds of trouble, of acts, of brokers, of adapters, as long as it fails. */
static void shrink(const struct sim_plan *found, const struct sim_result *result)
{
    struct sim_plan best = *found;
    uint64_t events = result->violated_at;
    char violation[512];
    snprintf(violation, sizeof(violation), "%s", result->violation);
    best.trace = NULL;
    best.events = events;
    for (unsigned bit = 0; bit < TROUBLE_KINDS; bit++) {
        struct sim_plan attempt = best;
        attempt.troubles &= ~(1U << bit);
        if (attempt.troubles != best.troubles) {
            try_plan(&best, &attempt, violation, &events);
        }
    }
    for (unsigned bit = 0; bit < SIM_ACTS; bit++) {
        struct sim_plan attempt = best;
        attempt.acts &= ~(1U << bit);
        try_plan(&best, &attempt, violation, &events);
    }
    for (unsigned brokers = 1; best.brokers == 0 && brokers < SIM_BROKERS; brokers++) {
        struct sim_plan attempt = best;
        attempt.brokers = brokers;
        try_plan(&best, &attempt, violation, &events);
    }
    for (unsigned adapters = 3; best.adapters == 0 && adapters < SIM_ADAPTERS;
         adapters++) {
        struct sim_plan attempt = best;
        attempt.adapters = adapters;
        try_plan(&best, &attempt, violation, &events);
    }
    printf("shrunk to %" PRIu64 " steps: --seed %" PRIu64 " --events %" PRIu64
           " --troubles %u --acts %u --brokers %u --adapters %u\n",
           events, best.seed, events, best.troubles, best.acts, best.brokers,
           best.adapters);
}

/* ---- words -------------------------------------------------------------------------
 */

static const char help[] =
    "simulate - brokers, adapters, network, clock and database from one seed\n"
    "\n"
    "usage: simulate [--seed S] [--events N] [options]\n"
    "\n"
    "  --seed S       the world (and those after it); default 1\n"
    "  --events N     so many events, in as many worlds as it takes; default 1000000\n"
    "  --jobs N       so many worlds at a time, up to 64; default: one for each "
    "processor.\n"
    "                 What is told is the same\n"
    "  --trace FILE   every event of every world\n"
    "  --count        how many events of which kind\n"
    "  --quiet        the last line only\n"
    "  --no-shrink    a violation is told as it was found\n"
    "  --troubles BITS --acts BITS --brokers N --adapters N   less of it\n"
    "  --plant NAME   a mistake that must be found: exclusion, locks, commands, "
    "events,\n"
    "                 lies, compare, backups, claims, dues, recipients, consents,\n"
    "                 rights, positions, generations, versions, epochs, numberings,\n"
    "                 unread, replies, crash\n";

static enum sim_mistake mistake_of(const char *name)
{
    static const char *const names[] = {
        "none",       "exclusion", "locks",     "commands",    "events",   "lies",
        "compare",    "backups",   "crash",     "claims",      "dues",     "recipients",
        "consents",   "rights",    "positions", "generations", "versions", "epochs",
        "numberings", "unread",    "replies"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum sim_mistake)i;
        }
    }
    fprintf(stderr, "simulate: no mistake is called %s\n", name);
    exit(2);
}

static int read_words(int argc, char **argv, uint64_t *ret_events)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"events", required_argument, NULL, 'e'},
        {"jobs", required_argument, NULL, 'j'},
        {"trace", required_argument, NULL, 't'},
        {"count", no_argument, NULL, 'c'},
        {"quiet", no_argument, NULL, 'q'},
        {"no-shrink", no_argument, NULL, 'n'},
        {"troubles", required_argument, NULL, 'T'},
        {"acts", required_argument, NULL, 'A'},
        {"brokers", required_argument, NULL, 'b'},
        {"adapters", required_argument, NULL, 'a'},
        {"plant", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case 's':
            plan.seed = strtoull(optarg, NULL, 10);
            break;
        case 'e':
            *ret_events = strtoull(optarg, NULL, 10);
            break;
        case 'j':
            jobs = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 't':
            plan.trace = fopen(optarg, "w");
            break;
        case 'c':
            counts = true;
            break;
        case 'q':
            quiet = true;
            break;
        case 'n':
            no_shrink = true;
            break;
        case 'T':
            plan.troubles = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'A':
            plan.acts = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'b':
            plan.brokers = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'a':
            plan.adapters = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'p':
            plan.mistake = mistake_of(optarg);
            break;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            return 2;
        }
    }
    if (optind < argc || plan.brokers > SIM_BROKERS || plan.adapters > SIM_ADAPTERS ||
        jobs > WORLDS_JOBS) {
        fputs(help, stderr);
        return 2;
    }
    return -1;
}

static void add(struct sim_result *sum, const struct sim_result *one)
{
    sum->events += one->events;
    sum->crashes += one->crashes;
    sum->restores += one->restores;
    sum->overtaken += one->overtaken;
    sum->commands += one->commands;
    sum->meetings += one->meetings;
    sum->confirmed += one->confirmed;
    sum->explained += one->explained;
    sum->replayed += one->replayed;
    sum->digest = sum->digest * UINT64_C(0x9e3779b97f4a7c15) ^ one->digest;
    for (unsigned i = 0; i < EVENT_KINDS; i++) {
        sum->by_kind[i] += one->by_kind[i];
    }
}

static void report(const struct sim_result *sum, uint64_t worlds, double took)
{
    if (quiet) {
        return;
    }
    printf("%" PRIu64 " worlds, %" PRIu64 " meetings (%" PRIu64 " took place), %" PRIu64
           " commands acknowledged, %" PRIu64 " decisions explained (%" PRIu64
           " searches made again), %" PRIu64 " restores (%" PRIu64
           " beyond noticing); digest %016" PRIx64 "\n",
           worlds, sum->meetings, sum->confirmed, sum->commands, sum->explained,
           sum->replayed, sum->restores, sum->overtaken, sum->digest);
    printf("%.1f s, %.0f events a second\n", took, (double)sum->events / took);
    for (unsigned i = 0; counts && i < EVENT_KINDS; i++) {
        printf("%12" PRIu64 "  %s\n", sum->by_kind[i], kind_texts[i]);
    }
}

/* One trace is written by one process. */
static unsigned jobs_wanted(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned most = processors > WORLDS_JOBS ? WORLDS_JOBS : (unsigned)processors;
    if (plan.trace != NULL || processors < 1) {
        return 1;
    }
    return jobs == 0 ? most : jobs;
}

/* The world of plan.seed, of which plan.events are wanted at most. */
static void see_world(struct worlds *worlds, struct sim_result *ret_result)
{
    if (worlds->jobs == 0) {
        sim_run(&plan, ret_result);
    } else if (!worlds_next(worlds, ret_result) || ret_result->events > plan.events) {
        worlds_try(&plan, ret_result);
    }
}

/* False where a law was broken. */
static bool see_all(struct worlds *worlds, uint64_t wanted, double began)
{
    struct sim_result sum = {0};
    uint64_t first_seed = plan.seed;
    for (uint64_t n = 0; sum.events < wanted; n++) {
        struct sim_result one;
        plan.seed = worlds_seed(first_seed, n);
        plan.events = wanted - sum.events;
        see_world(worlds, &one);
        add(&sum, &one);
        if (one.violation == NULL && sum.events < wanted) {
            continue;
        }
        report(&sum, n + 1, seconds() - began);
        if (one.violation != NULL) {
            printf("%s\n", one.violation);
            if (!no_shrink) {
                shrink(&plan, &one);
            }
            printf("simulate: violation in seed %" PRIu64 " at step %" PRIu64 "\n",
                   plan.seed, one.violated_at);
            return false;
        }
    }
    printf("simulate: %" PRIu64 " events, %" PRIu64 " crashes, 0 violations\n",
           sum.events, sum.crashes);
    return true;
}

/* Worlds give back what they have had, and the next one wants it again. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
    (void)mallopt(M_TOP_PAD, 16 << 20);
#endif
}

int main(int argc, char **argv)
{
    uint64_t wanted = 1000000;
    struct worlds worlds = {0};
    int code = read_words(argc, argv, &wanted);
    if (code >= 0) {
        return code;
    }
    signal(SIGABRT, crashed);
    signal(SIGSEGV, crashed);
    keep_memory();
    if (jobs_wanted() > 1 && !worlds_begin(&worlds, &plan, jobs_wanted())) {
        fprintf(stderr, "simulate: one world at a time: %s\n", strerror(errno));
    }
    bool kept = see_all(&worlds, wanted, seconds());
    worlds_end(&worlds);
    return kept ? 0 : 1;
}
