// SPDX-License-Identifier: Apache-2.0

/*
 * test_ics_file.c - the calendar file is replaced in one step, or stays as it was
 */
#include "adapters/ics/agenda_file.h"
#include "adapters/ics/agenda_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1795000000 /* 2026-11-18 */
#define NINE 29917980  /* 2026-11-19T09:00Z in minutes */

static const char outlook[] =
    "BEGIN:VCALENDAR\r\n"
    "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r\n"
    "VERSION:2.0\r\n"
    "BEGIN:VEVENT\r\n"
    "UID:040000008200E00074C5\r\n"
    "DTSTART:20261120T080000Z\r\n"
    "DTEND:20261120T090000Z\r\n"
    "SUMMARY:Réunion de service\\, salle 2 avec un titre qui est très lon\r\n"
    " g\r\n"
    "END:VEVENT\r\n"
    "END:VCALENDAR\r\n";

enum { ATTEMPTS = 20 };

/* Read the file @path, write into it as the adapter does, and again where somebody else has
 * changed it meanwhile. */
static enum agenda_write_result write_into(const char *path,
                                           const struct agenda_meeting *meeting,
                                           const char *position, int64_t now,
                                           struct ics_error *ret_error)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct agenda_file file = {0};
        struct agenda_content content = {0};
        if (!agenda_file_load(path, &file, ret_error)) {
            return AGENDA_WRITE_FAILED;
        }
        enum agenda_write_result result = agenda_write_make(
            file.bytes, file.size, meeting, position, now, &content, ret_error);
        enum agenda_file_result replaced = AGENDA_FILE_FAILED;
        if (result == AGENDA_WRITE_DONE) {
            replaced = agenda_file_replace(path, &file, content.bytes, content.size,
                                           ret_error);
        }
        free(content.bytes);
        agenda_file_finish(&file);
        if (result != AGENDA_WRITE_DONE || replaced == AGENDA_FILE_WRITTEN) {
            return result;
        }
        if (replaced == AGENDA_FILE_FAILED) {
            return AGENDA_WRITE_FAILED;
        }
    }
    (void)ics_error_set(ret_error, 0, "the file changes faster than it can be written");
    return AGENDA_WRITE_FAILED;
}

static struct agenda_meeting meeting_at(int32_t version, int32_t start)
{
    return (struct agenda_meeting){
        .id = "m-42", .version = version, .start = start, .end = start + 60};
}

/* --- files --- */

static char folder[64];
static char path[128];

static void put_file(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/test_ics_write.XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/agenda.ics", folder);
    put_file(path, outlook, strlen(outlook));
    return 0;
}

