// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of calendar files: the program `entente-ics`, a real broker, and people who
 * write into the same files.
 */
#include "tests/scenario/ics_world.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 60 };

static struct ics_world ics;

static int set_up(void **state)
{
    (void)state;
    ics_world_create(&ics, 3600, NULL);
    ics_world_start(&ics);
    ics_world_await_known(&ics, ANNA, ics.world.day, true);
    ics_world_await_known(&ics, BEN, ics.world.day, true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ics_world_destroy(&ics);
    return 0;
}

static int32_t at(int day, int hour)
{
    return ics.world.day + day * 1440 + hour * 60;
}

static void await_version(const char *path, const struct entente_meeting *meeting,
                          const uint8_t *id)
{
    char line[32];
    snprintf(line, sizeof(line), "SEQUENCE:%u\r\n", meeting->version);
    ics_world_await_line(&ics, path, id, line);
}

/* What is agreed is written into both files; titles only where they may stand. */
static void test_what_is_confirmed_is_written(void **state)
{
    uint8_t id[16];
    (void)state;
    ics_world_add_event(ics.anna, "own-1", at(0, 9));
    ics_world_await_free(&ics, ANNA, at(0, 9), false);
    const struct entente_meeting *meeting = ics_world_propose(&ics, 0, 10, id);
    assert_int_equal(ics_world_count(ics.anna, "@entente"), 0);
    meeting = ics_world_confirm(&ics, meeting);
    await_version(ics.anna, meeting, id);
    await_version(ics.ben, meeting, id);
    assert_true(ics_world_has(ics.anna, id, "STATUS:CONFIRMED"));
    assert_true(ics_world_has(ics.anna, id, "SUMMARY:Réunion (Entente)\r\n"));
    assert_int_equal(ics_world_count(ics.anna, "pansement"), 0);
    assert_true(ics_world_has(ics.ben, id, "SUMMARY:Point hebdomadaire\r\n"));
    assert_int_equal(ics_world_count(ics.ben, "pansement"), 1);
    ics_world_await_result(&ics, id, "anna", ENTENTE_APPLIED, 0);
    ics_world_await_result(&ics, id, "ben", ENTENTE_APPLIED, 0);
    assert_int_equal(ics_world_count(ics.log, "dentist"), 0);
}

/* A move keeps the UID; a cancelled meeting stays, as cancelled. */
static void test_moved_then_cancelled(void **state)
{
    uint8_t id[16];
    (void)state;
    const struct entente_meeting *meeting =
        ics_world_confirm(&ics, ics_world_propose(&ics, 1, 10, id));
    await_version(ics.anna, meeting, id);
    /* The adapter publishes it as its own: it must not stand in the way of half an
     * hour later. */
    ics_world_await_result(&ics, id, "anna", ENTENTE_APPLIED, 0);
    ics_world_await_result(&ics, id, "ben", ENTENTE_APPLIED, 0);
    int32_t later = at(1, 10) + 30;
    assert_int_equal(
        world_answer(ics.desk, meeting, ANNA, ENTENTE_SHIFT, later, &meeting),
        ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(world_answer(ics.desk, meeting, BEN, ENTENTE_ACCEPT, 0, &meeting),
                     ENTENTE_OK);
    if (meeting->state == ENTENTE_MOVING) {
        assert_int_equal(
            world_answer(ics.desk, meeting, ANNA, ENTENTE_ACCEPT, 0, &meeting),
            ENTENTE_OK);
    }
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, later);
    await_version(ics.anna, meeting, id);
    await_version(ics.ben, meeting, id);
    assert_true(ics_world_has(ics.anna, id, "T103000Z"));

    struct entente_identifier who = world_identifier(ANNA);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel cancel = {.meeting = {id, 16}, .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_CANCEL,
                                              .cancel = &cancel};
    assert_int_equal(world_call(ics.desk, &envelope, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CANCELLED);
    await_version(ics.anna, meeting, id);
    await_version(ics.ben, meeting, id);
    assert_true(ics_world_has(ics.anna, id, "STATUS:CANCELLED"));
    assert_true(ics_world_has(ics.ben, id, "STATUS:CANCELLED"));
    ics_world_await_result(&ics, id, "anna", ENTENTE_APPLIED, 0);
    ics_world_await_free(&ics, ANNA, at(1, 10), true);
}

/* Who leaves a meeting that takes place without them has it as cancelled. */
static void test_who_withdraws_has_it_cancelled(void **state)
{
    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN)};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], true)};
    struct entente_span window = {at(11, 10), at(11, 12)};
    struct entente_spec spec = world_spec(parties, 2, &window);
    const struct entente_meeting *meeting = NULL;
    uint8_t id[16];
    (void)state;
    assert_int_equal(world_request(ics.desk, &spec, &meeting), ENTENTE_OK);
    memcpy(id, meeting->id.data, 16);
    assert_int_equal(world_answer(ics.desk, meeting, ANNA, ENTENTE_ACCEPT, 0, &meeting),
                     ENTENTE_OK);
    meeting = ics_world_confirm(&ics, meeting);
    await_version(ics.ben, meeting, id);

    struct entente_actor actor = {.who = &who[1], .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel cancel = {
        .meeting = {id, 16}, .party = &who[1], .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_CANCEL,
                                              .cancel = &cancel};
    assert_int_equal(world_call(ics.desk, &envelope, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    await_version(ics.anna, meeting, id);
    await_version(ics.ben, meeting, id);
    assert_true(ics_world_has(ics.anna, id, "STATUS:CONFIRMED"));
    assert_true(ics_world_has(ics.ben, id, "STATUS:CANCELLED"));
    ics_world_await_free(&ics, BEN, at(11, 10), true);
}

static void stop_adapter(void)
{
    int stopped = 0;
    assert_int_equal(kill(ics.adapter, SIGSTOP), 0);
    assert_int_equal(waitpid(ics.adapter, &stopped, WUNTRACED), ics.adapter);
}

/* Ben's dentist is written between the question and the answer: his file refuses, and
 * the organizer sees it. */
static void test_a_conflict_is_refused(void **state)
{
    uint8_t id[16];
    (void)state;
    const struct entente_meeting *meeting = ics_world_propose(&ics, 2, 10, id);
    stop_adapter();
    ics_world_confirm(&ics, meeting);
    /* Had it been told before his yes, that would be a yes all the same. */
    ics_world_add_event(ics.ben, "dentist-1", at(2, 10) + 30);
    char *before = ics_world_read(ics.ben);
    assert_int_equal(kill(ics.adapter, SIGCONT), 0);
    ics_world_await_result(&ics, id, "anna", ENTENTE_APPLIED, 0);
    ics_world_await_result(&ics, id, "ben", ENTENTE_REFUSED,
                           ENTENTE_CONFLICT_IN_AGENDA);
    /* The refusal is news of the meeting, too. */
    ics_world_await_line(&ics, ics.anna, id, "STATUS:CONFIRMED");
    char *after = ics_world_read(ics.ben);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

/* While the adapter stands still somebody writes; then both are there. */
static void test_what_a_person_writes_meanwhile_stays(void **state)
{
    uint8_t id[16];
    (void)state;
    const struct entente_meeting *meeting = ics_world_propose(&ics, 3, 10, id);
    stop_adapter();
    meeting = ics_world_confirm(&ics, meeting);
    ics_world_add_event(ics.anna, "own-2", at(3, 14));
    assert_int_equal(kill(ics.adapter, SIGCONT), 0);
    await_version(ics.anna, meeting, id);
    assert_int_equal(ics_world_count(ics.anna, "UID:own-2\r\n"), 1);
    ics_world_await_free(&ics, ANNA, at(3, 14), false);
}

/* A file that is not understood: its line is named, and what was known stays. */
static void test_an_invalid_file_leaves_the_last_state(void **state)
{
    (void)state;
    char *good = ics_world_read(ics.ben);
    ics_world_write(ics.ben, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\n"
                             "DTSTART:20261399T990000Z\r\nEND:VEVENT\r\n"
                             "END:VCALENDAR\r\n");
    ics_world_await_log(&ics, "ben.ics, line 4");
    ics_world_await_free(&ics, BEN, at(4, 10), true);
    ics_world_write(ics.ben, good);
    free(good);
    ics_world_add_event(ics.ben, "own-3", at(4, 10));
    ics_world_await_free(&ics, BEN, at(4, 10), false);
}

/* Files may not grow, as on a full disk: the old file stays, the event waits, and is
 * there when there is room. */
static void test_a_full_disk_loses_nothing(void **state)
{
    uint8_t id[16];
    struct rlimit old;
    (void)state;
    const struct entente_meeting *meeting = ics_world_propose(&ics, 5, 10, id);
    char *before = ics_world_read(ics.anna);
    assert_int_equal(prlimit(ics.adapter, RLIMIT_FSIZE, NULL, &old), 0);
    struct rlimit none = {.rlim_cur = 16, .rlim_max = old.rlim_max};
    assert_int_equal(prlimit(ics.adapter, RLIMIT_FSIZE, &none, NULL), 0);
    meeting = ics_world_confirm(&ics, meeting);
    ics_world_await_result(&ics, id, "anna", ENTENTE_UNKNOWN_RESULT,
                           ENTENTE_OTHER_REASON);
    char *after = ics_world_read(ics.anna);
    assert_string_equal(before, after);
    free(before);
    free(after);
    assert_int_equal(prlimit(ics.adapter, RLIMIT_FSIZE, &old, NULL), 0);
    await_version(ics.anna, meeting, id);
    await_version(ics.ben, meeting, id);
    ics_world_await_result(&ics, id, "anna", ENTENTE_APPLIED, 0);
}

/* @calendar with many foreign lines in its first component. */
static void fill_calendar(char *ret, size_t size, const char *calendar)
{
    static const char begin[] = "BEGIN:VCALENDAR\r\n";
    static const char line[] =
        "X-FILLER:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    size_t used = strlen(begin);
    size_t rest = strlen(calendar) - used;
    snprintf(ret, size, "%s", begin);
    while (used + strlen(line) + rest + 1 < size) {
        snprintf(ret + used, size - used, "%s", line);
        used += strlen(line);
    }
    snprintf(ret + used, size - used, "%s", calendar + strlen(begin));
}

/* Somebody writes after the adapter has read and before it has written: it reads again.
 * The file is large, so that there is time to see the new one grow beside it. */
static void test_a_change_between_reading_and_writing(void **state)
{
    static char filler[1024 * 1024];
    char beside[300];
    char *good = ics_world_read(ics.anna);
    (void)state;
    fill_calendar(filler, sizeof(filler), good);
    ics_world_write(ics.anna, filler);
    size_t foreign = ics_world_count(ics.anna, "X-FILLER:");
    snprintf(beside, sizeof(beside), "%s.entente", ics.anna);
    for (int i = 0; i < 3; i++) {
        uint8_t id[16];
        char uid[32];
        char line[48];
        struct stat status;
        int stopped = 0;
        snprintf(uid, sizeof(uid), "between-%d", i);
        snprintf(line, sizeof(line), "UID:%s\r\n", uid);
        struct stat before;
        const struct entente_meeting *meeting = ics_world_propose(&ics, 10, 9 + i, id);
        assert_int_equal(stat(ics.anna, &before), 0);
        meeting = ics_world_confirm(&ics, meeting);
        /* Until it is seen, or has taken the old one's place unseen. */
        time_t end = time(NULL) + PATIENCE_SECONDS;
        while (stat(beside, &status) != 0 && stat(ics.anna, &status) == 0 &&
               status.st_ino == before.st_ino) {
            assert_int_equal(waitpid(ics.adapter, &stopped, WNOHANG), 0);
            assert_true(time(NULL) < end);
        }
        assert_int_equal(kill(ics.adapter, SIGSTOP), 0);
        assert_int_equal(waitpid(ics.adapter, &stopped, WUNTRACED), ics.adapter);
        print_message("%s\n", stat(beside, &status) == 0 ? "caught" : "too late");
        ics_world_add_event(ics.anna, uid, at(10, 14 + i));
        assert_int_equal(kill(ics.adapter, SIGCONT), 0);
        await_version(ics.anna, meeting, id);
        assert_int_equal(ics_world_count(ics.anna, line), 1);
    }
    assert_int_equal(ics_world_count(ics.anna, "X-FILLER:"), foreign);
    ics_world_write(ics.anna, good);
    free(good);
}

/* Killed at a moment that chance chooses, and started again: everything is there, and
 * once. */
static void test_killed_at_any_moment(void **state)
{
    const char *given = getenv("RANDOM_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : 1;
    (void)state;
    print_message("RANDOM_SEED=%u\n", seed);
    for (int round = 0; round < 12; round++) {
        uint8_t id[16];
        int day = 6 + round / 6;
        const struct entente_meeting *meeting =
            ics_world_propose(&ics, day, 9 + round % 6, id);
        meeting = ics_world_confirm(&ics, meeting);
        seed = seed * 1103515245U + 12345U;
        for (unsigned turns = (seed >> 16) % 12; turns > 0; turns--) {
            entente_client_step(ics.desk->sdk, 1);
        }
        assert_int_equal(ics_world_stop(&ics, SIGKILL), 128 + SIGKILL);
        ics_world_start(&ics);
        await_version(ics.anna, meeting, id);
        await_version(ics.ben, meeting, id);
        ics_world_await_result(&ics, id, "anna", ENTENTE_APPLIED, 0);
        ics_world_await_result(&ics, id, "ben", ENTENTE_APPLIED, 0);
        /* Published before the next meeting is asked for. */
        ics_world_await_free(&ics, ANNA, at(day, 9 + round % 6), false);
    }
}

/* Anna deletes what was written last. */
static void delete_last(void)
{
    char *text = ics_world_read(ics.anna);
    char *uid = text;
    for (char *next = strstr(text, "BEGIN:VEVENT"); next != NULL;
         next = strstr(next + 1, "BEGIN:VEVENT")) {
        uid = next;
    }
    assert_true(uid != text);
    char *end = strstr(uid, "END:VEVENT\r\n");
    assert_non_null(end);
    end += strlen("END:VEVENT\r\n");
    memmove(uid, end, strlen(end) + 1);
    ics_world_write(ics.anna, text);
    free(text);
}

/* What somebody has deleted does not come back with a new process. */
static void test_what_was_deleted_stays_deleted(void **state)
{
    uint8_t first[16];
    uint8_t second[16];
    (void)state;
    const struct entente_meeting *meeting =
        ics_world_confirm(&ics, ics_world_propose(&ics, 9, 10, first));
    await_version(ics.anna, meeting, first);
    await_version(ics.ben, meeting, first);
    assert_int_equal(ics_world_stop(&ics, SIGTERM), 0);
    /* What the first process had no time for. */
    assert_int_equal(ics_world_once(&ics), 0);
    delete_last();
    assert_false(ics_world_has(ics.anna, first, NULL));
    assert_int_equal(ics_world_once(&ics), 0);
    assert_false(ics_world_has(ics.anna, first, NULL));
    assert_true(ics_world_has(ics.ben, first, NULL));
    ics_world_start(&ics);
    meeting = ics_world_confirm(&ics, ics_world_propose(&ics, 9, 14, second));
    await_version(ics.anna, meeting, second);
    assert_false(ics_world_has(ics.anna, first, NULL));
}

/* While the adapter is away a meeting has become three events, and each of them tells
 * of it as it is now: the first is written, and the others are no reason to write it
 * again once it is deleted. */
static void test_what_was_written_late_stays_deleted(void **state)
{
    uint8_t id[16];
    (void)state;
    assert_int_equal(ics_world_stop(&ics, SIGTERM), 0);
    ics_world_confirm(&ics, ics_world_propose(&ics, 11, 10, id));
    assert_int_equal(ics_world_once(&ics), 0);
    assert_true(ics_world_has(ics.anna, id, NULL));
    delete_last();
    assert_false(ics_world_has(ics.anna, id, NULL));
    assert_int_equal(ics_world_once(&ics), 0);
    assert_false(ics_world_has(ics.anna, id, NULL));
    ics_world_start(&ics);
}

/* A file system that is really full. */
static void test_a_full_file_system(void **state)
{
    char folder[] = "/tmp/entente-full-XXXXXX";
    char path[64];
    char filler[64];
    char block[4096] = {0};
    uint8_t id[16];
    (void)state;
    assert_non_null(mkdtemp(folder));
    if (mount("tmpfs", folder, "tmpfs", 0, "size=64k") != 0) {
        print_message("no right to mount: the story of the limit has to do\n");
        rmdir(folder);
        return;
    }
    snprintf(path, sizeof(path), "%s/anna.ics", folder);
    snprintf(filler, sizeof(filler), "%s/filler", folder);
    ics_world_create(&ics, 3600, path);
    ics_world_start(&ics);
    ics_world_await_free(&ics, ANNA, at(0, 10), true);
    ics_world_await_free(&ics, BEN, at(0, 10), true);
    FILE *file = fopen(filler, "w");
    assert_non_null(file);
    while (fwrite(block, sizeof(block), 1, file) == 1 && fflush(file) == 0) {
    }
    fclose(file);
    char *before = ics_world_read(path);
    const struct entente_meeting *meeting =
        ics_world_confirm(&ics, ics_world_propose(&ics, 0, 10, id));
    ics_world_await_result(&ics, id, "anna", ENTENTE_UNKNOWN_RESULT,
                           ENTENTE_OTHER_REASON);
    ics_world_await_log(&ics, "No space left on device");
    /* Neither a restart nor a kill helps, and none does harm. */
    assert_int_equal(ics_world_stop(&ics, SIGKILL), 128 + SIGKILL);
    ics_world_start(&ics);
    await_version(ics.ben, meeting, id);
    char *after = ics_world_read(path);
    assert_string_equal(before, after);
    free(before);
    free(after);
    assert_int_equal(unlink(filler), 0);
    await_version(path, meeting, id);
    ics_world_await_result(&ics, id, "anna", ENTENTE_APPLIED, 0);
    ics_world_destroy(&ics);
    assert_int_equal(umount(folder), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* An agenda that stays unreadable is unknown when its lease ends, not free. */
static void test_the_lease_of_an_unreadable_file_ends(void **state)
{
    (void)state;
    ics_world_create(&ics, 3, NULL);
    ics_world_start(&ics);
    ics_world_await_free(&ics, ANNA, at(0, 10), true);
    char *good = ics_world_read(ics.anna);
    ics_world_write(ics.anna, "this is no calendar\n");
    ics_world_await_log(&ics, "anna.ics, line 1");
    ics_world_await_log(&ics, "anna: the lease has ended");
    ics_world_await_known(&ics, ANNA, at(0, 10), false);
    ics_world_await_free(&ics, BEN, at(0, 10), true);
    ics_world_write(ics.anna, good);
    ics_world_await_free(&ics, ANNA, at(0, 10), true);
    /* The same for a process that has never seen the good state. */
    assert_int_equal(ics_world_stop(&ics, SIGTERM), 0);
    assert_int_equal(unlink(ics.log), 0);
    ics_world_write(ics.anna, "neither is this\n");
    assert_int_equal(ics_world_once(&ics), 1);
    ics_world_start(&ics);
    ics_world_await_log(&ics, "anna: the lease has ended");
    ics_world_await_known(&ics, ANNA, at(0, 10), false);
    free(good);
    ics_world_destroy(&ics);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_confirmed_is_written),
        cmocka_unit_test(test_moved_then_cancelled),
        cmocka_unit_test(test_who_withdraws_has_it_cancelled),
        cmocka_unit_test(test_a_conflict_is_refused),
        cmocka_unit_test(test_what_a_person_writes_meanwhile_stays),
        cmocka_unit_test(test_an_invalid_file_leaves_the_last_state),
        cmocka_unit_test(test_a_full_disk_loses_nothing),
        cmocka_unit_test(test_killed_at_any_moment),
        cmocka_unit_test(test_what_was_deleted_stays_deleted),
        cmocka_unit_test(test_what_was_written_late_stays_deleted),
        cmocka_unit_test(test_a_change_between_reading_and_writing),
    };
    const struct CMUnitTest alone[] = {
        cmocka_unit_test(test_the_lease_of_an_unreadable_file_ends),
        cmocka_unit_test(test_a_full_file_system),
    };
    return cmocka_run_group_tests_name("one life", tests, set_up, tear_down) +
           cmocka_run_group_tests_name("lives of their own", alone, NULL, NULL);
}
