// SPDX-License-Identifier: Apache-2.0

/*
 * test_seal.c - what is sealed stays sealed, and stays where it was put
 *
 * A second implementation, one OpenSSL call per operation, is first held against the
 * official vectors and then against ours: so the layout and the algorithms are what
 * seal.h says, and not merely consistent with themselves.
 */
#include "broker/seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { KEY_SIZE = 32, ROOM = 512 };

static char folder[] = "/tmp/entente-seal-XXXXXX";
static char key_path[128];

static const struct seal_place place = {"meeting", "reason", "12345678", 8};

static int make_folder(void **state)
{
    const char *message = "";

    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(key_path, sizeof(key_path), "%s/key", folder);
    return seal_create_key_file(key_path, &message) == STATUS_OK ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(key_path);
    return rmdir(folder);
}

static struct seal *open_seal(const char *path)
{
    struct seal *seal = NULL;
    const char *message = "";

    if (seal_open(path, &seal, &message) != STATUS_OK) {
        fail_msg("%s", message);
    }
    return seal;
}

static size_t from_hex(const char *hex, uint8_t *ret)
{
    size_t size = strlen(hex) / 2;

    for (size_t i = 0; i < size; i++) {
        const char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        ret[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return size;
}

static void write_text(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void read_text(const char *path, char *ret, size_t capacity)
{
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    ret[fread(ret, 1, capacity - 1, file)] = '\0';
    fclose(file);
}

/* ---- The second implementation ---- */

struct gcm {
    uint8_t key[KEY_SIZE];
    uint8_t nonce[12];
    uint8_t bound[ROOM]; /* additional authenticated data */
    size_t bound_size;
    uint8_t text[ROOM];
    size_t size;
    uint8_t tag[16];
};

/* Open gcm->text in place. */
static bool gcm_open(struct gcm *gcm)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t rest[16];
    int done = 0;
    bool is_open =
        EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, gcm->key, gcm->nonce) &&
        EVP_DecryptUpdate(context, NULL, &done, gcm->bound, (int)gcm->bound_size) &&
        EVP_DecryptUpdate(context, gcm->text, &done, gcm->text, (int)gcm->size) &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, gcm->tag) &&
        EVP_DecryptFinal_ex(context, rest, &done) == 1;

    EVP_CIPHER_CTX_free(context);
    return is_open;
}

static void hmac(const uint8_t *key, size_t key_size, const uint8_t *text, size_t size,
                 uint8_t ret[32])
{
    unsigned done = 0;

    assert_non_null(HMAC(EVP_sha256(), key, (int)key_size, text, size, ret, &done));
    assert_int_equal(done, 32);
}

static size_t put_piece(uint8_t *at, const void *bytes, size_t size)
{
    memset(at, 0, 8);
    at[6] = (uint8_t)(size >> 8);
    at[7] = (uint8_t)size;
    memcpy(at + 8, bytes, size);
    return 8 + size;
}

/* The two keys, from the text of the key file. */
static void read_keys(uint8_t sealing[KEY_SIZE], uint8_t index[KEY_SIZE])
{
    char text[1024];
    char sealing_hex[65] = "";
    char index_hex[65] = "";

    read_text(key_path, text, sizeof(text));
    assert_int_equal(sscanf(text, "entente key file 1\nseal 1 %64s\nindex %64s\n",
                            sealing_hex, index_hex),
                     2);
    assert_int_equal(from_hex(sealing_hex, sealing), KEY_SIZE);
    assert_int_equal(from_hex(index_hex, index), KEY_SIZE);
    assert_memory_not_equal(sealing, index, KEY_SIZE);
}

/* ---- Known answers ---- */

/* FIPS 180-4, the examples "abc", the empty message and 448 bits (NIST CSRC). */
static void test_sha_256_known_answers(void **state)
{
    static const char *const vectors[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t expected[32];
        uint8_t hash[SEAL_HASH_SIZE];
        size_t size = strlen(vectors[i][0]);

        from_hex(vectors[i][1], expected);
        for (size_t cut = 0; cut <= size; cut++) {
            const struct seal_piece pieces[] = {
                {vectors[i][0], cut}, {NULL, 0}, {vectors[i][0] + cut, size - cut}};
            assert_int_equal(seal_hash(pieces, 3, hash), STATUS_OK);
            assert_memory_equal(hash, expected, 32);
        }
    }
}

/* Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B,
 * which is also in NIST's validation suite. */
static const char *const gcm_vector[] = {
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
    "76fc6ece0f4e1768cddf8853bb2d551b",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
};

static void test_gcm_known_answer_and_our_layout(void **state)
{
    static const char reason[] = "retour à domicile";
    struct gcm gcm = {0};
    uint8_t plain[ROOM];
    uint8_t sealed[ROOM];
    uint8_t index_key[KEY_SIZE];

    (void)state;
    from_hex(gcm_vector[0], gcm.key);
    from_hex(gcm_vector[1], gcm.nonce);
    gcm.bound_size = from_hex(gcm_vector[2], gcm.bound);
    gcm.size = from_hex(gcm_vector[3], gcm.text);
    from_hex(gcm_vector[4], gcm.tag);
    from_hex(gcm_vector[5], plain);
    assert_true(gcm_open(&gcm));
    assert_memory_equal(gcm.text, plain, gcm.size);

    struct seal *seal = open_seal(key_path);
    assert_int_equal(seal_close_bytes(seal, &place, reason, sizeof(reason), sealed),
                     STATUS_OK);
    assert_memory_equal(sealed, "\1\0\0\0\1", 5);
    read_keys(gcm.key, index_key);
    memcpy(gcm.nonce, sealed + 5, 12);
    gcm.size = sizeof(reason);
    memcpy(gcm.text, sealed + 17, gcm.size);
    memcpy(gcm.tag, sealed + 17 + gcm.size, 16);
    gcm.bound_size = put_piece(gcm.bound, sealed, 5);
    gcm.bound_size += put_piece(gcm.bound + gcm.bound_size, "meeting", 7);
    gcm.bound_size += put_piece(gcm.bound + gcm.bound_size, "reason", 6);
    gcm.bound_size += put_piece(gcm.bound + gcm.bound_size, "12345678", 8);
    assert_true(gcm_open(&gcm));
    assert_memory_equal(gcm.text, reason, sizeof(reason));
    seal_close(seal);
}

static void test_hmac_known_answer_and_our_index(void **state)
{
    uint8_t expected[32];
    uint8_t made[32];
    uint8_t key[KEY_SIZE];
    uint8_t sealing_key[KEY_SIZE];
    uint8_t text[ROOM];
    static const uint8_t normalised[] = {'2', '6', '9', '0', '5', '2', 'A'};
    static const char question[] = "what do ya want for nothing?";

    (void)state;
    /* RFC 4231, test case 2. */
    from_hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
             expected);
    hmac((const uint8_t *)"Jefe", 4, (const uint8_t *)question, strlen(question), made);
    assert_memory_equal(made, expected, 32);

    struct seal *seal = open_seal(key_path);
    assert_int_equal(seal_blind_index(seal, "urn:oid:1.2", "2 69 05 2a", made),
                     STATUS_OK);
    read_keys(sealing_key, key);
    size_t size = put_piece(text, "urn:oid:1.2", 11);
    memcpy(text + size, normalised, sizeof(normalised));
    hmac(key, KEY_SIZE, text, size + sizeof(normalised), expected);
    assert_memory_equal(made, expected, 32);
    seal_close(seal);
}

/* ---- Sealing ---- */

static void test_round_trip_of_every_size(void **state)
{
    uint8_t plain[ROOM];
    uint8_t sealed[ROOM + SEAL_OVERHEAD];
    uint8_t opened[ROOM];
    struct seal *seal = open_seal(key_path);

    (void)state;
    for (size_t size = 0; size < ROOM; size++) {
        memset(plain, (int)(size & 255), sizeof(plain));
        memset(opened, 0x55, sizeof(opened));
        assert_int_equal(seal_close_bytes(seal, &place, plain, size, sealed),
                         STATUS_OK);
        assert_int_equal(
            seal_open_bytes(seal, &place, sealed, size + SEAL_OVERHEAD, opened),
            STATUS_OK);
        assert_memory_equal(opened, plain, size);
    }
    seal_close(seal);
}

static void test_nothing_at_all_can_be_sealed(void **state)
{
    uint8_t sealed[SEAL_OVERHEAD];
    struct seal *seal = open_seal(key_path);

    (void)state;
    assert_int_equal(seal_close_bytes(seal, &place, NULL, 0, sealed), STATUS_OK);
    assert_int_equal(seal_open_bytes(seal, &place, sealed, sizeof(sealed), NULL),
                     STATUS_OK);
    sealed[SEAL_OVERHEAD - 1] ^= 1;
    assert_int_equal(seal_open_bytes(seal, &place, sealed, sizeof(sealed), NULL),
                     STATUS_DAMAGED);
    seal_close(seal);
}

