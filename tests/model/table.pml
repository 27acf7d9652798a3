/* SPDX-License-Identifier: Apache-2.0 */
/* The negotiation's table, made from broker/negotiation.c by
 * tests/lint/check_diagram.sh --write; a lint compares them. */
#define NOTHING_YET 0
#define SEARCHING 1
#define PROPOSED 2
#define CONFIRMED 3
#define MOVING 4
#define WAITING_ORGANIZER 5
#define CANCELLED 6
#define EXPIRED 7
#define DONE 8
#define SLOT_FOUND 1
#define NO_SLOT 2
#define ACCEPTED 3
#define ALL_ACCEPTED 4
#define SHIFT_FOUND 5
#define SHIFT_NONE 6
#define ROUNDS_USED 7
#define OPTIONAL_DECLINED 8
#define OPTIONAL_DECLINED_LAST 9
#define DECLINED 10
#define OPTIONAL_WITHDREW 11
#define CANCEL 12
#define TIME_OVER 13
#define ORGANIZER_PROPOSES 14
#define SLOT_ENDED 15
#define OLD_TIME_ARRIVED 16
#define DIVERGED 17
#define DIVERGENCE_SETTLED 18
#define REOPENED 19
#define REPLACED 20
#define LATE_ACCEPTED 21
#define READY 22
#define ORGANIZER_CONFIRMS 23
#define GRADED 24
#define POLL_DECIDED 25
#define POLL_EMPTY 26
#define SEARCH_ON 27
#define REMINDED 28
#define SILENT 29
#define SUBSTITUTED 30
#define DELEGATED 31
#define FX_HOLD 1
#define FX_RELEASE_HELD 2
#define FX_MAKE_FIRM 4
#define FX_RELEASE_FIRM 8
#define FX_DROP_PARTY 16
#define FX_ASK 32
#define FX_ANNOUNCE 64
#define FX_TELL_THE_ORGANIZER 128
#define FX_SHOW_ALTERNATIVES 256
#define FX_REFUSE_WITH_THE_NEAREST 512
#define FX_HOLD_WHAT_WAS_FIRM 1024
#define FX_ASK_THE_OWNER 2048
#define FX_RELEASE_THE_PARTY 4096
#define FX_SEAT_A_SUBSTITUTE 8192
#define FX_REMIND 16384
#define FX_EXTEND_THE_HOLD 32768
#define FX_PICK_ONE 65536

/* Where @event leads from @from, and what it asks for; to = NOTHING_YET:
 * refused. */
