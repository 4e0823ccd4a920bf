/* Every statement of queries/ prepares for the roles that it is for, and the
 * connection of db/db.c does what its header says. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/settings.h"
#include "db/conninfo.h"
#include "db/db.h"
#include "tests/db/testdb.h"
#include "tests/support/pg.h"

static struct db *
open_as(const char *role)
{
	char conninfo[256];
	const char *error;
	struct db *d;

	testdb_conninfo(conninfo, "countersign", role);
	d = db_open(conninfo, role, &error);
	cr_assert_not_null(d, "%s: %s", role, error);
	return d;
}

Test(queries, prepare_for_their_roles)
{
	static const struct {
		const char *name;
		unsigned bit;
	} roles[] = {{"web", DB_ROLE_WEB}, {"worker", DB_ROLE_WORKER},
	    {"operator", DB_ROLE_OPERATOR}, {"fetcher", DB_ROLE_FETCHER}};

	for (size_t i = 0; i < 4; i++) {
		PGconn *conn = testdb(roles[i].name);

		for (int q = 0; q < QUERY_NUM; q++) {
			PGresult *r;

			if ((queries[q].roles & roles[i].bit) == 0)
				continue;
			r = PQprepare(conn, queries[q].name, queries[q].sql,
			    queries[q].num_params, NULL);
			cr_expect_eq(PQresultStatus(r), PGRES_COMMAND_OK,
			    "%s: %s: %s", roles[i].name, queries[q].name,
			    PQerrorMessage(conn));
			PQclear(r);
		}
		PQfinish(conn);
	}
}

/* Planning checks privileges, which PREPARE does not. A generic plan can be made
 * without values. */
Test(queries, are_allowed_to_their_roles)
{
	static const struct {
		const char *name;
		unsigned bit;
	} roles[] = {{"web", DB_ROLE_WEB}, {"worker", DB_ROLE_WORKER},
	    {"operator", DB_ROLE_OPERATOR}, {"fetcher", DB_ROLE_FETCHER}};
	char sql[512];

	for (size_t i = 0; i < 4; i++) {
		PGconn *conn = testdb(roles[i].name);

		must(conn, "SET plan_cache_mode = force_generic_plan");
		for (int q = 0; q < QUERY_NUM; q++) {
			PGresult *r;

			if ((queries[q].roles & roles[i].bit) == 0)
				continue;
			r = PQprepare(conn, queries[q].name, queries[q].sql,
			    queries[q].num_params, NULL);
			if (PQresultStatus(r) != PGRES_COMMAND_OK) {
				PQclear(r);
				continue; /* said above */
			}
			PQclear(r);
			snprintf(sql, sizeof(sql), "EXPLAIN EXECUTE %s%s",
			    queries[q].name, queries[q].num_params > 0 ? "(" : "");
			for (int n = 0; n < queries[q].num_params; n++)
				strncat(sql, n == 0 ? "NULL" : ", NULL",
				    sizeof(sql) - strlen(sql) - 1);
			if (queries[q].num_params > 0)
				strncat(sql, ")", sizeof(sql) - strlen(sql) - 1);
			cr_expect_str_eq(state_of(conn, sql), "00000", "%s: %s: %s",
			    roles[i].name, queries[q].name, PQerrorMessage(conn));
		}
		PQfinish(conn);
	}
}

Test(db, runs_a_statement_and_reads_its_row)
{
	struct db *d = open_as("operator");
	struct db_args args;
	PGresult *r;
	struct buf b;

	cr_assert_eq(db_run_one(d, QUERY_DOCTOR_SCHEMA, NULL, &r), DB_OK);
	cr_assert_gt(db_int(r, 0, db_col(r, "version")), 7);
	cr_assert(db_bool(r, 0, db_col(r, "ready")));
	cr_assert_eq(db_int(r, 5, 0), 0);
	cr_assert_str_eq(db_text(r, 0, 99), "");
	PQclear(r);
	db_args_init(&args);
	db_arg_int(&args, 0);
	db_arg_int(&args, 1);
	cr_assert_eq(db_run_one(d, QUERY_AUDIT_PAGE, &args, &r), DB_OK);
	buf_init(&b, 0);
	cr_assert(db_bytes(r, 0, db_col(r, "hash"), &b));
	cr_assert_eq(b.len, 32);
	cr_assert(db_bytes(r, 0, db_col(r, "prev"), &b));
	cr_assert_eq(b.len, 32);
	cr_assert_not(db_bytes(r, 0, db_col(r, "actor"), &b));
	buf_free(&b);
	PQclear(r);
	/* none, and too many */
	db_args_init(&args);
	db_arg_int(&args, INT64_MAX);
	db_arg_int(&args, 1);
	cr_assert_eq(db_run_one(d, QUERY_AUDIT_PAGE, &args, &r), DB_OK);
	cr_assert_null(r);
	db_args_init(&args);
	db_arg_int(&args, 0);
	db_arg_int(&args, 2);
	cr_assert_eq(db_run_one(d, QUERY_AUDIT_PAGE, &args, &r), DB_FAILED);
	cr_assert_null(r);
	/* the wrong number of parameters is not sent */
	cr_assert_eq(db_run(d, QUERY_AUDIT_PAGE, NULL, &r), DB_FAILED);
	cr_assert_not_null(strstr(db_message(d), "0 parameters given, 2 wanted"));
	db_close(d);
}

