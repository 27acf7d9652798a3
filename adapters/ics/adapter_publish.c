// SPDX-License-Identifier: Apache-2.0

/*
 * adapter_publish.c - the files' side: read what has changed, publish it
 *
 * The broker renews the leases of a connected client by its heartbeat.  It is the
 * adapter that knows when a file has last been understood, so it is the adapter that
 * ends the lease of one that stays unreadable: by withdrawing it.
 */
#include "adapters/ics/adapter_state.h"
#include "adapters/ics/agenda_file.h"
#include "adapters/ics/offer.h"

#include "proto/zone.h"
#include "proto/zone_date.h"

#include <stdio.h>

enum { AGAIN_MS = 5000, MS_PER_MINUTE = 60000, MS_PER_SECOND = 1000 };

/* [today 00:00, + days) on the clock of the agenda's zone. */
static bool coverage_of(const struct adapter_agenda *agenda,
                        struct entente_span *ret_coverage)
{
    const char *zone = agenda->config->zone;
    int32_t now = (int32_t)(adapter_wall_ms() / MS_PER_MINUTE);
    struct zone_civil civil = {0};
    struct entente_span coverage = {0};

    if (!zone_to_civil(zone, now, &civil)) {
        return false;
    }
    civil.hour = 0;
    civil.minute = 0;
    bool good = zone_from_civil(zone, &civil, &coverage.start);
    int64_t day = zone_date_to_days(civil.year, civil.month, civil.day) +
                  agenda->adapter->config->days;
    zone_date_from_days(day, &civil);
    good = good && zone_from_civil(zone, &civil, &coverage.end);
    if (good) {
        *ret_coverage = coverage;
    }
    return good;
}

static int64_t lease_ms(const struct adapter *adapter)
{
    return (int64_t)adapter->config->lease_seconds * MS_PER_SECOND;
}

static void on_published(void *context, enum entente_code code,
                         const struct entente_envelope *reply)
{
    struct adapter_agenda *agenda = context;

    agenda->sending = false;
    if (code == ENTENTE_OK || code == ENTENTE_ERROR_STOPPED) {
        return;
    }
    bool told = reply != NULL && reply->body == ENTENTE_ERROR;
    adapter_say(agenda, "the broker refused the agenda: %s%s%s",
                entente_code_name(code), told ? ": " : "",
                told ? reply->error->sentence : "");
    agenda->known = false;
    agenda->refresh_ms = adapter_mono_ms() + AGAIN_MS;
}

static void send_offer(struct adapter_agenda *agenda, const struct offer *offer,
                       int64_t read_at)
{
    struct adapter *adapter = agenda->adapter;
    struct entente_identifier person = {agenda->config->system, agenda->config->value};
    struct entente_span coverage = offer->coverage;
    const struct entente_publish publish = {
        .source = agenda->config->key,
        .person = &person,
        .structure = agenda->config->structure,
        .name = agenda->config->name,
        .publication = ENTENTE_SNAPSHOT,
        .coverage = &coverage,
        .as_of_ms = read_at,
        .lease_seconds = adapter->config->lease_seconds,
        .ranges = offer->ranges,
        .ranges_count = offer->count,
        .tacit_acceptance = agenda->config->tacit,
    };

    enum entente_code code =
        entente_client_publish(adapter->client, &publish, on_published, agenda);
    if (code != ENTENTE_OK) {
        adapter_complain(agenda, entente_client_sentence(adapter->client));
        agenda->refresh_ms = adapter_mono_ms() + AGAIN_MS;
        return;
    }
    agenda->sending = true;
    agenda->known = true;
    agenda->withdrawn = false;
    agenda->trouble[0] = '\0';
    agenda->refresh_ms = adapter_mono_ms() + lease_ms(adapter) / 2;
    agenda->lease_end_ms = adapter_mono_ms() + lease_ms(adapter);
    adapter_say(agenda, "published %zu ranges for %d days", offer->count,
                adapter->config->days);
}

static void not_understood(struct adapter_agenda *agenda, const struct ics_error *error)
{
    char text[sizeof agenda->trouble];

    if (error->line > 0) {
        (void)snprintf(text, sizeof text,
                       "%s, line %u: %s; what was published last stands",
                       agenda->config->file, error->line, error->text);
    } else {
        (void)snprintf(text, sizeof text, "%s: %s; what was published last stands",
                       agenda->config->file, error->text);
    }
    agenda->good = false;
    adapter_complain(agenda, text);
}

/* Read the file; publish it if @again, or if it is not what was published last. */
static void read_file(struct adapter_agenda *agenda, struct entente_span coverage,
                      bool again)
{
    struct agenda_file file = {0};
    struct offer offer = {0};
    struct ics_error error = {0};
    int64_t read_at = adapter_wall_ms();

    agenda->changed = false;
    if (!agenda_file_load(agenda->config->file, &file, &error)) {
        not_understood(agenda, &error);
        return;
    }
    bool same = agenda->known && agenda->good && agenda->hash == file.hash;
    if (!same || again) {
        if (offer_make(agenda->config, &file, coverage.start, coverage.end, &offer,
                       &error)) {
            agenda->good = true;
            agenda->hash = file.hash;
            adapter_note_standing(agenda, &offer);
            send_offer(agenda, &offer, read_at);
            offer_finish(&offer);
        } else {
            not_understood(agenda, &error);
        }
    }
    agenda_file_finish(&file);
}

static void end_lease(struct adapter_agenda *agenda)
{
    struct adapter *adapter = agenda->adapter;

    if (entente_client_withdraw(adapter->client, agenda->config->key, NULL, NULL) ==
        ENTENTE_OK) {
        agenda->withdrawn = true;
        agenda->known = false;
        adapter_say(agenda,
                    "the lease has ended before the file could be read again: the "
                    "agenda is unknown from now on");
    }
}

static void publish_one(struct adapter_agenda *agenda, int64_t now)
{
    struct entente_span coverage;

    /* What changes meanwhile is published when this one has been answered. */
    if (agenda->sending || !coverage_of(agenda, &coverage)) {
        return;
    }
    bool again = agenda->from != coverage.start || now >= agenda->refresh_ms;
    if (again) {
        agenda->from = coverage.start;
        agenda->refresh_ms = now + lease_ms(agenda->adapter) / 2;
    }
    if (again || agenda->changed) {
        read_file(agenda, coverage, again);
    }
    if (!agenda->good && !agenda->withdrawn && now >= agenda->lease_end_ms) {
        end_lease(agenda);
    }
}

void adapter_publish(struct adapter *adapter)
{
    int64_t now = adapter_mono_ms();

    for (size_t i = 0; i < adapter->agenda_count; i++) {
        publish_one(&adapter->agendas[i], now);
    }
}
