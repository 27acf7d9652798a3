// SPDX-License-Identifier: Apache-2.0

#include "broker/seal.h"

#include "broker/log.h"
#include "broker/private_file.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEAL_VERSION = 1,
    KEY_SIZE = 32,
    KEY_HEX = 2 * KEY_SIZE,
    KEYS_MAX = 16,
    FILE_CAPACITY = 4096,
    NUMBER_SIZE = 4,
    NONCE_SIZE = 12,
    TAG_SIZE = 16,
    HEAD_SIZE = 1 + NUMBER_SIZE, /* version and key number */
};

static_assert(HEAD_SIZE + NONCE_SIZE + TAG_SIZE == SEAL_OVERHEAD,
              "the header's layout");

/* The file as text: this line, then "seal <number> <hex>" once or more, the newest
 * last, and "index <hex>" once. */
static const char file_title[] = "entente key file 1";

/* Only the ciphers' contexts hold the keys once the file has been read. */
struct sealing_key {
    uint32_t number;
    EVP_CIPHER_CTX *closing;
    EVP_CIPHER_CTX *opening;
};

struct seal {
    EVP_CIPHER *cipher;
    EVP_MAC *mac;
    EVP_MAC_CTX *index; /* keyed; copied for each use */
    size_t count;
    struct sealing_key keys[KEYS_MAX]; /* the last one seals, all of them open */
};

static enum status fail(const char *what)
{
    /* OpenSSL's reasons quote neither keys nor data. */
    const char *reason = ERR_reason_error_string(ERR_get_error());

    log_line(LOG_ERROR, "seal", "%s: %s", what, reason == NULL ? "failed" : reason);
    ERR_clear_error();
    return STATUS_FAILED;
}

enum status seal_random(void *ret, size_t size)
{
    if (size > INT_MAX || RAND_priv_bytes(ret, (int)size) != 1) {
        return fail("random bytes");
    }
    return STATUS_OK;
}

static void write_hex(const uint8_t *bytes, size_t size, char *ret)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[2 * size] = '\0';
}

static int hex_digit(char letter)
{
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    if (letter >= 'a' && letter <= 'f') {
        return letter - 'a' + 10;
    }
    return -1;
}

