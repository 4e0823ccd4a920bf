/*
 * Objects in a directory: aa/bb/ID, where ID is 64 random hex digits that begin
 * with aabb.  The id says nothing about the content and is no secret.
 */
#ifndef STORE_LOCAL_H
#define STORE_LOCAL_H

#include <stddef.h>
#include <time.h>

#include "base/bytes.h"
#include "store/error.h"

#define LOCAL_ID_LEN 64

struct local_store {
	int dir; /* owned */
};

/* Opens the directory, making it (0700) and its tmp/ if missing. */
enum store_error local_open(struct local_store *out, const char *path)
    __attribute__((warn_unused_result));
void local_close(struct local_store *);

/* An object that is being written. */
struct local_put {
	int fd;			   /* write here, and only here */
	char id[LOCAL_ID_LEN + 1]; /* what it will be called */
};
/* Makes a temporary file of a fresh id. */
enum store_error local_put_begin(struct local_store *, struct local_put *out)
    __attribute__((warn_unused_result));
/* Syncs file and directories and gives it its name: once this returns STORE_OK
 * the object survives a loss of power.  Closes put->fd either way; after an
 * error nothing is left. */
enum store_error local_put_commit(struct local_store *, struct local_put *)
    __attribute__((warn_unused_result));
/* Throws it away; fine after a commit, too. */
void local_put_abort(struct local_store *, struct local_put *);

/* Opens an object for reading; close() the descriptor.  STORE_BAD_NAME unless id
 * is [0-9a-f]{64}. */
enum store_error local_get(struct local_store *, int *out_fd, const char *id)
    __attribute__((warn_unused_result));
/* Removes it durably; STORE_NOT_FOUND if it was not there. */
enum store_error local_delete(struct local_store *, const char *id)
    __attribute__((warn_unused_result));
/* Removes temporary files last written before `before`: what a killed process
 * left.  Their number to *out_removed. */
enum store_error local_sweep(struct local_store *, size_t *out_removed,
    time_t before) __attribute__((warn_unused_result));

#endif
