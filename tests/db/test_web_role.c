/*
 * What the web role may not do, whatever statement reaches it (invariant 1), and
 * what holds of the functions through which it acts.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/db/testdb.h"

static PGconn *web;

static void
connect_web(void)
{
	web = testdb("web");
}

static void
disconnect_web(void)
{
	PQfinish(web);
}

TestSuite(web_role, .init = connect_web, .fini = disconnect_web);

Test(web_role, cannot_read_what_decides)
{
	assert_denied(web, "SELECT * FROM session");
	assert_denied(web, "SELECT count(*) FROM session");
	assert_denied(web, "SELECT * FROM dump");
	assert_denied(web, "SELECT * FROM report");
	assert_denied(web, "SELECT * FROM challenge");
	assert_denied(web, "SELECT * FROM attempt");
	assert_denied(web, "SELECT * FROM inbox");
	assert_denied(web, "SELECT * FROM audit");
	assert_denied(web, "COPY session TO STDOUT");
	assert_denied(web, "SELECT * FROM public.countersign_migration");
}

Test(web_role, writes_no_table)
{
	PGconn *su = testdb("postgres");
	PGresult *r = PQexec(su,
	    "SELECT format('%I.%I', nspname, relname) FROM pg_class "
	    "c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN "
	    "('countersign', 'public') AND relkind IN ('r','p')");
	char sql[256];

	cr_assert_gt(PQntuples(r), 30);
	for (int i = 0; i < PQntuples(r); i++) {
		const char *t = PQgetvalue(r, i, 0);

		snprintf(sql, sizeof(sql), "INSERT INTO %s DEFAULT VALUES", t);
		assert_denied(web, sql);
		snprintf(sql, sizeof(sql), "DELETE FROM %s", t);
		assert_denied(web, sql);
		snprintf(sql, sizeof(sql), "TRUNCATE %s", t);
		assert_denied(web, sql);
		snprintf(sql, sizeof(sql), "DROP TABLE %s", t);
		assert_denied(web, sql);
		snprintf(sql, sizeof(sql),
		    "ALTER TABLE %s DISABLE ROW LEVEL SECURITY", t);
		assert_denied(web, sql);
		must(web, "BEGIN");
		snprintf(
		    sql, sizeof(sql), "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", t);
		assert_denied(web, sql);
		must(web, "ROLLBACK");
	}
	PQclear(r);
	/* By column, too: no right to update any. */
	cr_assert_eq(
	    number(su,
		"SELECT count(*) FROM pg_attribute a JOIN pg_class c ON "
		"c.oid = attrelid WHERE relnamespace = "
		"'countersign'::regnamespace AND "
		"relkind IN ('r','p') AND attnum > 0 AND NOT attisdropped AND ("
		"has_column_privilege('countersign_web', attrelid, attnum, "
		"'UPDATE') OR "
		"has_column_privilege('countersign_web', attrelid, attnum, "
		"'INSERT') OR "
		"has_column_privilege('countersign_web', attrelid, attnum, "
		"'REFERENCES'))"),
	    0);
	assert_denied(web, "UPDATE vendor_grant SET vendor = 2");
	assert_denied(web, "UPDATE signer_bucket SET hits = 0");
	PQfinish(su);
}

Test(web_role, becomes_nobody_else)
{
	static const char *const roles[] = {
	    "owner", "definer", "audit", "worker", "operator", "fetcher"};
	char sql[128];

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		snprintf(sql, sizeof(sql), "SET ROLE countersign_%s", roles[i]);
		assert_denied(web, sql);
		snprintf(sql, sizeof(sql),
		    "SET SESSION AUTHORIZATION countersign_%s", roles[i]);
		assert_denied(web, sql);
		snprintf(sql, sizeof(sql),
		    "GRANT countersign_%s TO countersign_web", roles[i]);
		cr_assert_str_neq(state_of(web, sql), "00000");
	}
	assert_denied(web, "SET ROLE postgres");
	assert_denied(web, "ALTER ROLE countersign_web SUPERUSER");
	assert_denied(web, "CREATE ROLE x");
}