static bool read_key_hex(const char *text, uint8_t ret[KEY_SIZE])
{
    if (text == NULL || strlen(text) != KEY_HEX) {
        return false;
    }
    for (size_t i = 0; i < KEY_SIZE; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        ret[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

enum status seal_create_key_file(const char *path, const char **ret_message)
{
    uint8_t keys[2 * KEY_SIZE];
    char sealing[KEY_HEX + 1];
    char index[KEY_HEX + 1];
    char text[FILE_CAPACITY];

    enum status status = seal_random(keys, sizeof(keys));
    if (status != STATUS_OK) {
        *ret_message = "This system gives no random bytes.";
        return status;
    }
    write_hex(keys, KEY_SIZE, sealing);
    write_hex(keys + KEY_SIZE, KEY_SIZE, index);
    int size = snprintf(text, sizeof(text), "%s\nseal 1 %s\nindex %s\n", file_title,
                        sealing, index);
    status = private_file_create(path, text, (size_t)size, ret_message);

    OPENSSL_cleanse(keys, sizeof(keys));
    OPENSSL_cleanse(sealing, sizeof(sealing));
    OPENSSL_cleanse(index, sizeof(index));
    OPENSSL_cleanse(text, sizeof(text));
    return status;
}

static bool add_sealing_key(struct seal *seal, uint32_t number,
                            const uint8_t key[KEY_SIZE])
{
    if (seal->count == KEYS_MAX ||
        (seal->count > 0 && number <= seal->keys[seal->count - 1].number)) {
        return false;
    }
    struct sealing_key *added = &seal->keys[seal->count++];
    added->number = number;
    added->closing = EVP_CIPHER_CTX_new();
    added->opening = EVP_CIPHER_CTX_new();
    return added->closing != NULL && added->opening != NULL &&
           EVP_EncryptInit_ex2(added->closing, seal->cipher, key, NULL, NULL) == 1 &&
           EVP_DecryptInit_ex2(added->opening, seal->cipher, key, NULL, NULL) == 1;
}

static bool set_index_key(struct seal *seal, const uint8_t key[KEY_SIZE])
{
    char digest[] = "SHA2-256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };

    if (seal->index != NULL) {
        return false; /* the line stands twice */
    }
    seal->index = EVP_MAC_CTX_new(seal->mac);
    return seal->index != NULL &&
           EVP_MAC_init(seal->index, key, KEY_SIZE, parameters) == 1;
}

/* One line of the key file; it is cut into its words. */
static bool read_line(struct seal *seal, char *line)
{
    uint8_t key[KEY_SIZE];
    char *rest = NULL;
    bool is_good = false;
    const char *word = strtok_r(line, " ", &rest);

    if (word != NULL && strcmp(word, "seal") == 0) {
        const char *number_text = strtok_r(NULL, " ", &rest);
        char *end = NULL;
        unsigned long number = number_text == NULL ? 0 : strtoul(number_text, &end, 10);
        is_good = number >= 1 && number <= UINT32_MAX && *end == '\0' &&
                  read_key_hex(strtok_r(NULL, " ", &rest), key) &&
                  add_sealing_key(seal, (uint32_t)number, key);
    } else if (word != NULL && strcmp(word, "index") == 0) {
        is_good =
            read_key_hex(strtok_r(NULL, " ", &rest), key) && set_index_key(seal, key);
    }
    OPENSSL_cleanse(key, sizeof(key));
    return is_good && strtok_r(NULL, " ", &rest) == NULL;
}

static bool read_lines(struct seal *seal, char *text)
{
    char *rest = NULL;
    const char *title = strtok_r(text, "\n", &rest);

    if (title == NULL || strcmp(title, file_title) != 0) {
        return false;
    }
    for (char *line = strtok_r(NULL, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (!read_line(seal, line)) {
            return false;
        }
    }
    return seal->count > 0 && seal->index != NULL;
}

enum status seal_open(const char *path, struct seal **ret_seal,
                      const char **ret_message)
{
    char text[FILE_CAPACITY];
    size_t size = 0;

    enum status status =
        private_file_read(path, text, sizeof(text), &size, ret_message);
    if (status != STATUS_OK) {
        return status;
    }

    struct seal *seal = calloc(1, sizeof(*seal));
    if (seal == NULL) {
        *ret_message = "Out of memory.";
        OPENSSL_cleanse(text, sizeof(text));
        return STATUS_FAILED;
    }
    seal->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    seal->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (seal->cipher == NULL || seal->mac == NULL) {
        *ret_message = "This system's OpenSSL has no AES-256-GCM or no HMAC.";
        status = STATUS_FAILED;
    } else if (strlen(text) != size || !read_lines(seal, text)) {
        *ret_message = "It is not a key file of Entente, or it is damaged.";
        status = STATUS_FAILED;
    }
    OPENSSL_cleanse(text, sizeof(text));

    if (status != STATUS_OK) {
        ERR_clear_error();
        seal_close(seal);
        return status;
    }
    *ret_seal = seal;
    return STATUS_OK;
}

void seal_close(struct seal *seal)
{
    if (seal == NULL) {
        return;
    }
    for (size_t i = 0; i < seal->count; i++) {
        EVP_CIPHER_CTX_free(seal->keys[i].closing); /* wipes the key */
        EVP_CIPHER_CTX_free(seal->keys[i].opening);
    }
    EVP_MAC_CTX_free(seal->index);
    EVP_MAC_free(seal->mac);
    EVP_CIPHER_free(seal->cipher);
    OPENSSL_cleanse(seal, sizeof(*seal));
    free(seal);
}

static void write_size(size_t size, uint8_t ret[8])
{
    for (int i = 0; i < 8; i++) {
        ret[i] = (uint8_t)((uint64_t)size >> (8 * (7 - i)));
    }
}

/* Authenticate one piece with its size before it, so that no two places read alike. */
static bool bind_piece(EVP_CIPHER_CTX *context, const void *bytes, size_t size)
{
    uint8_t prefix[8];
    int done = 0;

    write_size(size, prefix);
    return size <= INT_MAX &&
           EVP_CipherUpdate(context, NULL, &done, prefix, sizeof(prefix)) == 1 &&
           (size == 0 || EVP_CipherUpdate(context, NULL, &done, bytes, (int)size) == 1);
}

static bool bind_place(EVP_CIPHER_CTX *context, const uint8_t head[HEAD_SIZE],
                       const struct seal_place *place)
{
    return bind_piece(context, head, HEAD_SIZE) &&
           bind_piece(context, place->table, strlen(place->table)) &&
           bind_piece(context, place->column, strlen(place->column)) &&
           bind_piece(context, place->row, place->row_size);
}

enum status seal_close_bytes(struct seal *seal, const struct seal_place *place,
                             const void *plain, size_t size, uint8_t *ret)
{
    const struct sealing_key *key = &seal->keys[seal->count - 1];
    const uint8_t head[HEAD_SIZE] = {SEAL_VERSION, (uint8_t)(key->number >> 24),
                                     (uint8_t)(key->number >> 16),
                                     (uint8_t)(key->number >> 8), (uint8_t)key->number};
    uint8_t nonce[NONCE_SIZE];
    uint8_t tag[TAG_SIZE];
    int done = 0;

    if (size > INT_MAX) {
        return fail("too many bytes to seal");
    }
    if (RAND_bytes(nonce, sizeof(nonce)) != 1) {
        return fail("no nonce");
    }
    uint8_t *cipher = ret + HEAD_SIZE + NONCE_SIZE;
    if (EVP_EncryptInit_ex2(key->closing, NULL, NULL, nonce, NULL) != 1 ||
        !bind_place(key->closing, head, place) ||
        (size > 0 &&
         (EVP_EncryptUpdate(key->closing, cipher, &done, plain, (int)size) != 1 ||
          done != (int)size)) ||
        EVP_EncryptFinal_ex(key->closing, cipher + size, &done) != 1 ||
        EVP_CIPHER_CTX_ctrl(key->closing, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) != 1) {
        OPENSSL_cleanse(ret, size + SEAL_OVERHEAD);
        return fail("cannot seal");
    }
    memcpy(ret, head, HEAD_SIZE);
    memcpy(ret + HEAD_SIZE, nonce, NONCE_SIZE);
    memcpy(cipher + size, tag, TAG_SIZE);
    return STATUS_OK;
}

static const struct sealing_key *find_key(const struct seal *seal, const uint8_t *head)
{
    uint32_t number = (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 |
                      (uint32_t)head[3] << 8 | (uint32_t)head[4];

    for (size_t i = 0; i < seal->count; i++) {
        if (seal->keys[i].number == number) {
            return &seal->keys[i];
        }
    }
    return NULL;
}

enum status seal_open_bytes(struct seal *seal, const struct seal_place *place,
                            const void *sealed, size_t size, void *ret)
{
    const uint8_t *bytes = sealed;

    if (size < SEAL_OVERHEAD || size > INT_MAX || bytes[0] != SEAL_VERSION) {
        return STATUS_DAMAGED;
    }
    const struct sealing_key *key = find_key(seal, bytes);
    if (key == NULL) {
        return STATUS_DAMAGED;
    }

    const uint8_t *nonce = bytes + HEAD_SIZE;
    const uint8_t *cipher = nonce + NONCE_SIZE;
    const size_t plain_size = size - SEAL_OVERHEAD;
    uint8_t *plain = ret;
    uint8_t none[1]; /* where nothing is written: NULL would mean something else */
    uint8_t tag[TAG_SIZE];
    int done = 0;

    memcpy(tag, cipher + plain_size, TAG_SIZE);
    if (EVP_DecryptInit_ex2(key->opening, NULL, NULL, nonce, NULL) != 1 ||
        !bind_place(key->opening, bytes, place) ||
        (plain_size > 0 &&
         (EVP_DecryptUpdate(key->opening, plain, &done, cipher, (int)plain_size) != 1 ||
          done != (int)plain_size)) ||
        EVP_CIPHER_CTX_ctrl(key->opening, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) != 1 ||
        EVP_DecryptFinal_ex(key->opening, none, &done) != 1) {
        /* What was not authenticated is not given out. */
        OPENSSL_cleanse(plain, plain_size);
        ERR_clear_error();
        return STATUS_DAMAGED;
    }
    return STATUS_OK;
}

/* How many bytes of white space stand at @at: ASCII, and the spaces of French print. */
static size_t space_at(const unsigned char *at)
{
    if (*at == ' ' || (*at >= '\t' && *at <= '\r')) {
        return 1;
    }
    if (at[0] == 0xc2 && at[1] == 0xa0) { /* no-break space */
        return 2;
    }
    if (at[0] == 0xe2 && at[1] == 0x80 &&
        ((at[2] >= 0x80 && at[2] <= 0x8a) || at[2] == 0xaf)) { /* typographic spaces */
        return 3;
    }
    return 0;
}

static bool mix_normalised(EVP_MAC_CTX *context, const char *value)
{
    const unsigned char *at = (const unsigned char *)value;

    while (*at != '\0') {
        size_t space = space_at(at);
        if (space > 0) {
            at += space;
            continue;
        }
        unsigned char letter = *at++;
        if (letter >= 'a' && letter <= 'z') {
            letter = (unsigned char)(letter - 'a' + 'A');
        }
        if (EVP_MAC_update(context, &letter, 1) != 1) {
            return false;
        }
    }
    return true;
}

enum status seal_blind_index(struct seal *seal, const char *system, const char *value,
                             uint8_t ret[SEAL_BLIND_SIZE])
{
    uint8_t prefix[8];
    uint8_t blind[SEAL_BLIND_SIZE];
    size_t size = 0;
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(seal->index);

    write_size(strlen(system), prefix);
    bool is_made =
        context != NULL && EVP_MAC_update(context, prefix, sizeof(prefix)) == 1 &&
        EVP_MAC_update(context, (const unsigned char *)system, strlen(system)) == 1 &&
        mix_normalised(context, value) &&
        EVP_MAC_final(context, blind, &size, sizeof(blind)) == 1 &&
        size == sizeof(blind);
    EVP_MAC_CTX_free(context);
    if (!is_made) {
        return fail("no blind index");
    }
    memcpy(ret, blind, sizeof(blind));
    return STATUS_OK;
}

static EVP_MD *sha256; /* fetched once for the life of the process: fetching is slow */

static void fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
}

enum status seal_hash(const struct seal_piece *pieces, size_t count,
                      uint8_t ret[SEAL_HASH_SIZE])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    uint8_t hash[SEAL_HASH_SIZE];
    unsigned size = 0;

    pthread_once(&once, fetch_sha256);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_made = context != NULL && sha256 != NULL &&
                   EVP_DigestInit_ex2(context, sha256, NULL) == 1;
    for (size_t i = 0; is_made && i < count; i++) {
        is_made = pieces[i].size == 0 ||
                  EVP_DigestUpdate(context, pieces[i].bytes, pieces[i].size) == 1;
    }
    is_made = is_made && EVP_DigestFinal_ex(context, hash, &size) == 1 &&
              size == sizeof(hash);
    EVP_MD_CTX_free(context);
    if (!is_made) {
        return fail("no hash");
    }
    memcpy(ret, hash, sizeof(hash));
    return STATUS_OK;
}
