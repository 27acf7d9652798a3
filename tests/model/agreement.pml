/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agreement.pml - two meetings, three people, two brokers on one database
 *
 * Network     Every command may reach any broker at any time, any number of times, in any
 *             order, or never: messages are lost, repeated and reordered at no cost in
 *             states.  An answer to an old proposal is refused, which changes nothing, and
 *             so is left out.
 * Broker      Locks the meeting, then its people one by one by rising number (a plain yes
 *             locks nobody), reads again the people of whom its index is not current,
 *             decides by the table, writes with a compare-and-set on the version, and
 *             speaks after the commit.  It may stop for as long as it likes anywhere
 *             (stale), and crash anywhere.
 * Database    May crash anywhere: transactions are gone, locks are free, what is committed
 *             stays.  A broker may not learn whether its commit was carried out.
 * Index       What is old is read again under lock, so that it is as the database.  Where
 *             that is left out, one bit for each person says whether it is current; what
 *             is not may say anything that was true once, at worst that nobody is claimed.
 *
 * Checked     nobody is claimed twice; claims follow the state; a reply means that it is
 *             durable; nothing is done twice; no step that the table does not have; no
 *             deadlock.
 *
 * Seeds       -DNO_CONSTRAINT takes the exclusion constraint away (the locks must do alone),
 *             -DNO_REFRESH the look at the people's versions (the constraint must do alone);
 *             these two together, and each of the others alone, are mistakes that must be
 *             found: NO_LOCKS, LOCKS_UNSORTED, NO_CAS, SPEAK_EARLY, NO_COMMAND_ROW,
 *             FORGETS_RELEASE, NO_SESSION.  With -DCALM nothing crashes: a crash would end
 *             every deadlock.  -DBROKERS_LIVE, -DDATABASE_LIVES: they do not crash; -DFEW: nobody
 *             declines, withdraws or decides.  See check_models.sh.
 */
#include "table.pml"

#define MEETINGS 2
#define PEOPLE 3
#define BROKERS 2
#define NOBODY 0

/* Commands; the first four are done at most once for each meeting. */
#define REQUEST 0
#define SHIFT 1
#define CALL_OFF 2
#define WITHDRAW 3 /* of person 2, who is optional */
#define ACCEPT_0 4
#define ACCEPT_1 5
#define DECLINE 6
#define DECIDE_1 7
#define DECIDE_2 8
#define DUE 9
#define DUE_OTHER 10 /* another that is due at the same time */

#ifdef NO_LOCKS
#define IS_OPEN(m) true
#else
#define IS_OPEN(m) (meeting_lock[m] == NOBODY)
#endif

#if defined(NO_LOCKS) || defined(NO_SESSION)
#define RACES
#endif

/* ---- the database ----------------------------------------------------------------- */

byte state[MEETINGS];
byte held[MEETINGS]; /* the slot, 1 or 2; 0: none */
byte firm[MEETINGS];
byte said_yes[MEETINGS]; /* bit 0: person 0, bit 1: person 1 */
bit without_2[MEETINGS];
byte done[MEETINGS];   /* bit per command: its row is there */
byte claims[MEETINGS]; /* bit (2 * person + slot - 1) */
byte meeting_lock[MEETINGS];
byte person_lock[PEOPLE];

/* ---- the brokers ------------------------------------------------------------------ */

bit session[BROKERS];   /* its transaction lives */
bit dirty[BROKERS];     /* its meeting has changed since it was read */
#ifdef NO_REFRESH
byte current[BROKERS]; /* bit per person: the index is current */
#endif
byte looks_at[BROKERS]; /* the meeting, + 1 */

inline release(b)
{
    meeting_lock[0] = (meeting_lock[0] == b + 1 -> NOBODY : meeting_lock[0]);
    meeting_lock[1] = (meeting_lock[1] == b + 1 -> NOBODY : meeting_lock[1]);
    person_lock[0] = (person_lock[0] == b + 1 -> NOBODY : person_lock[0]);
    person_lock[1] = (person_lock[1] == b + 1 -> NOBODY : person_lock[1]);
    person_lock[2] = (person_lock[2] == b + 1 -> NOBODY : person_lock[2]);
    session[b] = 0;
    dirty[b] = 0;
    looks_at[b] = 0
}

