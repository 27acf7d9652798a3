// SPDX-License-Identifier: Apache-2.0

/*
 * What an operator does on the database: clients are added, widened, revoked, listed.
 */
#include "broker/operator.h"
#include "broker/store/store.h"
#include "proto/identifier.h"
#include "tests/support/pg_database.h"

#include "tests/support/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

enum { PEOPLE_MAX = 8 };

struct stage {
    struct pg_database *database;
    struct seal *seal;
    char keys[32]; /* folder of broker.key and seal.key */
    const char *message;

    /* What store_list_clients has shown. */
    size_t clients;
    struct store_client client; /* the last one */
    char name[64];
    int64_t speaks_for[PEOPLE_MAX];
};

static int run_operator(int (*command)(int argc, char **argv), const char *words)
{
    char text[512];
    char *argv[24];
    int argc = 0;
    snprintf(text, sizeof(text), "entente %s", words);
    for (char *word = text; word != NULL && *word != '\0' && argc < 23;) {
        char *end = strchr(word, ' ');
        argv[argc++] = word;
        word = end;
        if (end != NULL) {
            *end = '\0';
            word = end + 1;
        }
    }
    argv[argc] = NULL;
    return command(argc, argv);
}

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    char words[128];
    char path[64];
    assert_non_null(stage);
    stage->database = pg_database_create();
    snprintf(stage->keys, sizeof(stage->keys), "/tmp/entente-admin-XXXXXX");
    assert_non_null(mkdtemp(stage->keys));
    snprintf(words, sizeof(words), "make --keys %s", stage->keys);
    assert_int_equal(run_operator(operator_keys, words), 0);
    snprintf(path, sizeof(path), "%s/seal.key", stage->keys);
    assert_int_equal(seal_open(path, &stage->seal, &stage->message), STATUS_OK);
    setenv("ENTENTE_DB", pg_database_conninfo(stage->database), 1);
    setenv("ENTENTE_KEYS", stage->keys, 1);
    *state = stage;
    return 0;
}

static void forget(const struct stage *stage, const char *name)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/%s", stage->keys, name);
    unlink(path);
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    seal_close(stage->seal);
    pg_database_drop(stage->database);
    forget(stage, "broker.key");
    forget(stage, "seal.key");
    forget(stage, "client.conf");
    rmdir(stage->keys);
    free(stage);
    return 0;
}

/* ---- adding ------------------------------------------------------------------------
 */

static struct store_settings settings_of(const struct stage *stage)
{
    return (struct store_settings){.conninfo = pg_database_conninfo(stage->database),
                                   .seal = stage->seal,
                                   .broker = 77};
}

struct somebody {
    const char *system;
    const char *value;
    uint32_t kind;
};

static const struct somebody anna = {IDENTIFIER_IDNPS, "810000000001",
                                     ENTENTE_PROFESSIONAL};
static const struct somebody bruno = {IDENTIFIER_IDNPS, "810000000002",
                                      ENTENTE_PROFESSIONAL};
static const struct somebody patient = {IDENTIFIER_INS_TEST, "280canarypatient",
                                        ENTENTE_PATIENT};

static enum status add(struct stage *stage, const char *name, const char *public_key,
                       bool sandbox, const struct somebody *who)
{
    const struct store_settings settings = settings_of(stage);
    struct entente_identifier identifier = {0};
    struct store_new_client client = {
        .name = name, .public_key = public_key, .sandbox = sandbox};
    stage->message = "";
    if (who != NULL) {
        identifier.system = who->system;
        identifier.value = who->value;
        client.speaks_for = &identifier;
        client.kinds = &who->kind;
        client.speaks_for_count = 1;
    }
    return store_add_client(&settings, &client, &stage->message);
}

static void see_client(void *context, const struct store_client *client)
{
    struct stage *stage = context;
    stage->clients++;
    stage->client = *client;
    snprintf(stage->name, sizeof(stage->name), "%s", client->name);
    for (size_t i = 0; i < client->speaks_for_count && i < PEOPLE_MAX; i++) {
        stage->speaks_for[i] = client->speaks_for[i];
    }
}

static void list(struct stage *stage)
{
    const struct store_settings settings = settings_of(stage);
    stage->clients = 0;
    assert_int_equal(store_list_clients(&settings, see_client, stage, &stage->message),
                     STATUS_OK);
}

static int64_t number(struct stage *stage, const char *sql)
{
    return pg_database_number(stage->database, "%s", sql);
}

static void test_a_client_is_added_with_its_people(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(add(stage, "clinic", KEY_A, false, &anna), STATUS_OK);
    list(stage);
    assert_int_equal(stage->clients, 1);
    assert_string_equal(stage->name, "clinic");
    assert_string_equal(stage->client.public_key, KEY_A);
    assert_int_equal(stage->client.speaks_for_count, 1);
    assert_int_equal(
        stage->speaks_for[0],
        number(stage, "SELECT id FROM person WHERE value = '810000000001'"));
    assert_false(stage->client.sandbox);
    assert_false(stage->client.revoked);
}

