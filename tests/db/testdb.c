/* What the database tests share; see testdb.h. */
#include "tests/db/testdb.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "db/migrate.h"
#include "tests/support/pg.h"

static struct pg cluster;

static bool
fill(const char *conninfo)
{
	const char *error;
	PGconn *conn;
	char *text;
	long len;
	FILE *f;
	bool ok;

	if (!migrate_apply(conninfo, NULL, NULL, &error)) {
		fprintf(stderr, "db-test: %s\n", error);
		return false;
	}
	if ((f = fopen("tests/db/seed.sql", "rb")) == NULL ||
	    fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) < 0 ||
	    (text = calloc(1, (size_t)len + 1)) == NULL) {
		fprintf(stderr,
		    "db-test: tests/db/seed.sql cannot be read; run "
		    "from the repository's root\n");
		return false;
	}
	rewind(f);
	ok = fread(text, 1, (size_t)len, f) == (size_t)len;
	fclose(f);
	conn = PQconnectdb(conninfo);
	if (ok) {
		PGresult *r = PQexec(conn, text);

		ok = PQresultStatus(r) == PGRES_COMMAND_OK ||
		    PQresultStatus(r) == PGRES_TUPLES_OK;
		if (!ok)
			fprintf(
			    stderr, "db-test: seed.sql: %s", PQerrorMessage(conn));
		PQclear(r);
	}
	PQfinish(conn);
	free(text);
	return ok;
}

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
	char conninfo[256];
	const char *why;

	(void)tests;
	if (!pg_start(&cluster, &why)) {
		fprintf(stderr, "db-test: no cluster: %s\n", why);
		exit(1);
	}
	pg_conninfo(&cluster, conninfo, sizeof(conninfo), "postgres");
	if (!fill(conninfo)) {
		pg_stop(&cluster);
		exit(1);
	}
	pg_publish(&cluster);
}

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
	(void)stats;
	pg_stop(&cluster);
}

void
testdb_conninfo(char out[256], const char *name, const char *user)
{
	struct pg pg;

	cr_assert(pg_published(&pg));
	snprintf(out, 256, "host=%s dbname=%s user=%s%s", pg.dir, name,
	    strcmp(user, "postgres") == 0 ? "" : "countersign_", user);
}

PGconn *
testdb_in(const char *name, const char *user)
{
	char conninfo[256];
	PGconn *conn;

	testdb_conninfo(conninfo, name, user);
	conn = PQconnectdb(conninfo);
	cr_assert_eq(PQstatus(conn), CONNECTION_OK, "%s", PQerrorMessage(conn));
	return conn;
}

PGconn *
testdb(const char *user)
{
	return testdb_in("countersign", user);
}

void
testdb_make(const char *name)
{
	char conninfo[256], path[128], sql[128];
	struct pg pg;
	PGconn *conn;
	int lock;

	/* Roles belong to the cluster: two migrations at a time would meet. */
	cr_assert(pg_published(&pg));
	snprintf(path, sizeof(path), "%s/lock", pg.dir);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cr_assert(lock >= 0 && flock(lock, LOCK_EX) == 0);
	conn = testdb_in("postgres", "postgres");
	snprintf(sql, sizeof(sql), "CREATE DATABASE %s", name);
	must(conn, sql);
	PQfinish(conn);
	testdb_conninfo(conninfo, name, "postgres");
	cr_assert(fill(conninfo));
	close(lock);
}

void
must(PGconn *conn, const char *sql)
{
	PGresult *r = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(r);

	cr_assert(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s: %s",
	    sql, PQerrorMessage(conn));
	PQclear(r);
}

const char *
word(PGconn *conn, const char *sql, char *out, size_t out_len)
{
	PGresult *r = PQexec(conn, sql);

	cr_assert_eq(PQresultStatus(r), PGRES_TUPLES_OK, "%s: %s", sql,
	    PQerrorMessage(conn));
	snprintf(out, out_len, "%s", PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	return out;
}

int64_t
number(PGconn *conn, const char *sql)
{
	char text[64];

	word(conn, sql, text, sizeof(text));
	return text[0] == '\0' ? -1 : strtoll(text, NULL, 10);
}

const char *
state_of(PGconn *conn, const char *sql)
{
	static char state[6];
	PGresult *r = PQexec(conn, sql);
	const char *s = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	snprintf(state, sizeof(state), "%s", s == NULL ? "00000" : s);
	PQclear(r);
	return state;
}

void
present_session(PGconn *conn, const char *secret)
{
	const char *values[1] = {secret};
	PGresult *r;

	must(conn, "BEGIN");
	r = PQexecParams(conn, "SELECT set_config('countersign.session', $1, true)",
	    1, NULL, values, NULL, NULL, 0);
	cr_assert_eq(PQresultStatus(r), PGRES_TUPLES_OK);
	PQclear(r);
}
