/*
 * PostgreSQL for the processes that may wait (worker, fetcher, command line):
 * one blocking connection, statements by name only.  The web module speaks the
 * same statements without waiting; it shares db/args.h and the generated
 * table, not this file.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "db/args.h"
#include "queries.h" /* generated: enum query, queries[] */

struct buf;
struct db;

enum db_error {
	DB_OK = 0,
	DB_GONE,  /* no connection (any more): reconnect and try again */
	DB_AGAIN, /* serialisation failure or deadlock: run the transaction again */
	DB_CONFLICT, /* a constraint said no (SQLSTATE class 23) */
	DB_DENIED,   /* privilege or row security said no (42501) */
	DB_FAILED    /* anything else; db_message() says what */
};

/* Connects and prepares every statement of the role ("worker", "operator",
 * "fetcher"); conninfo as libpq takes it. Returns NULL when it cannot, with a
 * sentence in *out_error (static). */
struct db *db_open(const char *conninfo, const char *role, const char **out_error);
void db_close(struct db *);
/* Closes and opens again, waiting between tries (0.1 s doubling to 5 s) until
 * it succeeds or `seconds` are over. */
bool db_reopen(struct db *, unsigned seconds);
/* Of the last error; without values of parameters. Borrowed. */
const char *db_message(const struct db *);

/* Runs one statement. *out_result (may be NULL when not wanted) is to be
 * cleared by the caller; it is NULL unless DB_OK. */
enum db_error db_run(
    struct db *, enum query, const struct db_args *, PGresult **out_result);
/* The same for a statement whose result is one row: DB_OK with *out_result
 * NULL means that there was none. */
enum db_error db_run_one(
    struct db *, enum query, const struct db_args *, PGresult **out_result);
enum db_error db_begin(struct db *);
enum db_error db_commit(struct db *);
void db_rollback(struct db *); /* also fine outside a transaction */

/* LISTEN, and waiting: true when a notification came; *out_payload then is to
 * be freed with PQfreemem (may be NULL if not wanted). False after timeout_ms
 * or when the connection is gone (db_alive() tells). */
enum db_error db_listen(struct db *, const char *channel);
bool db_wait(struct db *, int timeout_ms, char **out_payload);
bool db_alive(const struct db *);
int db_fd(const struct db *);
PGconn *db_conn(struct db *); /* borrowed; COPY and tests */

/* Values of a result row (text format). Missing or NULL: "" / 0 / empty. */
const char *db_text(const PGresult *, int row, int col);
int64_t db_int(const PGresult *, int row, int col);
bool db_bool(const PGresult *, int row, int col);
bool db_bytes(const PGresult *, int row, int col, struct buf *out); /* bytea */
int db_col(const PGresult *, const char *name); /* dies in debug when absent */

#endif
