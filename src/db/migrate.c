/*
 * Applies the migrations; see migrate.h. The statements here are the only ones
 * outside queries/: they run before there is a role or a schema that a prepared
 * statement could name.
 */
#include "db/migrate.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Tries of one migration whose locks are taken, and the pause between. */
#define TRIES	 10
#define PAUSE_MS 1000

static char error[512];

static bool
fail(const char *what, const char *why)
{
	int n = snprintf(error, sizeof(error), "%s: %s", what, why);

	if (n > 0 && (size_t)n < sizeof(error) && error[n - 1] == '\n')
		error[n - 1] = '\0';
	return false;
}

void
migrate_hash(char out[65], const struct migration *m)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const uint8_t *)m->sql, m->sql_len);
	text_hex(out, hash, sizeof(hash));
}

/* Runs sql (one statement or several); out_state takes the SQLSTATE of a
 * failure, 5 digits and a NUL. */
static bool
run(PGconn *conn, const char *what, const char *sql, char out_state[6])
{
	PGresult *r = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(r);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (out_state != NULL)
		snprintf(out_state, 6, "%s", state == NULL ? "" : state);
	if (!ok)
		fail(what, PQerrorMessage(conn));
	PQclear(r);
	return ok;
}

static bool
run_one(PGconn *conn, const char *what, const char *sql)
{
	return run(conn, what, sql, NULL);
}

/* The table of what was applied, and nobody else meanwhile. */
static bool
prepare(PGconn *conn)
{
	return run_one(conn, "migrate", "SET client_min_messages = warning") &&
	    run_one(conn, "migrate", "SET search_path = pg_catalog, pg_temp") &&
	    /* Waiting for another migrator is no reason to give up. */
	    run_one(conn, "migrate", "SET lock_timeout = 0") &&
	    run_one(conn, "migrate", "SET statement_timeout = 0") &&
	    run_one(conn, "migrate", "SELECT pg_advisory_lock(7305791240020)") &&
	    run_one(conn, "migrate",
		"CREATE TABLE IF NOT EXISTS public.countersign_migration ("
		"version int PRIMARY KEY, name text NOT NULL, "
		"sha256 text NOT NULL, "
		"applied_at timestamptz NOT NULL DEFAULT now())") &&
	    run_one(conn, "migrate", "SET lock_timeout = '5s'");
}

/* Compares what was applied with what we have; *out_done is the last version.
 * A database that is ahead of the program is fine: a release runs on its schema
 * and the next. */
static bool
check_applied(PGconn *conn, const struct migration *list, int num, int *out_done)
{
	PGresult *r = PQexec(conn,
	    "SELECT version, name, sha256 "
	    "FROM public.countersign_migration ORDER BY version");
	bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
	char hash[65];

	*out_done = 0;
	if (!ok)
		fail("migrate", PQerrorMessage(conn));
	for (int i = 0; ok && i < PQntuples(r); i++) {
		const char *name = PQgetvalue(r, i, 1);

		if (strtol(PQgetvalue(r, i, 0), NULL, 10) != i + 1) {
			ok = fail(name, "an earlier migration was never applied");
			break;
		}
		*out_done = i + 1;
		if (i >= num)
			continue;
		migrate_hash(hash, &list[i]);
		if (strcmp(name, list[i].name) != 0 ||
		    strcmp(PQgetvalue(r, i, 2), hash) != 0)
			ok = fail(list[i].name,
			    "was edited after it had been "
			    "applied to this database; restore "
			    "the file and write a "
			    "new migration");
	}
	PQclear(r);
	return ok;
}

/* The marker stands among the comments that the file opens with. */
static bool
outside_transaction(const struct migration *m)
{
	const char *p = m->sql, *end;

	while (strncmp(p, "--", 2) == 0) {
		end = p + strcspn(p, "\n");
		if ((size_t)(end - p) == strlen("-- no-transaction") &&
		    strncmp(p, "-- no-transaction", (size_t)(end - p)) == 0)
			return true;
		if (*end == '\0')
			break;
		p = end + 1;
	}
	return false;
}

