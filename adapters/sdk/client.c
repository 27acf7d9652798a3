// SPDX-License-Identifier: Apache-2.0

#include "adapters/sdk/client_private.h"

#include "adapters/sdk/clock.h"
#include "proto/errors.h"
#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SETTINGS_BYTES = 1024 * 1024,
    SENDING_BYTES = 4 * LIMIT_ARENA_BYTES,
    DEFAULT_HEARTBEAT_MS = 1000,
    DEFAULT_LIVENESS = 3,
    DEFAULT_CONNECT_TIMEOUT_MS = 5000,
    DEFAULT_BACK_OFF_MIN_MS = 100,
    DEFAULT_BACK_OFF_MAX_MS = 30000,
    DEFAULT_LINGER_MS = 1000,
    DEFAULT_BYTES = 32 * 1024 * 1024,
    MOST_ENDPOINTS = 64,
    ROUNDS_PER_TURN = 16,
};

/* ---- failures ----------------------------------------------------------------------
 */

const char *entente_code_name(unsigned code)
{
    static const char *const names[] = {
        [ENTENTE_OK] = "OK",
        [ENTENTE_ERROR_TIMEOUT] = "TIMEOUT",
        [ENTENTE_ERROR_STOPPED] = "STOPPED",
        [ENTENTE_ERROR_MEMORY] = "MEMORY",
        [ENTENTE_ERROR_SETTINGS] = "SETTINGS",
        [ENTENTE_ERROR_FILE] = "FILE",
        [ENTENTE_ERROR_IN_CALLBACK] = "IN_CALLBACK",
        [ENTENTE_ERROR_UNEXPECTED] = "UNEXPECTED",
        [ENTENTE_ERROR_NOT_DELIVERED] = "NOT_DELIVERED",
    };

    return code < sizeof names / sizeof names[0] ? names[code] : error_name(code);
}

enum entente_code client_fail(struct entente_client *client, enum entente_code code,
                              const char *sentence)
{
    if (sentence != client->sentence) {
        (void)snprintf(client->sentence, sizeof client->sentence, "%s", sentence);
    }
    return code;
}

enum entente_code client_refuse(struct entente_client *client,
                                const struct codec_error *error)
{
    error_sentence(error->code, NULL, error->parameters, error->parameter_count,
                   client->sentence, sizeof client->sentence);
    return (enum entente_code)error->code;
}

/* ---- settings ----------------------------------------------------------------------
 */

static bool copy_texts(struct arena *memory, const char *const *texts, size_t count,
                       const char *const **ret_copy)
{
    const char **copy = arena_array(memory, count, sizeof *copy);

    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = arena_text(memory, texts[i]);
        if (!copy[i]) {
            return false;
        }
    }
    *ret_copy = copy;
    return copy != NULL;
}

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
    return value ? value : otherwise;
}

static bool copy_settings(struct entente_client *client,
                          const struct entente_settings *settings)
{
    struct entente_settings *copy = &client->settings;
    struct arena *memory = &client->memory;

    *copy = *settings;
    /* The keys stay with the session. */
    copy->server_public_key = NULL;
    copy->public_key = NULL;
    copy->secret_key = NULL;
    copy->software =
        arena_text(memory, settings->software ? settings->software : "entente-sdk");
    copy->software_version = arena_text(
        memory, settings->software_version ? settings->software_version : "0");
    copy->heartbeat_ms = or_default(copy->heartbeat_ms, DEFAULT_HEARTBEAT_MS);
    copy->liveness = or_default(copy->liveness, DEFAULT_LIVENESS);
    copy->connect_timeout_ms =
        or_default(copy->connect_timeout_ms, DEFAULT_CONNECT_TIMEOUT_MS);
    copy->back_off_min_ms = or_default(copy->back_off_min_ms, DEFAULT_BACK_OFF_MIN_MS);
    copy->back_off_max_ms = or_default(copy->back_off_max_ms, DEFAULT_BACK_OFF_MAX_MS);
    copy->linger_ms = or_default(copy->linger_ms, DEFAULT_LINGER_MS);
    if (copy->requests_max == 0 || copy->requests_max > LIMIT_IN_FLIGHT) {
        copy->requests_max = LIMIT_IN_FLIGHT;
    }
    if (copy->bytes_max == 0) {
        copy->bytes_max = DEFAULT_BYTES;
    }
    return copy->software && copy->software_version &&
           copy_texts(memory, settings->endpoints, settings->endpoints_count,
                      &copy->endpoints) &&
           copy_texts(memory, settings->capabilities, settings->capabilities_count,
                      &copy->capabilities);
}

/* NULL when the settings can be used. */
static const char *find_fault(const struct entente_settings *settings)
{
    if (!settings || settings->endpoints_count == 0) {
        return "There is no endpoint of a broker in the settings.";
    }
    if (settings->endpoints_count > MOST_ENDPOINTS) {
        return "There are more than 64 endpoints in the settings.";
    }
    if (settings->capabilities_count > LIMIT_CAPABILITIES) {
        return "There are more than 32 capabilities in the settings.";
    }
    if (!session_is_key(settings->server_public_key)) {
        return "The broker's public key is missing or is not 40 characters of Z85.";
    }
    if (!session_is_key(settings->public_key)) {
        return "The client's public key is missing or is not 40 characters of Z85.";
    }
    if (!session_is_key(settings->secret_key)) {
        return "The client's secret key is missing or is not 40 characters of Z85.";
    }
    return NULL;
}