/* Two programs may speak for one person, who stays one person. */
static void test_a_person_is_made_once(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(add(stage, "clinic", KEY_A, true, &anna), STATUS_OK);
    assert_int_equal(add(stage, "office", KEY_B, true, &anna), STATUS_OK);
    assert_int_equal(add(stage, "clinic", NULL, false, &patient), STATUS_OK);
    assert_int_equal(add(stage, "office", NULL, false, &patient), STATUS_OK);
    assert_int_equal(number(stage, "SELECT count(*) FROM person"), 2);
    assert_int_equal(number(stage, "SELECT count(*) FROM speaks_for"), 4);
}

/* Two of them would make the same new people in two orders, and wait for each other. */
static void test_one_client_is_widened_by_one_at_a_time(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(add(stage, "clinic", KEY_A, false, &anna), STATUS_OK);
    pg_database_run(
        stage->database,
        "BEGIN; SELECT FROM client WHERE name = 'clinic' FOR NO KEY UPDATE");
    setenv("PGOPTIONS", "-c lock_timeout=50", 1);
    assert_int_not_equal(add(stage, "clinic", NULL, false, &bruno), STATUS_OK);
    unsetenv("PGOPTIONS");
    pg_database_run(stage->database, "COMMIT");
    assert_int_equal(add(stage, "clinic", NULL, false, &bruno), STATUS_OK);
}

static void test_a_client_is_widened_without_a_key(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(add(stage, "clinic", KEY_A, false, &anna), STATUS_OK);
    assert_int_equal(add(stage, "clinic", NULL, false, &bruno), STATUS_OK);
    assert_int_equal(add(stage, "clinic", NULL, false, &bruno), STATUS_OK);
    list(stage);
    assert_int_equal(stage->clients, 1);
    assert_int_equal(stage->client.speaks_for_count, 2);
    assert_true(stage->speaks_for[0] < stage->speaks_for[1]);
    assert_string_equal(stage->client.public_key, KEY_A);
}

static void test_a_name_and_a_key_are_used_once(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(add(stage, "clinic", KEY_A, false, &anna), STATUS_OK);
    assert_int_equal(add(stage, "clinic", KEY_B, false, NULL), STATUS_REFUSED);
    assert_string_equal(stage->message,
                        "A client of this name exists; without a key it is widened.");
    assert_int_equal(add(stage, "office", KEY_A, false, NULL), STATUS_REFUSED);
    assert_string_equal(stage->message, "Another client has this public key.");
    assert_int_equal(add(stage, "office", NULL, false, &bruno), STATUS_REFUSED);
    assert_string_equal(stage->message, "A new client needs a public key.");
    /* A refusal leaves nothing half done. */
    assert_int_equal(number(stage, "SELECT count(*) FROM client"), 1);
    assert_int_equal(number(stage, "SELECT count(*) FROM person"), 1);
}

static void test_a_key_is_withdrawn_once_and_for_all(void **state)
{
    struct stage *stage = *state;
    const struct store_settings settings = settings_of(stage);
    assert_int_equal(add(stage, "clinic", KEY_A, false, &anna), STATUS_OK);
    assert_int_equal(store_revoke_client(&settings, "clinic", &stage->message),
                     STATUS_OK);
    int64_t first =
        number(stage, "SELECT extract(epoch FROM revoked) * 1e6 FROM client");
    assert_int_equal(store_revoke_client(&settings, "clinic", &stage->message),
                     STATUS_OK);
    assert_int_equal(
        number(stage, "SELECT extract(epoch FROM revoked) * 1e6 FROM client"), first);
    list(stage);
    assert_true(stage->client.revoked);
    assert_int_equal(store_revoke_client(&settings, "nobody", &stage->message),
                     STATUS_REFUSED);
    assert_string_equal(stage->message, "There is no client of this name.");
}

/* ---- patients ----------------------------------------------------------------------
 */

static void test_only_a_sandbox_speaks_for_a_patient(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(add(stage, "clinic", KEY_A, false, &patient), STATUS_REFUSED);
    assert_non_null(strstr(stage->message, "sandbox"));
    assert_int_equal(number(stage, "SELECT count(*) FROM client"), 0);
    assert_int_equal(number(stage, "SELECT count(*) FROM person"), 0);

    assert_int_equal(add(stage, "clinic", KEY_A, false, &anna), STATUS_OK);
    /* Widening does not make a sandbox of what was none. */
    assert_int_equal(add(stage, "clinic", NULL, true, &patient), STATUS_REFUSED);
    assert_int_equal(number(stage, "SELECT count(*) FROM person"), 1);
}

