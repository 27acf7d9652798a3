// SPDX-License-Identifier: Apache-2.0

/*
 * The parts of the SDK that need no broker: the table of requests, the copy of a
 * source, settings and position files.
 */
#include "adapters/sdk/client.h"
#include "adapters/sdk/requests.h"
#include "adapters/sdk/session.h"
#include "adapters/sdk/source.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { RANDOM_DELTAS = 2000, SPAN = 120, BEGIN = 30000000, PATH_SIZE = 300 };

static char directory[] = "/tmp/entente-sdk-test-XXXXXX";

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static void path_of(const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", directory, name);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int remove_directory(void **state)
{
    const char *names[] = {"position", "position.new", "client.conf"};
    char path[PATH_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_of(names[i], path);
        (void)unlink(path);
    }
    return rmdir(directory);
}

/* ---- requests ----------------------------------------------------------------------
 */

static void add(struct requests *requests)
{
    assert_non_null(requests_add(
        requests, (struct entente_bytes){(const uint8_t *)"frame", 5}, NULL, NULL));
}

static void test_replies_count_as_received_up_to_the_first_gap(void **state)
{
    struct requests requests;

    (void)state;
    assert_true(requests_init(&requests, 10, 1000));
    assert_int_equal(requests_received(&requests), 0);
    for (int i = 0; i < 4; i++) {
        add(&requests);
    }
    requests_remove(&requests, 2);
    requests_remove(&requests, 3);
    assert_int_equal(requests_received(&requests), 0);
    requests_remove(&requests, 1);
    assert_int_equal(requests_received(&requests), 3);
    requests_remove(&requests, 4);
    requests_remove(&requests, 4);
    requests_remove(&requests, 99);
    assert_int_equal(requests_received(&requests), 4);
    assert_int_equal(requests.unanswered, 0);
    assert_int_equal(requests.bytes, 0);
    requests_finish(&requests);
}

static void test_requests_are_bounded_in_number_in_bytes_and_in_spread(void **state)
{
    struct requests requests;
    struct entente_bytes frame = {(const uint8_t *)"frame", 5};

    (void)state;
    assert_true(requests_init(&requests, 3, 12));
    add(&requests);
    add(&requests);
    assert_null(requests_add(&requests, frame, NULL, NULL)); /* bytes */
    requests.bytes_max = 100;
    add(&requests);
    assert_null(requests_add(&requests, frame, NULL, NULL)); /* number */
    /* The first stays unanswered while thousands come and go behind it. */
    for (uint64_t i = 2; i < REQUESTS_RING; i++) {
        requests_remove(&requests, i);
        if (requests.next <= REQUESTS_RING) {
            add(&requests);
        }
    }
    assert_int_equal(requests.first, 1);
    assert_null(requests_add(&requests, frame, NULL, NULL)); /* spread */
    requests_remove(&requests, 1);
    add(&requests);
    requests_finish(&requests);
}

static void test_a_delayed_request_does_not_hold_up_those_behind_it(void **state)
{
    struct requests requests;
    uint64_t cursor = 0;
    int64_t wake_at = 1000;

    (void)state;
    assert_true(requests_init(&requests, 10, 1000));
    add(&requests);
    add(&requests);
    requests_find(&requests, 1)->send_at = 50;
    assert_int_equal(requests_next_unsent(&requests, 10, &cursor, &wake_at)->counter,
                     2);
    assert_int_equal(wake_at, 50);
    requests_find(&requests, 2)->sent = true;
    assert_null(requests_next_unsent(&requests, 10, &cursor, &wake_at));
    cursor = 0;
    assert_int_equal(requests_next_unsent(&requests, 50, &cursor, &wake_at)->counter,
                     1);
    requests_unsend(&requests);
    cursor = 0;
    assert_int_equal(requests_next_unsent(&requests, 0, &cursor, &wake_at)->counter, 1);
    assert_int_equal(requests_next_unsent(&requests, 0, &cursor, &wake_at)->counter, 2);
    requests_finish(&requests);
}

/* ---- the copy of a source ----------------------------------------------------------
 */

/* Draw the ranges as one mark a minute: '0' nothing, else the range's preference. */
static void draw(const struct entente_publish *publish, char picture[SPAN])
{
    memset(picture, '0', SPAN);
    for (size_t i = 0; i < publish->ranges_count; i++) {
        const struct entente_range *range = &publish->ranges[i];
        assert_true(range->start < range->end);
        for (int32_t m = range->start; m < range->end; m++) {
            picture[m - BEGIN] = (char)('0' + range->preference);
        }
    }
}

/* Repeatable randomness (xorshift64*). */
static uint32_t draw_number(uint64_t *dice, uint32_t limit)
{
    *dice ^= *dice >> 12;
    *dice ^= *dice << 25;
    *dice ^= *dice >> 27;
    return (uint32_t)((*dice * 0x2545F4914F6CDD1DU) >> 33) % limit;
}

static size_t make_ranges(uint64_t *dice, struct entente_span within,
                          struct entente_range *ret)
{
    size_t count = 0;
    int32_t at = within.start + (int32_t)draw_number(dice, 8);

    while (at < within.end) {
        int32_t end = at + 1 + (int32_t)draw_number(dice, 10);
        if (end > within.end) {
            end = within.end;
        }
        ret[count++] = (struct entente_range){
            .start = at,
            .end = end,
            .kind = ENTENTE_FREE,
            .preference = 1 + draw_number(dice, 3),
            .place = "here",
            .meeting = {(const uint8_t *)"0123456789abcdef", 16}};
        at = end + (int32_t)draw_number(dice, 8);
    }
    return count;
}

static void test_a_delta_replaces_the_minutes_it_speaks_about_and_no_other(void **state)
{
    const char *text = getenv("RANDOM_SEED");
    uint64_t seed = text ? (uint64_t)strtoull(text, NULL, 10) : (uint64_t)getpid();
    uint64_t dice = seed | (uint64_t)1 << 63; /* never zero */
    struct entente_identifier person = {.system = "s", .value = "v"};
    struct entente_span span = {BEGIN, BEGIN + SPAN};
    struct entente_range ranges[SPAN];
    struct entente_publish publish = {.source = "agenda",
                                      .person = &person,
                                      .publication = ENTENTE_SNAPSHOT,
                                      .coverage = &span,
                                      .ranges = ranges};
    struct source *source = source_create("agenda");
    char expected[SPAN];
    char news[SPAN];
    char copy[SPAN];

    (void)state;
    printf("RANDOM_SEED=%" PRIu64 "\n", seed);
    publish.ranges_count = make_ranges(&dice, span, ranges);
    assert_true(source_keep(source, &publish));
    draw(source->kept, expected);
    publish.publication = ENTENTE_DELTA;
    for (int i = 0; i < RANDOM_DELTAS; i++) {
        span.start = BEGIN + (int32_t)draw_number(&dice, SPAN - 1);
        span.end = span.start + 1 +
                   (int32_t)draw_number(&dice, (uint32_t)(BEGIN + SPAN - span.start));
        publish.ranges_count = make_ranges(&dice, span, ranges);
        size_t most = source_count_with(source, &publish);
        draw(&publish, news);
        memcpy(expected + (span.start - BEGIN), news + (span.start - BEGIN),
               (size_t)(span.end - span.start));
        assert_true(source_keep(source, &publish));
        draw(source->kept, copy);
        assert_memory_equal(copy, expected, SPAN);
        assert_true(source->kept->ranges_count <= most);
        assert_int_equal(source->kept->coverage->start, BEGIN);
        assert_int_equal(source->kept->coverage->end, BEGIN + SPAN);
        for (size_t j = 1; j < source->kept->ranges_count; j++) {
            assert_true(source->kept->ranges[j - 1].end <=
                        source->kept->ranges[j].start);
        }
    }
    source_destroy(source);
}

/* ---- files -------------------------------------------------------------------------
 */

static void test_a_position_comes_back_as_it_was_saved(void **state)
{
    char path[PATH_SIZE];
    struct entente_position position = {.epoch = 5, .sequence = 5};
    struct stat status;

    (void)state;
    path_of("position", path);
    assert_int_equal(entente_position_load(path, &position), ENTENTE_OK);
    assert_int_equal(position.epoch, 0); /* There is no file: nothing applied yet. */
    assert_int_equal(position.sequence, 0);
    for (uint64_t i = 1; i < 4; i++) {
        position = (struct entente_position){.epoch = UINT64_MAX, .sequence = i};
        assert_int_equal(entente_position_save(path, position), ENTENTE_OK);
        position = (struct entente_position){0};
        assert_int_equal(entente_position_load(path, &position), ENTENTE_OK);
        assert_true(position.epoch == UINT64_MAX && position.sequence == i);
    }
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    path_of("position.new", path);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void test_a_damaged_position_is_an_error_and_not_a_beginning(void **state)
{
    const char *texts[] = {"", "entente-position 1 7 4",
                           "entente-position 2 7 41 end\n",
                           "entente-position 1 x 41 end\n", "41\n"};
    struct entente_position position = {.epoch = 7, .sequence = 41};
    char path[PATH_SIZE];

    (void)state;
    path_of("position", path);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_file(path, texts[i]);
        assert_int_equal(entente_position_load(path, &position), ENTENTE_ERROR_FILE);
        assert_int_equal(position.sequence, 41);
    }
    assert_int_equal(entente_position_save("/nonexistent/position", position),
                     ENTENTE_ERROR_FILE);
    assert_int_equal(entente_position_load("/nonexistent/position", &position),
                     ENTENTE_OK);
}

#define KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static void test_settings_come_out_of_the_file(void **state)
{
    struct entente_settings settings = {.software = "test"};
    char why[ENTENTE_WHY_SIZE] = "";
    char path[PATH_SIZE];

    (void)state;
    path_of("client.conf", path);
    write_file(path, "# written by entente client add\n"
                     "[broker]\nendpoint = tcp://127.0.0.1:5670\n"
                     "endpoint = tcp://127.0.0.1:5671\npublic_key = " KEY "\n"
                     "[client]\nname = dui-nord\npublic_key = " KEY "\n"
                     "secret_key = " KEY "\n[agenda]\npath = x\n");
    struct entente_client *client =
        entente_client_from_file(path, &settings, why, sizeof why);
    assert_string_equal(why, "");
    assert_non_null(client);
    entente_client_destroy(client);
}

static void test_settings_that_are_wrong_are_named(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"", "There is no endpoint"},
        {"[broker]\nendpoint = tcp://127.0.0.1:1\n", "broker's public key"},
        {"[broker]\nendpoint = tcp://127.0.0.1:1\npublic_key = " KEY "\n",
         "client's public key"},
        {"[broker]\nendpoint = tcp://127.0.0.1:1\npublic_key = " KEY "\n"
         "[client]\npublic_key = " KEY "\nsecret_key = short\n",
         "client's secret key"},
        {"[broker\n", "Line 1"},
    };
    char why[ENTENTE_WHY_SIZE];
    char path[PATH_SIZE];

    (void)state;
    path_of("client.conf", path);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file(path, cases[i].text);
        assert_null(entente_client_from_file(path, NULL, why, sizeof why));
        if (!strstr(why, cases[i].why)) {
            fail_msg("\"%s\" was said, not \"%s\"", why, cases[i].why);
        }
    }
    assert_null(entente_client_from_file("/nonexistent", NULL, why, sizeof why));
    assert_non_null(strstr(why, "cannot be read"));
    assert_null(entente_client_create(NULL, NULL, 0));
}

