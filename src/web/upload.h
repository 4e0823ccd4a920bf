/*
 * Uploads on their way from a request to a durable row: group commit, and before
 * it, for large ones, the syncer.
 */
#ifndef WEB_UPLOAD_H
#define WEB_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/spool.h"

struct exchange;

/* One upload. Owned by whoever made it until it is handed over to one of the two
 * functions below, which answer it. */
struct upload {
	struct exchange *x; /* NULL when the client has gone */
	uint64_t deadline;
	char request_id[33];
	char receipt[33];
	uint8_t receipt_hash[32];
	char *content_type, *encoding, *query; /* owned */
	int64_t size;
	struct buf box;			/* sealed body, or empty */
	char spool[SPOOL_NAME_LEN + 1]; /* or its file, else "" */
	bool alone;  /* was in a batch that failed: goes by itself */
	bool unsure; /* a row may have been committed: its file is the sweep's */
	struct upload *next;
};

/* A fresh one for this exchange, all empty, with its deadline; the exchange
 * forgets it when the client goes away. NULL when memory is short. */
struct upload *upload_new(struct exchange *);
void upload_free(struct upload *);
/* Answers with an error, removes its file, frees it. */
void upload_refuse(
    struct upload *, int status, const char *code, const char *sentence);
/* Takes it over: commits it with whatever else waits, then acknowledges. */
void upload_commit(struct upload *);
/* Takes it over: lets its spool file be synced first. */
void upload_sync(struct upload *);
/* How many wait. */
size_t upload_num_waiting(void);

#endif
