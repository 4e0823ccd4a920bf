/*
 * One worker process: what it holds, and the jobs that it does.
 */
#ifndef WORK_WORKER_H
#define WORK_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "pki/trust.h"
#include "store/keys.h"
#include "store/local.h"
#include "store/spool.h"
#include "work/zygote.h"

struct settings;

/* Shared with the supervisor: which job is in hand. If the process dies with
 * one, the try is counted before the next process goes on; so a job that kills
 * its worker comes to an end (WORKER_MAX_DEATHS), and one that was merely there
 * when the machine went down has lost nothing. */
struct hand {
	_Atomic int64_t inbox;	 /* row, 0 for none */
	_Atomic int64_t attempt; /* likewise */
};

struct worker {
	unsigned number;	   /* 0, 1, ... */
	char name[64];		   /* teller of the ledger: host and number */
	struct settings *settings; /* owned */
	struct db *db;		   /* owned */
	struct zygote *zygote;	   /* owned */
	struct hand *hand;	   /* borrowed */
	struct local_store store;
	struct spool spool;
	struct store_keys keys;
	int rules_fd;	/* conf/rules.conf in a memfd */
	int trust_fd;	/* the roots (work/trust_blob.h) in a memfd; -1: none yet */
	int64_t policy; /* version of those roots; 0: none */
	unsigned timeout_ms; /* of one child */
};

/* Tries until a job counts as unprocessable, and seconds until the next. */
#define WORKER_MAX_TRIES   3
#define WORKER_RETRY_AFTER 5
/* Deaths of a worker with the same job in hand until that job is given up. More
 * than tries, because a worker dies of other things, too, and the child alone
 * reads what the job brought. */
#define WORKER_MAX_DEATHS 10
/* Milliseconds of children in one batch: what is interactive waits no longer,
 * but for the job in hand. */
#define BATCH_BUDGET_MS 1000
/* Bytes of bodies in one batch. */
#define BATCH_BUDGET_BYTES ((uint64_t)32 << 20)

/* How a round ended. */
enum round {
	ROUND_IDLE = 0, /* there was nothing to do */
	ROUND_WORKED,
	ROUND_DB_GONE,	  /* reconnect, then again */
	ROUND_DB_FAILED,  /* logged; wait a little */
	ROUND_ZYGOTE_GONE /* exit: the supervisor starts anew */
};

/* What DB_AGAIN and the rest mean for a round; logs what is worth it. */
enum round worker_round(struct worker *, enum db_error, const char *what);

/* One batch of the inbox, in one transaction. */
enum round batch_run(struct worker *);
/* One signed challenge, in one transaction. */
enum round attempt_run(struct worker *);
/* What a process before this one had in hand when it died: counts the try. */
enum db_error hand_settle(struct worker *, struct hand *);

/* Reads the roots anew if the policy changed. False with DB_OK: no roots yet
 * (an empty policy is used). */
enum db_error trust_refresh(struct worker *);

/* Unlinks the spool files of uploads that are processed, also those that a
 * process which died between commit and unlink has left. */
enum db_error spool_settle(struct worker *);

/* Sweeps the spool and the store's temporary files, purges dumps whose time is
 * up, makes the weeks to come. */
enum db_error housekeeping(struct worker *);

/* The processes: starts them, starts them again, ends them. The exit status. */
int supervisor_run(unsigned num_processes);
/* One of them; hand_fd is the shared page. */
int worker_process(unsigned number, int hand_fd);

#endif
