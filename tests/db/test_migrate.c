/* Migrations are applied once, in order, whole or not at all, and never after
 * they were edited. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/migrate.h"
#include "tests/db/testdb.h"

static char conninfo[256], name[64];
static PGconn *su;

static void
setup(void)
{
	char sql[128];
	PGconn *conn = testdb_in("postgres", "postgres");

	snprintf(name, sizeof(name), "migrate_%d", (int)getpid());
	snprintf(sql, sizeof(sql), "CREATE DATABASE %s", name);
	must(conn, sql);
	PQfinish(conn);
	testdb_conninfo(conninfo, name, "postgres");
	su = testdb_in(name, "postgres");
}

static void
teardown(void)
{
	PQfinish(su);
}

TestSuite(migrate, .init = setup, .fini = teardown);

#define M(version, name, sql)                       \
	{                                           \
		version, name, sql, sizeof(sql) - 1 \
	}

static bool
apply(const struct migration *list, int num, int *n, const char **error)
{
	return migrate_apply_list(conninfo, list, num, NULL, n, error);
}

static const struct migration two[] = {
    M(1, "0001_a", "CREATE TABLE public.a (x int);\n"),
    M(2, "0002_b", "CREATE TABLE public.b (x int);\n"),
};

Test(migrate, applies_each_once)
{
	const char *error;
	int n;

	cr_assert(apply(two, 1, &n, &error), "%s", error);
	cr_assert_eq(n, 1);
	cr_assert(apply(two, 2, &n, &error), "%s", error);
	cr_assert_eq(n, 1);
	cr_assert(apply(two, 2, &n, &error), "%s", error);
	cr_assert_eq(n, 0);
	cr_assert_eq(
	    number(su, "SELECT count(*) FROM public.countersign_migration"), 2);
	/* A program that is a step behind its database goes on. */
	cr_assert(apply(two, 1, &n, &error), "%s", error);
	cr_assert_eq(n, 0);
}

Test(migrate, refuses_a_file_that_was_edited_once_landed)
{
	static const struct migration edited[] = {
	    M(1, "0001_a", "CREATE TABLE public.a (x bigint);\n"),
	    M(2, "0002_b", "CREATE TABLE public.b (x int);\n"),
	};
	const char *error;
	int n;

	cr_assert(apply(two, 1, &n, &error), "%s", error);
	cr_assert_not(apply(edited, 2, &n, &error));
	cr_assert_not_null(strstr(error, "0001_a: was edited"), "%s", error);
	cr_assert_eq(n, 0);
	cr_assert_eq(
	    number(su, "SELECT count(*) FROM pg_class WHERE relname = 'b'"), 0);
}

Test(migrate, refuses_a_gap)
{
	const char *error;
	int n;

	cr_assert(apply(two, 2, &n, &error), "%s", error);
	must(su, "DELETE FROM public.countersign_migration WHERE version = 1");
	cr_assert_not(apply(two, 2, &n, &error));
	cr_assert_not_null(strstr(error, "never applied"), "%s", error);
}

Test(migrate, leaves_nothing_of_one_that_failed)
{
	static const struct migration list[] = {
	    M(1, "0001_a", "CREATE TABLE public.a (x int);\n"),
	    M(2, "0002_bad", "CREATE TABLE public.c (x int);\nSELECT 1 / 0;\n"),
	};
	const char *error;
	int n;

	cr_assert_not(apply(list, 2, &n, &error));
	cr_assert_not_null(strstr(error, "0002_bad"), "%s", error);
	cr_assert_not_null(strstr(error, "division by zero"), "%s", error);
	cr_assert_eq(n, 1);
	cr_assert_eq(
	    number(su, "SELECT count(*) FROM pg_class WHERE relname = 'c'"), 0);
	cr_assert_eq(
	    number(su, "SELECT count(*) FROM public.countersign_migration"), 1);
}

Test(migrate, forgets_a_role_that_a_file_took)
{
	static const struct migration list[] = {
	    M(1, "0001_a", "SET ROLE countersign_owner;\nSELECT 1;\n"),
	    M(2, "0002_b", "CREATE TABLE public.b (x int);\n"),
	};
	const char *error;
	int n;

	cr_assert(apply(list, 2, &n, &error), "%s", error);
	cr_assert_eq(number(su,
			 "SELECT (tableowner = 'postgres')::int FROM pg_tables "
			 "WHERE tablename = 'b'"),
	    1);
}

Test(migrate, runs_a_marked_file_outside_a_transaction)
{
	static const struct migration list[] = {
	    M(1, "0001_a",
		"-- An index.\n-- no-transaction\n"
		"CREATE TABLE IF NOT EXISTS public.a (x int);\n"
		"CREATE INDEX CONCURRENTLY IF NOT EXISTS a_x ON public.a (x);\n"),
	    M(2, "0002_b", "-- no-transaction\nCREATE TABLE public.b (x int)"),
	};
	const char *error;
	int n;

	cr_assert(apply(list, 1, &n, &error), "%s", error);
	cr_assert_eq(
	    number(su, "SELECT count(*) FROM pg_class WHERE relname = 'a_x'"), 1);
	cr_assert_not(apply(list, 2, &n, &error));
	cr_assert_not_null(strstr(error, "semicolon"), "%s", error);
}

static void *
apply_all(void *arg)
{
	const char *error;

	cr_assert(
	    migrate_apply_list(conninfo, two, 2, NULL, arg, &error), "%s", error);
	return NULL;
}

Test(migrate, two_at_a_time_do_it_once)
{
	pthread_t t;
	int n1 = 0, n2 = 0;

	cr_assert_eq(pthread_create(&t, NULL, apply_all, &n1), 0);
	apply_all(&n2);
	pthread_join(t, NULL);
	cr_assert_eq(n1 + n2, 2);
}

static char last[200];

static void
keep(const char *sentence)
{
	snprintf(last, sizeof(last), "%s", sentence);
	/* The one that held the lock lets it go. */
	if (strstr(sentence, "waits for a lock") != NULL)
		must(su, "ROLLBACK");
}

Test(migrate, tries_again_when_a_lock_is_taken)
{
	static const struct migration list[] = {
	    M(1, "0001_a", "CREATE TABLE public.a (x int);\n"),
	    M(2, "0002_b",
		"SET LOCAL lock_timeout = '100ms';\n"
		"ALTER TABLE public.a ADD y int;\n"),
	};
	const char *error;
	int n;

	cr_assert(apply(list, 1, &n, &error), "%s", error);
	must(su, "BEGIN");
	must(su, "LOCK TABLE public.a");
	cr_assert(
	    migrate_apply_list(conninfo, list, 2, keep, &n, &error), "%s", error);
	cr_assert_eq(n, 1);
	cr_assert_str_eq(last, "0002_b: applied");
}

Test(migrate, the_whole_schema_applies_to_a_cluster_that_has_the_roles)
{
	struct migration m;
	char hash[65];

	/* The common database is there already: roles, too. */
	must(su, "SELECT 1");
	testdb_make("migrate_again");
	m = (struct migration)M(1, "x", "abc");
	migrate_hash(hash, &m);
	cr_assert_str_eq(hash,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
