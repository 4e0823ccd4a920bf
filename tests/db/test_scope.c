/*
 * Invariant 1: scope comes from the database, not from the query. Every table is
 * tried, found by looking into the catalogue: one that a later migration adds is
 * tried too, and must be seeded.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/db/testdb.h"

#define TABLES                                                                \
	"SELECT c.relname FROM pg_class c WHERE c.relnamespace = "            \
	"'countersign'::regnamespace AND c.relkind IN ('r','p','v','m','f') " \
	"ORDER BY 1"

Test(scope, every_table_has_forced_row_security)
{
	PGconn *su = testdb("postgres");

	cr_assert_gt(number(su,
			 "SELECT count(*) FROM pg_class WHERE relnamespace = "
			 "'countersign'::regnamespace AND relkind IN ('r','p')"),
	    30);
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM pg_class WHERE relnamespace = "
			 "'countersign'::regnamespace AND relkind IN ('r','p') "
			 "AND NOT (relrowsecurity AND relforcerowsecurity)"),
	    0);
	PQfinish(su);
}

Test(scope, a_new_partition_has_forced_row_security)
{
	PGconn *su = testdb("postgres"), *worker = testdb("worker");

	must(worker, "BEGIN");
	must(worker, "SELECT report_partition('2041-03-06 12:00Z')");
	cr_assert_eq(
	    number(worker,
		"SELECT count(*) FROM pg_class WHERE relname = "
		"'report_2041w10' AND relrowsecurity AND relforcerowsecurity "
		"AND pg_get_userbyid(relowner) = 'countersign_owner'"),
	    1);
	/* It is reached through its parent only. */
	must(worker,
	    "INSERT INTO report SELECT '2041-03-06 12:00Z', 1, '', '', '', '', "
	    "'', '', '', 1, '{}', '{}'");
	assert_denied(worker, "SELECT * FROM report_2041w10");
	must(worker, "ROLLBACK");
	PQfinish(worker);
	PQfinish(su);
}

Test(scope, nothing_but_tables)
{
	PGconn *su = testdb("postgres");

	/* Views would run as their owner; there are none. */
	cr_assert_eq(
	    number(su,
		"SELECT count(*) FROM pg_class WHERE relnamespace = "
		"'countersign'::regnamespace AND relkind IN ('v','m','f')"),
	    0);
	cr_assert_eq(
	    number(su,
		"SELECT count(*) FROM pg_roles WHERE rolname LIKE "
		"'countersign%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR "
		"rolcreatedb OR rolreplication)"),
	    0);
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r "
			 "ON r.oid IN (m.roleid, m.member) WHERE r.rolname LIKE "
			 "'countersign%'"),
	    0);
	PQfinish(su);
}

Test(scope, every_table_is_seeded)
{
	PGconn *su = testdb("postgres");
	PGresult *r = PQexec(su, TABLES);
	char sql[256];

	for (int i = 0; i < PQntuples(r); i++) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM countersign.%s",
		    PQgetvalue(r, i, 0));
		cr_expect_gt(number(su, sql), 0,
		    "%s has no rows: add some to "
		    "tests/db/seed.sql",
		    PQgetvalue(r, i, 0));
	}
	PQclear(r);
	PQfinish(su);
}

/* Which column of a table says whose a row is; NULL if none does. */
static const char *
whose(PGconn *su, const char *table)
{
	static char sql[512], out[64];

	if (strcmp(table, "vendor") == 0 || strcmp(table, "signer") == 0)
		return "id";
	snprintf(sql, sizeof(sql),
	    "SELECT attname FROM pg_attribute WHERE attrelid = "
	    "'countersign.%s'::regclass AND attname IN ('signer', 'vendor') AND "
	    "NOT attisdropped ORDER BY attname DESC",
	    table);
	word(su, sql, out, sizeof(out));
	return out[0] == '\0' ? NULL : out;
}

/* Tries every table as countersign_web. mine is the range of ids that belong to
 * the session, "" when there is none; want_rows whether it must see something. */
static void
try_every_table(
    const char *secret, const char *mine_vendor, const char *mine_signer)
{
	PGconn *su = testdb("postgres"), *web = testdb("web");
	PGresult *r = PQexec(su, TABLES);
	int readable = 0;
	char sql[256];

	cr_assert_gt(PQntuples(r), 30);
	for (int i = 0; i < PQntuples(r); i++) {
		const char *table = PQgetvalue(r, i, 0), *state, *column;
		bool by_vendor;

		if (secret == NULL)
			must(web, "BEGIN");
		else
			present_session(web, secret);
		snprintf(
		    sql, sizeof(sql), "SELECT count(*) FROM countersign.%s", table);
		state = state_of(web, sql);
		if (strcmp(state, "42501") == 0) {
			must(web, "ROLLBACK");
			continue;
		}
		cr_assert_str_eq(state, "00000", "%s: %s", table, state);
		readable++;
		column = whose(su, table);
		cr_assert_not_null(column,
		    "%s is readable and its rows name neither "
		    "signer nor vendor",
		    table);
		by_vendor =
		    strcmp(column, "vendor") == 0 || strcmp(table, "vendor") == 0;
		if (mine_vendor[0] == '\0') {
			cr_expect_eq(number(web, sql), 0, "%s shows rows", table);
		} else {
			cr_expect_gt(
			    number(web, sql), 0, "%s shows nothing", table);
			snprintf(sql, sizeof(sql),
			    "SELECT count(*) FROM countersign.%s "
			    "WHERE (%s = ANY ('%s'::bigint[])) IS NOT TRUE",
			    table, column, by_vendor ? mine_vendor : mine_signer);
			cr_expect_eq(
			    number(web, sql), 0, "%s shows others' rows", table);
		}
		must(web, "ROLLBACK");
	}
	cr_assert_eq(readable, 8, "the web role reads %d tables", readable);
	PQclear(r);
	PQfinish(web);
	PQfinish(su);
}