static void test_every_code_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(entente_code_name(ENTENTE_OK), "OK");
    assert_string_equal(entente_code_name(ENTENTE_ERROR_TIMEOUT), "TIMEOUT");
    assert_string_equal(entente_code_name(ENTENTE_ERROR_NOT_DELIVERED),
                        "NOT_DELIVERED");
    assert_string_equal(entente_code_name(9), "UNKNOWN_ERROR");
    assert_string_equal(entente_code_name(ENTENTE_ERROR_STALE), "STALE");
    assert_string_equal(entente_code_name(100000), "UNKNOWN_ERROR");
}

static void test_a_client_without_a_broker_ends_at_once(void **state)
{
    const char *endpoint = "tcp://127.0.0.1:1";
    struct entente_settings settings = {.endpoints = &endpoint,
                                        .endpoints_count = 1,
                                        .server_public_key = KEY,
                                        .public_key = KEY,
                                        .secret_key = KEY,
                                        .linger_ms = 100000};
    struct entente_client *client = entente_client_create(&settings, NULL, 0);
    int fd = entente_client_fd(client);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(entente_client_step(client, 0), ENTENTE_OK);
    assert_int_equal(entente_client_fd(client), fd);
    entente_client_destroy(client);
    entente_client_destroy(NULL);
}

