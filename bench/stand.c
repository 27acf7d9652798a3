// SPDX-License-Identifier: Apache-2.0

#include "bench/stand.h"

#include "bench/report.h"
#include "proto/identifier.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- programs ----------------------------------------------------------------------
 */

static pid_t spawn(const struct stand *stand, const char *const *words, int output)
{
    posix_spawn_file_actions_t actions;
    char log[256];
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    snprintf(log, sizeof(log), "%s/log", stand->folder);
    int flags = O_WRONLY | O_CREAT | O_APPEND;
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, flags, 0600);
    if (output >= 0) {
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, output);
    } else {
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, flags, 0600);
    }
    int failed = posix_spawnp(&pid, words[0], &actions, NULL, (char **)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        report_die("%s cannot be started", words[0]);
    }
    return pid;
}

static bool wait_for(pid_t pid)
{
    int state = 0;
    if (waitpid(pid, &state, 0) != pid) {
        report_die("a program was lost");
    }
    return WIFEXITED(state) && WEXITSTATUS(state) == 0;
}

bool stand_run(const struct stand *stand, const char *const *words, char *ret_output,
               size_t size)
{
    int ends[2];
    size_t used = 0;
    ssize_t got;
    if (ret_output == NULL) {
        return wait_for(spawn(stand, words, -1));
    }
    if (pipe(ends) != 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0) {
        report_die("no pipe");
    }
    pid_t pid = spawn(stand, words, ends[1]);
    close(ends[1]);
    while ((got = read(ends[0], ret_output + used, size - 1 - used)) > 0) {
        used += (size_t)got;
    }
    ret_output[used] = '\0';
    close(ends[0]);
    return wait_for(pid);
}

/* ---- the broker --------------------------------------------------------------------
 */

static const char *read_text(const char *path)
{
    static char text[64 * 1024];
    FILE *file = fopen(path, "r");
    size_t size = 0;
    if (file != NULL) {
        size = fread(text, 1, sizeof(text) - 1, file);
        fclose(file);
    }
    text[size] = '\0';
    return text;
}

const char *stand_log(const struct stand *stand)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/log", stand->folder);
    return read_text(path);
}

void stand_start_broker(struct stand *stand)
{
    char file[256];
    char log[256];
    const char *number = stand->number > 1 ? "2" : "1";
    const char *listen =
        stand->endpoint[0] == '\0' ? "tcp://127.0.0.1:0" : stand->endpoint;
    const char *words[] = {
        ENTENTE_PROGRAM, "broker", "--listen", listen, "--endpoint-file", file,
        "--number",      number,   NULL};
    snprintf(file, sizeof(file), "%s/endpoint", stand->folder);
    snprintf(log, sizeof(log), "%s/log", stand->folder);
    unlink(file);
    unlink(log);
    stand->broker = spawn(stand, words, -1);
    double end = report_now() + STAND_PATIENCE_MS / 1000.0;
    while (access(file, R_OK) != 0) {
        int state;
        if (waitpid(stand->broker, &state, WNOHANG) == stand->broker ||
            report_now() > end) {
            report_die("the broker does not start:\n%s", stand_log(stand));
        }
        poll(NULL, 0, 2);
    }
    const char *text = read_text(file);
    snprintf(stand->endpoint, sizeof(stand->endpoint), "%.*s", (int)strcspn(text, "\n"),
             text);
}

void stand_start_second(const struct stand *stand, struct stand *ret_second)
{
    *ret_second = *stand;
    ret_second->number = 2;
    ret_second->broker = 0;
    ret_second->endpoint[0] = '\0';
    int size = snprintf(ret_second->folder, sizeof(ret_second->folder), "%s/second",
                        stand->folder);
    if (size < 0 || (size_t)size >= sizeof(ret_second->folder) ||
        mkdir(ret_second->folder, 0700) != 0) {
        report_die("no folder for a second broker");
    }
    stand_start_broker(ret_second);
}

