// SPDX-License-Identifier: Apache-2.0

/*
 * What people type: words, times, lengths, codes.
 */
#include "adapters/cli/ask.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/times.h"
#include "adapters/cli/words.h"
#include "proto/zone.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARIS "Europe/Paris"

enum { ARGUMENTS_MAX = 64 };

static struct words words;

/* Take the words of a line, which are separated by single spaces. */
static enum words_outcome take(enum verb verb, const char *line)
{
    static char copy[1024];
    static char *arguments[ARGUMENTS_MAX];
    char *rest = NULL;
    int count = 0;
    snprintf(copy, sizeof(copy), "%s", line);
    for (char *part = strtok_r(copy, " ", &rest);
         part != NULL && count < ARGUMENTS_MAX - 1; part = strtok_r(NULL, " ", &rest)) {
        arguments[count++] = part;
    }
    arguments[count] = NULL;
    return words_take(&words, verb, count, arguments);
}

static void test_words_are_kept_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(take(VERB_REQUEST, "request --party idnps:1 --party idnps:2 "
                                        "--optional=idnps:3 --json --for 45"),
                     WORDS_TAKEN);
    assert_string_equal(words_each(&words, WORD_PARTY, 0), "idnps:1");
    assert_string_equal(words_each(&words, WORD_PARTY, 1), "idnps:2");
    assert_null(words_each(&words, WORD_PARTY, 2));
    assert_string_equal(words_text(&words, WORD_OPTIONAL), "idnps:3");
    assert_string_equal(words_text(&words, WORD_FOR), "45");
    assert_true(words_has(&words, WORD_JSON));
    assert_false(words_has(&words, WORD_PICK));
}

static void test_a_meeting_stands_before_or_behind_its_options(void **state)
{
    (void)state;
    assert_int_equal(take(VERB_ACCEPT, "accept M --as idnps:1"), WORDS_TAKEN);
    assert_string_equal(words.subject, "M");
    assert_int_equal(take(VERB_ACCEPT, "accept --as idnps:1 M"), WORDS_TAKEN);
    assert_string_equal(words.subject, "M");
}

static void test_wrong_words_are_refused(void **state)
{
    (void)state;
    static const struct {
        enum verb verb;
        const char *line;
    } lines[] = {
        {VERB_REQUEST, "request --party idnps:1 --for 30 --for 60"},
        {VERB_ACCEPT, "accept"},
        {VERB_ACCEPT, "accept M N"},
        {VERB_ACCEPT, "accept M --party idnps:1"},
        {VERB_ACCEPT, "accept M --as"},
        {VERB_LIST, "list M"},
        {VERB_LIST, "list --nonsense"},
        {VERB_SEARCH, "search --answer-within 48h"},
        {VERB_SHOW, "show M -x"},
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(take(lines[i].verb, lines[i].line), WORDS_WRONG);
    }
}

static void test_the_environment_stands_in_for_client_and_actor(void **state)
{
    (void)state;
    setenv("ENTENTE_AS", "idnps:9", 1);
    assert_int_equal(take(VERB_ACCEPT, "accept M"), WORDS_TAKEN);
    assert_string_equal(words_text(&words, WORD_AS), "idnps:9");
    assert_int_equal(take(VERB_ACCEPT, "accept M --as idnps:1"), WORDS_TAKEN);
    assert_string_equal(words_text(&words, WORD_AS), "idnps:1");
    setenv("ENTENTE_AS", "", 1);
    assert_int_equal(take(VERB_ACCEPT, "accept M"), WORDS_TAKEN);
    assert_null(words_text(&words, WORD_AS));
}

static void assert_time(const char *text, const char *expected)
{
    int32_t minute = 0;
    int32_t same = 0;
    assert_true(times_parse(text, PARIS, &minute));
    assert_true(zone_parse_time(expected, NULL, &same));
    assert_int_equal(minute, same);
}