/* As many as the limit are taken, one more is named. */
static void test_lists_in_the_settings_are_bounded(void **state)
{
    enum { ENDPOINTS = 64, CAPABILITIES = 32 };
    const char *endpoints[ENDPOINTS + 1];
    const char *capabilities[CAPABILITIES + 1];
    char why[ENTENTE_WHY_SIZE] = "";

    (void)state;
    for (size_t i = 0; i <= ENDPOINTS; i++) {
        endpoints[i] = "tcp://127.0.0.1:1";
    }
    for (size_t i = 0; i <= CAPABILITIES; i++) {
        capabilities[i] = "can-refuse";
    }
    struct entente_settings settings = {.endpoints = endpoints,
                                        .endpoints_count = ENDPOINTS,
                                        .capabilities = capabilities,
                                        .capabilities_count = CAPABILITIES,
                                        .server_public_key = KEY,
                                        .public_key = KEY,
                                        .secret_key = KEY};
    struct entente_client *client = entente_client_create(&settings, why, sizeof why);
    assert_non_null(client);
    entente_client_destroy(client);

    settings.endpoints_count = ENDPOINTS + 1;
    assert_null(entente_client_create(&settings, why, sizeof why));
    assert_non_null(strstr(why, "64 endpoints"));
    settings.endpoints_count = ENDPOINTS;
    settings.capabilities_count = CAPABILITIES + 1;
    assert_null(entente_client_create(&settings, why, sizeof why));
    assert_non_null(strstr(why, "32 capabilities"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies_count_as_received_up_to_the_first_gap),
        cmocka_unit_test(test_requests_are_bounded_in_number_in_bytes_and_in_spread),
        cmocka_unit_test(test_a_delayed_request_does_not_hold_up_those_behind_it),
        cmocka_unit_test(
            test_a_delta_replaces_the_minutes_it_speaks_about_and_no_other),
        cmocka_unit_test(test_a_position_comes_back_as_it_was_saved),
        cmocka_unit_test(test_a_damaged_position_is_an_error_and_not_a_beginning),
        cmocka_unit_test(test_settings_come_out_of_the_file),
        cmocka_unit_test(test_settings_that_are_wrong_are_named),
        cmocka_unit_test(test_lists_in_the_settings_are_bounded),
        cmocka_unit_test(test_every_code_has_a_name),
        cmocka_unit_test(test_a_client_without_a_broker_ends_at_once),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
