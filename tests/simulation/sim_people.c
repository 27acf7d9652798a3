// SPDX-License-Identifier: Apache-2.0

/*
 * sim_people.c - who there is in a world, and which client speaks for whom
 */
#include "tests/simulation/sim.h"

#include "broker/seal.h"
#include "proto/identifier.h"

#include <inttypes.h>
#include <stdlib.h>

int64_t people_last(void)
{
    return world->people_count + world->patient_count + world->representative_count;
}

bool people_is_professional(int64_t person)
{
    return person <= world->people_count;
}

bool people_is_representative(int64_t person)
{
    return person > world->people_count + world->patient_count;
}

bool people_may_be_silent(int64_t person)
{
    return people_is_professional(person) && person % 4 != 1;
}

const char *people_system(int64_t person)
{
    return people_is_professional(person) ? IDENTIFIER_IDNPS : IDENTIFIER_INS_TEST;
}

void people_value(char *value, size_t size, int64_t person)
{
    snprintf(value, size, "81000000%04" PRId64, person);
}

static void add_person(int64_t person)
{
    char value[32];
    people_value(value, sizeof(value), person);
    if (people_is_professional(person)) {
        sim_db_add_person(world->db, person, ENTENTE_PROFESSIONAL,
                          people_system(person), value, NULL);
        return;
    }
    uint8_t blind[SEAL_BLIND_SIZE];
    if (seal_blind_index(NULL, people_system(person), value, blind) != STATUS_OK) {
        abort();
    }
    sim_db_add_person(world->db, person,
                      people_is_representative(person) ? ENTENTE_REPRESENTATIVE
                                                       : ENTENTE_PATIENT,
                      NULL, NULL, blind);
}

void people_begin(void)
{
    world->patient_count = (int64_t)sim_draw(SIM_PATIENTS + 1);
    world->representative_count =
        world->patient_count == 0 ? 0 : (int64_t)sim_draw(SIM_REPRESENTATIVES + 1);
    int64_t last = people_last();
    for (int64_t person = 1; person <= last; person++) {
        add_person(person);
    }
    for (unsigned i = 0; i < world->adapter_count; i++) {
        int64_t people[SIM_PEOPLE + SIM_PATIENTS + SIM_REPRESENTATIVES];
        size_t count = 0;
        char name[32];
        world->sandbox[i] = sim_chance(800000);
        for (int64_t person = 1; person <= last; person++) {
            bool may = world->sandbox[i] || people_is_professional(person);
            if (person % world->adapter_count == i && may) {
                people[count++] = person;
            }
        }
        snprintf(name, sizeof(name), "vendor %u", i);
        sim_db_add_client(world->db, 101 + i, name, adapter_key(i), world->sandbox[i],
                          people, count);
    }
}