Test(db, says_what_kind_of_error_it_was)
{
	struct db *d = open_as("worker");
	struct db_args args;

	cr_assert_eq(db_begin(d), DB_OK);
	db_args_init(&args);
	db_arg_text(&args, "x");
	db_arg_text(&args, NULL);
	db_arg_text(&args, "x");
	db_arg_null(&args);
	db_arg_text(&args, "{}");
	cr_assert_eq(db_run(d, QUERY_AUDIT_APPEND, &args, NULL), DB_CONFLICT);
	/* A commit of what has failed is no success. */
	cr_assert_eq(db_commit(d), DB_FAILED);
	db_rollback(d);
	/* The value that was wrong is not repeated. */
	db_args_init(&args);
	for (int i = 0; i < 4; i++)
		db_arg_text(&args, "1");
	db_arg_text(&args, "s3cret no json");
	cr_assert_eq(db_run(d, QUERY_AUDIT_APPEND, &args, NULL), DB_FAILED);
	cr_assert_null(strstr(db_message(d), "s3cret"), "%s", db_message(d));
	cr_assert_not_null(strstr(db_message(d), "22P02"), "%s", db_message(d));
	db_close(d);
}

Test(db, listens_and_waits)
{
	struct db *d = open_as("worker");
	PGconn *su = testdb("postgres");
	char *payload;

	cr_assert_eq(db_listen(d, "countersign_test"), DB_OK);
	cr_assert_not(db_wait(d, 20, &payload));
	cr_assert_null(payload);
	must(su, "NOTIFY countersign_test, '42'");
	cr_assert(db_wait(d, 2000, &payload));
	cr_assert_str_eq(payload, "42");
	PQfreemem(payload);
	cr_assert_not(db_wait(d, 0, NULL));
	PQfinish(su);
	db_close(d);
}

Test(db, comes_back_after_its_connection_was_ended)
{
	struct db *d = open_as("worker");
	PGconn *su = testdb("postgres");
	struct db_args args;
	char sql[96];

	cr_assert_eq(db_listen(d, "countersign_test2"), DB_OK);
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)",
	    PQbackendPID(db_conn(d)));
	must(su, sql);
	cr_assert_not(db_wait(d, 2000, NULL));
	cr_assert_not(db_alive(d));
	cr_assert_eq(db_begin(d), DB_GONE);
	cr_assert_eq(db_commit(d), DB_GONE);
	db_rollback(d);
	cr_assert(db_reopen(d, 5));
	cr_assert(db_alive(d));
	/* It listens again, and its statements are prepared. */
	must(su, "NOTIFY countersign_test2");
	cr_assert(db_wait(d, 2000, NULL));
	cr_assert_eq(db_begin(d), DB_OK);
	db_args_init(&args);
	db_arg_text(&args, "worker");
	db_arg_text(&args, "x");
	db_arg_text(&args, "y");
	db_arg_null(&args);
	db_arg_text(&args, "{}");
	cr_assert_eq(db_run(d, QUERY_AUDIT_APPEND, &args, NULL), DB_OK);
	db_rollback(d);
	PQfinish(su);
	db_close(d);
}

Test(db, gives_up_reopening_when_time_is_over)
{
	const char *error;

	cr_assert_null(db_open("host=/nonexistent", "worker", &error));
	cr_assert_not_null(strstr(error, "/nonexistent"), "%s", error);
	cr_assert_null(db_open("", "nobody", &error));
}

Test(db, numbers_are_kept_in_the_arguments)
{
	struct db_args a;

	db_args_init(&a);
	db_arg_int(&a, INT64_MIN);
	db_arg_int(&a, 7);
	db_arg_bytes(&a, bytes_of(NULL, 0));
	db_arg_bool(&a, true);
	cr_assert_eq(a.num, 4);
	cr_assert_str_eq(a.value[0], "-9223372036854775808");
	cr_assert_str_eq(a.value[1], "7");
	cr_assert_not_null(a.value[2], "empty is not NULL");
	cr_assert_eq(a.format[2], 1);
	cr_assert_str_eq(a.value[3], "t");
}

Test(conninfo, is_the_local_cluster_unless_set)
{
	char path[] = "/tmp/countersign-conf-XXXXXX";
	const char *error;
	struct settings *s;
	struct buf b;
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	dprintf(fd,
	    "[portal]\nvar = /srv/o'b\\c\n[database]\nweb =\nworker = "
	    "host=db.test user=w\noperator =\nfetcher =\nowner =\nname = cs\n");
	close(fd);
	unsetenv("COUNTERSIGN_SETTINGS");
	s = settings_read(path, &error);
	unlink(path);
	cr_assert_not_null(s, "%s", error);
	buf_init(&b, 0);
	cr_assert(db_conninfo(&b, s, "web"));
	cr_assert_str_eq(buf_str(&b),
	    "host='/srv/o\\'b\\\\c/run/pg' dbname='cs' "
	    "user='countersign_web' passfile='/srv/o\\'b\\\\c/keys/web.pgpass'");
	buf_reset(&b);
	cr_assert(db_conninfo(&b, s, "owner"));
	cr_assert_not_null(strstr(buf_str(&b), "user='postgres'"));
	buf_reset(&b);
	cr_assert(db_conninfo(&b, s, "worker"));
	cr_assert_str_eq(buf_str(&b), "host=db.test user=w");
	cr_assert_not(db_conninfo(&b, s, "audit"));
	buf_free(&b);
	settings_free(s);
}
