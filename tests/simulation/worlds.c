// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/worlds.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What goes through the pipe: a pointer would mean nothing on the other side. */
struct told {
    struct sim_result result;
    char violation[512]; /* empty: none */
};

uint64_t worlds_seed(uint64_t seed, uint64_t n)
{
    uint64_t value = seed + n * UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 31) * UINT64_C(0xd6e8feb86659fd93);
    return n == 0 ? seed : (value ^ value >> 32) >> 16;
}

static bool write_all(int pipe, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t done = write(pipe, at, size);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        at += done > 0 ? done : 0;
        size -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

static bool read_all(int pipe, void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        ssize_t done = read(pipe, at, size);
        if (done == 0 || (done < 0 && errno != EINTR)) {
            return false;
        }
        at += done > 0 ? done : 0;
        size -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* One process: its worlds until nobody reads any more. */
static void work(struct sim_plan plan, uint64_t first, unsigned step, int pipe)
{
    uint64_t seed = plan.seed;
    plan.events = 0;
    for (uint64_t n = first;; n += step) {
        struct told told = {0};
        plan.seed = worlds_seed(seed, n);
        sim_run(&plan, &told.result);
        if (told.result.violation != NULL) {
            snprintf(told.violation, sizeof(told.violation), "%s",
                     told.result.violation);
        }
        told.result.violation = NULL;
        if (!write_all(pipe, &told, sizeof(told))) {
            _exit(0);
        }
    }
}

bool worlds_begin(struct worlds *worlds, const struct sim_plan *plan, unsigned jobs)
{
    *worlds = (struct worlds){0};
    fflush(NULL);
    signal(SIGPIPE, SIG_IGN);
    for (; worlds->jobs < jobs; worlds->jobs++) {
        int ends[2];
        if (pipe(ends) != 0) {
            worlds_end(worlds);
            return false;
        }
        int pid = fork();
        if (pid == 0) {
            /* Those of the others, too, so that each ends when nobody reads it. */
            for (unsigned i = 0; i < worlds->jobs; i++) {
                close(worlds->job[i].pipe);
            }
            close(ends[0]);
            work(*plan, worlds->jobs, jobs, ends[1]);
        }
        close(ends[1]);
        if (pid < 0) {
            close(ends[0]);
            worlds_end(worlds);
            return false;
        }
        worlds->job[worlds->jobs].pid = pid;
        worlds->job[worlds->jobs].pipe = ends[0];
    }
    return true;
}

bool worlds_next(struct worlds *worlds, struct sim_result *ret_result)
{
    static struct told told;
    int pipe = worlds->job[worlds->next % worlds->jobs].pipe;
    worlds->next++;
    if (!read_all(pipe, &told, sizeof(told))) {
        return false;
    }
    *ret_result = told.result;
    ret_result->violation = told.violation[0] == '\0' ? NULL : told.violation;
    return true;
}

void worlds_end(struct worlds *worlds)
{
    for (unsigned i = 0; i < worlds->jobs; i++) {
        kill(worlds->job[i].pid, SIGKILL);
        close(worlds->job[i].pipe);
        while (waitpid(worlds->job[i].pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    worlds->jobs = 0;
}