Test(web_role, makes_nothing)
{
	assert_denied(web, "CREATE TEMP TABLE t (x int)");
	assert_denied(web, "SELECT 1 INTO TEMP t");
	assert_denied(web, "CREATE TABLE countersign.t (x int)");
	assert_denied(web, "CREATE TABLE public.t (x int)");
	assert_denied(web, "CREATE SCHEMA s");
	assert_denied(web, "CREATE VIEW countersign.v AS SELECT 1");
	assert_denied(web,
	    "CREATE FUNCTION countersign.f() RETURNS int LANGUAGE sql AS "
	    "'SELECT 1'");
	assert_denied(web,
	    "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS "
	    "'SELECT 1'");
	assert_denied(web, "DO $$ BEGIN NULL; END $$");
	assert_denied(web, "CREATE EXTENSION dblink");
	assert_denied(web, "SELECT lo_create(0)");
	assert_denied(web, "SELECT lo_from_bytea(0, 'x')");
}

Test(web_role, cannot_switch_row_security_off)
{
	present_session(web, "secret-b");
	must(web, "SET LOCAL row_security = off");
	/* PostgreSQL then refuses the query instead of showing rows. */
	assert_denied(web, "SELECT * FROM signer_bucket");
	must(web, "ROLLBACK");
	assert_denied(web, "ALTER ROLE countersign_web BYPASSRLS");
	assert_denied(web, "DROP POLICY scope ON signer_bucket");
}

Test(web_role, chooses_no_vendor)
{
	static const char *const names[] = {"countersign.vendor",
	    "countersign.signers", "countersign.scope_vendor",
	    "countersign.secret_hash", "countersign.role", "app.vendor",
	    "app.current_tenant"};
	char sql[160];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		present_session(web, "secret-b");
		snprintf(sql, sizeof(sql), "SELECT set_config('%s', '1', true)",
		    names[i]);
		must(web, sql);
		cr_assert_eq(number(web,
				 "SELECT count(*) FROM signer_bucket WHERE "
				 "signer <> 21"),
		    0);
		cr_assert_eq(number(web, "SELECT scope_vendor()"), 2);
		must(web, "ROLLBACK");
	}
	/* A function or table of that name in front would be another scope. */
	must(web, "BEGIN");
	must(web, "SET LOCAL search_path = pg_temp, public, countersign");
	cr_assert_eq(
	    number(web, "SELECT count(*) FROM countersign.signer_bucket"), 0);
	must(web, "ROLLBACK");
}

Test(web_role, calls_its_own_functions_and_no_others)
{
	char names[512];
	PGconn *su = testdb("postgres");

	assert_denied(web, "SELECT audit_append('web', 'x', 'y', NULL, '{}')");
	assert_denied(web, "SELECT report_partition(now())");
	word(su,
	    "SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc WHERE "
	    "pronamespace = 'countersign'::regnamespace AND "
	    "has_function_privilege('countersign_web', oid, 'EXECUTE')",
	    names, sizeof(names));
	cr_assert_str_eq(names,
	    "attempt_get attempt_put challenge_get challenge_start "
	    "dump_open inbox_commit inbox_put ready schema_version scope_signers "
	    "scope_vendor session_end");
	PQfinish(su);
}

Test(web_role, stops_nobody_and_nothing)
{
	assert_denied(web, "SELECT pg_advisory_lock(7305791240021)");
	assert_denied(web, "SELECT pg_try_advisory_xact_lock(7305791240021)");
	assert_denied(web, "SELECT pg_terminate_backend(pg_backend_pid())");
	assert_denied(web, "SELECT pg_cancel_backend(pg_backend_pid())");
	assert_denied(web, "SELECT pg_reload_conf()");
	assert_denied(web, "SELECT pg_read_file('postgresql.conf')");
	assert_denied(web, "SELECT pg_ls_dir('.')");
	assert_denied(web, "COPY (SELECT 1) TO PROGRAM 'true'");
	assert_denied(web, "COPY (SELECT 1) TO '/tmp/countersign-no'");
	assert_denied(web, "ALTER SYSTEM SET fsync = off");
}

Test(web_role, sees_no_secret_of_another_session)
{
	PGconn *other = testdb("web");

	present_session(other, "secret-a");
	/* Its own role's queries are visible to it; their parameters are not. */
	cr_assert_gt(number(web,
			 "SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
			 "'%set_config%' AND pid <> pg_backend_pid()"),
	    0);
	cr_assert_eq(number(web,
			 "SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
			 "'%secret-' || 'a%' AND pid <> pg_backend_pid()"),
	    0);
	/* Nor those of the worker and the operator at all. */
	cr_assert_eq(number(web,
			 "SELECT count(*) FROM pg_stat_activity WHERE usename NOT "
			 "IN ('countersign_web') AND query NOT IN ('', "
			 "'<insufficient privilege>')"),
	    0);
	PQfinish(other);
}

