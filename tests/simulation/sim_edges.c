// SPDX-License-Identifier: Apache-2.0

/*
 * sim_edges.c - what broker and SDK take from the machine: clock, log, seal, thinker,
 * failpoints; all of it simulated time and drawn chance, in place of the libraries' own
 */
#include "tests/simulation/sim.h"

#include "adapters/sdk/clock.h"
#include "broker/broker.h"
#include "broker/failpoint.h"
#include "broker/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- clocks ------------------------------------------------------------------------
 */

int64_t broker_mono_ms(void)
{
    return sim_mono_ms();
}

int64_t broker_now_ms(const struct broker *broker)
{
    return broker->now_at_ms + (broker_mono_ms() - broker->now_mono_ms);
}

void broker_heard_clock(struct broker *broker, int64_t now_ms)
{
    broker->now_at_ms = now_ms;
    broker->now_mono_ms = broker_mono_ms();
    if (broker->started_ms == 0) {
        broker->started_ms = now_ms;
    }
}

int64_t clock_now_ms(void)
{
    return sim_mono_ms();
}

uint32_t clock_chance(uint32_t limit)
{
    return limit == 0 ? 0 : (uint32_t)sim_draw(limit);
}

/* ---- log, failpoints ---------------------------------------------------------------
 */

static enum log_level least = LOG_INFO;

void log_set_level(enum log_level level)
{
    least = level;
}

void log_line(enum log_level level, const char *part, const char *format, ...)
{
    va_list arguments;
    if (level < least || world->plan.trace == NULL) {
        return;
    }
    va_start(arguments, format);
    fprintf(world->plan.trace, "    %s: ", part);
    vfprintf(world->plan.trace, format, arguments);
    fputc('\n', world->plan.trace);
    va_end(arguments);
}

#if defined(ENTENTE_TEST_BUILD)
void failpoint(const char *name)
{
    (void)name;
}
#endif

/* ---- seal --------------------------------------------------------------------------
 */

struct seal {
    int unused;
};

static struct seal one_seal;

enum status seal_open(const char *path, struct seal **ret_seal,
                      const char **ret_message)
{
    (void)path;
    (void)ret_message;
    *ret_seal = &one_seal;
    return STATUS_OK;
}

void seal_close(struct seal *seal)
{
    (void)seal;
}

static uint64_t mix(uint64_t value)
{
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    return value ^ value >> 32;
}

/* Not fit for secrets, but as good at telling bytes apart. */
enum status seal_hash(const struct seal_piece *pieces, size_t count,
                      uint8_t ret[SEAL_HASH_SIZE])
{
    uint64_t lanes[4] = {1, 2, 3, 4};
    for (size_t i = 0; i < count; i++) {
        const uint8_t *bytes = pieces[i].bytes;
        for (size_t at = 0; at < pieces[i].size; at += 8) {
            uint64_t word = pieces[i].size;
            size_t left = pieces[i].size - at;
            memcpy(&word, bytes + at, left < 8 ? left : 8);
            uint64_t *lane = &lanes[at / 8 % 4];
            *lane = (*lane ^ word) * UINT64_C(0x9e3779b97f4a7c15);
            *lane ^= *lane >> 29;
        }
        lanes[i % 4] += pieces[i].size;
    }
    uint64_t all = lanes[0] ^ mix(lanes[1]) ^ mix(lanes[2] + 7) ^ mix(lanes[3] + 11);
    for (size_t i = 0; i < 4; i++) {
        uint64_t word = mix(all + i * UINT64_C(0x9e3779b97f4a7c15));
        memcpy(ret + 8 * i, &word, 8);
    }
    return STATUS_OK;
}

enum status seal_blind_index(struct seal *seal, const char *system, const char *value,
                             uint8_t ret[SEAL_BLIND_SIZE])
{
    const struct seal_piece pieces[] = {{system, strlen(system)},
                                        {value, strlen(value)}};
    (void)seal;
    return seal_hash(pieces, 2, ret);
}

enum status seal_random(void *ret, size_t size)
{
    uint8_t *bytes = ret;
    for (size_t at = 0; at < size; at += 8) {
        uint64_t word = sim_draw(UINT64_MAX);
        memcpy(bytes + at, &word, size - at < 8 ? size - at : 8);
    }
    return STATUS_OK;
}

/* ---- thinker -----------------------------------------------------------------------
 */

struct thinker {
    struct thought *first;
    struct thought **last;
    size_t count;
};

enum status thinker_create(struct thinker **ret_thinker)
{
    struct thinker *thinker = calloc(1, sizeof(*thinker));
    if (thinker == NULL) {
        return STATUS_FAILED;
    }
    thinker->last = &thinker->first;
    *ret_thinker = thinker;
    return STATUS_OK;
}

void thinker_give(struct thinker *thinker, struct thought *thought)
{
    thought->next = NULL;
    *thinker->last = thought;
    thinker->last = &thought->next;
    thinker->count++;
}

size_t thinker_count(const struct thinker *thinker)
{
    return thinker->count;
}

size_t thinker_count_of(struct thinker *thinker, int64_t whose)
{
    size_t count = 0;
    for (const struct thought *t = thinker->first; t != NULL; t = t->next) {
        count += t->whose == whose;
    }
    return count;
}

int thinker_descriptor(const struct thinker *thinker)
{
    (void)thinker;
    return -1;
}

static struct thought *take(struct thinker *thinker)
{
    struct thought *thought = thinker->first;
    if (thought != NULL) {
        thinker->first = thought->next;
        thinker->last = thinker->first == NULL ? &thinker->first : thinker->last;
        thinker->count--;
    }
    return thought;
}

/* One at a time, on the loop's own thread. */
void thinker_turn(struct thinker *thinker)
{
    struct thought *thought = take(thinker);
    if (thought != NULL) {
        thought->think(thought);
        thought->in_vain = false;
        thought->done(thought);
    }
}

void thinker_destroy(struct thinker *thinker)
{
    struct thought *thought;
    while (thinker != NULL && (thought = take(thinker)) != NULL) {
        thought->in_vain = true;
        thought->done(thought);
    }
    free(thinker);
}