/* Is slot @s free for all who attend @m, as far as this broker knows? */
#ifdef NO_REFRESH
#define SEES(p, s) (((current[b] >> (p)) & 1) && (claims[1 - m] >> (2 * (p) + (s) - 1)) & 1)
#else
#define SEES(p, s) ((claims[1 - m] >> (2 * (p) + (s) - 1)) & 1)
#endif
#define IS_FREE(s) (!SEES(0, s) && !SEES(1, s) && (without_2[m] || !SEES(2, s)))

#define HELD_ONLY(m) (state[m] == PROPOSED || state[m] == WAITING_ORGANIZER)
#define FIRM_ONLY(m) (state[m] == CONFIRMED || state[m] == DONE)

/* Which event the command is now, and which slot it is about; event 0: refused, or
 * nothing to do. */
inline choose_event(b)
{
    if
    :: command == REQUEST && state[m] == NOTHING_YET ->
        if
        :: IS_FREE(1) -> event = SLOT_FOUND; slot = 1
        :: !IS_FREE(1) && IS_FREE(2) -> event = SLOT_FOUND; slot = 2
        :: else -> event = NO_SLOT
        fi
    :: command == SHIFT && (state[m] == PROPOSED || state[m] == CONFIRMED || state[m] == MOVING) ->
        slot = 3 - (state[m] == CONFIRMED -> firm[m] : held[m]);
        if
        :: state[m] == MOVING && slot == firm[m] -> event = 0
        :: (state[m] != MOVING || slot != firm[m]) && IS_FREE(slot) -> event = SHIFT_FOUND
        :: else -> event = (state[m] == PROPOSED -> SHIFT_NONE : 0)
        fi
    :: command == CALL_OFF && state[m] != NOTHING_YET -> event = CANCEL
    :: command == WITHDRAW && !without_2[m] && state[m] == PROPOSED ->
        event = OPTIONAL_DECLINED
    :: command == WITHDRAW && !without_2[m] && state[m] == CONFIRMED ->
        event = OPTIONAL_WITHDREW
    :: (command == ACCEPT_0 || command == ACCEPT_1) && (state[m] == PROPOSED || state[m] == MOVING) ->
        yes = said_yes[m] | (command == ACCEPT_0 -> 1 : 2);
        event = (yes == said_yes[m] -> 0 : (yes == 3 -> ALL_ACCEPTED : ACCEPTED))
    :: command == DECLINE && (state[m] == PROPOSED || state[m] == MOVING) -> event = DECLINED
    :: command == DECIDE_1 && state[m] == WAITING_ORGANIZER && IS_FREE(1) ->
        event = ORGANIZER_PROPOSES; slot = 1
    :: command == DECIDE_2 && state[m] == WAITING_ORGANIZER && IS_FREE(2) ->
        event = ORGANIZER_PROPOSES; slot = 2
    :: command == DUE && state[m] == SEARCHING ->
        if
        :: IS_FREE(1) -> event = SLOT_FOUND; slot = 1
        :: !IS_FREE(1) && IS_FREE(2) -> event = SLOT_FOUND; slot = 2
        :: else
        fi
    :: command == DUE_OTHER && state[m] == SEARCHING -> event = TIME_OVER
    :: command == DUE && (HELD_ONLY(m) || state[m] == MOVING) -> event = TIME_OVER
    :: command == DUE_OTHER && state[m] == MOVING -> event = OLD_TIME_ARRIVED
    :: command == DUE && state[m] == CONFIRMED -> event = SLOT_ENDED
    :: else -> skip
    fi
}

/* Both meetings are laid over each other: what is claimed by both? */
#define TWICE (claims[0] & claims[1])

/* Claims follow the state. */
#define FOLLOWS(m) \
    ((held[m] != 0) == (HELD_ONLY(m) || state[m] == MOVING) && \
     (firm[m] != 0) == (FIRM_ONLY(m) || state[m] == MOVING) && \
     (held[m] == 0 || held[m] != firm[m]))