static void test_times(void **state)
{
    (void)state;
    int32_t minute;
    assert_time("2026-11-24T14:00", "2026-11-24T13:00Z");
    assert_time("2026-07-24T14:00", "2026-07-24T12:00Z");
    assert_time("2026-11-24T14:00+05:00", "2026-11-24T09:00Z");
    assert_time("2026-11-24", "2026-11-23T23:00Z");
    assert_false(times_parse("", PARIS, &minute));
    assert_false(times_parse("2026-13-24", PARIS, &minute));
    assert_false(times_parse("tomorrow", PARIS, &minute));
    assert_false(times_parse("2026-11-24T14:00x", PARIS, &minute));
}

static void test_spans(void **state)
{
    (void)state;
    struct entente_span span;
    static const char *const wrong[] = {
        "",
        "/",
        "2026-11-24",
        "2026-11-24T14:00/",
        "2026-11-24T14:00/2026-11-24T14:00",
        "2026-11-24T14:00/13:00",
        "2026-11-24T14:00/25:00",
        "2026-11-24T14:00/2026-11-25/2026-11-26",
    };
    assert_true(times_parse_span("2026-11-24T14:00/2026-11-25", PARIS, &span));
    assert_int_equal(span.end - span.start, 600);
    assert_true(times_parse_span("2026-11-24T14:00/16:30", PARIS, &span));
    assert_int_equal(span.end - span.start, 150);
    /* The night in which the clocks go back has an hour more. */
    assert_true(times_parse_span("2026-10-25/2026-10-26", PARIS, &span));
    assert_int_equal(span.end - span.start, 25 * 60);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(times_parse_span(wrong[i], PARIS, &span));
    }
}

static void test_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t minutes;
    } right[] = {{"60", 60},    {"0", 0},     {"90m", 90},  {"90min", 90},
                 {"48h", 2880}, {"1h30", 90}, {"2d", 2880}, {"2j", 2880}};
    static const char *const wrong[] = {
        "", "h", "-5", "1 h", "1.5h", "60x", "99999999999999999999"};
    uint32_t minutes = 0;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_true(times_parse_length(right[i].text, &minutes));
        assert_int_equal(minutes, right[i].minutes);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(times_parse_length(wrong[i], &minutes));
    }
}

static void test_hours_and_weekdays(void **state)
{
    (void)state;
    struct entente_interval hours;
    uint32_t bits = 0;
    assert_true(times_parse_hours("08:00-19:30", &hours));
    assert_int_equal(hours.from_minutes, 480);
    assert_int_equal(hours.until_minutes, 1170);
    assert_true(times_parse_hours("00:00-24:00", &hours));
    assert_false(times_parse_hours("19:00-08:00", &hours));
    assert_false(times_parse_hours("08:00-24:30", &hours));
    assert_false(times_parse_hours("8:00-19:00", &hours));
    assert_true(times_parse_weekdays("mon-fri", &bits));
    assert_int_equal(bits, 0x1f);
    assert_true(times_parse_weekdays("lun,mer,ven", &bits));
    assert_int_equal(bits, 0x15);
    assert_true(times_parse_weekdays("sat-mon", &bits));
    assert_int_equal(bits, 0x61);
    assert_false(times_parse_weekdays("mon-", &bits));
    assert_false(times_parse_weekdays("mon,,tue", &bits));
    assert_false(times_parse_weekdays("monday", &bits));
}

static void test_codes(void **state)
{
    (void)state;
    uint32_t value = 0;
    assert_true(term_parse(TERM_STATE, "waiting_organizer", &value));
    assert_int_equal(value, ENTENTE_WAITING_ORGANIZER);
    assert_true(term_parse(TERM_REASON, "no-longer-needed", &value));
    assert_int_equal(value, ENTENTE_NO_LONGER_NEEDED);
    assert_false(term_parse(TERM_REASON, "no-longer", &value));
    assert_false(term_parse(TERM_STATE, "hard", &value));
    assert_string_equal(term_code(TERM_PRESENCE, ENTENTE_HARD), "hard");
    assert_null(term_code(TERM_STATE, 99));
}

/* A link that is not connected: what is asked for needs no broker. */
static struct entente_spec *ask(struct link *link, const char *line)
{
    assert_int_equal(take(VERB_REQUEST, line), WORDS_TAKEN);
    *link = (struct link){.words = &words};
    arena_init(&link->arena, 1 << 20);
    return ask_spec(link);
}