/* One statement after the other, each by itself: several in one string would
 * be one transaction. A statement ends with a line that ends with ";". */
static bool
run_each(PGconn *conn, const struct migration *m, char out_state[6])
{
	const char *p = m->sql, *end;
	char *one;
	bool ok = true;

	while (ok && (end = strstr(p, ";\n")) != NULL) {
		if ((one = strndup(p, (size_t)(end - p) + 1)) == NULL)
			return fail(m->name, "no memory");
		ok = run(conn, m->name, one, out_state);
		free(one);
		p = end + 2;
	}
	if (ok && p[strspn(p, " \t\n")] != '\0')
		ok = fail(
		    m->name, "its last statement does not end with a semicolon");
	return ok;
}

static bool
record(PGconn *conn, const struct migration *m)
{
	char version[16], hash[65];
	const char *values[3] = {version, m->name, hash};
	PGresult *r;
	bool ok;

	snprintf(version, sizeof(version), "%d", m->version);
	migrate_hash(hash, m);
	r = PQexecParams(conn,
	    "INSERT INTO public.countersign_migration "
	    "(version, name, sha256) VALUES ($1, $2, $3)",
	    3, NULL, values, NULL, NULL, 0);
	ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	if (!ok)
		fail(m->name, PQerrorMessage(conn));
	PQclear(r);
	return ok;
}

static bool
apply_once(PGconn *conn, const struct migration *m, char out_state[6])
{
	bool ok;

	snprintf(out_state, 6, "%s", "");
	if (outside_transaction(m))
		return run_each(conn, m, out_state) &&
		    run_one(conn, m->name, "RESET ROLE") && record(conn, m);
	/* A file may SET ROLE; the record is ours again. */
	ok = run(conn, m->name, "BEGIN", out_state) &&
	    run(conn, m->name, m->sql, out_state) &&
	    run(conn, m->name, "RESET ROLE", out_state) && record(conn, m) &&
	    run(conn, m->name, "COMMIT", out_state);
	if (!ok) {
		PGresult *r = PQexec(conn, "ROLLBACK");

		PQclear(r);
		r = PQexec(conn, "RESET ROLE");
		PQclear(r);
	}
	return ok;
}

static bool
apply(PGconn *conn, const struct migration *m, void (*say)(const char *))
{
	char state[6], line[160];

	for (int i = 1; !apply_once(conn, m, state); i++) {
		/* lock_not_available, deadlock_detected */
		if ((strcmp(state, "55P03") != 0 && strcmp(state, "40P01") != 0) ||
		    i == TRIES)
			return false;
		if (say != NULL) {
			snprintf(line, sizeof(line),
			    "%.100s: waits for a lock, try %d of %d", m->name,
			    i + 1, TRIES);
			say(line);
		}
		poll(NULL, 0, PAUSE_MS);
	}
	if (say != NULL) {
		snprintf(line, sizeof(line), "%.100s: applied", m->name);
		say(line);
	}
	return true;
}

bool
migrate_apply_list(const char *conninfo, const struct migration *list, int num,
    void (*say)(const char *sentence), int *out_num_applied, const char **out_error)
{
	PGconn *conn = PQconnectdb(conninfo);
	int done = 0, applied = 0;
	bool ok;

	ok = PQstatus(conn) == CONNECTION_OK;
	if (!ok)
		fail("migrate", PQerrorMessage(conn));
	ok = ok && prepare(conn) && check_applied(conn, list, num, &done);
	for (int i = done; ok && i < num; i++) {
		ok = apply(conn, &list[i], say);
		applied += ok;
	}
	PQfinish(conn); /* and with it the advisory lock */
	if (out_num_applied != NULL)
		*out_num_applied = applied;
	*out_error = ok ? NULL : error;
	return ok;
}

bool
migrate_apply(const char *conninfo, void (*say)(const char *sentence),
    int *out_num_applied, const char **out_error)
{
	return migrate_apply_list(
	    conninfo, migrations, num_migrations, say, out_num_applied, out_error);
}
