// SPDX-License-Identifier: Apache-2.0

#include "broker/operator.h"

#include "broker/keys.h"
#include "broker/operator_words.h"
#include "broker/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "entente keys - the broker's own keys\n"
    "\n"
    "usage: entente keys make --keys DIR    make broker.key and seal.key in DIR\n"
    "       entente keys show --keys DIR    print the broker's public key\n"
    "\n"
    "broker.key is the CURVE pair that clients know the broker by; seal.key seals "
    "reasons\n"
    "and patients' identifiers.  Back both up, apart from the database: without "
    "seal.key\n"
    "every sealed value is lost (docs/keys.md).  A file that exists is never "
    "overwritten.\n"
    "\n"
    "  --keys DIR   the folder (default: ENTENTE_KEYS)\n"
    "\n"
    "Exit codes: 0 done, 1 it failed, 2 the words were wrong.\n";

static int make(const char *folder)
{
    char path[4096];
    char public_key[WIRE_KEY_TEXT];
    const char *message = NULL;
    snprintf(path, sizeof(path), "%s/broker.key", folder);
    if (keys_create(path, public_key, &message) != STATUS_OK) {
        fprintf(stderr, "entente keys: %s: %s\n", path, message);
        return 1;
    }
    printf("made %s\n", path);
    snprintf(path, sizeof(path), "%s/seal.key", folder);
    if (seal_create_key_file(path, &message) != STATUS_OK) {
        fprintf(stderr, "entente keys: %s: %s\n", path, message);
        return 1;
    }
    printf("made %s: back it up apart from the database\n", path);
    return 0;
}

static int show(const char *folder)
{
    char path[4096];
    char public_key[WIRE_KEY_TEXT];
    char secret_key[WIRE_KEY_TEXT];
    const char *message = NULL;
    snprintf(path, sizeof(path), "%s/broker.key", folder);
    enum status status = keys_read(path, public_key, secret_key, &message);
    explicit_bzero(secret_key, sizeof(secret_key));
    if (status != STATUS_OK) {
        fprintf(stderr, "entente keys: %s: %s\n", path, message);
        return 1;
    }
    printf("%s\n", public_key);
    return 0;
}

int operator_keys(int argc, char **argv)
{
    static const struct option options[] = {
        {"keys", required_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct operator_words words = {.help = help, .options = options};
    int code = operator_words_read(argc, argv, &words);
    if (code >= 0) {
        return code;
    }
    const char *folder = words.keys;
    const char *what = optind == argc - 1 ? argv[optind] : "";
    if (folder != NULL && strcmp(what, "make") == 0) {
        return make(folder);
    }
    if (folder != NULL && strcmp(what, "show") == 0) {
        return show(folder);
    }
    fputs("entente keys: say make or show, and --keys DIR; see --help\n", stderr);
    return 2;
}
