// SPDX-License-Identifier: Apache-2.0

#include "broker/thinker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Taken from the front. */
struct thoughts {
    struct thought *first;
    struct thought **last;
};

struct thinker {
    pthread_t thread;
    pthread_mutex_t lock; /* of all that follows but count */
    pthread_cond_t more;
    struct thoughts given; /* by turn */
    struct thoughts thought;
    uint64_t turn; /* of what was taken last */
    bool stop;
    int descriptor;
    size_t count;
};

static void append(struct thoughts *thoughts, struct thought *thought)
{
    thought->next = NULL;
    *thoughts->last = thought;
    thoughts->last = &thought->next;
}

/* Behind all whose turn comes no later. */
static void insert(struct thoughts *thoughts, struct thought *thought)
{
    struct thought **place = &thoughts->first;
    while (*place != NULL && (*place)->turn <= thought->turn) {
        place = &(*place)->next;
    }
    thought->next = *place;
    *place = thought;
    if (thought->next == NULL) {
        thoughts->last = &thought->next;
    }
}

static struct thought *take(struct thoughts *thoughts)
{
    struct thought *thought = thoughts->first;
    if (thought != NULL) {
        thoughts->first = thought->next;
        if (thoughts->first == NULL) {
            thoughts->last = &thoughts->first;
        }
    }
    return thought;
}

static void *think(void *context)
{
    struct thinker *thinker = context;
    pthread_mutex_lock(&thinker->lock);
    while (!thinker->stop) {
        struct thought *thought = take(&thinker->given);
        if (thought == NULL) {
            pthread_cond_wait(&thinker->more, &thinker->lock);
            continue;
        }
        thinker->turn = thought->turn;
        pthread_mutex_unlock(&thinker->lock);
        thought->think(thought);
        pthread_mutex_lock(&thinker->lock);
        append(&thinker->thought, thought);
        /* Only a count that is full could refuse it, and then it is readable. */
        (void)eventfd_write(thinker->descriptor, 1);
    }
    pthread_mutex_unlock(&thinker->lock);
    return NULL;
}

/* Signals are the loop's. */
static bool begin(struct thinker *thinker)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return false;
    }
    bool begun = pthread_create(&thinker->thread, NULL, think, thinker) == 0;
    return pthread_sigmask(SIG_SETMASK, &before, NULL) == 0 && begun;
}

enum status thinker_create(struct thinker **ret_thinker)
{
    struct thinker *thinker = calloc(1, sizeof(*thinker));
    if (thinker == NULL) {
        return STATUS_FAILED;
    }
    thinker->given.last = &thinker->given.first;
    thinker->thought.last = &thinker->thought.first;
    thinker->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&thinker->lock, NULL);
    pthread_cond_init(&thinker->more, NULL);
    if (thinker->descriptor < 0 || !begin(thinker)) {
        if (thinker->descriptor >= 0) {
            close(thinker->descriptor);
        }
        pthread_cond_destroy(&thinker->more);
        pthread_mutex_destroy(&thinker->lock);
        free(thinker);
        return STATUS_FAILED;
    }
    *ret_thinker = thinker;
    return STATUS_OK;
}

void thinker_give(struct thinker *thinker, struct thought *thought)
{
    thinker->count++;
    pthread_mutex_lock(&thinker->lock);
    /* One turn for each that its owner has waiting, from the present one on. */
    thought->turn = thinker->turn;
    for (const struct thought *other = thinker->given.first; other != NULL;
         other = other->next) {
        if (other->whose == thought->whose && other->turn >= thought->turn) {
            thought->turn = other->turn + 1;
        }
    }
    insert(&thinker->given, thought);
    pthread_cond_signal(&thinker->more);
    pthread_mutex_unlock(&thinker->lock);
}

size_t thinker_count(const struct thinker *thinker)
{
    return thinker->count;
}

size_t thinker_count_of(struct thinker *thinker, int64_t whose)
{
    size_t count = 0;
    pthread_mutex_lock(&thinker->lock);
    for (const struct thought *thought = thinker->given.first; thought != NULL;
         thought = thought->next) {
        count += thought->whose == whose ? 1 : 0;
    }
    pthread_mutex_unlock(&thinker->lock);
    return count;
}

int thinker_descriptor(const struct thinker *thinker)
{
    return thinker->descriptor;
}

static void finish_all(struct thinker *thinker, struct thoughts *thoughts, bool in_vain)
{
    for (;;) {
        pthread_mutex_lock(&thinker->lock);
        struct thought *thought = take(thoughts);
        pthread_mutex_unlock(&thinker->lock);
        if (thought == NULL) {
            return;
        }
        thinker->count--;
        thought->in_vain = in_vain;
        thought->done(thought);
    }
}

void thinker_turn(struct thinker *thinker)
{
    eventfd_t ignored;
    if (thinker->count == 0) {
        return;
    }
    /* Nothing to read is nothing to do: what is thought later is told again. */
    (void)eventfd_read(thinker->descriptor, &ignored);
    finish_all(thinker, &thinker->thought, false);
    if (thinker->count == 0) {
        /* What was told between the two lines above is finished, too: left there, it
         * would wake the loop for ever. */
        (void)eventfd_read(thinker->descriptor, &ignored);
    }
}

void thinker_destroy(struct thinker *thinker)
{
    if (thinker == NULL) {
        return;
    }
    pthread_mutex_lock(&thinker->lock);
    thinker->stop = true;
    pthread_cond_signal(&thinker->more);
    pthread_mutex_unlock(&thinker->lock);
    pthread_join(thinker->thread, NULL);
    finish_all(thinker, &thinker->thought, true);
    finish_all(thinker, &thinker->given, true);
    close(thinker->descriptor);
    pthread_cond_destroy(&thinker->more);
    pthread_mutex_destroy(&thinker->lock);
    free(thinker);
}