static void test_the_same_text_never_looks_the_same(void **state)
{
    uint8_t first[SEAL_OVERHEAD + 4];
    uint8_t second[SEAL_OVERHEAD + 4];
    struct seal *seal = open_seal(key_path);

    (void)state;
    assert_int_equal(seal_close_bytes(seal, &place, "text", 4, first), STATUS_OK);
    assert_int_equal(seal_close_bytes(seal, &place, "text", 4, second), STATUS_OK);
    assert_memory_not_equal(first + 5, second + 5, 12);
    assert_memory_not_equal(first + 17, second + 17, 4);
    seal_close(seal);
}

static void test_a_moved_value_does_not_open(void **state)
{
    static const struct seal_place elsewhere[] = {
        {"meetinh", "reason", "12345678", 8},   {"meeting", "title", "12345678", 8},
        {"meeting", "reason", "12345679", 8},   {"meeting", "reason", "1234567", 7},
        {"meeting", "reason", "12345678\0", 9}, {"meeting", "reason", "", 0},
        {"meetingr", "eason", "12345678", 8},   {"meeting", "reason1", "2345678", 7},
    };
    uint8_t sealed[SEAL_OVERHEAD + 4];
    uint8_t opened[4];
    struct seal *seal = open_seal(key_path);

    (void)state;
    assert_int_equal(seal_close_bytes(seal, &place, "text", 4, sealed), STATUS_OK);
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        memset(opened, 0x55, sizeof(opened));
        assert_int_equal(
            seal_open_bytes(seal, &elsewhere[i], sealed, sizeof(sealed), opened),
            STATUS_DAMAGED);
        assert_memory_not_equal(opened, "text", 4);
    }
    assert_int_equal(seal_open_bytes(seal, &place, sealed, sizeof(sealed), opened),
                     STATUS_OK);
    seal_close(seal);
}

static void test_every_changed_bit_and_every_cut_is_noticed(void **state)
{
    uint8_t sealed[SEAL_OVERHEAD + 4];
    uint8_t opened[sizeof(sealed)];
    struct seal *seal = open_seal(key_path);

    (void)state;
    assert_int_equal(seal_close_bytes(seal, &place, "text", 4, sealed), STATUS_OK);
    for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memset(opened, 0x55, sizeof(opened));
        assert_int_equal(seal_open_bytes(seal, &place, sealed, sizeof(sealed), opened),
                         STATUS_DAMAGED);
        assert_memory_not_equal(opened, "text", 4);
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t size = 0; size < sizeof(sealed); size++) {
        assert_int_equal(seal_open_bytes(seal, &place, sealed, size, opened),
                         STATUS_DAMAGED);
    }
    assert_int_equal(seal_open_bytes(seal, &place, sealed, sizeof(sealed), opened),
                     STATUS_OK);
    assert_memory_equal(opened, "text", 4);
    seal_close(seal);
}

static void test_another_key_opens_nothing(void **state)
{
    uint8_t sealed[SEAL_OVERHEAD + 4];
    uint8_t opened[4];
    uint8_t ours[SEAL_BLIND_SIZE];
    uint8_t theirs[SEAL_BLIND_SIZE];
    char other_path[160];
    const char *message = "";

    (void)state;
    snprintf(other_path, sizeof(other_path), "%s.other", key_path);
    assert_int_equal(seal_create_key_file(other_path, &message), STATUS_OK);
    struct seal *seal = open_seal(key_path);
    struct seal *other = open_seal(other_path);
    assert_int_equal(seal_close_bytes(seal, &place, "text", 4, sealed), STATUS_OK);
    assert_int_equal(seal_open_bytes(other, &place, sealed, sizeof(sealed), opened),
                     STATUS_DAMAGED);
    assert_int_equal(seal_blind_index(seal, "ins", "1", ours), STATUS_OK);
    assert_int_equal(seal_blind_index(other, "ins", "1", theirs), STATUS_OK);
    assert_memory_not_equal(ours, theirs, sizeof(ours));
    seal_close(other);
    seal_close(seal);
    unlink(other_path);
}

