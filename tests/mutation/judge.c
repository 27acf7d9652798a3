// SPDX-License-Identifier: Apache-2.0

/*
 * judge.c - runs test programs with one mutant after the other, until one of them fails
 *
 *     judge JOBS PROGRAMS <MUTANTS
 *
 * PROGRAMS has a line for each program: its name, the milliseconds of the processor that it
 * may take, and what is run.  Standard input has a line for each mutant: its number, which of
 * these lines are to be run, counted from 0, a colon, and what it is called.  For each a line
 * is written: "killed by" the first program that failed, or "passed", and what it is called.
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
};

/* A mutant, and the program that runs with it. */
struct job {
    char line[LINE_BYTES];
    char *rest; /* of the line: the programs that are still to be run */
    char *mutant;
    const char *called;
    const struct program *program;
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
        for (size_t i = 0; i < WORDS; i++) {
            program->words[i] = strtok_r(NULL, " \n", &rest);
        }
    }
    fclose(file);
    return true;
}

/* Start the job's next program; false if there is none. */
static bool run_next(struct job *job)
{
    char *word = strtok_r(NULL, " ", &job->rest);
    size_t index = word != NULL ? strtoul(word, NULL, 10) : PROGRAMS;
    if (index >= program_count) {
        return false;
    }
    job->program = &programs[index];
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
        job->mutant = strtok_r(job->line, " ", &job->rest);
        if (called == NULL || job->mutant == NULL) {
            continue;
        }
        *called = 0;
        job->called = called + 2;
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
    tell(job, passed ? "passed" : "killed by ", passed ? "" : job->program->name);
    take(job);
}

int main(int argc, char **argv)
{
    static struct job jobs[JOBS];
    size_t count = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    if (count == 0 || count > JOBS) {
        fprintf(stderr, "usage: judge JOBS PROGRAMS <MUTANTS\n");
        return 2;
    }
    const struct rlimit memory = {(rlim_t)8 << 30, (rlim_t)8 << 30};
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_AS, &memory);
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
