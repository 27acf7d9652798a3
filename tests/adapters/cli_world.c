// SPDX-License-Identifier: Apache-2.0

#include "tests/adapters/cli_world.h"

#include "proto/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka's header asks for these before itself. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

enum { WORDS_MAX = 48 };

extern char **environ;

struct world cli_world;
char cli_output[CLI_OUTPUT_BYTES];
char cli_complaint[CLI_OUTPUT_BYTES];

/* Run `entente` with the words up to NULL; what it prints goes into the buffers. */
int cli_run(const char *word, ...)
{
    char paths[2][256];
    char *buffers[] = {cli_output, cli_complaint};
    const char *words[WORDS_MAX] = {"entente", word};
    posix_spawn_file_actions_t actions;
    va_list list;
    pid_t pid;
    int state = 0;
    size_t count = 2;
    va_start(list, word);
    while ((word = va_arg(list, const char *)) != NULL && count < WORDS_MAX - 1) {
        words[count++] = word;
    }
    va_end(list);
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%s/std%d", cli_world.folder, i);
        posix_spawn_file_actions_addopen(&actions, i + 1, paths[i],
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
    }
    assert_int_equal(
        posix_spawn(&pid, ENTENTE_PROGRAM, &actions, NULL, (char **)words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &state, 0), pid);
    assert_true(WIFEXITED(state));
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(paths[i], "r");
        assert_non_null(file);
        buffers[i][fread(buffers[i], 1, CLI_OUTPUT_BYTES - 1, file)] = '\0';
        fclose(file);
    }
    return WEXITSTATUS(state);
}

/* What was printed, as JSON; the caller's. */
json_t *cli_printed(void)
{
    json_error_t error;
    json_t *json = json_loads(cli_output, 0, &error);
    if (json == NULL) {
        print_error("%s\n%s\n%s\n", error.text, cli_output, cli_complaint);
    }
    assert_non_null(json);
    return json;
}

/* Text at a path of the last JSON printed: "proposal.start", "parties.0.answer". */
const json_t *cli_member(const json_t *json, const char *path)
{
    char copy[128];
    const json_t *at = json;
    snprintf(copy, sizeof(copy), "%s", path);
    char *rest = copy;
    for (char *part = strtok_r(copy, ".", &rest); part != NULL;
         part = strtok_r(NULL, ".", &rest)) {
        at = json_is_array(at) ? json_array_get(at, strtoul(part, NULL, 10))
                               : json_object_get(at, part);
    }
    return at;
}

void cli_assert_said(const char *path, const char *expected)
{
    json_t *json = cli_printed();
    const char *text = json_string_value(cli_member(json, path));
    if (text == NULL || strcmp(text, expected) != 0) {
        print_error("%s is %s, not %s\n%s\n", path, text == NULL ? "(nothing)" : text,
                    expected, cli_output);
    }
    assert_non_null(text);
    assert_string_equal(text, expected);
    json_decref(json);
}

/* @minute of the world's day, as it is typed. */
const char *cli_at(int32_t minute)
{
    static char texts[8][ZONE_TIME_SIZE];
    static size_t next;
    char *text = texts[next++ % 8];
    zone_format_time(cli_world.day + minute, "Europe/Paris", text, ZONE_TIME_SIZE);
    return text;
}

const char *cli_window(int32_t from, int32_t until)
{
    static char text[2 * ZONE_TIME_SIZE];
    snprintf(text, sizeof(text), "%s/%s", cli_at(from), cli_at(until));
    return text;
}

void cli_keep_id(char ret_id[CLI_ID_TEXT])
{
    json_t *json = cli_printed();
    const char *id = json_string_value(json_object_get(json, "id"));
    assert_non_null(id);
    snprintf(ret_id, CLI_ID_TEXT, "%s", id);
    json_decref(json);
}

void cli_use(const char *client)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s.ini", cli_world.folder, client);
    setenv("ENTENTE_CLIENT", path, 1);
}

void cli_add_client(const char *name, const char *person, const char *other)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s.ini", cli_world.folder, name);
    assert_int_equal(cli_run("client", "add", name, "--sandbox", "--operator",
                             "--speaks-for", person, "--speaks-for", other,
                             "--write-to", path, "--endpoint", cli_world.endpoint,
                             NULL),
                     0);
}

int cli_set_up(void **state)
{
    (void)state;
    static const char *people[] = {CLI_ANNA, CLI_BEN, CLI_CLAIRE, CLI_LEA, NULL};
    unsetenv("LC_ALL");
    setenv("LC_ALL", "C", 1);
    unsetenv("NO_COLOR");
    world_create(&cli_world);
    struct world_client *agendas =
        world_add_client(&cli_world, "agendas", true, people);
    for (size_t i = 0; people[i] != NULL; i++) {
        struct entente_range free = {.start = cli_world.day + 8 * 60,
                                     .end = cli_world.day + 17 * 60,
                                     .kind = ENTENTE_FREE};
        assert_int_equal(world_publish(agendas, people[i], &free, 1), ENTENTE_OK);
    }
    cli_add_client("anna", CLI_ANNA, CLI_ANNA);
    cli_add_client("ben", CLI_BEN, CLI_CLAIRE);
    cli_use("anna");
    return 0;
}

int cli_tear_down(void **state)
{
    (void)state;
    world_destroy(&cli_world);
    return 0;
}