static void test_a_whole_request(void **state)
{
    (void)state;
    struct link link;
    const struct entente_spec *spec = ask(
        &link, "request --party idnps:1 --optional idnps:2 --patient ins-test:3 "
               "--patient-presence soft --patient-must-accept --representative "
               "urn:x|4 --resource resource:5 --for 1h30 --window "
               "2026-11-24T08:00/18:00 --from 2026-11-25 --to 2026-11-26 --weekdays "
               "mon-fri --hours 08:00-12:00 --hours 14:00-18:00 --notice 2h --grid "
               "30 --target 2026-11-24 --answer-within 24h --search-for 10 --nature "
               "rcp --modality video --link https://x --place Salle,Rue");
    assert_non_null(spec);
    assert_int_equal(spec->duration_minutes, 90);
    assert_int_equal(spec->windows_count, 2);
    assert_int_equal(spec->parties_count, 5);
    assert_int_equal(spec->parties[1].importance, ENTENTE_OPTIONAL);
    assert_int_equal(spec->parties[2].kind, ENTENTE_PATIENT);
    assert_int_equal(spec->parties[3].kind, ENTENTE_REPRESENTATIVE);
    assert_string_equal(spec->parties[3].represents->value, "3");
    assert_int_equal(spec->parties[4].kind, ENTENTE_RESOURCE);
    assert_string_equal(spec->subject->value, "3");
    assert_int_equal(spec->patient_presence, ENTENTE_SOFT);
    assert_true(spec->patient_must_accept);
    assert_int_equal(spec->times_of_day_count, 2);
    assert_int_equal(spec->notice_minutes, 120);
    assert_int_equal(spec->grid_minutes, 30);
    assert_int_equal(spec->answer_minutes, 1440);
    assert_int_equal(link.search_minutes, 10);
    assert_int_equal(spec->search_until_ms, 0);
    assert_int_equal(spec->nature, ENTENTE_RCP);
    assert_string_equal(spec->place, "Salle");
    assert_string_equal(spec->places[0].address, "Rue");
    arena_finish(&link.arena);
}

static void test_requests_that_cannot_be_used(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "request --party nobody",
        "request --for long",
        "request --for 0x10",
        "request --for 0",
        "request --answer-within 0",
        "request --window now",
        "request --from 2026-11-24",
        "request --from 2026-11-24 --to 2026-11-23",
        "request --pick then",
        "request --weekdays never",
        "request --hours always",
        "request --zone Europe/Nowhere",
        "request --nature party",
        "request --patient-presence maybe",
        "request --search-for ever",
        "request --target soon",
        "request --option fax",
        "request --option video@",
        "request --option @Lyon",
        "request --travel Lyon:25",
        "request --travel Lyon:Bron:x",
        "request --travel Lyon:Bron:1441",
        "request --travel :Bron:5",
        "request --every week",
        "request --times 4",
        "request --every day --times 4",
        "request --pool idnps:1",
        "request --pool 2",
        "request --tentative maybe",
        "request --certainty declared,sure",
        "request --quorum 0",
        "request --from 2026-10-25T02:30 --to 2026-10-26",
        "request --pick 2026-03-29T02:30",
    };
    struct link link;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_null(ask(&link, lines[i]));
        arena_finish(&link.arena);
    }
}

/* Like ask(), for words that have spaces in them. */
static struct entente_spec *ask_words(struct link *link, char **arguments)
{
    int count = 0;
    while (arguments[count] != NULL) {
        count++;
    }
    assert_int_equal(words_take(&words, VERB_SEARCH, count, arguments), WORDS_TAKEN);
    *link = (struct link){.words = &words};
    arena_init(&link->arena, 1 << 20);
    return ask_spec(link);
}

