// SPDX-License-Identifier: Apache-2.0

/*
 * match_faults.h - one wrong thing in a match request, and what is said of it
 */
#ifndef TESTS_ADAPTERS_MATCH_FAULTS_H
#define TESTS_ADAPTERS_MATCH_FAULTS_H

/* clang-format off */
/* Where the wrong thing goes. */
enum level { ROOT, WINDOW, PARTY, SOURCE, RANGE };

static const struct {
    enum level level;
    const char *fields; /* put into the object of that level; null takes a field away */
    const char *code;
    const char *path;
} faults[] = {
    /* What is not there, or not known. */
    { ROOT,   "{'durations_minutes': 60}",            "UNKNOWN_FIELD",  "$.durations_minutes" },
    { ROOT,   "{'dur\\u00e9e': 60}",                  "UNKNOWN_FIELD",  "$['dur\xc3\xa9" "e']" },
    { ROOT,   "{'duration_minutes': null}",           "FIELD_MISSING",  "$.duration_minutes" },
    { ROOT,   "{'windows': null}",                    "FIELD_MISSING",  "$.windows" },
    { ROOT,   "{'windows': []}",                      "FIELD_MISSING",  "$.windows" },
    { ROOT,   "{'notice_minutes': 60}",               "FIELD_MISSING",  "$.now" },
    { WINDOW, "{'end': null}",                        "FIELD_MISSING",  "$.windows[0].end" },
    { WINDOW, "{'until': 1}",                         "UNKNOWN_FIELD",  "$.windows[0].until" },
    { PARTY,  "{'name': null}",                       "FIELD_MISSING",  "$.parties[0].name" },
    { PARTY,  "{'buffer': 5}",                        "UNKNOWN_FIELD",  "$.parties[0].buffer" },
    { SOURCE, "{'coverage': null}",                   "FIELD_MISSING",  "$.parties[0].sources[0].coverage" },
    { SOURCE, "{'range': []}",                        "UNKNOWN_FIELD",  "$.parties[0].sources[0].range" },
    { RANGE,  "{'kind': null}",                       "FIELD_MISSING",  "$.parties[0].sources[0].ranges[0].kind" },
    { RANGE,  "{'start': null}",                      "FIELD_MISSING",  "$.parties[0].sources[0].ranges[0].start" },
    { RANGE,  "{'certainties': 1}",                   "UNKNOWN_FIELD",  "$.parties[0].sources[0].ranges[0].certainties" },

    /* Not of the kind that is wanted. */
    { ROOT,   "{'duration_minutes': '60'}",           "WRONG_TYPE",     "$.duration_minutes" },
    { ROOT,   "{'duration_minutes': 60.5}",           "WRONG_TYPE",     "$.duration_minutes" },
    { ROOT,   "{'zone': 1}",                          "WRONG_TYPE",     "$.zone" },
    { ROOT,   "{'windows': {}}",                      "WRONG_TYPE",     "$.windows" },
    { ROOT,   "{'windows': ['2026']}",                "WRONG_TYPE",     "$.windows[0]" },
    { ROOT,   "{'parties': 'Anna'}",                  "WRONG_TYPE",     "$.parties" },
    { ROOT,   "{'parties': [null]}",                  "WRONG_TYPE",     "$.parties[0]" },
    { ROOT,   "{'weekdays': 'monday'}",               "WRONG_TYPE",     "$.weekdays" },
    { ROOT,   "{'weekdays': [1]}",                    "WRONG_TYPE",     "$.weekdays[0]" },
    { ROOT,   "{'target': 20261123}",                 "WRONG_TYPE",     "$.target" },
    { SOURCE, "{'stale': 'yes'}",                     "WRONG_TYPE",     "$.parties[0].sources[0].stale" },
    { RANGE,  "{'purposes': [7]}",                    "WRONG_TYPE",     "$.parties[0].sources[0].ranges[0].purposes[0]" },

    /* Out of bounds. */
    { ROOT,   "{'duration_minutes': 0}",              "OUT_OF_BOUNDS",  "$.duration_minutes" },
    { ROOT,   "{'duration_minutes': 1500}",           "OUT_OF_BOUNDS",  "$.duration_minutes" },
    { ROOT,   "{'duration_minutes': -9223372036854775808}", "OUT_OF_BOUNDS", "$.duration_minutes" },
    { ROOT,   "{'grid_minutes': 0}",                  "OUT_OF_BOUNDS",  "$.grid_minutes" },
    { ROOT,   "{'wanted': 0}",                        "OUT_OF_BOUNDS",  "$.wanted" },
    { ROOT,   "{'apart_minutes': -1}",                "OUT_OF_BOUNDS",  "$.apart_minutes" },
    { ROOT,   "{'weekdays': []}",                     "OUT_OF_BOUNDS",  "$.weekdays" },
    { ROOT,   "{'certainties': []}",                  "OUT_OF_BOUNDS",  "$.certainties" },
    { ROOT,   "{'times_of_day': []}",                 "OUT_OF_BOUNDS",  "$.times_of_day" },
    { PARTY,  "{'buffer_before_minutes': 1441}",      "OUT_OF_BOUNDS",  "$.parties[0].buffer_before_minutes" },
    { PARTY,  "{'buffer_after_minutes': -1}",         "OUT_OF_BOUNDS",  "$.parties[0].buffer_after_minutes" },
    { PARTY,  "{'id': -1}",                           "OUT_OF_BOUNDS",  "$.parties[0].id" },

    /* Words. */
    { ROOT,   "{'weekdays': ['lundi']}",              "UNKNOWN_VALUE",  "$.weekdays[0]" },
    { ROOT,   "{'certainties': ['declared', 'sure']}", "UNKNOWN_VALUE", "$.certainties[1]" },
    { PARTY,  "{'importance': 'Optional'}",           "UNKNOWN_VALUE",  "$.parties[0].importance" },
    { PARTY,  "{'kind': 'doctor'}",                   "UNKNOWN_VALUE",  "$.parties[0].kind" },
    { RANGE,  "{'kind': 'out'}",                      "UNKNOWN_VALUE",  "$.parties[0].sources[0].ranges[0].kind" },
    { RANGE,  "{'certainty': 'likely'}",              "UNKNOWN_VALUE",  "$.parties[0].sources[0].ranges[0].certainty" },
    { RANGE,  "{'preference': 'good'}",               "UNKNOWN_VALUE",  "$.parties[0].sources[0].ranges[0].preference" },
    { PARTY,  "{'name': ''}",                         "BAD_TEXT",       "$.parties[0].name" },
    { PARTY,  "{'name': 'An\\u001b[31mna'}",          "BAD_TEXT",       "$.parties[0].name" },
    { RANGE,  "{'purposes': ['']}",                   "BAD_TEXT",       "$.parties[0].sources[0].ranges[0].purposes[0]" },

    /* Time. */
    { ROOT,   "{'zone': 'Europe/Pariss'}",            "BAD_ZONE",       "$.zone" },
    { ROOT,   "{'zone': '../../etc/passwd'}",         "BAD_ZONE",       "$.zone" },
    { ROOT,   "{'now': 'now'}",                       "BAD_TIME",       "$.now" },
    { ROOT,   "{'target': '2026-02-30'}",             "BAD_TIME",       "$.target" },
    { ROOT,   "{'times_of_day': [{'start': '8:00', 'end': '18:00'}]}", "BAD_TIME", "$.times_of_day[0].start" },
    { ROOT,   "{'times_of_day': [{'start': '08:00', 'end': '24:01'}]}", "BAD_TIME", "$.times_of_day[0].end" },
    { ROOT,   "{'times_of_day': [{'start': '08:00'}]}", "FIELD_MISSING", "$.times_of_day[0].end" },
    { ROOT,   "{'times_of_day': [{'start': '08:00', 'end': '08:00'}]}", "RANGE_EMPTY", "$.times_of_day[0]" },
    { ROOT,   "{'times_of_day': [{'start': '08:00', 'end': '09:00', 'day': 1}]}", "UNKNOWN_FIELD", "$.times_of_day[0].day" },
    { WINDOW, "{'start': '2026-11-23'}",              "BAD_TIME",       "$.windows[0].start" },
    { WINDOW, "{'start': '2026-11-23T08:00:30'}",     "BAD_TIME",       "$.windows[0].start" },
    { WINDOW, "{'start': '1999-11-23T08:00Z'}",       "BAD_TIME",       "$.windows[0].start" },
    { WINDOW, "{'start': '2026-11-23T18:00'}",        "RANGE_EMPTY",    "$.windows[0]" },
    { WINDOW, "{'start': '2026-11-23T19:00'}",        "RANGE_REVERSED", "$.windows[0]" },
    { WINDOW, "{'end': '2028-11-23T19:00'}",          "RANGE_TOO_LONG", "$.windows[0]" },
    { RANGE,  "{'end': '2026-11-23T09:00'}",          "RANGE_EMPTY",    "$.parties[0].sources[0].ranges[0]" },
    { RANGE,  "{'end': '2026-11-23T08:00'}",          "RANGE_REVERSED", "$.parties[0].sources[0].ranges[0]" },
    { RANGE,  "{'end': '2028-11-23T08:00'}",          "RANGE_TOO_LONG", "$.parties[0].sources[0].ranges[0]" },
    { PARTY,  "{'claims': [{'start': '2026-11-23T10:00', 'end': '2026-11-23T10:00'}]}", "RANGE_EMPTY", "$.parties[0].claims[0]" },
    { SOURCE, "{'coverage': {'start': '2026-11-23T10:00', 'end': '2026-11-22T10:00'}}", "RANGE_REVERSED", "$.parties[0].sources[0].coverage" },

    /* People. */
    { ROOT,   "{'parties': []}",                      "NO_PARTY",       "$.parties" },
    { ROOT,   "{'parties': null}",                    "NO_PARTY",       "$.parties" },
    { ROOT,   "{'parties': [{'name': 'Anna'}, {'name': 'Ben'}, {'name': 'Anna'}]}", "PARTY_TWICE", "$.parties[2].name" },
    { ROOT,   "{'picked': ['2026-11-23T09:00']}",     "FIELD_CONFLICT", "$.picked" },
    { ROOT,   "{'windows': null, 'picked': ['2026-11-23T09:00', '2028-11-23T09:00']}", "WINDOW_TOO_LONG", "$.picked" },

    /* Limits of their own. */
    { ROOT,   "{'grid_minutes': 7}",                  "GRID_UNEVEN",    "$.grid_minutes" },
    { ROOT,   "{'grid_minutes': 1439}",               "GRID_UNEVEN",    "$.grid_minutes" },
    { ROOT,   "{'duration_minutes': 601}",            "DURATION_OVER_WINDOW", "$.windows" },
    { ROOT,   "{'wanted': 65}",                       "TOO_MANY_SLOTS", "$.wanted" },
    { ROOT,   "{'series': {'times': 65}}",            "SERIES_TOO_LONG", "$.series.times" },
    { ROOT,   "{'quorum': 4097}",                     "OUT_OF_BOUNDS",  "$.quorum" },
    { ROOT,   "{'public_holidays': 'FR-99'}",         "BAD_HOLIDAY_REGION", "$.public_holidays" },
    { ROOT,   "{'public_holidays': 'fr'}",            "BAD_HOLIDAY_REGION", "$.public_holidays" },
    { PARTY,  "{'sources': null, 'kind': 'pool', 'members': [{'name': 'B'}], 'needed': 2}", "POOL_TOO_SMALL", "$.parties[0].needed" },
    { PARTY,  "{'sources': null, 'kind': 'pool', 'members': [{'name': 'B'}], 'needed': 0}", "POOL_TOO_SMALL", "$.parties[0].needed" },
    { PARTY,  "{'sources': null, 'kind': 'pool', 'members': []}", "POOL_TOO_SMALL", "$.parties[0].needed" },
    { SOURCE, "{'daily_cap': 1441}",                  "OUT_OF_BOUNDS",  "$.parties[0].sources[0].daily_cap" },
    { SOURCE, "{'notice_minutes': 525601}",           "OUT_OF_BOUNDS",  "$.parties[0].sources[0].notice_minutes" },

    /* Times that the clocks skip, or show twice. */
    { WINDOW, "{'start': '2026-03-29T02:30'}",        "TIME_SKIPPED",   "$.windows[0].start" },
    { WINDOW, "{'start': '2026-03-29T02:00'}",        "TIME_SKIPPED",   "$.windows[0].start" },
    { WINDOW, "{'start': '2026-03-29T02:59:00'}",     "TIME_SKIPPED",   "$.windows[0].start" },
    { WINDOW, "{'start': '2026-10-25T02:00'}",        "TIME_TWICE",     "$.windows[0].start" },
    { WINDOW, "{'start': '2026-10-25T02:59'}",        "TIME_TWICE",     "$.windows[0].start" },
    { RANGE,  "{'end': '2026-10-25T02:30'}",          "TIME_TWICE",     "$.parties[0].sources[0].ranges[0].end" },

    /* Ways to meet. */
    { ROOT,   "{'modalities': ['fax']}",              "UNKNOWN_VALUE",  "$.modalities[0]" },
    { ROOT,   "{'modalities': ['video'], 'options': [{'modality': 'phone'}]}", "FIELD_CONFLICT", "$.modalities" },
    { ROOT,   "{'options': [{'modality': 'letter'}]}", "UNKNOWN_VALUE", "$.options[0].modality" },
    { ROOT,   "{'options': [{'way': 'video'}]}",      "UNKNOWN_FIELD",  "$.options[0].way" },
    { ROOT,   "{'options': [{'place': ''}]}",         "BAD_TEXT",       "$.options[0].place" },
    { ROOT,   "{'places': ['Lyon'], 'options': [{'place': 'Bron'}]}", "UNKNOWN_VALUE", "$.options[0].place" },
    { ROOT,   "{'travel': [{'from': 'Lyon', 'to': 'Bron'}]}", "FIELD_MISSING", "$.travel[0].minutes" },
    { ROOT,   "{'travel': [{'from': 'Lyon', 'minutes': 5}]}", "FIELD_MISSING", "$.travel[0].to" },
    { ROOT,   "{'travel': [{'from': 'Lyon', 'to': 'Lyon', 'minutes': 5}]}", "FIELD_CONFLICT", "$.travel[0]" },
    { ROOT,   "{'travel': [{'from': 'Lyon', 'to': 'Bron', 'minutes': 1441}]}", "OUT_OF_BOUNDS", "$.travel[0].minutes" },
    { ROOT,   "{'travel': [{'from': 'Lyon', 'to': 'Bron', 'minutes': 5}, {'from': 'Lyon', 'to': 'Bron', 'minutes': 6}]}", "FIELD_CONFLICT", "$.travel" },
    { ROOT,   "{'series': {'every': 'week'}}",        "FIELD_MISSING",  "$.series.times" },
    { ROOT,   "{'series': {'every': 'day', 'times': 3}}", "UNKNOWN_VALUE", "$.series.every" },
    { ROOT,   "{'tentative': 'free'}",                "UNKNOWN_VALUE",  "$.tentative" },
    { ROOT,   "{'urgent': 1}",                        "WRONG_TYPE",     "$.urgent" },
    { ROOT,   "{'leeway': {'longer': 3}}",            "UNKNOWN_FIELD",  "$.leeway.longer" },
    { ROOT,   "{'leeway': {'wider_days': 401}}",      "OUT_OF_BOUNDS",  "$.leeway.wider_days" },
    { ROOT,   "{'judge': '2026-11-23T09:00', 'nearest': '2026-11-23T09:00'}", "FIELD_CONFLICT", "$.nearest" },

    /* Pools, the patient, and the time of people. */
    { PARTY,  "{'kind': 'pool'}",                     "FIELD_CONFLICT", "$.parties[0].sources" },
    { PARTY,  "{'sources': null, 'kind': 'pool'}",    "FIELD_MISSING",  "$.parties[0].members" },
    { PARTY,  "{'members': [{'name': 'Ben'}]}",       "FIELD_CONFLICT", "$.parties[0].members" },
    { PARTY,  "{'sources': null, 'kind': 'pool', 'members': ['Ben']}", "UNKNOWN_VALUE", "$.parties[0].members[0]" },
    { PARTY,  "{'sources': null, 'kind': 'pool', 'members': [{'name': 'B'}, {'name': 'B'}]}", "PARTY_TWICE", "$.parties[0].members[1].name" },
    { PARTY,  "{'sources': null, 'kind': 'pool', 'members': [{'name': 'Anna'}]}", "PARTY_TWICE", "$.parties[0].members[0].name" },
    { PARTY,  "{'sources': null, 'kind': 'pool', 'members': [{'name': 'B', 'id': 3}, {'name': 'C', 'id': 3}]}", "PARTY_TWICE", "$.parties[0].members[1].id" },
    { PARTY,  "{'sources': null, 'agenda': 'Anna'}",  "UNKNOWN_VALUE",  "$.parties[0].agenda" },
    { PARTY,  "{'agenda': 'Anna'}",                   "FIELD_CONFLICT", "$.parties[0].agenda" },
    { PARTY,  "{'presence': 'soft'}",                 "FIELD_CONFLICT", "$.parties[0].presence" },
    { PARTY,  "{'kind': 'patient', 'presence': 'soft', 'importance': 'optional'}", "FIELD_CONFLICT", "$.parties[0].presence" },
    { PARTY,  "{'kind': 'patient', 'presence': 'absent'}", "NO_PARTY",  "$.parties" },
    { PARTY,  "{'claims': [{'start': '2026-11-23T10:00', 'end': '2026-11-23T11:00', 'place': 'a'}, {'start': '2026-11-23T10:30', 'end': '2026-11-23T12:00', 'place': 'b'}]}", "FIELD_CONFLICT", "$.parties[0].claims" },
    { SOURCE, "{'notice_minutes': 60}",               "FIELD_MISSING",  "$.now" },
    { RANGE,  "{'modalities': []}",                   "OUT_OF_BOUNDS",  "$.parties[0].sources[0].ranges[0].modalities" },
    { RANGE,  "{'audience': ['everybody']}",          "UNKNOWN_VALUE",  "$.parties[0].sources[0].ranges[0].audience[0]" },

    /* Who is free. */
    { ROOT,   "{'find': {'start': '2026-11-23T09:00'}}", "UNKNOWN_FIELD", "$.windows" },
};

/* clang-format on */

#endif
