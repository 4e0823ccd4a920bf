/*
 * One row of the inbox on its way to a report.
 */
#ifndef WORK_JOB_H
#define WORK_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/local.h"
#include "store/seal.h"
#include "work/examined.h"
#include "work/worker.h"

#define JOB_MAX_PARTIES EXAMINED_MAX_PARTS

enum job_state {
	JOB_UNTOUCHED = 0, /* not reached in this batch: stays as it is */
	JOB_REPORT,	   /* becomes a report */
	JOB_DUPLICATE,
	JOB_FAILED,   /* code and detail say why */
	JOB_DEFERRED, /* the child failed: once more, and the try counts */
	JOB_WAITING   /* our own fault: once more, and it does not */
};

struct party {
	int64_t signer;
	enum part part;
	const char *version; /* of the module; borrowed */
};

struct job {
	/* the row */
	int64_t id;
	char received_at[48], day[16];
	int64_t received_epoch;
	char receipt_hash[65];
	const char *content_type, *content_encoding, *query; /* borrowed */
	int64_t size;
	int tries;
	char spool[SPOOL_NAME_LEN + 1]; /* "" for a small body */

	enum job_state state;
	char code[64], detail[512];
	struct examined x;

	struct buf body;   /* small: opened */
	struct buf answer; /* the child's */
	void *map;	   /* large: the spool file */
	size_t map_len;
	struct bytes dump;
	struct buf extracted; /* where the dump was packed and large */
	char key[65];	      /* SHA-256 of the dump */

	int64_t report; /* id; of the first one for a duplicate */
	char report_at[48];
	int64_t bucket, atom;
	char *title, *class, *label_type, *p; /* owned: the atom's, as stored */
	int rules;
	bool unowned; /* nobody holds the blamed module */
	size_t num_parties;
	struct party party[JOB_MAX_PARTIES];

	bool kept;
	char object[LOCAL_ID_LEN + 1];
	char wrapped[2 * SEAL_WRAPPED_LEN + 1];
	int64_t until;
};

/* Opens the body, runs the child, finds the dump and its hash; sets state.
 * False when the zygote is gone. */
bool job_examine(struct worker *, struct job *, struct bytes sealed_body);
void job_free(struct job *);
/* Seals the dump into the store; false (kept false) when that is not possible:
 * the report then counts without it. */
bool job_keep_dump(struct worker *, struct job *);
/* Removes an object that no row will name. */
void job_drop_dump(struct worker *, struct job *);

/* Writes the batch's rows in the caller's transaction (work/job_rows.c). */
enum db_error rows_store(struct worker *, struct job *, size_t num);

#endif
