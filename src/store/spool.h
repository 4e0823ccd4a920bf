/*
 * The spool: bodies of large uploads between nginx, which wrote them, and the
 * worker, which seals them.  Same file system and same user as nginx's body
 * files, because a body is taken over by a link: no byte is copied.
 *
 * The order that loses nothing: spool_link, spool_sync, insert the row, then
 * acknowledge.  A file without a row is what a killed process left, and is swept
 * when it is old enough.
 */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "store/error.h"

/* A name: 32 random hex digits and ".body". */
#define SPOOL_NAME_LEN 37

struct spool {
	int dir; /* owned */
};

/* Opens the directory, making it (0700) if missing. */
enum store_error spool_open(struct spool *out, const char *path)
    __attribute__((warn_unused_result));
void spool_close(struct spool *);

/* Gives the file at body_path (nginx's $request_body_file: absolute) a fresh
 * name in the spool.  Only a regular file of this user, not through a symbolic
 * link.  Does not block on the disk's platter: spool_sync() does. */
enum store_error spool_link(struct spool *, char out_name[SPOOL_NAME_LEN + 1],
    uint64_t *out_size, const char *body_path) __attribute__((warn_unused_result));
/* fsync of the file and of the directory. */
enum store_error spool_sync(struct spool *, const char *name)
    __attribute__((warn_unused_result));
/* Both. */
enum store_error spool_take(struct spool *, char out_name[SPOOL_NAME_LEN + 1],
    uint64_t *out_size, const char *body_path) __attribute__((warn_unused_result));
/* Opens a body for reading; close() it. */
enum store_error spool_get(struct spool *, int *out_fd, const char *name)
    __attribute__((warn_unused_result));
/* Removes it durably; STORE_NOT_FOUND if it was not there. */
enum store_error spool_unlink(struct spool *, const char *name)
    __attribute__((warn_unused_result));

/* Calls visit for every body that was linked or changed before `before` (ctime:
 * linking sets it).  visit says whether to go on; it may unlink the body. */
enum store_error spool_list(struct spool *, time_t before,
    bool (*visit)(const char *name, uint64_t size, void *arg), void *arg)
    __attribute__((warn_unused_result));

#endif
