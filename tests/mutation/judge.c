// SPDX-License-Identifier: Apache-2.0

/*
 * judge.c - runs test programs with one mutant after the other, until one of them fails
 *
 *     judge JOBS PROGRAMS GIGABYTES <MUTANTS
 *
 * A program may have GIGABYTES of memory, or as much as it wants if it is 0.  PROGRAMS has a line for each program: its name, the milliseconds of the processor that it
 * may take, and what is run.  Standard input has a line for each mutant: its number, which of
 * these lines are to be run, counted from 0, a colon, and what it is called.  For each a line
 * is written: "killed by" the first program that failed, or "passed", and what it is called.
 * The programs that have killed most for the time they take come first.
 */
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROGRAMS = 128, WORDS = 16, LINE_BYTES = 2048, JOBS = 64 };

extern char **environ;

struct program {
    char line[LINE_BYTES];
    char *name;
    char *limit;
    char *words[WORDS + 1];
    double milliseconds;
    size_t runs;
    size_t kills;
};

/* A mutant, and the program that runs with it. */
struct job {
    char line[LINE_BYTES];
    char *mutant;
    const char *called;
    size_t order[PROGRAMS]; /* of those that reach it */
    size_t count;
    size_t next;
    struct program *program;
    pid_t process; /* 0: the job is free */
};

static struct program programs[PROGRAMS];
static size_t program_count;

static bool read_programs(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return false;
    }
    for (; program_count < PROGRAMS; program_count++) {
        struct program *program = &programs[program_count];
        char *rest = NULL;
        if (fgets(program->line, LINE_BYTES, file) == NULL) {
            break;
        }
        program->name = strtok_r(program->line, " \n", &rest);
        program->limit = strtok_r(NULL, " \n", &rest);
        program->milliseconds =
            program->limit != NULL ? strtod(program->limit, NULL) : 0;
        for (size_t i = 0; i < WORDS; i++) {
            program->words[i] = strtok_r(NULL, " \n", &rest);
        }
    }
    fclose(file);
    return true;
}

/* The time that it takes to expect a kill. */
static double price(const struct program *program)
{
    return program->milliseconds * (double)(program->runs + 2) /
           (double)(program->kills + 1);
}

static int compare_prices(const void *a, const void *b)
{
    double x = price(&programs[*(const size_t *)a]);
    double y = price(&programs[*(const size_t *)b]);
    return x < y ? -1 : x > y;
}

static void read_order(struct job *job, char *rest)
{
    job->count = 0;
    job->next = 0;
    for (char *word = strtok_r(NULL, " ", &rest); word != NULL && job->count < PROGRAMS;
         word = strtok_r(NULL, " ", &rest)) {
        size_t index = strtoul(word, NULL, 10);
        if (index < program_count) {
            job->order[job->count++] = index;
        }
    }
    qsort(job->order, job->count, sizeof(job->order[0]), compare_prices);
}

/* Start the job's next program; false if there is none. */
static bool run_next(struct job *job)
{
    if (job->next == job->count) {
        return false;
    }
    job->program = &programs[job->order[job->next++]];
    job->program->runs++;
    setenv("MUTANT", job->mutant, 1);
    setenv("MUTANT_LIMIT", job->program->limit, 1);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int failed = posix_spawn(&job->process, job->program->words[0], &actions, NULL,
                             job->program->words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        fprintf(stderr, "%s cannot be run\n", job->program->words[0]);
        exit(1);
    }
    return true;
}

static void tell(const struct job *job, const char *verdict, const char *name)
{
    printf("%s%s: %s", verdict, name, job->called);
    fflush(stdout);
}

/* Fill the job with the next mutant that a program reaches; false at the end. */
static bool take(struct job *job)
{
    job->process = 0;
    while (fgets(job->line, LINE_BYTES, stdin) != NULL) {
        char *called = strstr(job->line, ": ");
        char *rest = NULL;
        job->mutant = strtok_r(job->line, " ", &rest);
        if (called == NULL || job->mutant == NULL) {
            continue;
        }
        *called = 0;
        job->called = called + 2;
        read_order(job, rest);
        if (run_next(job)) {
            return true;
        }
        tell(job, "passed", "");
    }
    return false;
}

static void go_on(struct job *job, int status)
{
    bool passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (passed && run_next(job)) {
        return;
    }
    job->program->kills += passed ? 0 : 1;
    tell(job, passed ? "passed" : "killed by ", passed ? "" : job->program->name);
    take(job);
}

int main(int argc, char **argv)
{
    static struct job jobs[JOBS];
    size_t count = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
    if (count == 0 || count > JOBS) {
        fprintf(stderr, "usage: judge JOBS PROGRAMS GIGABYTES <MUTANTS\n");
        return 2;
    }
    rlim_t gigabytes = strtoul(argv[3], NULL, 10);
    const struct rlimit memory = {gigabytes << 30, gigabytes << 30};
    const struct rlimit none = {0, 0};
    if (gigabytes > 0) {
        setrlimit(RLIMIT_AS, &memory);
    }
    setrlimit(RLIMIT_CORE, &none);
    if (!read_programs(argv[2])) {
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        take(&jobs[i]);
    }
    int status = 0;
    for (pid_t ended = wait(&status); ended > 0; ended = wait(&status)) {
        for (size_t i = 0; i < count; i++) {
            if (jobs[i].process == ended) {
                go_on(&jobs[i], status);
                break;
            }
        }
    }
    return 0;
}