/* A second sealing key is added: new values take it, old ones still open. */
static void test_rotation(void **state)
{
    char text[1024];
    char longer[2048];
    char path[160];
    uint8_t old_sealed[SEAL_OVERHEAD + 4];
    uint8_t new_sealed[SEAL_OVERHEAD + 4];
    uint8_t opened[4];

    (void)state;
    snprintf(path, sizeof(path), "%s.rotated", key_path);
    read_text(key_path, text, sizeof(text));
    snprintf(longer, sizeof(longer), "%sseal 2 %064d\n", text, 7);
    write_text(path, longer, 0600);
    struct seal *before = open_seal(key_path);
    struct seal *after = open_seal(path);
    assert_int_equal(seal_close_bytes(before, &place, "text", 4, old_sealed),
                     STATUS_OK);
    assert_int_equal(seal_close_bytes(after, &place, "text", 4, new_sealed), STATUS_OK);
    assert_memory_equal(new_sealed, "\1\0\0\0\2", 5);
    assert_int_equal(
        seal_open_bytes(after, &place, old_sealed, sizeof(old_sealed), opened),
        STATUS_OK);
    assert_int_equal(
        seal_open_bytes(after, &place, new_sealed, sizeof(new_sealed), opened),
        STATUS_OK);
    assert_int_equal(
        seal_open_bytes(before, &place, new_sealed, sizeof(new_sealed), opened),
        STATUS_DAMAGED);
    seal_close(after);
    seal_close(before);
    unlink(path);
}

/* ---- The blind index ---- */

static void test_blind_index_sees_through_spelling_only(void **state)
{
    static const char *const same[] = {
        "269054958815780",
        "2 69 05 49 588 157 80",
        " 2690549\t58815780\n",
        "2\xc2\xa0"
        "69054958815780",
        "269\xe2\x80\xaf"
        "054958815780",
    };
    static const char *const systems[] = {"ins", "ins2", "", "INS"};
    uint8_t first[SEAL_BLIND_SIZE];
    uint8_t other[SEAL_BLIND_SIZE];
    struct seal *seal = open_seal(key_path);

    (void)state;
    assert_int_equal(seal_blind_index(seal, systems[0], same[0], first), STATUS_OK);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        assert_int_equal(seal_blind_index(seal, systems[0], same[i], other), STATUS_OK);
        assert_memory_equal(first, other, sizeof(first));
    }
    for (size_t i = 1; i < sizeof(systems) / sizeof(systems[0]); i++) {
        assert_int_equal(seal_blind_index(seal, systems[i], same[0], other), STATUS_OK);
        assert_memory_not_equal(first, other, sizeof(first));
    }
    assert_int_equal(seal_blind_index(seal, "ins", "269054958815781", other),
                     STATUS_OK);
    assert_memory_not_equal(first, other, sizeof(first));

    /* "ins" + "2..." and "ins2" + "..." are not the same. */
    assert_int_equal(seal_blind_index(seal, "ins2", "69054958815780", other),
                     STATUS_OK);
    assert_memory_not_equal(first, other, sizeof(first));

    assert_int_equal(seal_blind_index(seal, "ins", "2a04b", first), STATUS_OK);
    assert_int_equal(seal_blind_index(seal, "ins", "2A04B", other), STATUS_OK);
    assert_memory_equal(first, other, sizeof(first));
    seal_close(seal);
}

static void test_random_bytes_differ(void **state)
{
    uint8_t first[32];
    uint8_t second[32];

    (void)state;
    assert_int_equal(seal_random(first, sizeof(first)), STATUS_OK);
    assert_int_equal(seal_random(second, sizeof(second)), STATUS_OK);
    assert_memory_not_equal(first, second, sizeof(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha_256_known_answers),
        cmocka_unit_test(test_gcm_known_answer_and_our_layout),
        cmocka_unit_test(test_hmac_known_answer_and_our_index),
        cmocka_unit_test(test_round_trip_of_every_size),
        cmocka_unit_test(test_nothing_at_all_can_be_sealed),
        cmocka_unit_test(test_the_same_text_never_looks_the_same),
        cmocka_unit_test(test_a_moved_value_does_not_open),
        cmocka_unit_test(test_every_changed_bit_and_every_cut_is_noticed),
        cmocka_unit_test(test_another_key_opens_nothing),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_blind_index_sees_through_spelling_only),
        cmocka_unit_test(test_random_bytes_differ),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