Test(scope, no_session_sees_nothing)
{
	try_every_table(NULL, "", "");
}

Test(scope, an_empty_session_sees_nothing)
{
	try_every_table("", "", "");
}

Test(scope, a_garbage_session_sees_nothing)
{
	try_every_table("secret-c' OR true --", "", "");
}

Test(scope, the_stored_hash_is_no_session)
{
	char hash[80];
	PGconn *su = testdb("postgres");

	word(su, "SELECT secret_hash FROM countersign.session WHERE vendor = 1",
	    hash, sizeof(hash));
	PQfinish(su);
	try_every_table(hash, "", "");
}

Test(scope, vendor_a_sees_a_only)
{
	try_every_table("secret-a", "{1}", "{11,12}");
}

Test(scope, vendor_b_sees_b_only)
{
	try_every_table("secret-b", "{2}", "{21}");
}

Test(scope, an_injected_statement_sees_own_rows_only)
{
	PGconn *web = testdb("web");

	present_session(web, "secret-a");
	cr_assert_eq(number(web, "SELECT count(*) FROM signer_bucket"), 2);
	cr_assert_eq(number(web,
			 "SELECT count(*) FROM signer_bucket WHERE signer = 21 "
			 "OR true"),
	    2);
	cr_assert_eq(
	    number(web, "SELECT sum(hits)::bigint FROM signer_bucket"), 11);
	/* Nor does an operator that is called before the policy show values. */
	cr_assert_eq(number(web,
			 "SELECT count(*) FROM signer_bucket WHERE title LIKE "
			 "'%' AND hits = 20"),
	    0);
	cr_assert_eq(number(web,
			 "SELECT count(*) FROM pg_stats WHERE schemaname = "
			 "'countersign'"),
	    0);
	must(web, "ROLLBACK");
	PQfinish(web);
}

/* The rows of signer_bucket that a session sees after sql was run by the
 * superuser; everything is undone. */
static int64_t
seen_after(const char *sql)
{
	static int serial;
	PGconn *su, *web;
	char name[64];
	int64_t n;

	snprintf(name, sizeof(name), "scope_%d_%d", (int)getpid(), ++serial);
	testdb_make(name);
	su = testdb_in(name, "postgres");
	web = testdb_in(name, "web");
	present_session(web, "secret-a");
	cr_assert_eq(number(web, "SELECT count(*) FROM signer_bucket"), 2);
	must(web, "COMMIT");
	must(su, sql);
	present_session(web, "secret-a");
	n = number(web, "SELECT count(*) FROM signer_bucket");
	must(web, "COMMIT");
	PQfinish(web);
	PQfinish(su);
	return n;
}

Test(scope, an_expired_session_sees_nothing)
{
	cr_assert_eq(
	    seen_after("UPDATE countersign.session SET expires_at = now()"), 0);
}

Test(scope, an_ended_session_sees_nothing)
{
	cr_assert_eq(
	    seen_after("UPDATE countersign.session SET ended_at = now()"), 0);
}

Test(scope, a_withdrawn_grant_opens_nothing)
{
	cr_assert_eq(
	    seen_after("UPDATE countersign.vendor_grant SET withdrawn_at = now(),"
		       " withdrawn_why = 'test' WHERE signer = 11"),
	    1);
}

Test(scope, a_future_grant_opens_nothing)
{
	cr_assert_eq(
	    seen_after("UPDATE countersign.vendor_grant SET valid_from = now() "
		       "+ interval '1 minute' WHERE signer = 11"),
	    1);
}

Test(scope, an_expired_grant_opens_nothing)
{
	cr_assert_eq(
	    seen_after("UPDATE countersign.vendor_grant SET valid_until = now() "
		       "WHERE signer = 11"),
	    1);
}

Test(scope, the_secret_is_gone_after_the_transaction)
{
	PGconn *web = testdb("web");
	char text[64];

	present_session(web, "secret-a");
	must(web, "COMMIT");
	cr_assert_str_eq(
	    word(web, "SELECT current_setting('countersign.session', true)", text,
		sizeof(text)),
	    "");
	cr_assert_eq(number(web, "SELECT count(*) FROM signer_bucket"), 0);
	present_session(web, "secret-a");
	must(web, "ROLLBACK");
	cr_assert_eq(number(web, "SELECT count(*) FROM signer_bucket"), 0);
	PQfinish(web);
}

Test(scope, is_resolved_once_a_statement)
{
	PGconn *web = testdb("web");
	char plan[8192] = "", *p;
	PGresult *r;
	int calls = 0, init = 0;

	present_session(web, "secret-a");
	r = PQexec(web,
	    "EXPLAIN (VERBOSE) SELECT bucket, sum(hits) FROM signer_bucket "
	    "GROUP BY bucket ORDER BY 2 DESC LIMIT 50");
	cr_assert_eq(PQresultStatus(r), PGRES_TUPLES_OK);
	for (int i = 0; i < PQntuples(r); i++) {
		strncat(plan, PQgetvalue(r, i, 0), sizeof(plan) - strlen(plan) - 1);
		strncat(plan, "\n", sizeof(plan) - strlen(plan) - 1);
	}
	for (p = plan; (p = strstr(p, "scope_signers")) != NULL; p++)
		calls++;
	for (p = plan; (p = strstr(p, "InitPlan")) != NULL; p++)
		init++;
	cr_assert(calls == 1 && init == 1, "%s", plan);
	PQclear(r);
	PQfinish(web);
}
