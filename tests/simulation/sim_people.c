// SPDX-License-Identifier: Apache-2.0

/*
 * sim_people.c - who there is in a world, and which client speaks for whom
 */
#include "tests/simulation/sim.h"

#include <inttypes.h>

void people_begin(void)
{
    for (int64_t person = 1; person <= world->people_count; person++) {
        char value[32];
        snprintf(value, sizeof(value), "81000000%04" PRId64, person);
        sim_db_add_person(world->db, person, ENTENTE_PROFESSIONAL,
                          "urn:oid:1.2.250.1.71.4.2.1", value, NULL);
    }
    for (unsigned i = 0; i < world->adapter_count; i++) {
        int64_t people[SIM_PEOPLE];
        size_t count = 0;
        char name[32];
        for (int64_t person = 1; person <= world->people_count; person++) {
            if (person % world->adapter_count == i) {
                people[count++] = person;
            }
        }
        snprintf(name, sizeof(name), "vendor %u", i);
        sim_db_add_client(world->db, 101 + i, name, adapter_key(i), false, people,
                          count);
    }
}
