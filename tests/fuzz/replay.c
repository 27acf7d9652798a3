// SPDX-License-Identifier: Apache-2.0

/*
 * replay.c - a main() for a fuzz target that is built without libFuzzer
 *
 * Runs the target on each file of each folder that is an argument.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Run the target on a copy that ends where the file ends. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(FILE_BYTES);
    size_t size = 0;
    int failed = file == NULL || bytes == NULL ? 1 : 0;

    if (failed == 0) {
        size = fread(bytes, 1, FILE_BYTES, file);
        uint8_t *exact = realloc(bytes, size > 0 ? size : 1);
        if (exact != NULL) {
            bytes = exact;
            LLVMFuzzerTestOneInput(bytes, size);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    free(bytes);
    return failed;
}

static int replay_folder(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry = NULL;
    int files = 0;
    int failed = 0;

    if (directory == NULL) {
        fprintf(stderr, "%s cannot be read\n", folder);
        return 1;
    }
    while ((entry = readdir(directory)) != NULL) {
        char path[1024];
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        failed += replay_file(path);
        files++;
    }
    closedir(directory);
    printf("%s: %d files\n", folder, files);
    return failed > 0 || files == 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    int failed = argc < 2 ? 1 : 0;

    for (int i = 1; i < argc; i++) {
        failed += replay_folder(argv[i]);
    }
    return failed > 0 ? 1 : 0;
}
