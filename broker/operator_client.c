// SPDX-License-Identifier: Apache-2.0

#include "broker/operator.h"

#include "broker/keys.h"
#include "broker/operator_list.h"
#include "broker/operator_words.h"
#include "broker/private_file.h"
#include "broker/store/store.h"
#include "broker/wire_zmq.h"
#include "proto/identifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE_MAX = 4096, TEXT = 128 };

static const char help[] =
    "entente client - who may connect, and for whom they speak\n"
    "\n"
    "usage: entente client add NAME [--speaks-for ID]... [options]\n"
    "       entente client list [--json]\n"
    "       entente client revoke NAME\n"
    "\n"
    "add makes a client with a key of its own; with the name of one that exists it "
    "widens\n"
    "for whom that one speaks.  Only such a client publishes and answers for these "
    "people.\n"
    "\n"
    "  --speaks-for ID       idnps:899700218896, ins-test:..., ins-demo:..., "
    "resource:...\n"
    "                        or SYSTEM|VALUE; again for each person\n"
    "  --representative ID   the same, for a patient's representative\n"
    "  --sandbox             works with test identities; needed to speak for a "
    "patient\n"
    "  --operator            may ask for the figures of the whole broker\n"
    "  --write-to FILE       make a key pair and write the client's settings to FILE\n"
    "  --endpoint ADDRESS    of the broker, for that file (default "
    "tcp://127.0.0.1:7411)\n"
    "  --public-key Z85      the client made its own key pair: this is its public key\n"
    "  --db CONNINFO         default: ENTENTE_DB\n"
    "  --keys DIR            folder of broker.key and seal.key; default: ENTENTE_KEYS\n"
    "\n"
    "Exit codes: 0 done, 1 it failed, 2 the words were wrong.\n";

struct words {
    const char *conninfo;
    const char *keys;
    const char *endpoint;
    const char *write_to;
    bool json;
    struct store_new_client client;
    struct entente_identifier people[PEOPLE_MAX];
    uint32_t kinds[PEOPLE_MAX];
    char texts[PEOPLE_MAX][2][TEXT];
    bool wrong;
};

static uint32_t kind_of(const char *system, bool representative)
{
    if (representative) {
        return ENTENTE_REPRESENTATIVE;
    }
    if (identifier_is_patient(system)) {
        return ENTENTE_PATIENT;
    }
    return strcmp(system, IDENTIFIER_RESOURCE) == 0 ? ENTENTE_RESOURCE
                                                    : ENTENTE_PROFESSIONAL;
}

static void add_person(struct words *words, const char *text, bool representative)
{
    size_t i = words->client.speaks_for_count;
    const char *message =
        "Too many people in one call; add the others in a second one.";
    if (i == PEOPLE_MAX || !identifier_parse(text, words->texts[i][0], TEXT,
                                             words->texts[i][1], TEXT, &message)) {
        fprintf(stderr, "entente client: %s: %s\n", text, message);
        words->wrong = true;
        return;
    }
    if (identifier_is_production(words->texts[i][0])) {
        fprintf(stderr,
                "entente client: production INS identifiers are refused until rights "
                "and consent are served; use ins-test: or ins-demo:\n");
        words->wrong = true;
        return;
    }
    words->people[i].system = words->texts[i][0];
    words->people[i].value = words->texts[i][1];
    words->kinds[i] = kind_of(words->texts[i][0], representative);
    words->client.speaks_for_count++;
}

