// SPDX-License-Identifier: Apache-2.0
#include "matcher/common.h"

#include "matcher/kernel_table.h"
#include "matcher/sieve_runs.h"

size_t match_quorum_starts(const struct match_record *const *records, size_t count,
                           size_t needed, int32_t duration,
                           const struct match_span *within, struct match_run *ret_runs,
                           size_t capacity)
{
    struct sieve_ask ask = {.records = records,
                            .count = count,
                            .needed = needed,
                            .duration = duration,
                            .most_days = KERNEL_DAYS,
                            .first = within->start,
                            .last = (int64_t)within->end - duration};

    if (count == 0 || count > MATCH_PARTIES_MAX || needed == 0 || needed > count ||
        duration < 1 || duration > MATCH_DURATION_MAX) {
        return 0;
    }
    return sieve_runs(&ask, ret_runs, capacity);
}

size_t match_common_starts(const struct match_record *const *records, size_t count,
                           int32_t duration, const struct match_span *within,
                           struct match_run *ret_runs, size_t capacity)
{
    return match_quorum_starts(records, count, count, duration, within, ret_runs,
                               capacity);
}
