/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery.pml - events of two brokers to one agenda: at least once sent, once applied
 *
 * Each commit raises the recipient's counter and writes the event under its number, in one
 * transaction. Any event that was ever sent may arrive at any time, any number of times, in
 * any order, or never. Brokers, the database and the adapter crash anywhere; the adapter
 * stores its position with the effect, and what it has acknowledged is not sent again.
 *
 * Checked     numbers are gapless and each has one content; what is applied is what was
 *             committed, in order, each once; what is acknowledged has been applied; an
 *             adapter that is heard of again catches up (no event is out of reach).
 *
 * Seeds       SENT_BEFORE_COMMIT, COUNTER_READ_BEFORE, POSITION_APART, GAPS_SKIPPED,
 *             ACKED_BEFORE_APPLIED are mistakes that must be found.
 */
#define EVENTS 5

/* ---- the database ----------------------------------------------------------------- */
byte last_number;
byte acked;
byte content[EVENTS + 2]; /* by number; 0: there is none */
byte changes;             /* commits so far: what they say */

/* ---- what is on its way, for ever -------------------------------------------------- */
byte sent[EVENTS + 2]; /* the content that was sent under this number; 0: nothing yet */

/* ---- the adapter ------------------------------------------------------------------- */
byte position; /* durable */
byte applied;  /* how many effects its agenda has; durable */

inline commit(number)
{
    d_step {
        changes++;
        assert(content[number] == 0);
        content[number] = changes;
        last_number = (number > last_number -> number : last_number);
        /* Gapless. */
        assert(last_number == 1 || content[last_number - 1] != 0)
    }
}

proctype broker()
{
    byte number;
    byte next;
end_idle:
    do
    :: changes < EVENTS -> /* decide something, and write it with its event */
        number = last_number + 1;
#ifdef SENT_BEFORE_COMMIT
        sent[number] = changes + 1;
        if
        :: skip
        :: goto crashed
        fi;
#endif
#ifndef COUNTER_READ_BEFORE
        atomic {
            if
            :: changes < EVENTS ->
                number = last_number + 1; /* raised under the row's lock, in the commit */
                commit(number)
            :: else
            fi
        };
#else
        if
        :: changes < EVENTS -> commit(number)
        :: else
        fi;
#endif
        number = 0
    :: atomic { /* send something that the recipient has not acknowledged */
        (acked < last_number) ->
        next = acked + 1;
        do
        :: next < last_number -> next++
        :: break
        od;
        sent[next] = (content[next] != 0 -> content[next] : sent[next]);
        next = 0
       }
    :: goto crashed
    od;
crashed:
    number = 0;
    next = 0;
    goto end_idle
}

proctype adapter()
{
    byte n;
end_listening:
    do
    :: atomic { /* something arrives, or nothing */
        n = 1;
        do
        :: n < EVENTS -> n++
        :: break
        od;
        n = (sent[n] != 0 -> n : 0)
       };
#ifdef ACKED_BEFORE_APPLIED
       acked = ((n != 0 && n == position + 1) -> n : acked);
       if
       :: skip
       :: goto crashed
       fi;

#endif
       if
#ifdef GAPS_SKIPPED
       :: n != 0 && n > position ->
#else
       :: n != 0 && n == position + 1 -> /* the next one; behind a gap it waits */
#endif
#ifdef POSITION_APART
            applied++;
            assert(sent[n] == content[n]);
            if
            :: skip
            :: goto crashed
            fi;
            position = n
#else
            d_step {
                applied++;
                assert(sent[n] == content[n]);
                position = n
            }
#endif
       :: else
       fi;
       assert(applied == position);
       if
       :: acked = (position > acked -> position : acked)
       :: skip /* the acknowledgement is lost */
       fi;
       assert(acked <= position && acked <= last_number);
       n = 0
    :: goto crashed
    od;
crashed:
    n = 0;
    /* What it does not know to have applied it would apply again. */
    assert(applied == position);
    assert(acked <= position);
    goto end_listening
}

/* Whatever has happened, the next event is there to be sent. */
proctype watch()
{
end_watch:
    do
    :: atomic { position < last_number -> assert(content[position + 1] != 0) }
    od
}

init
{
    atomic {
        run broker();
        run broker();
        run adapter();
        run watch()
    }
}