static void test_a_patient_is_not_readable_in_the_database(void **state)
{
    struct stage *stage = *state;
    const struct somebody mother = {IDENTIFIER_INS_TEST, "250canarymother",
                                    ENTENTE_REPRESENTATIVE};
    assert_int_equal(add(stage, "clinic", KEY_A, true, &patient), STATUS_OK);
    assert_int_equal(add(stage, "clinic", NULL, true, &mother), STATUS_OK);
    assert_int_equal(add(stage, "clinic", NULL, true, &anna), STATUS_OK);
    assert_false(pg_database_contains(stage->database, "canary"));
    assert_true(pg_database_contains(stage->database, "810000000001"));
    assert_int_equal(number(stage,
                            "SELECT count(*) FROM person WHERE octet_length(blind) = 32"
                            " AND octet_length(sealed) > 30 AND system IS NULL"),
                     2);
}

static void test_production_identities_are_refused_by_the_command(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(run_operator(operator_client,
                                  "add clinic --sandbox --speaks-for ins:280canary"
                                  " --public-key " KEY_A),
                     2);
    assert_int_equal(run_operator(operator_client,
                                  "add clinic --sandbox --representative nia:280canary"
                                  " --public-key " KEY_A),
                     2);
    assert_int_equal(run_operator(operator_client,
                                  "add clinic --sandbox --speaks-for"
                                  " urn:oid:1.2.250.1.213.1.4.8|280canary"
                                  " --public-key " KEY_A),
                     2);
    assert_int_equal(number(stage, "SELECT count(*) FROM client"), 0);
    assert_int_equal(number(stage, "SELECT count(*) FROM person"), 0);
}

/* ---- the commands themselves -------------------------------------------------------
 */

static void test_the_command_makes_a_client_with_its_settings(void **state)
{
    struct stage *stage = *state;
    char words[256];
    char path[64];
    snprintf(path, sizeof(path), "%s/client.conf", stage->keys);
    snprintf(words, sizeof(words),
             "add clinic --sandbox --speaks-for idnps:810000000001"
             " --speaks-for ins-test:280canary --write-to %s",
             path);
    assert_int_equal(run_operator(operator_client, words), 0);
    list(stage);
    assert_int_equal(stage->clients, 1);
    assert_int_equal(stage->client.speaks_for_count, 2);
    assert_true(stage->client.sandbox);

    FILE *file = fopen(path, "r");
    char text[2048] = "";
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, stage->client.public_key));
    assert_non_null(strstr(text, "secret_key = "));

    /* The file is there: a second client does not take its place. */
    snprintf(words, sizeof(words), "add office --write-to %s", path);
    assert_int_equal(run_operator(operator_client, words), 1);
    assert_int_equal(number(stage, "SELECT count(*) FROM client"), 1);
    assert_int_equal(access(path, R_OK), 0);
    assert_int_equal(run_operator(operator_client, "revoke clinic"), 0);
    assert_int_equal(run_operator(operator_client, "list --json"), 0);
}

static void test_wrong_words_are_told_from_failures(void **state)
{
    (void)state;
    assert_int_equal(run_operator(operator_client, "--help"), 0);
    assert_int_equal(run_operator(operator_client, ""), 2);
    assert_int_equal(run_operator(operator_client, "add"), 2);
    assert_int_equal(run_operator(operator_client, "dance clinic"), 2);
    assert_int_equal(run_operator(operator_client, "list --tango"), 2);
    assert_int_equal(run_operator(operator_client, "add clinic --speaks-for canary"),
                     2);
    assert_int_equal(run_operator(operator_client, "revoke nobody"), 1);
    assert_int_equal(run_operator(operator_migrate, "--help"), 0);
    assert_int_equal(run_operator(operator_migrate, "twice"), 2);
    assert_int_equal(run_operator(operator_migrate, ""), 0);
    assert_int_equal(run_operator(operator_keys, "make"), 1); /* they exist */
    assert_int_equal(run_operator(operator_keys, "show"), 0);
    assert_int_equal(run_operator(operator_keys, "eat"), 2);
}

#define STAGE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_client_is_added_with_its_people),
        STAGE_TEST(test_a_person_is_made_once),
        STAGE_TEST(test_one_client_is_widened_by_one_at_a_time),
        STAGE_TEST(test_a_client_is_widened_without_a_key),
        STAGE_TEST(test_a_name_and_a_key_are_used_once),
        STAGE_TEST(test_a_key_is_withdrawn_once_and_for_all),
        STAGE_TEST(test_only_a_sandbox_speaks_for_a_patient),
        STAGE_TEST(test_a_patient_is_not_readable_in_the_database),
        STAGE_TEST(test_production_identities_are_refused_by_the_command),
        STAGE_TEST(test_the_command_makes_a_client_with_its_settings),
        STAGE_TEST(test_wrong_words_are_told_from_failures),
    };
    return cmocka_run_group_tests_name("admin", tests, NULL, NULL);
}
