// SPDX-License-Identifier: Apache-2.0
#include "matcher/explain.h"

#include "matcher/blame.h"
#include "matcher/search_internal.h"

#include <string.h>

enum match_status match_explain(const struct match_request *request,
                                const struct match_leeway *leeway, void *workspace,
                                size_t workspace_size, struct match_why *ret_why)
{
    struct search search;
    enum match_status status =
        search_begin(request, workspace, workspace_size, &search);
    if (status != MATCH_OK) {
        return status;
    }

    (void)leeway;
    memset(ret_why, 0, sizeof(*ret_why));
    ret_why->candidates = (uint32_t)search.sheet.list.count;
    if (search.sheet.list.count == 0) {
        return MATCH_OK;
    }
    search_compute_times(&search);
    search_attendance(&search, ret_why);
    ret_why->feasible = (uint32_t)search_keep_feasible(&search);
    if (ret_why->feasible == 0) {
        blame_find_blocking(request, &search.sheet, ret_why);
    }
    return MATCH_OK;
}
