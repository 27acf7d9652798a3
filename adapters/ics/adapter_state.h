// SPDX-License-Identifier: Apache-2.0

/*
 * adapter_state.h - what the parts of the process share; for adapter*.c only
 *
 * Units       Members in _ms that are moments are read from CLOCK_MONOTONIC; 0: none.
 *
 * Ownership   One struct adapter, for the life of the process.
 */
#ifndef ADAPTERS_ICS_ADAPTER_STATE_H
#define ADAPTERS_ICS_ADAPTER_STATE_H

#include "adapters/ics/adapter.h"
#include "adapters/ics/config.h"
#include "adapters/ics/inbox.h"
#include "adapters/ics/watch.h"
#include "adapters/sdk/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct adapter;

/* One calendar file. */
struct adapter_agenda {
    struct adapter *adapter;
    const struct config_agenda *config;
    size_t number;

    bool changed; /* to be read again */
    bool sending; /* a publication is on its way */
    bool good;    /* what was read last could be understood */
    bool withdrawn;
    bool known; /* hash is that of the last publication */
    uint64_t hash;
    int32_t from;         /* the day, from its midnight, of the last reading */
    int64_t refresh_ms;   /* read and publish again, changed or not */
    int64_t lease_end_ms; /* of the last good state */

    int64_t apply_again_ms; /* the file could not be written before */
    int64_t back_off_ms;
    uint64_t doubtful; /* the event that was reported as unknown */

    char trouble[400]; /* said last, so that it is said once */

    uint8_t (*standing)[16]; /* ids of the meetings in the file, sorted */
    size_t standing_count;
};

struct adapter {
    const struct config *config;
    struct adapter_mode mode;
    struct entente_client *client;
    struct watch *watch;
    struct adapter_agenda *agendas;
    size_t agenda_count;
    struct inbox inbox;
    uint64_t issued; /* the highest event number that the broker has named */
    struct entente_position passed; /* up to here every event is in every file */
    uint64_t received; /* the highest one that has come on this connection */
    bool connected;    /* has been, once */
    bool look;         /* for meetings that a file has lost */
    bool missing;      /* some have been found missing, and may come back */
    bool looking;      /* the broker has been asked for the list */
    bool broken;       /* out of memory: a new process starts from what is stored */
};

/* adapter.c */
int64_t adapter_mono_ms(void);
int64_t adapter_wall_ms(void);
/* @agenda NULL: it is about the whole process. */
void adapter_say(const struct adapter_agenda *agenda, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, unless it is what was said about this agenda last. */
void adapter_complain(struct adapter_agenda *agenda, const char *text);

/* adapter_publish.c: read and publish what has changed, or what is due. */
void adapter_publish(struct adapter *adapter);

/* adapter_events.c: apply what waits and is due; report; acknowledge. */
void adapter_apply(struct adapter *adapter);
/* From where on events are wanted, by what the files record. */
struct entente_position adapter_position(const struct config *config);

/* adapter_missing.c: note which meetings stand in the file; see to those that have gone,
 * once nothing else waits. */
struct offer;
void adapter_note_standing(struct adapter_agenda *agenda, const struct offer *offer);
void adapter_look_for_missing(struct adapter *adapter);
void adapter_forget_standing(struct adapter *adapter);

#endif
