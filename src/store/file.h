/*
 * What the files of this component have in common: whole reads and writes,
 * random names, directories that are synced.  Private to src/store.
 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/error.h"

/* All of len, or an error; EINTR and short writes are gone on with. */
enum store_error file_write_all(int fd, const uint8_t *data, size_t len)
    __attribute__((warn_unused_result));
/* len bytes at off; STORE_TRUNCATED if the file ends before. */
enum store_error file_read_at(int fd, uint8_t *out, size_t len, uint64_t off)
    __attribute__((warn_unused_result));
/* Bytes of a random name, at most. */
#define FILE_MAX_RANDOM 32
/* 2 * len random hex digits and a NUL. */
void file_random_name(char *out, size_t len);
/* Whether name is len hex digits followed by suffix, and no more. */
bool file_is_name(const char *name, size_t len, const char *suffix);
/* Opens a directory below `at` (AT_FDCWD too), made 0700 if missing, and
 * syncs the directory above it; -1 and errno on failure. */
int file_open_dir(int at, const char *path);

#endif