static void test_ways_to_meet_and_travel(void **state)
{
    (void)state;
    struct link link;
    const struct entente_spec *spec =
        ask(&link, "request --party idnps:1 --option on-site@Lyon --option video "
                   "--travel Lyon:Bron:25 --travel Bron:Lyon:35 --travel Lyon:Vaise:10 "
                   "--quorum 2 --urgent --no-holidays=FR-67 --every fortnight --times "
                   "6 --tentative soft --certainty declared,typical --buffer-before 10 "
                   "--apart 2h");
    assert_non_null(spec);
    assert_int_equal(spec->options_count, 2);
    assert_int_equal(spec->options[0].modality, ENTENTE_ON_SITE);
    assert_string_equal(spec->options[0].place, "Lyon");
    assert_string_equal(spec->places[0].key, "Lyon");
    assert_int_equal(spec->options[1].modality, ENTENTE_VIDEO);
    assert_null(spec->options[1].place);
    assert_int_equal(spec->legs_count, 4);
    assert_int_equal(spec->legs[1].minutes, 35);
    assert_string_equal(spec->legs[3].from, "Vaise");
    assert_int_equal(spec->legs[3].minutes, 10);
    assert_int_equal(spec->quorum, 2);
    assert_true(spec->urgent);
    assert_true(spec->without_public_holidays);
    assert_string_equal(spec->holiday_region, "FR-67");
    assert_int_equal(spec->step, ENTENTE_FORTNIGHTLY);
    assert_int_equal(spec->occurrences, 6);
    assert_int_equal(spec->tentative, ENTENTE_TENTATIVE_SOFT);
    assert_int_equal(spec->certainties, 1 << ENTENTE_DECLARED | 1 << ENTENTE_TYPICAL);
    assert_int_equal(spec->parties[0].buffer_before_minutes, 10);
    assert_int_equal(spec->apart_minutes, 120);
    arena_finish(&link.arena);
    spec = ask(&link, "request --party idnps:1 --no-holidays");
    assert_true(spec->without_public_holidays);
    assert_null(spec->holiday_region);
    arena_finish(&link.arena);
}

static void test_a_pool_is_so_many_of_those(void **state)
{
    (void)state;
    struct link link;
    char command[] = "search";
    char option[] = "--pool";
    char all_alike[] = "Nurses=any 2 of idnps:1, idnps:2,idnps:3";
    char other_option[] = "--optional-pool";
    char different[] = "1 de idnps:4,resource:5";
    char *arguments[] = {command, option, all_alike, other_option, different, NULL};
    const struct entente_spec *spec = ask_words(&link, arguments);
    assert_non_null(spec);
    assert_int_equal(spec->parties_count, 2);
    const struct entente_party *pool = &spec->parties[0];
    assert_int_equal(pool->kind, ENTENTE_POOL);
    assert_string_equal(pool->name, "Nurses");
    assert_int_equal(pool->pool_size, 2);
    assert_int_equal(pool->member_values_count, 3);
    assert_string_equal(pool->member_values[1], "2");
    assert_int_equal(pool->members_count, 0);
    assert_int_equal(spec->parties[1].importance, ENTENTE_OPTIONAL);
    assert_int_equal(spec->parties[1].members_count, 2);
    arena_finish(&link.arena);
}

