// SPDX-License-Identifier: Apache-2.0

/*
 * identifier.h - identifiers as people type them
 *
 *     idnps:899700218896     a professional: the whole IDNPS string
 *     ins-test:..., ins-demo:...   a patient of a test
 *     ins:..., nia:...       a patient of production
 *     resource:...           a room or a vehicle
 *     guest:...              a guest of a meeting, by name or contact: known there only
 *     SYSTEM|VALUE           anything else
 *
 * The systems are those of HL7 France FR Core (fr-core-practitioner,
 * fr-core-patient-ins).
 */
#ifndef PROTO_IDENTIFIER_H
#define PROTO_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

#define IDENTIFIER_IDNPS "urn:oid:1.2.250.1.71.4.2.1"
#define IDENTIFIER_INS_NIR "urn:oid:1.2.250.1.213.1.4.8"
#define IDENTIFIER_INS_NIA "urn:oid:1.2.250.1.213.1.4.9"
#define IDENTIFIER_INS_TEST "urn:oid:1.2.250.1.213.1.4.10"
#define IDENTIFIER_INS_DEMO "urn:oid:1.2.250.1.213.1.4.11"
#define IDENTIFIER_RESOURCE "urn:entente:resource"
#define IDENTIFIER_GUEST "urn:entente:guest"

enum { IDENTIFIER_TEXT = 300 }; /* room for a short form and its NUL */

/* Take @text apart.  False and a sentence when it is none of the above or too long. */
bool identifier_parse(const char *text, char *ret_system, size_t system_size,
                      char *ret_value, size_t value_size, const char **ret_message);

/* The short form, or SYSTEM|VALUE. */
void identifier_short(const char *system, const char *value, char *ret, size_t size);

/* One of the INS systems: a patient. */
bool identifier_is_patient(const char *system);

/* An INS of production (OIDs ending 4.8 and 4.9). */
bool identifier_is_production(const char *system);

#endif
