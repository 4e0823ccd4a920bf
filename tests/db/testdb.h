/*
 * What the database tests share: the cluster of this run with the database
 * "countersign" (migrated and seeded with seed.sql), which no test changes for
 * good, and fresh databases for those that must.
 */
#ifndef TESTS_DB_TESTDB_H
#define TESTS_DB_TESTDB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The common database as that user, "web" for countersign_web and so on, or
 * "postgres". Fails the test when it cannot. */
PGconn *testdb(const char *user);
/* Makes a database with schema and seed that nobody else uses. */
void testdb_make(const char *name);
PGconn *testdb_in(const char *name, const char *user);
void testdb_conninfo(char out[256], const char *name, const char *user);

/* Runs sql and fails the test if it errs. */
void must(PGconn *, const char *sql);
/* Its first value as a number; -1 when there is no row or it is NULL. */
int64_t number(PGconn *, const char *sql);
/* Its first value in out ("" when none or NULL). */
const char *word(PGconn *, const char *sql, char *out, size_t out_len);
/* The SQLSTATE with which it fails; "00000" when it does not. Static. */
const char *state_of(PGconn *, const char *sql);
/* BEGIN and the presentation of a session, as the web module does it. */
void present_session(PGconn *, const char *secret);

/* As must()'s message, with where it happened. */
#define assert_denied(conn, sql) \
	cr_assert_str_eq(state_of(conn, sql), "42501", "not denied: %s", sql)

#endif