/* Write @text, with ' for ", into a new file; its name is @path. */
static void write_spec(const char *text, char path[32])
{
    snprintf(path, 32, "/tmp/entente-spec-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    assert_non_null(out);
    for (; *text != '\0'; text++) {
        fputc(*text == '\'' ? '"' : *text, out);
    }
    assert_int_equal(fclose(out), 0);
}

static void test_a_specification_from_a_file(void **state)
{
    (void)state;
    struct link link;
    char path[32];
    char command[] = "search";
    char option[] = "--spec";
    char *arguments[] = {command, option, path, NULL};
    write_spec(
        "{'duration_minutes': 45, 'grid_minutes': 5, 'windows': [{'start': "
        "'2026-11-24T08:00', 'end': '2026-11-24T18:00'}], 'weekdays': ['tuesday'], "
        "'notice_minutes': 60, 'options': [{'modality': 'on_site', 'place': 'Lyon'}], "
        "'travel': [{'from': 'Lyon', 'to': 'Bron', 'minutes': 20}], 'quorum': 3, "
        "'public_holidays': 'FR-RE', 'series': {'every': 'month', 'times': 2}, "
        "'tentative': 'soft', 'purposes': ['meetings', 'visits'], 'wanted': 7, "
        "'explain': true, 'parties': [{'identifier': 'idnps:1', 'name': 'Anna', "
        "'place': 'Bron', 'buffer_before_minutes': 5}, {'kind': 'patient', "
        "'identifier': 'ins-test:3', 'presence': 'soft'}], 'pools': [{'name': "
        "'Nurses', 'needed': 1, 'members': ['idnps:4', 'idnps:5']}]}",
        path);
    const struct entente_spec *spec = ask_words(&link, arguments);
    assert_non_null(spec);
    assert_string_equal(spec->zone, "Europe/Paris");
    assert_int_equal(spec->duration_minutes, 45);
    assert_int_equal(spec->windows[0].end - spec->windows[0].start, 600);
    assert_int_equal(spec->weekdays, 2);
    assert_int_equal(spec->notice_minutes, 60);
    assert_string_equal(spec->options[0].place, "Lyon");
    assert_int_equal(spec->legs_count, 2);
    assert_int_equal(spec->quorum, 3);
    assert_string_equal(spec->holiday_region, "FR-RE");
    assert_int_equal(spec->step, ENTENTE_MONTHLY);
    assert_int_equal(spec->purposes, 5);
    assert_int_equal(link.asked_slots, 7);
    assert_true(link.asked_explain);
    assert_int_equal(spec->parties_count, 3);
    assert_string_equal(spec->parties[0].place, "Bron");
    assert_int_equal(spec->patient_presence, ENTENTE_SOFT);
    assert_string_equal(spec->subject->value, "3");
    assert_int_equal(spec->parties[2].kind, ENTENTE_POOL);
    assert_int_equal(spec->parties[2].member_values_count, 2);
    arena_finish(&link.arena);
    remove(path);
}

static void test_specifications_that_cannot_be_used(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "{'duration_minutes': 45, 'windows': [], 'parties': []}",
        "{'duration_minutes': 45, 'picked': ['2026-03-29T02:30'], 'parties': []}",
        "{'duration_minutes': 45, 'picked': ['2026-03-29T08:30'], 'parties': "
        "[{'identifier': 'nobody'}]}",
        "{'duration_minutes': 45, 'picked': ['2026-03-29T08:30'], 'agendas': []}",
        "{'duration_minutes': 45, 'picked': ['2026-03-29T08:30'], 'purposes': "
        "['sleep']}",
    };
    struct link link;
    char path[32];
    char command[] = "search";
    char option[] = "--spec";
    char more[] = "--for";
    char length[] = "60";
    char *arguments[] = {command, option, path, NULL, length, NULL};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_spec(texts[i], path);
        assert_null(ask_words(&link, arguments));
        arena_finish(&link.arena);
        remove(path);
    }
    assert_null(ask_words(&link, arguments)); /* the file is gone */
    arena_finish(&link.arena);
    arguments[3] = more;
    assert_null(ask_words(&link, arguments));
    arena_finish(&link.arena);
}

static void test_searching_for_no_time_means_at_once(void **state)
{
    (void)state;
    struct link link;
    const struct entente_spec *spec = ask(&link, "request --search-for 0");
    assert_int_equal(spec->search_until_ms, 1);
    arena_finish(&link.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_kept_in_their_order),
        cmocka_unit_test(test_a_meeting_stands_before_or_behind_its_options),
        cmocka_unit_test(test_wrong_words_are_refused),
        cmocka_unit_test(test_the_environment_stands_in_for_client_and_actor),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_hours_and_weekdays),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_a_whole_request),
        cmocka_unit_test(test_requests_that_cannot_be_used),
        cmocka_unit_test(test_ways_to_meet_and_travel),
        cmocka_unit_test(test_a_pool_is_so_many_of_those),
        cmocka_unit_test(test_a_specification_from_a_file),
        cmocka_unit_test(test_specifications_that_cannot_be_used),
        cmocka_unit_test(test_searching_for_no_time_means_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
