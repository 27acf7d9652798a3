// SPDX-License-Identifier: Apache-2.0

#include "broker/keys.h"

#include "broker/private_file.h"
#include "broker/wire_zmq.h"

#include <stdio.h>
#include <string.h>

enum { FILE_CAPACITY = 1024 };

static const char public_word[] = "public-key ";
static const char secret_word[] = "secret-key ";

enum status keys_create(const char *path, char ret_public_key[WIRE_KEY_TEXT],
                        const char **ret_message)
{
    char public_key[WIRE_KEY_TEXT];
    char secret_key[WIRE_KEY_TEXT];
    char text[FILE_CAPACITY];

    enum status status = wire_zmq_make_keypair(public_key, secret_key);
    if (status != STATUS_OK) {
        *ret_message = "This system's libzmq cannot make CURVE keys.";
        return status;
    }
    int size = snprintf(text, sizeof(text),
                        "# Entente: a CURVE key pair. The secret key goes to nobody.\n"
                        "%s%s\n%s%s\n",
                        public_word, public_key, secret_word, secret_key);
    status = private_file_create(path, text, (size_t)size, ret_message);
    if (status == STATUS_OK) {
        memcpy(ret_public_key, public_key, WIRE_KEY_TEXT);
    }
    explicit_bzero(text, sizeof(text));
    explicit_bzero(secret_key, sizeof(secret_key));
    return status;
}

/* Take the key from a line "@word <key>". */
static void take_key(const char *line, const char *word, char ret[WIRE_KEY_TEXT])
{
    size_t skip = strlen(word);

    if (strncmp(line, word, skip) == 0 && strlen(line + skip) == WIRE_KEY_TEXT - 1) {
        memcpy(ret, line + skip, WIRE_KEY_TEXT);
    }
}

enum status keys_read(const char *path, char ret_public_key[WIRE_KEY_TEXT],
                      char ret_secret_key[WIRE_KEY_TEXT], const char **ret_message)
{
    char text[FILE_CAPACITY];
    char public_key[WIRE_KEY_TEXT] = "";
    char secret_key[WIRE_KEY_TEXT] = "";
    char derived_key[WIRE_KEY_TEXT] = "";
    size_t size = 0;

    enum status status =
        private_file_read(path, text, sizeof(text), &size, ret_message);
    if (status != STATUS_OK) {
        goto out;
    }

    char *rest = NULL;
    for (char *line = strtok_r(text, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        take_key(line, public_word, public_key);
        take_key(line, secret_word, secret_key);
    }

    status = wire_zmq_public_of(secret_key, derived_key);
    if (status != STATUS_OK || strcmp(derived_key, public_key) != 0) {
        *ret_message = "It does not hold a CURVE key pair.";
        status = STATUS_FAILED;
        goto out;
    }
    memcpy(ret_public_key, public_key, WIRE_KEY_TEXT);
    memcpy(ret_secret_key, secret_key, WIRE_KEY_TEXT);

out:
    explicit_bzero(text, sizeof(text));
    explicit_bzero(secret_key, sizeof(secret_key));
    return status;
}
