// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/world.h"
#include "tests/scenario/world_hang.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { WORDS_MAX = 80 };

static void die(const char *what)
{
    fprintf(stderr, "world: %s\n", what);
    abort();
}

static int64_t mono_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void world_show_log(const struct world *world)
{
    char path[256];
    char line[1024];
    snprintf(path, sizeof(path), "%s/log", world->folder);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        fputs(line, stderr);
    }
    if (file != NULL) {
        fclose(file);
    }
}

/* ---- processes ---------------------------------------------------------------------
 */

/* Under valgrind the broker, too, is looked at. */
static void take_words(const char *const *words, const char **ret, size_t capacity)
{
    size_t count = 0;
    ret[0] = ENTENTE_PROGRAM;
    if (getenv("ENTENTE_TEST_VALGRIND") != NULL && strcmp(words[1], "broker") == 0) {
        ret[0] = "valgrind";
        ret[1] = "--quiet";
        ret[2] = "--error-exitcode=99";
        ret[3] = ENTENTE_PROGRAM;
        count = 3;
    }
    for (size_t i = 1; words[i] != NULL; i++) {
        if (count + 3 >= capacity) {
            die("too many words");
        }
        ret[++count] = words[i];
    }
    ret[count + 1] = NULL;
}

pid_t world_spawn(struct world *world, const char *const *words, bool quiet)
{
    const char *all[WORDS_MAX];
    posix_spawn_file_actions_t actions;
    char log[256];
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    snprintf(log, sizeof(log), "%s/log", world->folder);
    int flags = O_WRONLY | O_CREAT | O_APPEND;
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, flags, 0600);
    if (quiet) {
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, flags, 0600);
    }
    take_words(words, all, WORDS_MAX);
    int failed = posix_spawnp(&pid, all[0], &actions, NULL, (char **)all, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        die("the program cannot be started");
    }
    return pid;
}

int world_entente(struct world *world, const char *const *words)
{
    int state = 0;
    pid_t pid = world_spawn(world, words, true);
    if (waitpid(pid, &state, 0) != pid) {
        die("waitpid");
    }
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128;
}

void world_start_broker(struct world *world, const char *failpoint)
{
    const char *words[] = {"entente", "broker", "--listen", world->endpoint, NULL};
    if (failpoint != NULL) {
        setenv("ENTENTE_FAILPOINT", failpoint, 1);
    } else {
        unsetenv("ENTENTE_FAILPOINT");
    }
    world->broker = world_spawn(world, words, true);
    unsetenv("ENTENTE_FAILPOINT");
}

int world_wait_for_end(struct world *world)
{
    int state = 0;
    if (waitpid(world->broker, &state, 0) != world->broker) {
        die("waitpid");
    }
    world->broker = 0;
    if (WIFEXITED(state) && WEXITSTATUS(state) != 0) {
        /* A leak, a sanitizer or valgrind speaks through the exit code. */
        world_show_log(world);
        die("the broker ended with a complaint");
    }
    return WIFSIGNALED(state) ? WTERMSIG(state) : 0;
}

bool world_broker_runs(struct world *world)
{
    int state = 0;
    if (world->broker == 0) {
        return false;
    }
    if (waitpid(world->broker, &state, WNOHANG) == world->broker) {
        world->broker = 0;
        return false;
    }
    return true;
}

void world_stop_broker(struct world *world, int signal_number)
{
    if (world->broker != 0) {
        kill(world->broker, signal_number);
        world_wait_for_end(world);
    }
}

/* ---- the world ---------------------------------------------------------------------
 */

void world_create_stopped(struct world *world)
{
    const char *keys[] = {"entente", "keys", "make", NULL};
    memset(world, 0, sizeof(*world));
    arena_init(&world->arena, 16 << 20);
    world->database = pg_database_create();
    snprintf(world->folder, sizeof(world->folder), "/tmp/entente-world-XXXXXX");
    if (mkdtemp(world->folder) == NULL) {
        die("no folder");
    }
    snprintf(world->endpoint, sizeof(world->endpoint), "ipc://%s/broker",
             world->folder);
    setenv("ENTENTE_DB", pg_database_conninfo(world->database), 1);
    setenv("ENTENTE_KEYS", world->folder, 1);
    if (world_entente(world, keys) != 0) {
        die("no keys");
    }
    world->day = (int32_t)((time(NULL) / 86400 + 8) * 1440);
}

void world_create(struct world *world)
{
    world_create_stopped(world);
    world_start_broker(world, NULL);
}

static void remove_folder(const char *folder)
{
    const char *words[] = {"rm", "-rf", folder, NULL};
    pid_t pid;
    int state;
    if (posix_spawnp(&pid, "rm", NULL, NULL, (char **)words, environ) == 0) {
        waitpid(pid, &state, 0);
    }
}

void world_destroy(struct world *world)
{
    for (size_t i = 0; i < world->client_count; i++) {
        entente_client_destroy(world->clients[i].sdk);
    }
    for (size_t number = 2; number <= WORLD_BROKERS_MAX; number++) {
        world_stop_another(world, number, SIGTERM);
    }
    world_stop_broker(world, SIGTERM);
    pg_database_drop(world->database);
    arena_finish(&world->arena);
    remove_folder(world->folder);
}

void world_advance(struct world *world, int64_t minutes)
{
    pg_database_run(world->database,
                    "INSERT INTO test_clock SELECT interval '0' WHERE NOT EXISTS"
                    " (SELECT FROM test_clock);"
                    "UPDATE test_clock SET shift = shift + %lld * interval '1 minute'",
                    (long long)minutes);
}

