// SPDX-License-Identifier: Apache-2.0

#include "tests/chaos/chaos.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    WORDS_MAX = 40,
    TEXT = 160,
    AGAIN_MS = 250,
    SANITIZER_EXIT = 97,
    END_LIMIT_MS = 20000
};

/* What a process is started with, in one piece. */
struct words {
    const char *list[WORDS_MAX];
    size_t count;
    char texts[WORDS_MAX][TEXT];
    size_t text_count;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *words,
                                                      const char *format, ...)
{
    va_list arguments;
    char *text = words->texts[words->text_count++];
    va_start(arguments, format);
    vsnprintf(text, TEXT, format, arguments);
    va_end(arguments);
    words->list[words->count++] = text;
}

void process_name_all(struct chaos *chaos)
{
    for (size_t i = 0; i < PROCESSES; i++) {
        char *name = chaos->processes[i].name;
        size_t size = sizeof(chaos->processes[i].name);
        if (i == 0) {
            snprintf(name, size, "postgres");
        } else if (i <= BROKERS) {
            snprintf(name, size, "broker-%zu", i);
        } else if (i < NODES) {
            snprintf(name, size, "vendor-%zu", i - BROKERS - 1);
        } else {
            snprintf(name, size, "relay");
        }
    }
}

/* ---- words -------------------------------------------------------------------------
 */

static void relay_words(struct chaos *chaos, struct words *words)
{
    add(words, "%s/chaos_relay", chaos->bin);
    add(words, "%" PRIu64, chance_next(&chaos->chance));
    for (size_t broker = 1; broker <= BROKERS; broker++) {
        add(words, "198.18.%zu.1:7000=198.18.1.2:5432", broker + 1);
    }
    for (size_t node = BROKERS + 1; node < NODES; node++) {
        for (size_t broker = 1; broker <= BROKERS; broker++) {
            add(words, "198.18.%zu.1:%zu=198.18.%zu.2:7411", node + 1, 7000 + broker,
                broker + 1);
        }
    }
}

static void adapter_words(struct chaos *chaos, struct words *words, size_t number)
{
    const struct process *process = &chaos->processes[number];
    add(words, "%s/chaos_adapter", chaos->bin);
    add(words, "%s", process->name);
    add(words, "%s/%s.ini", chaos->folder, process->name);
    add(words, "%s/%s.trail", chaos->folder, process->name);
    add(words, "%s/mood", chaos->folder);
    add(words, "%" PRIu64, chance_next(&chaos->chance));
    add(words, "%zu", number - BROKERS - 1);
    add(words, "%d", ADAPTERS);
    add(words, "%d", PEOPLE);
}

static void make_words(struct chaos *chaos, struct words *words, size_t number)
{
    words->count = 0;
    words->text_count = 0;
    if (number == 0) {
        database_words(chaos, words->list);
        return;
    }
    if (number == RELAY) {
        relay_words(chaos, words);
    } else if (number <= BROKERS) {
        add(words, "%s/entente", chaos->bin);
        add(words, "broker");
        add(words, "--listen");
        add(words, "tcp://198.18.%zu.2:7411", number + 1);
        add(words, "--number");
        add(words, "%zu", number);
        add(words, "--keys");
        add(words, "%s/keys", chaos->folder);
        add(words, "--db");
        add(words, "host=198.18.%zu.1 port=7000 user=entente dbname=chaos", number + 1);
    } else {
        adapter_words(chaos, words, number);
    }
    words->list[words->count] = NULL;
}

/* ---- start -------------------------------------------------------------------------
 */

/* In the child: never returns. */
__attribute__((noreturn)) static void become(const struct chaos *chaos,
                                             const char *const *words, const char *log,
                                             int net, bool user)
{
    sigset_t none;
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);
    bool well = file >= 0 && dup2(file, STDOUT_FILENO) >= 0 &&
                dup2(file, STDERR_FILENO) >= 0 &&
                (net < 0 || setns(net, CLONE_NEWNET) == 0);
    if (well && user && chaos->pg_user != NULL) {
        well = setgroups(0, NULL) == 0 && setgid(chaos->pg_gid) == 0 &&
               setuid(chaos->pg_uid) == 0;
    }
    if (well && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && chdir("/") == 0) {
        execvp(words[0], (char **)words);
    }
    fprintf(stderr, "%s: %s\n", words[0], strerror(errno));
    _exit(126);
}

void process_start(struct chaos *chaos, size_t number)
{
    static struct words words;
    struct process *process = &chaos->processes[number];
    char log[PATH_BYTES];
    int ends[2] = {-1, -1};
    make_words(chaos, &words, number);
    snprintf(log, sizeof(log), "%s/%s.log", chaos->folder, process->name);
    if (number == RELAY && pipe2(ends, O_CLOEXEC) != 0) {
        chaos_find(chaos, "no pipe");
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        if (number == RELAY) {
            dup2(ends[0], STDIN_FILENO);
        }
        become(chaos, words.list, log, number < NODES ? chaos->nets[number] : -1,
               number == 0);
    }
    if (number == RELAY) {
        close(ends[0]);
        chaos->orders = fdopen(ends[1], "w");
    }
    process->pid = pid < 0 ? 0 : pid;
    process->start_ms = pid < 0 ? chaos_now_ms() + AGAIN_MS : 0;
    process->wake_ms = 0;
    process->expected = false;
    process->starts++;
}

