// SPDX-License-Identifier: Apache-2.0

/*
 * test_sdk_digest.c - the digest of what is known, beside what another program makes of it
 */
#include "adapters/sdk/client.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 100 };

static uint8_t ids[MOST][16];
static struct entente_known known[MOST];

/* The meetings 1, 2, ... whose ids repeat their number, each at 7 versions more. */
static void fill(void)
{
    for (size_t i = 0; i < MOST; i++) {
        memset(ids[i], (int)i + 1, sizeof(ids[i]));
        known[i] = (struct entente_known){.meeting = {ids[i], sizeof(ids[i])},
                                          .version = (uint32_t)i + 8};
    }
}

static void test_it_is_what_sha256sum_says(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        const char *digest;
    } sums[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "de436916fe12703adc34ab96da8e2e68903d64c821fcec9bf00f7b21f4024348"},
        {3, "fba6e901aa6277b858a7a3bf1137c734e3af317f60bd6e63f8101ceb83341a04"},
        {100, "fc2df147509f80ffc3d881102acc7d61480a0222eb2e405728dc17bd42cab3fc"},
    };
    fill();
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        uint8_t digest[32];
        char text[65];
        assert_true(entente_digest(known, sums[i].count, digest));
        for (size_t j = 0; j < sizeof(digest); j++) {
            snprintf(text + 2 * j, 3, "%02x", (unsigned)digest[j]);
        }
        assert_string_equal(text, sums[i].digest);
    }
}

static void test_what_is_not_sorted_has_none(void **state)
{
    (void)state;
    uint8_t digest[32];
    fill();
    known[1].meeting = known[0].meeting;
    assert_false(entente_digest(known, 3, digest));
    fill();
    known[2].meeting.size = 15;
    assert_false(entente_digest(known, 3, digest));
    assert_true(entente_digest(known, 2, digest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_what_sha256sum_says),
        cmocka_unit_test(test_what_is_not_sorted_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
