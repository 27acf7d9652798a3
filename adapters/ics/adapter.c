// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/adapter.h"

#include "adapters/ics/adapter_state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,
    EXIT_WRONG = 2,
    /* Midnight is noticed this late, and so is a directory that has come back. */
    WAKE_MS = 30000,
    ONCE_PATIENCE_MS = 60000,
};

int64_t adapter_mono_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t adapter_wall_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void adapter_say(const struct adapter_agenda *agenda, const char *format, ...)
{
    char text[600];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (agenda != NULL) {
        (void)fprintf(stderr, "entente-ics: %s: %s\n", agenda->config->key, text);
    } else {
        (void)fprintf(stderr, "entente-ics: %s\n", text);
    }
}

void adapter_complain(struct adapter_agenda *agenda, const char *text)
{
    if (strcmp(agenda->trouble, text) != 0) {
        (void)snprintf(agenda->trouble, sizeof agenda->trouble, "%s", text);
        adapter_say(agenda, "%s", text);
    }
}

/* ---- what the SDK calls ------------------------------------------------------------
 */

static void on_event(void *context, const struct entente_event *event,
                     struct entente_position position)
{
    struct adapter *adapter = context;

    adapter->received = position.sequence;
    if (position.sequence > adapter->issued) {
        adapter->issued = position.sequence;
    }
    if (!inbox_add(&adapter->inbox, event, position, adapter->agenda_count)) {
        adapter_say(NULL, "out of memory");
        adapter->broken = true;
    }
}

static void on_connected(void *context, const struct entente_welcome *welcome)
{
    struct adapter *adapter = context;

    /* What was not acknowledged comes again. */
    inbox_clear(&adapter->inbox);
    adapter->issued = welcome->last_event_issued;
    adapter->received =
        welcome->event_epoch == adapter->passed.epoch ? adapter->passed.sequence : 0;
    adapter->passed.epoch = welcome->event_epoch;
    adapter->passed.sequence = adapter->received;
    adapter->connected = true;
    adapter->look = true;
    adapter->looking = false;
    adapter_say(NULL, "connected as %s", welcome->client);
}

static void on_disconnected(void *context, const char *sentence)
{
    (void)context;
    adapter_say(NULL, "%s", sentence);
}

static void on_changed(void *context, size_t number)
{
    struct adapter *adapter = context;

    adapter->agendas[number].changed = true;
    /* Perhaps the file can be written now. */
    adapter->agendas[number].apply_again_ms = 0;
}

/* ---- the loop ----------------------------------------------------------------------
 */

static int until(int64_t moment, int64_t now, int wait)
{
    if (moment == 0 || moment - now >= wait) {
        return wait;
    }
    return moment > now ? (int)(moment - now) : 0;
}

/* Milliseconds until something is due by itself. */
static int patience(const struct adapter *adapter)
{
    int64_t now = adapter_mono_ms();
    int wait = WAKE_MS;

    for (size_t i = 0; i < adapter->agenda_count; i++) {
        const struct adapter_agenda *agenda = &adapter->agendas[i];
        if (!agenda->sending) {
            wait = until(agenda->refresh_ms, now, wait);
            wait = agenda->changed ? 0 : wait;
        }
        if (!agenda->good && !agenda->withdrawn) {
            wait = until(agenda->lease_end_ms, now, wait);
        }
        if (adapter->inbox.first != NULL) {
            wait = until(agenda->apply_again_ms, now, wait);
        }
    }
    return wait;
}

/* For --once: all that could be done has been done. */
static bool is_finished(const struct adapter *adapter)
{
    bool finished = adapter->connected && adapter->inbox.first == NULL &&
                    adapter->received >= adapter->issued && !adapter->look &&
                    entente_client_unanswered(adapter->client) == 0;

    for (size_t i = 0; i < adapter->agenda_count; i++) {
        finished = finished && !adapter->agendas[i].sending;
    }
    return finished;
}

static int outcome_of(const struct adapter *adapter)
{
    for (size_t i = 0; i < adapter->agenda_count; i++) {
        const struct adapter_agenda *agenda = &adapter->agendas[i];
        if (!agenda->good || !agenda->known) {
            return EXIT_FAILED;
        }
    }
    return EXIT_FINE;
}

