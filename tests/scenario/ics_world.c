// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/ics_world.h"

#include "proto/codec.h"
#include "proto/zone.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char empty[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\n"
                            "END:VCALENDAR\r\n";

/* ---- files -------------------------------------------------------------------------
 */

void ics_world_write(const char *path, const char *text)
{
    char beside[300];
    snprintf(beside, sizeof(beside), "%s.person", path);
    FILE *file = fopen(beside, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(beside, path), 0);
}

char *ics_world_read(const char *path)
{
    struct stat status;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return strdup("");
    }
    assert_int_equal(fstat(fileno(file), &status), 0);
    char *text = malloc((size_t)status.st_size + 1);
    assert_non_null(text);
    size_t size = fread(text, 1, (size_t)status.st_size, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

void ics_world_add_event(const char *path, const char *uid, int32_t start)
{
    static const char end[] = "END:VCALENDAR";
    struct zone_civil from;
    char *old = ics_world_read(path);
    size_t size = strlen(old) + 512;
    char *text = malloc(size);
    char *at = strstr(old, end);
    assert_non_null(text);
    assert_non_null(at);
    assert_true(zone_to_civil("UTC", start, &from));
    snprintf(text, size,
             "%.*sBEGIN:VEVENT\r\nUID:%s\r\nDTSTAMP:20260101T000000Z\r\n"
             "SUMMARY:dentist\r\nDTSTART:%04d%02d%02dT%02d%02d00Z\r\n"
             "DURATION:PT1H\r\nEND:VEVENT\r\n%s",
             (int)(at - old), old, uid, from.year, from.month, from.day, from.hour,
             from.minute, at);
    ics_world_write(path, text);
    free(text);
    free(old);
}

size_t ics_world_count(const char *path, const char *needle)
{
    char *text = ics_world_read(path);
    size_t length = strlen(needle);
    size_t size = strlen(text);
    size_t count = 0;
    for (size_t i = 0; i + length <= size; i++) {
        count += text[i] == needle[0] && memcmp(text + i, needle, length) == 0;
    }
    free(text);
    return count;
}

bool ics_world_has(const char *path, const uint8_t *meeting, const char *line)
{
    char uid[64] = "UID:";
    codec_format_id((struct entente_bytes){meeting, 16}, uid + 4);
    memcpy(uid + 4 + 36, "@entente\r\n", sizeof("@entente\r\n"));
    if (ics_world_count(path, uid) != 1) {
        return false;
    }
    char *text = ics_world_read(path);
    char *begin = strstr(text, uid);
    char *end = strstr(begin, "END:VEVENT");
    assert_non_null(end);
    *end = '\0';
    bool has = line == NULL || strstr(begin, line) != NULL;
    free(text);
    return has;
}

/* ---- the process -------------------------------------------------------------------
 */

static pid_t spawn(struct ics_world *ics, bool once)
{
    const char *words[] = {ENTENTE_ICS_PROGRAM, "--config", ics->config,
                           "--verbose",         NULL,       NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    words[4] = once ? "--once" : NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, ics->log,
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_int_equal(
        posix_spawn(&pid, words[0], &actions, NULL, (char **)words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static int wait_for(pid_t pid)
{
    int state = 0;
    assert_int_equal(waitpid(pid, &state, 0), pid);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

void ics_world_start(struct ics_world *ics)
{
    ics->adapter = spawn(ics, false);
}

int ics_world_stop(struct ics_world *ics, int signal_number)
{
    assert_int_equal(kill(ics->adapter, signal_number), 0);
    int code = wait_for(ics->adapter);
    ics->adapter = 0;
    return code;
}

int ics_world_once(struct ics_world *ics)
{
    return wait_for(spawn(ics, true));
}

static void write_config(struct ics_world *ics, int lease)
{
    FILE *file = fopen(ics->config, "w");
    assert_non_null(file);
    fprintf(file,
            "[adapter]\nclient = %s/files.ini\nlease = %d\n"
            "[agenda anna]\nfile = %s\nperson = %s\nname = Anna\nzone = UTC\n"
            "hours = mon-sun 08:00-12:00 12:00-18:00\n"
            "[agenda ben]\nfile = %s\nperson = %s\nname = Ben\nzone = UTC\n"
            "hours = mon-fri 08:00-18:00\nhours = sat-sun 08:00-18:00\ntitle = full\n",
            ics->world.folder, lease, ics->anna, ANNA, ics->ben, BEN);
    assert_int_equal(fclose(file), 0);
}

void ics_world_create(struct ics_world *ics, int lease, const char *anna_file)
{
    memset(ics, 0, sizeof(*ics));
    world_create(&ics->world);
    const char *folder = ics->world.folder;
    char client[256];
    snprintf(ics->config, sizeof(ics->config), "%s/ics.ini", folder);
    snprintf(ics->log, sizeof(ics->log), "%s/ics.log", folder);
    snprintf(ics->ben, sizeof(ics->ben), "%s/ben.ics", folder);
    snprintf(ics->anna, sizeof(ics->anna), "%s/anna.ics", folder);
    if (anna_file != NULL) {
        snprintf(ics->anna, sizeof(ics->anna), "%s", anna_file);
    }
    snprintf(client, sizeof(client), "%s/files.ini", folder);
    const char *words[] = {"entente",
                           "client",
                           "add",
                           "files",
                           "--write-to",
                           client,
                           "--endpoint",
                           ics->world.endpoint,
                           "--speaks-for",
                           ANNA,
                           "--speaks-for",
                           BEN,
                           NULL};
    assert_int_equal(world_entente(&ics->world, words), 0);
    ics->desk =
        world_add_client(&ics->world, "desk", false, (const char *[]){ANNA, BEN, NULL});
    write_config(ics, lease);
    ics_world_write(ics->anna, empty);
    ics_world_write(ics->ben, empty);
}

void ics_world_destroy(struct ics_world *ics)
{
    if (ics->adapter != 0) {
        kill(ics->adapter, SIGKILL);
        wait_for(ics->adapter);
    }
    world_destroy(&ics->world);
}

/* ---- waiting -----------------------------------------------------------------------
 */

struct awaited {
    struct ics_world *ics;
    const char *path;
    const uint8_t *meeting;
    const char *text;
    int32_t minute;
    uint32_t kind;
    uint32_t reason;
    bool wanted;
};

static void await(struct ics_world *ics, bool (*condition)(void *context),
                  struct awaited *awaited)
{
    awaited->ics = ics;
    if (!world_until(&ics->world, condition, awaited)) {
        char *log = ics_world_read(ics->log);
        char *file = ics_world_read(ics->anna);
        fprintf(stderr, "%s\n%.2000s\nwaiting for: %s\n", log, file,
                awaited->text != NULL ? awaited->text : "");
        free(log);
        free(file);
        fail();
    }
}

static bool has_line(void *context)
{
    const struct awaited *awaited = context;
    return ics_world_has(awaited->path, awaited->meeting, awaited->text);
}

void ics_world_await_line(struct ics_world *ics, const char *path,
                          const uint8_t *meeting, const char *line)
{
    await(ics, has_line,
          &(struct awaited){.path = path, .meeting = meeting, .text = line});
}

static bool has_log(void *context)
{
    const struct awaited *awaited = context;
    return ics_world_count(awaited->ics->log, awaited->text) > 0;
}

void ics_world_await_log(struct ics_world *ics, const char *needle)
{
    await(ics, has_log, &(struct awaited){.text = needle});
}

static const struct entente_free_ranges *query(struct ics_world *ics,
                                               const char *person, int32_t minute)
{
    struct entente_identifier identifier = world_identifier(person);
    const struct entente_query_free query = {
        .person = &identifier, .from = minute, .until = minute + 60};
    const struct entente_free_ranges *ranges = NULL;
    enum entente_code code =
        entente_client_query_free(ics->desk->sdk, &query, WORLD_PATIENCE_MS, &ranges);
    return code == ENTENTE_OK ? ranges : NULL;
}

static bool is_known(void *context)
{
    const struct awaited *awaited = context;
    const struct entente_free_ranges *ranges =
        query(awaited->ics, awaited->text, awaited->minute);
    return (ranges != NULL && ranges->known_count > 0) == awaited->wanted;
}

void ics_world_await_known(struct ics_world *ics, const char *person, int32_t minute,
                           bool known)
{
    await(ics, is_known,
          &(struct awaited){.text = person, .minute = minute, .wanted = known});
}

static bool is_free(void *context)
{
    const struct awaited *awaited = context;
    const struct entente_free_ranges *ranges =
        query(awaited->ics, awaited->text, awaited->minute);
    if (ranges == NULL || ranges->known_count == 0) {
        return false;
    }
    int32_t minutes = 0;
    for (size_t i = 0; i < ranges->ranges_count; i++) {
        minutes += ranges->ranges[i].end - ranges->ranges[i].start;
    }
    return minutes == (awaited->wanted ? 60 : 0);
}

void ics_world_await_free(struct ics_world *ics, const char *person, int32_t minute,
                          bool free)
{
    await(ics, is_free,
          &(struct awaited){.text = person, .minute = minute, .wanted = free});
}

static bool has_result(void *context)
{
    const struct awaited *awaited = context;
    const struct entente_meeting *meeting = NULL;
    if (entente_client_get(awaited->ics->desk->sdk,
                           (struct entente_bytes){awaited->meeting, 16},
                           WORLD_PATIENCE_MS, &meeting) != ENTENTE_OK) {
        return false;
    }
    for (size_t i = 0; i < meeting->results_count; i++) {
        const struct entente_result *result = &meeting->results[i];
        if (strcmp(result->client, "files") == 0 &&
            strcmp(result->source, awaited->text) == 0 &&
            result->version ==
                (awaited->minute != 0 ? (uint32_t)awaited->minute : meeting->version) &&
            result->kind == awaited->kind && result->reason == awaited->reason) {
            return true;
        }
    }
    return false;
}

static bool is_diverged(void *context)
{
    const struct awaited *awaited = context;
    const struct entente_meeting *meeting = NULL;
    if (entente_client_get(awaited->ics->desk->sdk,
                           (struct entente_bytes){awaited->meeting, 16},
                           WORLD_PATIENCE_MS, &meeting) != ENTENTE_OK) {
        return false;
    }
    struct entente_identifier who = world_identifier(awaited->text);
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        if (strcmp(party->identifier->value, who.value) == 0) {
            return party->diverged == awaited->kind;
        }
    }
    return false;
}

void ics_world_await_diverged(struct ics_world *ics, const uint8_t *meeting,
                              const char *person, uint32_t kind)
{
    await(ics, is_diverged,
          &(struct awaited){.meeting = meeting, .text = person, .kind = kind});
}

void ics_world_await_report(struct ics_world *ics,
                            const struct entente_meeting *meeting, const char *source,
                            uint32_t kind, uint32_t reason)
{
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    await(ics, has_result,
          &(struct awaited){.meeting = id,
                            .minute = (int32_t)meeting->version,
                            .text = source,
                            .kind = kind,
                            .reason = reason});
}

void ics_world_await_result(struct ics_world *ics, const uint8_t *meeting,
                            const char *source, uint32_t kind, uint32_t reason)
{
    await(ics, has_result,
          &(struct awaited){
              .meeting = meeting, .text = source, .kind = kind, .reason = reason});
}

/* ---- meetings ----------------------------------------------------------------------
 */

const struct entente_meeting *ics_world_propose(struct ics_world *ics, int day,
                                                int hour, uint8_t ret_meeting[16])
{
    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN)};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], false)};
    int32_t start = ics->world.day + day * 1440 + hour * 60;
    struct entente_span window = {start, start + 120};
    struct entente_spec spec = world_spec(parties, 2, &window);
    spec.title = "Point hebdomadaire";
    spec.reason = "pansement complexe";
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_request(ics->desk, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    memcpy(ret_meeting, meeting->id.data, 16);
    assert_int_equal(
        world_answer(ics->desk, meeting, ANNA, ENTENTE_ACCEPT, 0, &meeting),
        ENTENTE_OK);
    return meeting;
}

const struct entente_meeting *ics_world_confirm(struct ics_world *ics,
                                                const struct entente_meeting *meeting)
{
    assert_int_equal(world_answer(ics->desk, meeting, BEN, ENTENTE_ACCEPT, 0, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    return meeting;
}