/* The row's effects, on what is to be written. */
inline take_effects()
{
    new_held = held[m];
    new_firm = firm[m];
    new_yes = said_yes[m];
    new_without = without_2[m] | ((fx & FX_DROP_PARTY) != 0);
    if
    :: fx & FX_HOLD -> new_held = slot; new_yes = 0
    :: else -> new_yes = ((event == ACCEPTED || event == ALL_ACCEPTED) -> yes : said_yes[m])
    fi;
#ifndef FORGETS_RELEASE
    if
    :: fx & FX_RELEASE_HELD -> new_held = 0
    :: else
    fi;
    if
    :: fx & FX_RELEASE_FIRM -> new_firm = 0
    :: else
    fi;
#endif
    if
    :: fx & FX_MAKE_FIRM -> new_firm = new_held; new_held = 0
    :: else
    fi;
    bits = (new_held == 0 -> 0 : (1 << (new_held - 1))) | (new_firm == 0 -> 0 : (1 << (new_firm - 1)));
    new_claims = bits | (bits << 2) | (new_without -> 0 : (bits << 4))
}

/* One transaction's write; `refused` when a constraint forbids it, `lost` when it is not
 * carried out. */
inline write(b)
{
    if
#ifndef NO_SESSION
    :: !session[b] -> lost = 1
#endif
#ifndef NO_CAS
    :: session[b] && dirty[b] -> lost = 1
#endif
    :: else ->
#ifndef NO_CONSTRAINT
        if
        :: new_claims & claims[1 - m] -> refused = 1
        :: else
        fi;
#endif
        if
        :: !refused ->
            assert(to != NOTHING_YET);
            /* Nothing is done twice. */
            assert(command > WITHDRAW || !((done[m] >> command) & 1));
            state[m] = to;
            held[m] = new_held;
            firm[m] = new_firm;
            said_yes[m] = ((to == PROPOSED || to == MOVING) -> new_yes : 0);
            without_2[m] = new_without;
            if
            :: new_claims != claims[m] ->
#ifdef NO_REFRESH
                /* The other index is old now for all whose claims changed. */
                current[1 - b] = current[1 - b] &
                    ~((((new_claims ^ claims[m]) & 3) != 0 -> 1 : 0) |
                      (((new_claims ^ claims[m]) & 12) != 0 -> 2 : 0) |
                      (((new_claims ^ claims[m]) & 48) != 0 -> 4 : 0));
#endif
                claims[m] = new_claims
            :: else
            fi;
            done[m] = (command <= WITHDRAW -> (done[m] | (1 << command)) : done[m]);
            dirty[1 - b] = (looks_at[1 - b] == m + 1 -> 1 : dirty[1 - b]);
            assert(!TWICE);
            assert(FOLLOWS(0) && FOLLOWS(1))
        :: else
        fi
    fi
}

/* Waits for the lock; a transaction that is gone waits for nothing; whoever waits may
 * crash. */
inline lock_person(b, p)
{
    if
#ifdef NO_LOCKS
    :: true
#else
    :: atomic { person_lock[p] == NOBODY && session[b] -> person_lock[p] = b + 1 }
    :: !session[b]
#endif
#if !defined(CALM) && !defined(BROKERS_LIVE)
    :: goto crashed
#endif
    fi
}

/* Equal states look equal. */
inline forget()
{
    m = 0; command = 0; event = 0; slot = 0; yes = 0; to = 0; fx = 0;
    new_held = 0; new_firm = 0; new_yes = 0; new_without = 0; new_claims = 0;
    bits = 0; refused = 0; lost = 0; repeated = 0; plain = 0
}

/* A yes locks no person, but where it may give the old time back: which command it was all
 * the time matters only now. */
