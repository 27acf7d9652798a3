// SPDX-License-Identifier: Apache-2.0

#include "broker/overlap.h"

bool overlap_is_foreign(const struct entente_range *range)
{
    return range->kind == ENTENTE_BUSY && range->meeting.size == 0 &&
           !range->interruptible;
}

bool overlap_is_taken(const struct entente_range *ranges, size_t count, int32_t start,
                      int32_t end)
{
    for (size_t i = 0; i < count; i++) {
        if (overlap_is_foreign(&ranges[i]) && ranges[i].start < end &&
            start < ranges[i].end) {
            return true;
        }
    }
    return false;
}
