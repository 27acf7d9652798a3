// SPDX-License-Identifier: Apache-2.0

#include "bench/peer_icl.h"

#include <boost/icl/interval_map.hpp>
#include <boost/icl/interval_set.hpp>
#include <vector>

namespace icl = boost::icl;

using span = icl::right_open_interval<int32_t>;
using set = icl::interval_set<int32_t, std::less, span>;
using heads = icl::interval_map<int32_t, int32_t, icl::partial_absorber, std::less,
                                icl::inplace_plus, icl::inter_section, span>;

struct peer_icl {
    std::vector<set> people;
};

struct peer_icl *peer_icl_create(size_t people)
{
    return new peer_icl{std::vector<set>(people)};
}

void peer_icl_destroy(struct peer_icl *peer)
{
    delete peer;
}

void peer_icl_add(struct peer_icl *peer, size_t person, const struct peer_pair *pairs,
                  size_t count)
{
    set &free_time = peer->people[person];
    for (size_t i = 0; i < count; i++) {
        free_time.insert(free_time.end(), span(pairs[i].start, pairs[i].end));
    }
}

size_t peer_icl_common(const struct peer_icl *peer, const uint16_t *people,
                       size_t count, int32_t duration, struct peer_pair *ret_pairs)
{
    size_t found = 0;
    set common = peer->people[people[0]];
    for (size_t i = 1; i < count && !common.empty(); i++) {
        common &= peer->people[people[i]];
    }
    for (const span &one : common) {
        if (one.upper() - one.lower() >= duration) {
            ret_pairs[found++] = {one.lower(), one.upper()};
        }
    }
    return found;
}

size_t peer_icl_quorum(const struct peer_icl *peer, const uint16_t *people,
                       size_t count, size_t needed, int32_t duration, int32_t cell,
                       struct peer_pair *ret_pairs)
{
    size_t found = 0;
    heads present;
    for (size_t i = 0; i < count; i++) {
        for (const span &one : peer->people[people[i]]) {
            if (one.upper() - one.lower() >= duration) {
                present +=
                    std::make_pair(span(one.lower(), one.upper() - duration + cell), 1);
            }
        }
    }
    for (const auto &one : present) {
        if (one.second < static_cast<int32_t>(needed)) {
            continue;
        }
        if (found > 0 && ret_pairs[found - 1].end == one.first.lower()) {
            ret_pairs[found - 1].end = one.first.upper();
        } else {
            ret_pairs[found++] = {one.first.lower(), one.first.upper()};
        }
    }
    return found;
}
