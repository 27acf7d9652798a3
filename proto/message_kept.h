// SPDX-License-Identifier: Apache-2.0

/*
 * message_kept.h - what is stored with a meeting, and never on the wire
 *
 * Units, absence, ownership and names: message.h.  message_meeting.h includes this.
 */
#ifndef PROTO_MESSAGE_KEPT_H
#define PROTO_MESSAGE_KEPT_H

#include "proto/message_agenda.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pool of the request, for when one of the chosen must be replaced. */
struct entente_kept_pool {
    uint32_t number; /* as in entente_party.from_pool */
    uint32_t needed;
    struct entente_party *party; /* as it was asked for */
    int64_t *people;             /* the person of each member; 0: not known */
    size_t people_count;
    uint32_t *asked; /* indices of who has been asked already */
    size_t asked_count;
};

/* What the broker remembers of one party's agenda. */
struct entente_owner_note {
    uint32_t party;         /* index into spec.parties */
    int64_t client;         /* whose agenda diverges */
    int32_t known_start;    /* its owner knows that it is busy then, and comes */
    int64_t known_until_ms; /* for that long; 0: for good */
    uint32_t withdrew; /* 1 + enum entente_reason_code: until somebody comes instead */
    int32_t also_known_start; /* the one said before: the old time, while it is moved */
    int64_t also_known_until_ms;
    int32_t
        gone_start; /* its owner comes then, though it was taken out of the agenda */
};

/* How one party stands to the time that is confirmed. */
struct entente_kept_yes {
    uint32_t party; /* index into spec.parties */
    bool recorded;  /* the three as in entente_party */
    bool tacit;
    bool asked;
    bool unheard; /* comes, but has not said yes yet */
};

/* What the broker remembers of a meeting beside what it shows. */
struct entente_kept {
    int64_t *people; /* the person of each of spec.parties; 0: none */
    size_t people_count;
    int64_t organizer;  /* client */
    int32_t held_start; /* the held claim, 0 when none */
    int32_t held_end;
    int32_t firm_start; /* the firm claim, 0 when none */
    int32_t firm_end;
    struct entente_kept_pool *pools;
    size_t pools_count;
    int32_t *refused_starts; /* not to be proposed again */
    size_t refused_starts_count;
    struct entente_span *candidates; /* of a poll: all that is held */
    size_t candidates_count;
    struct entente_owner_note *notes;
    size_t notes_count;
    uint32_t firm_version;      /* of the meeting, when the firm claim was agreed */
    int64_t reminded_ms;        /* reminders up to here have been dealt with */
    int64_t organizer_asked_ms; /* since when the organizer is to decide */
    int64_t *asked_ms;          /* since when each of spec.parties is asked; 0: not */
    size_t asked_ms_count;
    struct entente_bytes
        siblings;             /* of a series: the ids of all its meetings, by index */
    bool linked;              /* of a sequence: gaps to its neighbours are kept, */
    uint32_t min_gap_minutes; /* from the end of the one before to its start */
    uint32_t max_gap_minutes; /* 0: no bound */
    struct entente_kept_yes *agreed; /* who comes at the firm time */
    size_t agreed_count;
    /* The last version, and its time, of which everybody hears, while later ones are
     * between the broker and the owner of an agenda; 0: the meeting's own. */
    uint32_t open_version;
    int64_t open_updated_ms;
    uint32_t
        *own_versions; /* of each of spec.parties the last that is theirs; 0: none */
    size_t own_versions_count;
};

#endif