inline take_row(from, event, to, fx)
{
    if
    :: from == NOTHING_YET && event == SLOT_FOUND -> to = PROPOSED; fx = 33
    :: from == NOTHING_YET && event == NO_SLOT -> to = SEARCHING; fx = 128
    :: from == SEARCHING && event == SLOT_FOUND -> to = PROPOSED; fx = 33
    :: from == SEARCHING && event == NO_SLOT -> to = SEARCHING; fx = 128
    :: from == SEARCHING && event == SEARCH_ON -> to = SEARCHING; fx = 128
    :: from == SEARCHING && event == CANCEL -> to = CANCELLED; fx = 128
    :: from == SEARCHING && event == TIME_OVER -> to = EXPIRED; fx = 128
    :: from == PROPOSED && event == ACCEPTED -> to = PROPOSED; fx = 128
    :: from == PROPOSED && event == ALL_ACCEPTED -> to = CONFIRMED; fx = 68
    :: from == PROPOSED && event == READY -> to = WAITING_ORGANIZER; fx = 32896
    :: from == PROPOSED && event == ORGANIZER_CONFIRMS -> to = CONFIRMED; fx = 65604
    :: from == PROPOSED && event == GRADED -> to = PROPOSED; fx = 128
    :: from == PROPOSED && event == POLL_DECIDED -> to = CONFIRMED; fx = 65604
    :: from == PROPOSED && event == POLL_EMPTY -> to = WAITING_ORGANIZER; fx = 33152
    :: from == PROPOSED && event == SHIFT_FOUND -> to = PROPOSED; fx = 289
    :: from == PROPOSED && event == SHIFT_NONE -> to = WAITING_ORGANIZER; fx = 33152
    :: from == PROPOSED && event == ROUNDS_USED -> to = WAITING_ORGANIZER; fx = 33152
    :: from == PROPOSED && event == OPTIONAL_DECLINED -> to = PROPOSED; fx = 80
    :: from == PROPOSED && event == OPTIONAL_DECLINED_LAST -> to = CONFIRMED; fx = 84
    :: from == PROPOSED && event == DECLINED -> to = WAITING_ORGANIZER; fx = 33152
    :: from == PROPOSED && event == REMINDED -> to = PROPOSED; fx = 16512
    :: from == PROPOSED && event == SILENT -> to = WAITING_ORGANIZER; fx = 33152
    :: from == PROPOSED && event == SUBSTITUTED -> to = PROPOSED; fx = 8272
    :: from == PROPOSED && event == CANCEL -> to = CANCELLED; fx = 66
    :: from == PROPOSED && event == TIME_OVER -> to = EXPIRED; fx = 66
    :: from == PROPOSED && event == DIVERGED -> to = PROPOSED; fx = 2048
    :: from == PROPOSED && event == DIVERGENCE_SETTLED -> to = PROPOSED; fx = 2048
    :: from == PROPOSED && event == REPLACED -> to = PROPOSED; fx = 49
    :: from == PROPOSED && event == DELEGATED -> to = PROPOSED; fx = 49
    :: from == WAITING_ORGANIZER && event == ORGANIZER_PROPOSES -> to = PROPOSED; fx = 33
    :: from == WAITING_ORGANIZER && event == ORGANIZER_CONFIRMS -> to = CONFIRMED; fx = 65604
    :: from == WAITING_ORGANIZER && event == SEARCH_ON -> to = SEARCHING; fx = 66
    :: from == WAITING_ORGANIZER && event == REMINDED -> to = WAITING_ORGANIZER; fx = 128
    :: from == WAITING_ORGANIZER && event == CANCEL -> to = CANCELLED; fx = 66
    :: from == WAITING_ORGANIZER && event == TIME_OVER -> to = EXPIRED; fx = 66
    :: from == WAITING_ORGANIZER && event == REPLACED -> to = PROPOSED; fx = 49
    :: from == CONFIRMED && event == SHIFT_FOUND -> to = MOVING; fx = 289
    :: from == CONFIRMED && event == LATE_ACCEPTED -> to = CONFIRMED; fx = 128
    :: from == CONFIRMED && event == OPTIONAL_WITHDREW -> to = CONFIRMED; fx = 80
    :: from == CONFIRMED && event == CANCEL -> to = CANCELLED; fx = 72
    :: from == CONFIRMED && event == SLOT_ENDED -> to = DONE; fx = 128
    :: from == CONFIRMED && event == DIVERGED -> to = CONFIRMED; fx = 2048
    :: from == CONFIRMED && event == DIVERGENCE_SETTLED -> to = CONFIRMED; fx = 2048
    :: from == CONFIRMED && event == REOPENED -> to = WAITING_ORGANIZER; fx = 5440
    :: from == CONFIRMED && event == REPLACED -> to = MOVING; fx = 33
    :: from == CONFIRMED && event == DELEGATED -> to = MOVING; fx = 33
    :: from == MOVING && event == ACCEPTED -> to = MOVING; fx = 128
    :: from == MOVING && event == DELEGATED -> to = MOVING; fx = 33
    :: from == MOVING && event == REPLACED -> to = MOVING; fx = 33
    :: from == MOVING && event == ALL_ACCEPTED -> to = CONFIRMED; fx = 76
    :: from == MOVING && event == ORGANIZER_CONFIRMS -> to = CONFIRMED; fx = 65612
    :: from == MOVING && event == REMINDED -> to = MOVING; fx = 16512
    :: from == MOVING && event == SHIFT_FOUND -> to = MOVING; fx = 289
    :: from == MOVING && event == ROUNDS_USED -> to = CONFIRMED; fx = 66
    :: from == MOVING && event == DECLINED -> to = CONFIRMED; fx = 66
    :: from == MOVING && event == TIME_OVER -> to = CONFIRMED; fx = 66
    :: from == MOVING && event == OLD_TIME_ARRIVED -> to = CONFIRMED; fx = 66
    :: from == MOVING && event == OPTIONAL_WITHDREW -> to = MOVING; fx = 80
    :: from == MOVING && event == DIVERGED -> to = MOVING; fx = 2048
    :: from == MOVING && event == DIVERGENCE_SETTLED -> to = MOVING; fx = 2048
    :: from == MOVING && event == REOPENED -> to = WAITING_ORGANIZER; fx = 5442
    :: from == MOVING && event == CANCEL -> to = CANCELLED; fx = 74
    :: else -> to = NOTHING_YET; fx = 0
    fi
}
