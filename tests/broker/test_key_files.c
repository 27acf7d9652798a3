// SPDX-License-Identifier: Apache-2.0

/*
 * test_key_files.c - files with secrets: private, whole, never overwritten
 */
#include "broker/keys.h"
#include "broker/private_file.h"
#include "broker/seal.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/entente-keys-XXXXXX";
static char key_path[128];

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

static void test_key_file_is_private_and_never_overwritten(void **state)
{
    char before[1024];
    char after[1024];
    struct stat stat_of;
    const char *message = NULL;

    (void)state;
    assert_int_equal(stat(key_path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    assert_int_equal(stat_of.st_nlink, 1);
    read_text(key_path, before, sizeof(before));
    assert_int_equal(seal_create_key_file(key_path, &message), STATUS_FAILED);
    assert_non_null(strstr(message, "there already"));
    read_text(key_path, after, sizeof(after));
    assert_string_equal(before, after);
    assert_int_equal(seal_create_key_file("/nowhere/at/all/key", &message),
                     STATUS_FAILED);
    assert_non_null(message);
}

static void test_key_file_that_others_can_read_is_refused(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0666};
    struct seal *seal = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        const char *message = NULL;
        assert_int_equal(chmod(key_path, modes[i]), 0);
        assert_int_equal(seal_open(key_path, &seal, &message), STATUS_FAILED);
        assert_non_null(strstr(message, "0600"));
    }
    assert_null(seal);
    assert_int_equal(chmod(key_path, 0400), 0);
    const char *message = "";
    assert_int_equal(seal_open(key_path, &seal, &message), STATUS_OK);
    seal_close(seal);
    assert_int_equal(chmod(key_path, 0600), 0);
}

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void test_damaged_key_files_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "entente key file 1\n",
        "entente key file 1\nseal 1 " HEX "\n",
        "entente key file 1\nindex " HEX "\n",
        "entente key file 2\nseal 1 " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal 0 " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal 4294967296 " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal -1 " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal 1x " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal 1 " HEX "0\nindex " HEX "\n",
        "entente key file 1\nseal 1 x" HEX "\nindex " HEX "\n",
        "entente key file 1\nseal 1 0011\nindex " HEX "\n",
        "entente key file 1\nseal 1 " HEX " more\nindex " HEX "\n",
        "entente key file 1\nseal 1 " HEX "\nseal 1 " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal 2 " HEX "\nseal 1 " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal 1 " HEX "\nindex " HEX "\nindex " HEX "\n",
        "entente key file 1\nseal 1 " HEX "\nindex " HEX "\nanything else\n",
    };
    char path[160];
    struct seal *seal = NULL;
    const char *message = NULL;

    (void)state;
    snprintf(path, sizeof(path), "%s.bad", key_path);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        message = NULL;
        write_text(path, bad[i], 0600);
        assert_int_equal(seal_open(path, &seal, &message), STATUS_FAILED);
        assert_non_null(message);
    }
    unlink(path);
    assert_int_equal(seal_open(path, &seal, &message), STATUS_FAILED);
    assert_int_equal(seal_open(folder, &seal, &message), STATUS_FAILED);
    assert_null(seal);
    seal_close(NULL);
}

static int count_files(void)
{
    int count = 0;
    DIR *stream = opendir(folder);

    assert_non_null(stream);
    while (readdir(stream) != NULL) {
        count++;
    }
    closedir(stream);
    return count - 2; /* the folder itself and its parent */
}

static void test_no_draft_is_left_behind(void **state)
{
    const char *message = "";

    (void)state;
    assert_int_equal(count_files(), 1);
    assert_int_equal(private_file_create(key_path, "x", 1, &message), STATUS_FAILED);
    assert_int_equal(count_files(), 1);
}

static void test_what_is_no_plain_file_is_refused(void **state)
{
    char path[160];
    char text[16];
    size_t size = 0;
    const char *message = NULL;

    (void)state;
    snprintf(path, sizeof(path), "%s.pipe", key_path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(private_file_read(path, text, sizeof(text), &size, &message),
                     STATUS_FAILED);
    assert_non_null(strstr(message, "plain file"));
    unlink(path);

    write_text(path, "fifteen letters", 0600);
    assert_int_equal(private_file_read(path, text, sizeof(text), &size, &message),
                     STATUS_OK);
    assert_int_equal(size, 15);
    write_text(path, "sixteen letters!", 0600);
    assert_int_equal(private_file_read(path, text, sizeof(text), &size, &message),
                     STATUS_FAILED);
    assert_non_null(strstr(message, "too long"));
    unlink(path);
}

static void test_a_curve_key_pair(void **state)
{
    char path[160];
    char made[WIRE_KEY_TEXT] = "";
    char public_key[WIRE_KEY_TEXT] = "";
    char secret_key[WIRE_KEY_TEXT] = "";
    char text[1024];
    struct stat stat_of;
    const char *message = "";

    (void)state;
    snprintf(path, sizeof(path), "%s.curve", key_path);
    assert_int_equal(keys_create(path, made, &message), STATUS_OK);
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    assert_int_equal(keys_read(path, public_key, secret_key, &message), STATUS_OK);
    assert_string_equal(public_key, made);
    assert_int_equal(strlen(secret_key), WIRE_KEY_TEXT - 1);
    assert_int_equal(keys_create(path, made, &message), STATUS_FAILED);
    assert_string_equal(public_key, made);

    /* One letter of the public key changed: not a pair any more. */
    read_text(path, text, sizeof(text));
    char *letter = strstr(text, "public-key ") + 20;
    *letter = *letter == 'a' ? 'b' : 'a';
    write_text(path, text, 0600);
    secret_key[0] = '\0';
    assert_int_equal(keys_read(path, public_key, secret_key, &message), STATUS_FAILED);
    assert_int_equal(secret_key[0], '\0');
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(keys_read(path, public_key, secret_key, &message), STATUS_FAILED);
    assert_non_null(strstr(message, "0600"));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_file_is_private_and_never_overwritten),
        cmocka_unit_test(test_key_file_that_others_can_read_is_refused),
        cmocka_unit_test(test_damaged_key_files_are_refused),
        cmocka_unit_test(test_no_draft_is_left_behind),
        cmocka_unit_test(test_what_is_no_plain_file_is_refused),
        cmocka_unit_test(test_a_curve_key_pair),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