int64_t world_overlaps(struct world *world)
{
    return pg_database_number(
        world->database,
        "SELECT count(*) FROM claim a JOIN claim b ON a.person = b.person"
        " AND a.meeting < b.meeting AND lower(a.during) < upper(b.during)"
        " AND lower(b.during) < upper(a.during)");
}

/* ---- clients -----------------------------------------------------------------------
 */

static void on_event(void *context, const struct entente_event *event,
                     struct entente_position position)
{
    struct world_client *client = context;
    const struct entente_meeting *meeting = event->meeting;
    if (client->event_count == WORLD_EVENTS_MAX) {
        memmove(client->events, client->events + WORLD_EVENTS_MAX / 2,
                sizeof(client->events) / 2);
        client->event_count /= 2;
    }
    struct world_event *kept = &client->events[client->event_count++];
    *kept = (struct world_event){
        .sequence = event->sequence,
        .version = meeting->version,
        .state = meeting->state,
        .start = meeting->confirmed == NULL ? 0 : meeting->confirmed->start,
        .proposal = meeting->proposal == NULL ? 0 : meeting->proposal->number,
        .reason = meeting->reason,
    };
    for (size_t i = 0; meeting->spec != NULL && i < meeting->spec->parties_count; i++) {
        bool told = meeting->spec->parties[i].answer_reason != 0;
        kept->reasons |= told ? UINT64_C(1) << i : 0;
    }
    memcpy(kept->meeting, meeting->id.data, sizeof(kept->meeting));
    client->position = position;
    if (entente_client_applied(client->sdk, event->sequence) != ENTENTE_OK) {
        die("applied");
    }
}

static void on_stopped(void *context, enum entente_code code, const char *sentence)
{
    struct world_client *client = context;
    (void)sentence;
    client->stopped = true;
    client->stopped_by = code;
}

static bool is_connected(void *context)
{
    const struct world_client *client = context;
    return entente_client_is_connected(client->sdk);
}

void world_connect(struct world_client *client)
{
    char why[ENTENTE_WHY_SIZE];
    static const char *const capabilities[] = {"can-refuse", CAPABILITY_DELETION};
    const struct entente_settings settings = {
        .software = "scenario",
        .software_version = "1",
        .capabilities = capabilities,
        .capabilities_count =
            client->plain ? 0 : sizeof(capabilities) / sizeof(capabilities[0]),
        .position = client->position,
        .context = client,
        .on_event = on_event,
        .on_stopped = on_stopped,
        .heartbeat_ms = 2000,
        .connect_timeout_ms = 2000,
        .back_off_max_ms = 200,
    };
    client->sdk = entente_client_from_file(client->path, &settings, why, sizeof(why));
    if (client->sdk == NULL) {
        die(why);
    }
    if (!world_until(client->world, is_connected, client)) {
        die(entente_client_sentence(client->sdk));
    }
}

struct world_client *world_add_client(struct world *world, const char *name,
                                      bool sandbox, const char *const *people)
{
    const char *words[64] = {"entente", "client", "add", name};
    size_t count = 4;
    if (world->client_count == WORLD_CLIENTS_MAX) {
        die("too many clients");
    }
    struct world_client *client = &world->clients[world->client_count++];
    client->world = world;
    snprintf(client->name, sizeof(client->name), "%s", name);
    snprintf(client->path, sizeof(client->path), "%s/%s.ini", world->folder, name);
    words[count++] = "--write-to";
    words[count++] = client->path;
    words[count++] = "--endpoint";
    words[count++] = world->endpoint;
    if (sandbox) {
        words[count++] = "--sandbox";
    }
    for (size_t i = 0; people != NULL && people[i] != NULL; i++) {
        words[count++] = "--speaks-for";
        words[count++] = people[i];
    }
    if (world_entente(world, words) != 0) {
        die("the client cannot be added");
    }
    world_connect(client);
    return client;
}

void world_reconnect(struct world_client *client)
{
    entente_client_destroy(client->sdk);
    world_connect(client);
}

/* Wait a moment for any of them, then let each do what is due. */
static void let_clients_work(struct world *world)
{
    enum { A_MOMENT_MS = 5 };
    struct pollfd descriptors[WORLD_CLIENTS_MAX];
    nfds_t count = 0;
    for (size_t i = 0; i < world->client_count; i++) {
        const struct world_client *client = &world->clients[i];
        if (!client->stopped && client->sdk != NULL) {
            descriptors[count++] =
                (struct pollfd){.fd = entente_client_fd(client->sdk), .events = POLLIN};
        }
    }
    poll(descriptors, count, A_MOMENT_MS);
    for (size_t i = 0; i < world->client_count; i++) {
        if (!world->clients[i].stopped && world->clients[i].sdk != NULL) {
            entente_client_step(world->clients[i].sdk, 0);
        }
    }
}

bool world_until(struct world *world, bool (*condition)(void *context), void *context)
{
    int64_t end_ms = mono_ms() + WORLD_PATIENCE_MS;
    while (!condition(context)) {
        if (mono_ms() > end_ms) {
            return false;
        }
        if (world->revive && !world_broker_runs(world)) {
            world->deaths++;
            world_start_broker(world, NULL);
        }
        let_clients_work(world);
    }
    return true;
}

const struct world_event *world_last_event(const struct world_client *client,
                                           const uint8_t *meeting)
{
    for (size_t i = client->event_count; i > 0; i--) {
        if (memcmp(client->events[i - 1].meeting, meeting, 16) == 0) {
            return &client->events[i - 1];
        }
    }
    return NULL;
}