static const struct option options[] = {
    {"speaks-for", required_argument, NULL, 's'},
    {"representative", required_argument, NULL, 'r'},
    {"sandbox", no_argument, NULL, 'x'},
    {"operator", no_argument, NULL, 'o'},
    {"write-to", required_argument, NULL, 'w'},
    {"endpoint", required_argument, NULL, 'e'},
    {"public-key", required_argument, NULL, 'p'},
    {"db", required_argument, NULL, 'd'},
    {"keys", required_argument, NULL, 'k'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* -1: go on; otherwise the exit code. */
static int take_word(void *context, int letter)
{
    struct words *words = context;
    switch (letter) {
    case 's':
    case 'r':
        add_person(words, optarg, letter == 'r');
        return -1;
    case 'x':
        words->client.sandbox = true;
        return -1;
    case 'o':
        words->client.is_operator = true;
        return -1;
    case 'w':
        words->write_to = optarg;
        return -1;
    case 'e':
        words->endpoint = optarg;
        return -1;
    case 'p':
        words->client.public_key = optarg;
        return -1;
    case 'j':
        words->json = true;
        return -1;
    default:
        return 2;
    }
}

static int fail(const char *message)
{
    fprintf(stderr, "entente client: %s\n", message);
    return 1;
}

/* ---- add ---------------------------------------------------------------------------
 */

/* The pair is on the disk before the client exists, so that no key is ever lost. */
static int write_settings(const struct words *words, const char *public_key,
                          const char *secret_key)
{
    char path[4096];
    char text[1024];
    char broker_public[WIRE_KEY_TEXT];
    char broker_secret[WIRE_KEY_TEXT];
    const char *message = NULL;
    snprintf(path, sizeof(path), "%s/broker.key", words->keys);
    if (keys_read(path, broker_public, broker_secret, &message) != STATUS_OK) {
        return fail(message);
    }
    explicit_bzero(broker_secret, sizeof(broker_secret));
    int size = snprintf(text, sizeof(text),
                        "[broker]\nendpoint = %s\npublic_key = %s\n\n"
                        "[client]\nname = %s\npublic_key = %s\nsecret_key = %s\n",
                        words->endpoint, broker_public, words->client.name, public_key,
                        secret_key);
    enum status status = STATUS_FAILED;
    message = "The settings are too long.";
    if (size > 0 && (size_t)size < sizeof(text)) {
        status = private_file_create(words->write_to, text, (size_t)size, &message);
    }
    explicit_bzero(text, sizeof(text));
    return status == STATUS_OK ? 0 : fail(message);
}

static int record(const struct words *words)
{
    char path[4096];
    const char *message = NULL;
    struct seal *seal = NULL;
    snprintf(path, sizeof(path), "%s/seal.key", words->keys);
    if (seal_open(path, &seal, &message) != STATUS_OK) {
        return fail(message);
    }
    const struct store_settings settings = {.conninfo = words->conninfo, .seal = seal};
    enum status status = store_add_client(&settings, &words->client, &message);
    seal_close(seal);
    return status == STATUS_OK ? 0 : fail(message);
}

static int add(struct words *words)
{
    char public_key[WIRE_KEY_TEXT];
    char secret_key[WIRE_KEY_TEXT];
    int code = 0;
    if (words->keys == NULL) {
        return fail("it needs --keys DIR or ENTENTE_KEYS");
    }
    words->client.speaks_for = words->people;
    words->client.kinds = words->kinds;
    if (words->write_to != NULL) {
        if (words->client.public_key != NULL) {
            return fail("--public-key and --write-to do not go together");
        }
        if (wire_zmq_make_keypair(public_key, secret_key) != STATUS_OK) {
            return fail("no key pair could be made");
        }
        code = write_settings(words, public_key, secret_key);
        explicit_bzero(secret_key, sizeof(secret_key));
        words->client.public_key = public_key;
    }
    if (code == 0) {
        code = record(words);
        if (code != 0 && words->write_to != NULL) {
            remove(words->write_to);
        }
    }
    if (code == 0) {
        printf("client %s speaks for %zu more\n", words->client.name,
               words->client.speaks_for_count);
    }
    return code;
}

/* ---- list, revoke ------------------------------------------------------------------
 */

static void print_line(void *context, const struct store_client *client)
{
    (void)context;
    printf("%-24s %s  speaks for %zu%s%s%s\n", client->name, client->public_key,
           client->speaks_for_count, client->sandbox ? ", sandbox" : "",
           client->is_operator ? ", operator" : "", client->revoked ? ", revoked" : "");
}

static void add_json(void *context, const struct store_client *client)
{
    operator_list_add(context,
                      json_pack("{s:s, s:s, s:I, s:b, s:b, s:b}", "name", client->name,
                                "public_key", client->public_key, "speaks_for",
                                (json_int_t)client->speaks_for_count, "sandbox",
                                client->sandbox, "operator", client->is_operator,
                                "revoked", client->revoked));
}

static int list(const struct words *words)
{
    const struct store_settings settings = {.conninfo = words->conninfo};
    const char *message = NULL;
    struct operator_list list = operator_list_begin(words->json);
    enum status status = store_list_clients(
        &settings, words->json ? add_json : print_line, &list, &message);
    return operator_list_end(&list, "client", status == STATUS_OK ? NULL : message);
}

static int revoke(const struct words *words)
{
    const struct store_settings settings = {.conninfo = words->conninfo};
    const char *message = NULL;
    if (store_revoke_client(&settings, words->client.name, &message) != STATUS_OK) {
        return fail(message);
    }
    printf("client %s opens nothing any more\n", words->client.name);
    return 0;
}

static int carry_out(struct words *words, const char *what)
{
    bool named = words->client.name != NULL;
    if (strcmp(what, "add") == 0 && named) {
        return add(words);
    }
    if (strcmp(what, "revoke") == 0 && named) {
        return revoke(words);
    }
    if (strcmp(what, "list") == 0 && !named) {
        return list(words);
    }
    fputs("entente client: say add NAME, revoke NAME or list; see --help\n", stderr);
    return 2;
}

int operator_client(int argc, char **argv)
{
    struct words *words = calloc(1, sizeof(*words));
    int code = words == NULL ? 1 : -1;
    struct operator_words given = {
        .help = help, .options = options, .take = take_word, .context = words};
    if (words != NULL) {
        words->endpoint = "tcp://127.0.0.1:7411";
        code = operator_words_read(argc, argv, &given);
        words->conninfo = given.conninfo;
        words->keys = given.keys;
    }
    if (code < 0 && (words->wrong || words->conninfo == NULL || optind == argc ||
                     optind < argc - 2)) {
        fputs("entente client: needs what to do, and --db CONNINFO or ENTENTE_DB; see "
              "--help\n",
              stderr);
        code = 2;
    }
    if (code < 0) {
        words->client.name = optind == argc - 2 ? argv[optind + 1] : NULL;
        code = carry_out(words, argv[optind]);
    }
    free(words);
    return code;
}