void stand_stop_broker(struct stand *stand)
{
    if (stand->broker != 0) {
        kill(stand->broker, SIGTERM);
        if (!wait_for(stand->broker)) {
            report_die("the broker did not end well:\n%s", stand_log(stand));
        }
        stand->broker = 0;
    }
}

double stand_broker_memory(const struct stand *stand)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/status", (long)stand->broker);
    const char *line = strstr(read_text(path), "VmRSS:");
    return line == NULL ? 0 : strtod(line + strlen("VmRSS:"), NULL) * 1024;
}

void stand_create(struct stand *stand)
{
    const char *keys[] = {ENTENTE_PROGRAM, "keys", "make", NULL};
    memset(stand, 0, sizeof(*stand));
    if (getenv("ENTENTE_TEST_DB") == NULL) {
        report_die("ENTENTE_TEST_DB names no PostgreSQL server; './run bench' has one");
    }
    stand->database = pg_database_create();
    snprintf(stand->folder, sizeof(stand->folder), "/tmp/entente-bench-XXXXXX");
    if (mkdtemp(stand->folder) == NULL) {
        report_die("no folder");
    }
    setenv("ENTENTE_DB", pg_database_conninfo(stand->database), 1);
    setenv("ENTENTE_KEYS", stand->folder, 1);
    if (!stand_run(stand, keys, NULL, 0)) {
        report_die("no keys:\n%s", stand_log(stand));
    }
}

void stand_destroy(struct stand *stand)
{
    const char *words[] = {"rm", "-rf", stand->folder, NULL};
    stand_stop_broker(stand);
    pg_database_drop(stand->database);
    wait_for(spawn(stand, words, -1));
}

/* ---- clients -----------------------------------------------------------------------
 */

struct entente_identifier stand_person(uint32_t person, char ret_value[24])
{
    snprintf(ret_value, 24, "8997%08u", person);
    return (struct entente_identifier){IDENTIFIER_IDNPS, ret_value};
}

static void write_settings_path(const struct stand *stand, uint32_t first,
                                char ret[256])
{
    snprintf(ret, 256, "%s/bench-%u.ini", stand->folder, first);
}

void stand_add_client(const struct stand *stand, uint32_t first, size_t count)
{
    char name[32];
    char path[256];
    char people[STAND_PEOPLE_MAX][32];
    const char *words[10 + 2 * STAND_PEOPLE_MAX] = {
        ENTENTE_PROGRAM, "client", "add",        name,
        "--write-to",    path,     "--endpoint", stand->endpoint};
    size_t length = 8;
    if (count > STAND_PEOPLE_MAX) {
        report_die("too many people for one client");
    }
    snprintf(name, sizeof(name), "bench-%u", first);
    write_settings_path(stand, first, path);
    for (size_t i = 0; i < count; i++) {
        char value[24];
        stand_person(first + (uint32_t)i, value);
        snprintf(people[i], sizeof(people[i]), "idnps:%s", value);
        words[length++] = "--speaks-for";
        words[length++] = people[i];
    }
    if (!stand_run(stand, words, NULL, 0)) {
        report_die("the client cannot be added:\n%s", stand_log(stand));
    }
}

struct entente_client *stand_connect(const struct stand *stand, uint32_t first,
                                     struct entente_settings *settings)
{
    char path[256];
    char why[ENTENTE_WHY_SIZE];
    write_settings_path(stand, first, path);
    settings->software = "bench";
    settings->software_version = "1";
    settings->connect_timeout_ms = 2000;
    settings->back_off_max_ms = 200;
    /* A client is left alone for seconds while its yardstick is measured. */
    settings->heartbeat_ms = 20000;
    struct entente_client *client =
        entente_client_from_file(path, settings, why, sizeof(why));
    if (client == NULL) {
        report_die("%s", why);
    }
    if (entente_client_connect(client, STAND_PATIENCE_MS) != ENTENTE_OK) {
        report_die("no connection: %s", entente_client_sentence(client));
    }
    return client;
}