Test(web_role, parameters_are_not_logged)
{
	char v[16];

	cr_assert_str_eq(
	    word(web, "SHOW log_parameter_max_length", v, sizeof(v)), "0");
	cr_assert_str_eq(
	    word(web, "SHOW log_parameter_max_length_on_error", v, sizeof(v)), "0");
	assert_denied(web, "SET log_parameter_max_length = -1");
}

Test(functions, have_a_fixed_search_path_and_are_not_for_everybody)
{
	PGconn *su = testdb("postgres");

	cr_assert_eq(number(su,
			 "SELECT count(*) FROM pg_proc WHERE pronamespace = "
			 "'countersign'::regnamespace AND proconfig IS "
			 "DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp']"),
	    0);
	cr_assert_eq(
	    number(su,
		"SELECT count(*) FROM pg_proc p, "
		"aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE "
		"pronamespace = 'countersign'::regnamespace AND a.grantee = 0"),
	    0);
	/* None is owned by somebody who may do more than it is for. */
	cr_assert_eq(
	    number(su,
		"SELECT count(*) FROM pg_proc WHERE pronamespace = "
		"'countersign'::regnamespace AND pg_get_userbyid(proowner) NOT IN "
		"('countersign_owner', 'countersign_definer', "
		"'countersign_audit')"),
	    0);
	/* scope is not leakproof: no operator runs before it. */
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM pg_proc WHERE pronamespace = "
			 "'countersign'::regnamespace AND (proleakproof OR "
			 "(proname LIKE 'scope%' AND "
			 "provolatile <> 's'))"),
	    0);
	/* What a later migration makes is for nobody. */
	must(su, "BEGIN");
	must(su,
	    "CREATE FUNCTION countersign.later() RETURNS int LANGUAGE sql AS "
	    "'SELECT 1'");
	cr_assert_eq(number(su,
			 "SELECT has_function_privilege('countersign_web', "
			 "'countersign.later()', 'EXECUTE')::int"),
	    0);
	must(su, "ROLLBACK");
	PQfinish(su);
}

Test(dump_key, is_read_by_no_login)
{
	static const char *const roles[] = {"worker", "operator", "fetcher"};

	for (size_t i = 0; i < 3; i++) {
		PGconn *conn = testdb(roles[i]);

		assert_denied(conn, "SELECT wrapped_key FROM dump");
		assert_denied(conn, "SELECT * FROM dump");
		assert_denied(conn,
		    "UPDATE dump SET purged_at = now() RETURNING wrapped_key");
		PQfinish(conn);
	}
}

/* The process with outgoing network: what it is to fetch, what came of it. */
Test(fetcher, reaches_its_own_table_only)
{
	PGconn *su = testdb("postgres"), *fetcher = testdb("fetcher");

	cr_assert_eq(number(su,
			 "SELECT count(*) FROM pg_class WHERE relnamespace = "
			 "'countersign'::regnamespace AND relkind IN ('r','p') "
			 "AND relname <> "
			 "'issuer_fetch' AND "
			 "has_table_privilege('countersign_fetcher', oid, "
			 "'SELECT, INSERT, UPDATE, DELETE')"),
	    0);
	assert_denied(
	    fetcher, "INSERT INTO issuer_fetch (url) VALUES ('http://x.test')");
	assert_denied(fetcher, "DELETE FROM issuer_fetch");
	/* What it brought is a hint (invariant 3): it calls nothing verified. */
	assert_denied(fetcher, "UPDATE issuer_fetch SET verified_at = now()");
	assert_denied(fetcher, "UPDATE issuer_fetch SET url = 'http://x.test'");
	must(fetcher, "BEGIN");
	must(fetcher, "UPDATE issuer_fetch SET state = 'fetched', der = 'x'");
	must(fetcher, "ROLLBACK");
	assert_denied(fetcher,
	    "SELECT inbox_put('0123456789abcdef', sha256('r'), "
	    "'x', '', '', 1, '', NULL)");
	PQfinish(fetcher);
	PQfinish(su);
}

Test(worker, deletes_no_decision_and_mints_no_root)
{
	PGconn *worker = testdb("worker");

	assert_denied(worker, "DELETE FROM proof");
	assert_denied(worker, "DELETE FROM vendor_grant");
	assert_denied(worker, "DELETE FROM certificate");
	assert_denied(worker, "INSERT INTO trust_root DEFAULT VALUES");
	assert_denied(worker, "UPDATE trust_root SET capabilities = '{sign-in}'");
	assert_denied(worker, "UPDATE shared_signer SET value = 'x'");
	PQfinish(worker);
}