static int serve(struct adapter *adapter, int signals)
{
    int64_t give_up = adapter_mono_ms() + ONCE_PATIENCE_MS;
    struct pollfd polled[] = {
        {.fd = signals, .events = POLLIN},
        {.fd = watch_fd(adapter->watch), .events = POLLIN},
        {.fd = entente_client_fd(adapter->client), .events = POLLIN}};

    while (!adapter->broken) {
        if (entente_client_step(adapter->client, 0) != ENTENTE_OK) {
            adapter_say(NULL, "%s", entente_client_sentence(adapter->client));
            return EXIT_FAILED;
        }
        (void)watch_renew(adapter->watch);
        watch_read(adapter->watch, on_changed, adapter);
        adapter_apply(adapter);
        adapter_publish(adapter);
        adapter_look_for_missing(adapter);
        if (adapter->mode.once && is_finished(adapter)) {
            return outcome_of(adapter);
        }
        if (adapter->mode.once && adapter_mono_ms() > give_up) {
            adapter_say(NULL, "not everything could be done in time: %s",
                        entente_client_sentence(adapter->client));
            return EXIT_FAILED;
        }
        if (poll(polled, sizeof polled / sizeof *polled, patience(adapter)) < 0 &&
            errno != EINTR) {
            adapter_say(NULL, "poll: %s", strerror(errno));
            return EXIT_FAILED;
        }
        if (polled[0].revents != 0) {
            adapter_say(NULL, "told to end");
            return EXIT_FINE;
        }
    }
    return EXIT_FAILED;
}

/* ---- life --------------------------------------------------------------------------
 */

static bool add_agendas(struct adapter *adapter)
{
    const struct config *config = adapter->config;
    int64_t lease_end = adapter_mono_ms() + (int64_t)config->lease_seconds * 1000;

    adapter->agendas = calloc(config->agenda_count, sizeof *adapter->agendas);
    adapter->watch = watch_create();
    if (adapter->agendas == NULL || adapter->watch == NULL) {
        adapter_say(NULL, "the files cannot be watched: %s", strerror(errno));
        return false;
    }
    adapter->agenda_count = config->agenda_count;
    for (size_t i = 0; i < config->agenda_count; i++) {
        adapter->agendas[i] = (struct adapter_agenda){.adapter = adapter,
                                                      .config = &config->agendas[i],
                                                      .number = i,
                                                      .changed = true,
                                                      .lease_end_ms = lease_end};
        if (!watch_add(adapter->watch, config->agendas[i].file, i)) {
            adapter_say(NULL, "out of memory");
            return false;
        }
    }
    return true;
}

static bool add_client(struct adapter *adapter)
{
    static const char *const capabilities[] = {"can-refuse", "can-cancel",
                                               CAPABILITY_DELETION};
    char why[ENTENTE_WHY_SIZE];
    adapter->passed = adapter_position(adapter->config);
    const struct entente_settings settings = {
        .software = "entente-ics",
        .capabilities = capabilities,
        .capabilities_count = sizeof capabilities / sizeof *capabilities,
        .position = adapter->passed,
        .context = adapter,
        .on_event = on_event,
        .on_connected = on_connected,
        .on_disconnected = on_disconnected,
    };

    adapter->client =
        entente_client_from_file(adapter->config->client, &settings, why, sizeof why);
    if (adapter->client == NULL) {
        adapter_say(NULL, "%s", why);
        return false;
    }
    return true;
}

/* Before the SDK starts its thread, so that the thread does not get them either. */
static int take_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    /* A limit on the size of files is an error like a full disk, not the end. */
    (void)signal(SIGXFSZ, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int adapter_run(const struct config *config, struct adapter_mode mode)
{
    struct adapter adapter = {.config = config, .mode = mode};
    int code = EXIT_WRONG;

    int signals = take_signals();
    if (signals < 0) {
        adapter_say(NULL, "signals: %s", strerror(errno));
        return EXIT_FAILED;
    }
    if (add_agendas(&adapter) && add_client(&adapter)) {
        code = serve(&adapter, signals);
    }
    entente_client_destroy(adapter.client);
    inbox_clear(&adapter.inbox);
    watch_destroy(adapter.watch);
    adapter_forget_standing(&adapter);
    free(adapter.agendas);
    (void)close(signals);
    return code;
}
