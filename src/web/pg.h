/*
 * PostgreSQL on kore's event loop: libpq in pipeline mode, nothing waits.
 *
 * A transaction is what is sent between pg_begin() and pg_send(): one implicit
 * transaction of the server, committed when its Sync is answered, one round
 * trip however many statements it has. If one fails, all of it is rolled back,
 * and the connection goes on with the next one. Connections come back by
 * themselves after PostgreSQL was away.
 */
#ifndef WEB_PG_H
#define WEB_PG_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/args.h"
#include "queries.h"

struct settings;

/* Which connections a transaction may take: pages share a few; what writes and
 * may wait for a lock (sign-in, download) has one of its own, and so has the
 * group commit, whose syncs take milliseconds. */
enum pg_lane { PG_PAGES, PG_WRITES, PG_COMMIT, PG_LISTEN, PG_NUM_LANES };

enum pg_outcome {
	PG_OK = 0,
	PG_GONE,  /* no connection, or it broke: whether it was committed is unknown
		   */
	PG_LATE,  /* no answer in time */
	PG_FAILED /* a statement failed; nothing was committed */
};

/* Statements of one transaction: a full group commit and its settings. */
#define PG_MAX_STEPS 208

struct pg_tx {
	enum pg_outcome outcome;
	char sqlstate[6]; /* of the first failure, or "" */
	int num_steps;
	PGresult *result[PG_MAX_STEPS]; /* one a step; owned by the transaction */
	/* private */
	void (*done)(struct pg_tx *, void *arg);
	void *arg;
	struct pg_conn *conn;
	struct pg_tx *next;
	int num_done;
	uint64_t deadline; /* milliseconds of kore's clock */
	bool failed, reported;
};

/* Starts connecting. notified is called for every notification that arrives. */
void pg_start(const struct settings *,
    void (*notified)(const char *channel, const char *payload));
/* Whether each lane has a connection that answers. */
bool pg_ready(void);

/* Begins a transaction; NULL when the lane has no connection or too much waits.
 * done is called exactly once, never before pg_send() has returned, unless
 * pg_forget() came first; after it the transaction is gone with its results. */
struct pg_tx *pg_begin(
    enum pg_lane, void (*done)(struct pg_tx *, void *arg), void *arg);
/* Adds a statement; its values are borrowed for the call only. */
void pg_add(struct pg_tx *, enum query, const struct db_args *);
void pg_send(struct pg_tx *);
/* The caller goes away: it runs on, and nobody is told. */
void pg_forget(struct pg_tx *);

/* Values of a result; NULL and missing rows are "" / 0 / false. */
const char *pg_text(const PGresult *, int row, int col);
bool pg_null(const PGresult *, int row, int col);
int64_t pg_int(const PGresult *, int row, int col);
bool pg_bool(const PGresult *, int row, int col);
int pg_rows(const PGresult *);

#endif