int process_run(struct chaos *chaos, const char *const *words, bool user)
{
    char log[PATH_BYTES];
    int state = 0;
    snprintf(log, sizeof(log), "%s/setup.log", chaos->folder);
    pid_t pid = fork();
    if (pid == 0) {
        become(chaos, words, log, -1, user);
    }
    if (pid < 0 || waitpid(pid, &state, 0) != pid) {
        return 127;
    }
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128;
}

/* ---- end ---------------------------------------------------------------------------
 */

void process_kill(struct chaos *chaos, size_t number, int64_t start_after_ms)
{
    struct process *process = &chaos->processes[number];
    if (process->pid == 0) {
        return;
    }
    process->expected = true;
    kill(process->pid, SIGKILL);
    process->start_ms = chaos_now_ms() + start_after_ms;
}

void process_stop(struct chaos *chaos, size_t number, int64_t for_ms)
{
    struct process *process = &chaos->processes[number];
    if (process->pid != 0) {
        kill(process->pid, SIGSTOP);
        process->wake_ms = chaos_now_ms() + for_ms;
    }
}

/* Whoever ends unasked must have said why in an orderly way: a broker without its database
 * ends with 1, an adapter whose place another one has taken with 3. */
static void look_at_end(struct chaos *chaos, size_t number, int state)
{
    struct process *process = &chaos->processes[number];
    bool orderly = WIFEXITED(state) && WEXITSTATUS(state) != SANITIZER_EXIT &&
                   WEXITSTATUS(state) < 126;
    if (process->asked) {
        if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
            chaos_find(chaos, "%s was asked to end and ended with %s %d; see its log",
                       process->name, WIFEXITED(state) ? "exit code" : "signal",
                       WIFEXITED(state) ? WEXITSTATUS(state) : WTERMSIG(state));
        }
        return;
    }
    if (process->expected || (number == 0 && WIFEXITED(state))) {
        return;
    }
    if (!orderly || (number > BROKERS && WEXITSTATUS(state) != 3)) {
        chaos_find(chaos, "%s ended by itself: %s %d; see its log", process->name,
                   WIFEXITED(state) ? "exit code" : "signal",
                   WIFEXITED(state) ? WEXITSTATUS(state) : WTERMSIG(state));
    }
}

static void take_end(struct chaos *chaos, size_t number, int state, int64_t now)
{
    struct process *process = &chaos->processes[number];
    look_at_end(chaos, number, state);
    process->pid = 0;
    process->wake_ms = 0;
    if (process->asked) {
        process->start_ms = 0;
    } else if (process->start_ms == 0) {
        process->start_ms = now + AGAIN_MS;
    }
}

static void reap(struct chaos *chaos, int64_t now)
{
    int state = 0;
    for (pid_t pid = waitpid(-1, &state, WNOHANG); pid > 0;
         pid = waitpid(-1, &state, WNOHANG)) {
        for (size_t i = 0; i < PROCESSES; i++) {
            if (chaos->processes[i].pid == pid) {
                take_end(chaos, i, state, now);
            }
        }
    }
}

void process_tick(struct chaos *chaos, int64_t now)
{
    reap(chaos, now);
    for (size_t i = 0; i < PROCESSES; i++) {
        struct process *process = &chaos->processes[i];
        if (process->pid == 0 && process->start_ms != 0 && process->start_ms <= now) {
            process_start(chaos, i);
        }
        if (process->pid != 0 && process->wake_ms != 0 && process->wake_ms <= now) {
            kill(process->pid, SIGCONT);
            process->wake_ms = 0;
        }
    }
}

void process_ask_to_end(struct chaos *chaos)
{
    for (size_t i = NODES; i-- > 1;) {
        struct process *process = &chaos->processes[i];
        int64_t end_ms = chaos_now_ms() + END_LIMIT_MS;
        /* One that has just ended in its own way is started again first. */
        while (process->pid == 0 && chaos_wait(chaos, AGAIN_MS)) {
        }
        process->asked = true;
        if (process->pid != 0) {
            kill(process->pid, SIGTERM);
        }
        while (process->pid != 0 && chaos_wait(chaos, 1)) {
            if (chaos_now_ms() > end_ms) {
                chaos_find(chaos, "%s was asked to end and does not", process->name);
            }
        }
    }
}

void process_end_all(struct chaos *chaos)
{
    if (chaos->orders != NULL) {
        fclose(chaos->orders);
        chaos->orders = NULL;
    }
    for (size_t i = PROCESSES; i-- > 0;) {
        struct process *process = &chaos->processes[i];
        process->start_ms = 0;
        if (process->pid > 0) {
            kill(process->pid, SIGKILL);
            waitpid(process->pid, NULL, 0);
            process->pid = 0;
        }
    }
}
