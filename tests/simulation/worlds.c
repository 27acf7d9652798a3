// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/worlds.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* One world, told into @pipe; false if nobody reads there. */
static bool see(const struct sim_plan *plan, int pipe)
{
    struct told told = {0};
    sim_run(plan, &told.result);
    if (told.result.violation != NULL) {
        snprintf(told.violation, sizeof(told.violation), "%s", told.result.violation);
    }
    told.result.violation = NULL;
    return write_all(pipe, &told, sizeof(told));
}

/* False if the process has crashed. */
static bool hear(int pipe, struct sim_result *ret_result)
{
    static struct told told;
    if (!read_all(pipe, &told, sizeof(told))) {
        return false;
    }
    *ret_result = told.result;
    ret_result->violation = told.violation[0] == '\0' ? NULL : told.violation;
    return true;
}

/* One process: its worlds until nobody reads any more. */
static void work(struct sim_plan plan, uint64_t first, unsigned step, int pipe)
{
    uint64_t seed = plan.seed;
    plan.events = 0;
    for (uint64_t n = first;; n += step) {
        plan.seed = worlds_seed(seed, n);
        if (!see(&plan, pipe)) {
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
    int pipe = worlds->job[worlds->next % worlds->jobs].pipe;
    worlds->next++;
    return hear(pipe, ret_result);
}

static void await(int pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

/* What a process that has crashed cannot tell any more, it has written here. */
static uint64_t *shared_number(void)
{
    static uint64_t *number;
    if (number == NULL) {
        void *page = mmap(NULL, sizeof(*number), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        number = page == MAP_FAILED ? NULL : page;
    }
    return number;
}

void worlds_try(const struct sim_plan *plan, struct sim_result *ret_result)
{
    struct sim_plan attempt = *plan;
    int ends[2];
    attempt.progress = shared_number();
    if (attempt.progress == NULL || pipe(ends) != 0) {
        sim_run(plan, ret_result);
        return;
    }
    *attempt.progress = 0;
    fflush(NULL);
    int pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) {
            fclose(stderr);
        }
        signal(SIGABRT, SIG_DFL);
        signal(SIGSEGV, SIG_DFL);
        close(ends[0]);
        see(&attempt, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    *ret_result = (struct sim_result){0};
    if (pid < 0) {
        sim_run(plan, ret_result);
    } else if (!hear(ends[0], ret_result)) {
        *ret_result = (struct sim_result){.events = *attempt.progress,
                                          .violation = "crash of the program",
                                          .violated_at = *attempt.progress};
    }
    close(ends[0]);
    if (pid > 0) {
        await(pid);
    }
}

void worlds_end(struct worlds *worlds)
{
    for (unsigned i = 0; i < worlds->jobs; i++) {
        kill(worlds->job[i].pid, SIGKILL);
        close(worlds->job[i].pipe);
        await(worlds->job[i].pid);
    }
    worlds->jobs = 0;
}