static void explain(char *why, size_t why_size, const char *sentence)
{
    if (why && why_size > 0) {
        (void)snprintf(why, why_size, "%s", sentence);
    }
}

/* ---- life --------------------------------------------------------------------------
 */

static bool start(struct entente_client *client,
                  const struct entente_settings *settings)
{
    if (!copy_settings(client, settings) ||
        !requests_init(&client->requests, client->settings.requests_max,
                       client->settings.bytes_max)) {
        return false;
    }
    client->session = session_create(&(struct session_settings){
        .server_public_key = settings->server_public_key,
        .public_key = settings->public_key,
        .secret_key = settings->secret_key,
        .connect_timeout_ms = client->settings.connect_timeout_ms,
    });
    if (!client->session) {
        return false;
    }
    client->state = CLIENT_WAITING;
    client->applied = settings->position;
    client->delivered = settings->position;
    client_wake(client);
    return true;
}

struct entente_client *entente_client_create(const struct entente_settings *settings,
                                             char *why, size_t why_size)
{
    const char *fault = find_fault(settings);

    if (fault) {
        explain(why, why_size, fault);
        return NULL;
    }
    struct entente_client *client = calloc(1, sizeof *client);
    if (client) {
        arena_init(&client->memory, SETTINGS_BYTES);
        arena_init(&client->received, LIMIT_ARENA_BYTES);
        arena_init(&client->sending, SENDING_BYTES);
        arena_init(&client->answered, LIMIT_ARENA_BYTES);
        if (start(client, settings)) {
            return client;
        }
    }
    explain(why, why_size, "There are not enough memory or descriptors for a client.");
    entente_client_destroy(client);
    return NULL;
}

void entente_client_destroy(struct entente_client *client)
{
    if (!client) {
        return;
    }
    uint32_t linger_ms = 0;

    if (client->state == CLIENT_OPEN) {
        int64_t wake_at = INT64_MAX;
        (void)conversation_send(client, &wake_at);
        linger_ms = client->settings.linger_ms;
    }
    client->state = CLIENT_STOPPED;
    client->stopped = ENTENTE_ERROR_STOPPED;
    calls_end_all(client);
    source_finish_all(client);
    requests_finish(&client->requests);
    session_destroy(client->session, linger_ms);
    arena_finish(&client->answered);
    arena_finish(&client->sending);
    arena_finish(&client->received);
    arena_finish(&client->memory);
    free(client);
}

int entente_client_fd(const struct entente_client *client)
{
    return session_fd(client->session);
}

/* ---- the loop ----------------------------------------------------------------------
 */

void client_wake(struct entente_client *client)
{
    session_wake_at(client->session, 0);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_time(const struct entente_client *client, int64_t wake_at)
{
    const struct entente_settings *settings = &client->settings;

    switch (client->state) {
    case CLIENT_WAITING:
        return client->connect_at;
    case CLIENT_GREETING:
        return client->greet_until;
    case CLIENT_OPEN:
        return sooner(wake_at,
                      sooner(client->heartbeat_at,
                             client->received_at +
                                 (int64_t)settings->heartbeat_ms * settings->liveness));
    case CLIENT_STOPPED:
        break;
    }
    return INT64_MAX / 2;
}

/* True if anything was received or sent. */
static bool turn(struct entente_client *client)
{
    int64_t wake_at = INT64_MAX / 2;
    bool any = false;
    bool more = true;

    /* The last round only looks at what has arrived and finds nothing: opening and
     * sending swallow the transport's signals, and a socket that was not read in vain
     * gives none. */
    for (int i = 0; i < ROUNDS_PER_TURN && more; i++) {
        more = conversation_receive(client);
        more = conversation_keep_time(client) || more;
        wake_at = INT64_MAX / 2;
        more = conversation_send(client, &wake_at) || more;
        any = any || more;
    }
    session_wake_at(client->session, more ? 0 : next_time(client, wake_at));
    return any;
}

enum entente_code entente_client_step(struct entente_client *client, int timeout_ms)
{
    if (client->callbacks > 0) {
        return client_fail(client, ENTENTE_ERROR_IN_CALLBACK,
                           "A callback may not wait or step.");
    }
    if (client->state != CLIENT_STOPPED && !turn(client) && timeout_ms != 0) {
        session_wait(client->session, timeout_ms);
        (void)turn(client);
    }
    return client->state == CLIENT_STOPPED ? client->stopped : ENTENTE_OK;
}

enum entente_code entente_client_connect(struct entente_client *client, int timeout_ms)
{
    int64_t until = clock_now_ms() + timeout_ms;
    enum entente_code code = ENTENTE_OK;

    while (code == ENTENTE_OK && client->state != CLIENT_OPEN) {
        int64_t left = until - clock_now_ms();
        if (timeout_ms >= 0 && left < 0) {
            if (client->sentence[0] == '\0') {
                (void)client_fail(client, ENTENTE_ERROR_TIMEOUT,
                                  "The broker has not said welcome yet.");
            }
            return ENTENTE_ERROR_TIMEOUT;
        }
        code = entente_client_step(client, timeout_ms < 0 ? -1 : (int)left);
    }
    return code;
}

bool entente_client_is_connected(const struct entente_client *client)
{
    return client->state == CLIENT_OPEN;
}

const char *entente_client_sentence(const struct entente_client *client)
{
    return client->sentence;
}

const char *entente_client_name(const struct entente_client *client)
{
    return client->name;
}

size_t entente_client_unanswered(const struct entente_client *client)
{
    return client->requests.unanswered;
}