static int files_in(const char *directory)
{
    DIR *open = opendir(directory);
    int count = 0;

    assert_non_null(open);
    while (readdir(open) != NULL) {
        count++;
    }
    (void)closedir(open);
    return count - 2;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void assert_content(const char *name, const char *expected)
{
    struct agenda_file file = {0};
    struct ics_error error = {0};

    assert_true(agenda_file_load(name, &file, &error));
    assert_int_equal(file.size, strlen(expected));
    assert_memory_equal(file.bytes, expected, file.size);
    agenda_file_finish(&file);
}

static void mode_and_link_stay(void **state)
{
    struct agenda_meeting meeting = meeting_at(1, NINE);
    struct ics_error error = {0};
    struct stat status;
    char link[128];

    (void)state;
    (void)snprintf(link, sizeof link, "%s/link.ics", folder);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(write_into(link, &meeting, "1:1", NOW, &error), AGENDA_WRITE_DONE);
    assert_int_equal(write_into(link, &meeting, "1:1", NOW, &error),
                     AGENDA_WRITE_NOT_NEEDED);
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(files_in(folder), 2);
    assert_int_equal(unlink(link), 0);
}

static void a_change_of_somebody_else_is_never_overwritten(void **state)
{
    static const char theirs[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
    struct agenda_file file = {0};
    struct ics_error error = {0};

    (void)state;
    assert_true(agenda_file_load(path, &file, &error));
    assert_true(agenda_file_is_current(path, &file));
    put_file(path, theirs, strlen(theirs));
    assert_false(agenda_file_is_current(path, &file));
    assert_int_equal(agenda_file_replace(path, &file, "ours", 4, &error),
                     AGENDA_FILE_CHANGED);
    assert_content(path, theirs);
    assert_int_equal(files_in(folder), 1);
    agenda_file_finish(&file);
}

/* Same size, same time, other bytes: only the content tells. */
static void a_change_that_hides_is_seen_too(void **state)
{
    struct agenda_file file = {0};
    struct ics_error error = {0};
    char other[sizeof outlook];

    (void)state;
    memcpy(other, outlook, sizeof outlook);
    char *hour = strstr(other, "T080000Z");
    assert_non_null(hour);
    hour[3] = '3';
    assert_true(agenda_file_load(path, &file, &error));
    put_file(path, other, strlen(other));
    struct timespec times[2] = {file.changed, file.changed};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_true(agenda_file_is_current(path, &file));
    assert_int_equal(agenda_file_replace(path, &file, "ours", 4, &error),
                     AGENDA_FILE_CHANGED);
    assert_content(path, other);
    agenda_file_finish(&file);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
    struct agenda_meeting meeting = meeting_at(1, NINE);
    struct ics_error error = {0};
    struct rlimit old;
    struct rlimit small;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 100;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum agenda_write_result result = write_into(path, &meeting, "1:1", NOW, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(result, AGENDA_WRITE_FAILED);
    assert_non_null(strstr(error.text, "cannot be written"));
    assert_content(path, outlook);
    assert_int_equal(files_in(folder), 1);
    assert_int_equal(write_into(path, &meeting, "1:1", NOW, &error), AGENDA_WRITE_DONE);
}

/* The same on a file system of 16 KiB, where this process may mount one. */
static void a_full_file_system_leaves_the_old_file(void **state)
{
    struct agenda_meeting meeting = meeting_at(1, NINE);
    struct ics_error error = {0};
    char disk[128];
    char name[160];
    char filler[160];
    static char block[4096];

    (void)state;
    (void)snprintf(disk, sizeof disk, "%s/disk", folder);
    assert_int_equal(mkdir(disk, 0700), 0);
    if (mount("none", disk, "tmpfs", 0, "size=16k") != 0) {
        print_message("no right to mount a small file system: %s\n", strerror(errno));
        assert_int_equal(rmdir(disk), 0);
        return;
    }
    (void)snprintf(name, sizeof name, "%s/agenda.ics", disk);
    (void)snprintf(filler, sizeof filler, "%s/filler", disk);
    put_file(name, outlook, strlen(outlook));
    FILE *file = fopen(filler, "wb");
    while (file != NULL && fwrite(block, 1, sizeof block, file) == sizeof block &&
           fflush(file) == 0) {
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    enum agenda_write_result result = write_into(name, &meeting, "1:1", NOW, &error);
    struct agenda_file left = {0};
    struct ics_error ignored = {0};
    bool loaded = agenda_file_load(name, &left, &ignored);
    bool same = loaded && left.size == strlen(outlook) &&
                memcmp(left.bytes, outlook, left.size) == 0;
    agenda_file_finish(&left);
    int files = files_in(disk);
    assert_int_equal(umount2(disk, MNT_DETACH), 0);
    assert_int_equal(rmdir(disk), 0);
    assert_int_equal(result, AGENDA_WRITE_FAILED);
    assert_non_null(strstr(error.text, "No space left"));
    assert_true(same);
    assert_int_equal(files, 2);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
    struct agenda_meeting meeting = meeting_at(1, NINE);
    struct ics_error error = {0};

    (void)state;
    assert_int_equal(write_into("/nonexistent/agenda.ics", &meeting, NULL, NOW, &error),
                     AGENDA_WRITE_FAILED);
    assert_int_equal(write_into("/dev/full", &meeting, NULL, NOW, &error),
                     AGENDA_WRITE_FAILED);
}

/* --- the corpus --- */

/* True if @longer is @old with one insertion. */
static bool is_insertion(const struct agenda_file *old, const char *longer, size_t size)
{
    size_t head = 0;
    size_t tail = 0;

    while (head < old->size && head < size && old->bytes[head] == longer[head]) {
        head++;
    }
    while (tail < old->size && tail < size &&
           old->bytes[old->size - 1 - tail] == longer[size - 1 - tail]) {
        tail++;
    }
    return size > old->size && head + tail >= old->size;
}

/* Write @meeting, or the position alone, into @file: foreign bytes stay, or a line says
 * why not. */
static bool try_write(const char *name, const struct agenda_file *file,
                      const struct agenda_meeting *meeting)
{
    struct ics_error error = {0};
    struct agenda_content content = {0};
    enum agenda_write_result result =
        agenda_write_make(file->bytes, file->size, meeting,
                          meeting == NULL ? "1:1" : NULL, NOW, &content, &error);

    if (result != AGENDA_WRITE_DONE) {
        assert_int_equal(result, AGENDA_WRITE_FAILED);
        assert_true(error.line > 0);
        return false;
    }
    if (!is_insertion(file, content.bytes, content.size)) {
        fail_msg("%s: foreign bytes have changed", name);
    }
    free(content.bytes);
    return true;
}

static bool try_file(const char *name)
{
    struct agenda_meeting meeting = meeting_at(1, NINE);
    struct agenda_file file = {0};
    struct ics_error error = {0};

    assert_true(agenda_file_load(name, &file, &error));
    bool written = file.size > 0 && try_write(name, &file, &meeting);
    if (file.size > 0) {
        assert_int_equal(try_write(name, &file, NULL), written);
    }
    agenda_file_finish(&file);
    return written;
}

static void foreign_bytes_stay_in_every_file_of_the_corpus(void **state)
{
    const char *corpus = getenv("ENTENTE_CORPUS");
    char directory[1024];
    struct dirent *entry = NULL;
    int written = 0;

    (void)state;
    (void)snprintf(directory, sizeof directory, "%s/agendas",
                   corpus != NULL ? corpus : "../shared");
    DIR *open = opendir(directory);
    if (open == NULL) {
        print_message("no calendar files in %s\n", directory);
        skip();
        return;
    }
    while ((entry = readdir(open)) != NULL) {
        char name[2048];
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strncmp(dot, ".ic", 3) != 0) {
            continue;
        }
        (void)snprintf(name, sizeof name, "%s/%s", directory, entry->d_name);
        written += try_file(name) ? 1 : 0;
    }
    (void)closedir(open);
    print_message("written into %d files\n", written);
    assert_true(written >= 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mode_and_link_stay, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_change_of_somebody_else_is_never_overwritten,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_change_that_hides_is_seen_too, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_old_file, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_full_file_system_leaves_the_old_file,
                                        make_folder, remove_folder),
        cmocka_unit_test(a_file_that_is_not_there_is_an_error),
        cmocka_unit_test(foreign_bytes_stay_in_every_file_of_the_corpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
