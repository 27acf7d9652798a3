// SPDX-License-Identifier: Apache-2.0
#include "matcher/kernel_days.h"
#include "matcher/kernel_table.h"

enum { DAY = KERNEL_STEPS * KERNEL_STEP /* minutes */ };

/* Where @cells bits in a row, from this one on and cyclically, are set. */
static uint64_t in_a_row(uint64_t word, uint32_t cells)
{
    uint64_t row = word;

    for (uint32_t i = 1; i < cells; i++) {
        row &= word >> i | word << (64 - i);
    }
    return row;
}

static struct kernel_days prune(const struct kernel_ask *ask, uint64_t *ret_words)
{
    struct kernel_days left = {{0, 0}};

    for (uint32_t place = 0; place < ask->blocks * KERNEL_BLOCK; place++) {
        uint64_t word = UINT64_MAX;
        for (size_t i = 0; i < ask->count; i++) {
            word &= ask->rings[i][ask->first + place];
        }
        word = in_a_row(word, ask->cells);
        if (ret_words != NULL) {
            ret_words[place] = word;
        }
        if (word != 0) {
            kernel_days_add(&left, place);
        }
    }
    return kernel_days_both(left, ask->days);
}

/* Count at each step of @day whether @steps in a row are set from there on. */
static void count_steps(const unsigned char *day, uint32_t steps,
                        uint8_t able[static KERNEL_STEPS])
{
    uint32_t row = 0;

    for (uint32_t i = KERNEL_STEPS + steps - 1; i-- > 0;) {
        row = day[i / 8] >> (i % 8) & 1 ? row + 1 : 0;
        if (i < KERNEL_STEPS) {
            able[i] = (uint8_t)(able[i] + (row >= steps));
        }
    }
}

static size_t quorum(const struct kernel_ask *ask, struct kernel_days turns,
                     size_t needed, struct kernel_day ret_days[static KERNEL_DAYS])
{
    size_t count = 0;

    for (uint32_t turn = 0; turn < ask->blocks * KERNEL_BLOCK; turn++) {
        struct kernel_day found = {.turn = turn};
        uint8_t able[KERNEL_STEPS] = {0};
        bool any = false;

        if (!kernel_days_has(turns, turn)) {
            continue;
        }
        for (size_t i = 0; i < ask->count; i++) {
            count_steps(ask->planes[i] + (size_t)turn * KERNEL_PLANE_BYTES, ask->steps,
                        able);
        }
        for (size_t step = 0; step < KERNEL_STEPS; step++) {
            bool enough = able[step] >= needed;
            found.starts[step / 64] |= (uint64_t)enough << (step % 64);
            any = any || enough;
        }
        if (any) {
            ret_days[count] = found;
            count++;
        }
    }
    return count;
}

static size_t starts(const struct kernel_ask *ask, struct kernel_days turns,
                     struct kernel_day ret_days[static KERNEL_DAYS])
{
    return quorum(ask, turns, ask->count, ret_days);
}

static struct kernel_days quorum_prune(const struct kernel_ask *ask, size_t needed)
{
    struct kernel_days left = {{0, 0}};

    for (uint32_t place = 0; place < ask->blocks * KERNEL_BLOCK; place++) {
        for (uint32_t cell = 0; cell < KERNEL_CELLS; cell++) {
            size_t able = 0;
            for (size_t i = 0; i < ask->count; i++) {
                uint64_t word = ask->rings[i][ask->first + place];
                able += in_a_row(word, ask->cells) >> cell & 1;
            }
            if (able >= needed) {
                kernel_days_add(&left, place);
                break;
            }
        }
    }
    return kernel_days_both(left, ask->days);
}

static size_t changes(const struct kernel_day *days, size_t count, bool open,
                      int32_t at, int32_t *ret_minutes)
{
    size_t said = 0;

    for (size_t i = 0; i < count; i++) {
        int32_t midnight = at + DAY * (int32_t)days[i].turn;

        if (open && i > 0 && days[i].turn != days[i - 1].turn + 1) {
            ret_minutes[said] =
                at + DAY * ((int32_t)days[i - 1].turn + 1) - KERNEL_STEP;
            said++;
            open = false;
        }
        for (int32_t step = 0; step < KERNEL_STEPS; step++) {
            bool start = days[i].starts[step / 64] >> (step % 64) & 1;
            if (start != open) {
                ret_minutes[said] = midnight + KERNEL_STEP * (start ? step : step - 1);
                said++;
                open = start;
            }
        }
    }
    return said;
}

const struct kernel_table kernel_scalar = {
    .prune = prune,
    .starts = starts,
    .quorum_prune = quorum_prune,
    .quorum = quorum,
    .changes = changes,
};