inline choose_command()
{
    if
    :: plain && state[m] != MOVING -> command = ACCEPT_0
    :: plain && state[m] != MOVING -> command = ACCEPT_1
    :: plain && state[m] == MOVING -> goto crashed /* once more, with the people */
    :: !plain -> command = REQUEST
    :: !plain -> command = SHIFT
    :: !plain -> command = CALL_OFF
#ifndef FEW
    :: !plain -> command = WITHDRAW
#endif
    :: !plain && state[m] == MOVING -> command = ACCEPT_0
    :: !plain && state[m] == MOVING -> command = ACCEPT_1
#ifndef FEW
    :: !plain -> command = DECLINE
    :: !plain -> command = DECIDE_1
    :: !plain -> command = DECIDE_2
#endif
    :: !plain -> command = DUE
    :: !plain -> command = DUE_OTHER
    fi
}

/* What the command is now. */
inline decide(b)
{
#ifdef NO_COMMAND_ROW
    repeated = 0;
#else
    repeated = (command <= WITHDRAW && ((done[m] >> command) & 1));
#endif
    if
    :: repeated
    :: else -> choose_event(b)
    fi;
    if
    :: event != 0 -> take_row(state[m], event, to, fx); event = (to == NOTHING_YET -> 0 : event)
    :: else
    fi;
    if
    :: event != 0 -> take_effects()
    :: else
    fi;
#ifdef SPEAK_EARLY
    assert(event == 0 || command > WITHDRAW || ((done[m] >> command) & 1))
#endif
}

/* Whoever is not told, because the reply is lost or the broker crashes behind its commit,
 * sends the command again: that is the same as any other repetition. */
inline write_and_speak(b)
{
    if
    :: event != 0 -> write(b)
    :: else
    fi;
    /* A reply means that it is durable. */
    assert(lost || refused || !(event != 0 || repeated) || command > WITHDRAW ||
           ((done[m] >> command) & 1))
}

proctype broker(byte b)
{
    byte m;
    byte command;
    byte event;
    byte slot;
    byte yes;
    byte to;
    int fx;
    byte new_held;
    byte new_firm;
    byte new_yes;
    bit new_without;
    byte new_claims;
    byte bits;
    bit refused;
    bit lost;
    bit repeated;
    bit plain; /* it locks no people */

end_idle:
    do
    :: atomic {
        /* A lock that is taken is waited for; to wait here or there is the same. */
        if
        :: IS_OPEN(0) -> m = 0
        :: IS_OPEN(1) -> m = 1
        fi;
#ifndef NO_LOCKS
        meeting_lock[m] = b + 1;
#endif
        session[b] = 1;
        looks_at[b] = m + 1;
        dirty[b] = 0;
        if
        :: plain = 1
        :: plain = 0
        fi
       }
       if
       :: plain -> skip
       :: else ->
#ifdef LOCKS_UNSORTED
            if
            :: m == 0 -> lock_person(b, 0); lock_person(b, 1); lock_person(b, 2)
            :: else -> lock_person(b, 2); lock_person(b, 1); lock_person(b, 0)
            fi
#else
            lock_person(b, 0);
            lock_person(b, 1);
            lock_person(b, 2)
#endif
       fi;
       /* Under the locks nothing changes between the decision and the write, and a
        * transaction that is gone writes nothing: so both are one step, but where a seed
        * takes that away. */
       atomic {
            choose_command();
#ifdef RACES
            d_step { decide(b) }
       };
       atomic {
            d_step { write_and_speak(b); release(b); forget() }
#else
            d_step { decide(b); write_and_speak(b); release(b); forget() }
#endif
       }
    od;
crashed:
    /* The index is read again from the database; the transaction is rolled back. */
    atomic {
        release(b);
#ifdef NO_REFRESH
        current[b] = 7;
#endif
        forget();
        goto end_idle
    }
}

/* The database crashes. */
proctype chaos()
{
end_chaos:
    do
    :: atomic { /* the database: both transactions are gone, the brokers go on */
        (session[0] || session[1]) ->
        meeting_lock[0] = NOBODY;
        meeting_lock[1] = NOBODY;
        person_lock[0] = NOBODY;
        person_lock[1] = NOBODY;
        person_lock[2] = NOBODY;
        session[0] = 0;
        session[1] = 0
       }
    od
}

init
{
    atomic {
        run broker(0);
        run broker(1);
#if !defined(CALM) && !defined(DATABASE_LIVES)
        run chaos()
#endif
    }
}
