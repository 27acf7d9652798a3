// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/world_hang.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { ENDPOINT = 224, FILE_BYTES = 8192 };

static void die(const char *what)
{
    fprintf(stderr, "world: %s\n", what);
    abort();
}

static void endpoint_of(const struct world *world, size_t number, char ret[ENDPOINT])
{
    if (number == 1) {
        snprintf(ret, ENDPOINT, "%s", world->endpoint);
    } else {
        snprintf(ret, ENDPOINT, "%s%zu", world->endpoint, number);
    }
}

void world_start_another(struct world *world, size_t number)
{
    char endpoint[ENDPOINT];
    char digits[24];
    endpoint_of(world, number, endpoint);
    snprintf(digits, sizeof(digits), "%zu", number);
    const char *words[] = {"entente",  "broker", "--listen", endpoint,
                           "--number", digits,   NULL};
    unsetenv("ENTENTE_FAILPOINT");
    world->others[number] = world_spawn(world, words, true);
}

int world_wait_for_another(struct world *world, size_t number)
{
    int state = 0;
    if (waitpid(world->others[number], &state, 0) != world->others[number]) {
        die("waitpid");
    }
    world->others[number] = 0;
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

int world_stop_another(struct world *world, size_t number, int signal_number)
{
    if (world->others[number] == 0) {
        return 0;
    }
    kill(world->others[number], signal_number);
    int code = world_wait_for_another(world, number);
    if (code > 0) {
        world_show_log(world);
        die("another broker ended with a complaint");
    }
    return code == 0 ? 0 : signal_number;
}

/* ---- where a client hangs ----------------------------------------------------------
 */

/* The file as before, with other endpoints in the place of the first one. */
static void write_endpoints(const struct world_client *client, const size_t *numbers,
                            size_t count)
{
    char text[FILE_BYTES];
    char line[1024];
    size_t used = 0;
    bool written = false;
    FILE *file = fopen(client->path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        bool is_endpoint = strncmp(line, "endpoint", 8) == 0;
        for (size_t i = 0; is_endpoint && !written && i < count; i++) {
            char endpoint[ENDPOINT];
            endpoint_of(client->world, numbers[i], endpoint);
            used += (size_t)snprintf(text + used, sizeof(text) - used,
                                     "endpoint = %s\n", endpoint);
        }
        written = written || is_endpoint;
        if (!is_endpoint) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", line);
        }
    }
    if (file == NULL || fclose(file) != 0 || !written || used >= sizeof(text)) {
        die("the settings cannot be changed");
    }
    file = fopen(client->path, "w");
    if (file == NULL || fwrite(text, 1, used, file) != used || fclose(file) != 0) {
        die("the settings cannot be written");
    }
}

void world_hang(struct world_client *client, const size_t *numbers, size_t count)
{
    write_endpoints(client, numbers, count);
    world_reconnect(client);
}

void world_hang_on(struct world_client *client, size_t number)
{
    world_hang(client, &number, 1);
}

struct entente_client *world_hang_beside(struct world_client *client, size_t number)
{
    struct entente_client *before = client->sdk;
    write_endpoints(client, &number, 1);
    world_connect(client);
    return before;
}
