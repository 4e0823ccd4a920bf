/*
 * Handing in a signed challenge, ending a session and opening a dump: what the
 * functions of the web role grant, refuse and write down. Each test undoes what
 * it did.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/db/testdb.h"

/* The web role's transaction, watched by the superuser who has the same one: the
 * audit rows are read before it is rolled back, as countersign_audit would. */
static char reason[64];

static const char *
hand_in(PGconn *conn, const char *challenge, const char *presession)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "SELECT reason FROM countersign.attempt_put('%s', %s, "
	    "sha256('s'), '\\x00')",
	    challenge, presession);
	return word(conn, sql, reason, sizeof(reason));
}

/* The last audit row as "action|object|reason or purpose". */
static const char *
last_audit(PGconn *su)
{
	static char row[256];

	return word(su,
	    "SELECT concat_ws('|', actor, action, object, "
	    "coalesce(detail->>'reason', detail->>'purpose')) FROM "
	    "countersign.audit "
	    "ORDER BY seq DESC LIMIT 1",
	    row, sizeof(row));
}

/* A superuser who acts as the web role, so that one transaction holds both. */
static PGconn *
acting(void)
{
	PGconn *su = testdb("postgres");

	must(su, "BEGIN");
	return su;
}

static void
as_web(PGconn *su)
{
	must(su, "SET LOCAL ROLE countersign_web");
}

static void
as_self(PGconn *su)
{
	must(su, "RESET ROLE");
}

static void
refused(const char *setup, const char *challenge, const char *presession,
    const char *want)
{
	PGconn *su = acting();
	char audit[128];

	if (setup != NULL)
		must(su, setup);
	as_web(su);
	cr_assert_str_eq(hand_in(su, challenge, presession), want);
	as_self(su);
	snprintf(audit, sizeof(audit), "visitor|sign-in refused|challenge %s|%s",
	    challenge, want);
	cr_assert_str_eq(last_audit(su), audit);
	cr_assert_eq(number(su, "SELECT count(*) FROM countersign.attempt"), 2);
	PQfinish(su);
}

Test(attempt, of_a_challenge_that_is_not_ours_is_refused)
{
	refused(NULL, "00000000deadbeef", "sha256('pre-a')", "challenge-not-ours");
}

Test(attempt, of_a_foreign_challenge_is_refused)
{
	refused(NULL, "0000000000000001", "sha256('pre-b')", "challenge-foreign");
}

Test(attempt, without_a_presession_is_foreign)
{
	refused(NULL, "0000000000000001", "NULL", "challenge-foreign");
}

Test(attempt, of_an_expired_challenge_is_refused)
{
	refused("UPDATE countersign.challenge SET expires_at = now()",
	    "0000000000000001", "sha256('pre-a')", "challenge-expired");
}

Test(attempt, replayed_is_refused)
{
	refused("UPDATE countersign.challenge SET used_at = now()",
	    "0000000000000001", "sha256('pre-a')", "challenge-replayed");
}

Test(attempt, uses_the_challenge_up)
{
	PGconn *su = acting();

	as_web(su);
	cr_assert_str_eq(hand_in(su, "0000000000000001", "sha256('pre-a')"), "");
	cr_assert_str_eq(hand_in(su, "0000000000000001", "sha256('pre-a')"),
	    "challenge-replayed");
	as_self(su);
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM countersign.attempt WHERE "
			 "session_hash = sha256('s') AND state = 'waiting'"),
	    1);
	PQfinish(su);
}

Test(attempt, without_a_session_hash_is_an_error)
{
	PGconn *web = testdb("web");

	cr_assert_str_eq(state_of(web,
			     "SELECT * FROM attempt_put('0000000000000001', "
			     "sha256('pre-a'), NULL, '\\x00')"),
	    "22004");
	PQfinish(web);
}

Test(attempt, is_shown_to_its_visitor_only)
{
	PGconn *su = acting();

	as_web(su);
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM countersign.challenge_get("
			 "'0000000000000001', sha256('pre-a'))"),
	    1);
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM countersign.challenge_get("
			 "'0000000000000001', sha256('pre-b'))"),
	    0);
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM countersign.challenge_get("
			 "'0000000000000001', NULL)"),
	    0);
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM generate_series(1, 9) AS a, "
			 "countersign.attempt_get(a, sha256('pre-a'))"),
	    1);
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM generate_series(1, 9) AS a, "
			 "countersign.attempt_get(a, NULL)"),
	    0);
	PQfinish(su);
}

Test(challenge, lives_an_hour_at_most)
{
	PGconn *web = testdb("web");

	must(web, "BEGIN");
	cr_assert_eq(
	    number(web,
		"SELECT (challenge_start('00000000000000aa', sha256('c'), "
		"sha256('p'), 'h', 1000000) <= now() + interval '1 hour')::int"),
	    1);
	must(web, "ROLLBACK");
	PQfinish(web);
}

static void
present(PGconn *su, const char *secret)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
	    "SELECT set_config('countersign.session', '%s', true)", secret);
	must(su, sql);
}

Test(session, ends_for_its_holder_only)
{
	PGconn *su = acting();

	as_web(su);
	cr_assert_eq(number(su, "SELECT countersign.session_end()::int"), 0);
	present(su, "secret-a");
	cr_assert_eq(number(su, "SELECT countersign.session_end()::int"), 1);
	cr_assert_eq(number(su, "SELECT countersign.session_end()::int"), 0);
	cr_assert_eq(
	    number(su, "SELECT count(*) FROM countersign.signer_bucket"), 0);
	present(su, "secret-b");
	cr_assert_eq(
	    number(su, "SELECT count(*) FROM countersign.signer_bucket"), 1);
	as_self(su);
	cr_assert_str_eq(last_audit(su), "vendor 1|signed out|session");
	PQfinish(su);
}

/* What a session gets of a dump's key, and the audit row about it. */
static void
opens(const char *secret, int report, const char *key, const char *audit)
{
	PGconn *su = acting();
	char sql[160], got[64];

	as_web(su);
	present(su, secret);
	snprintf(sql, sizeof(sql),
	    "SELECT convert_from(wrapped_key, 'UTF8') FROM "
	    "countersign.dump_open(%d, 'download')",
	    report);
	cr_assert_str_eq(
	    word(su, sql, got, sizeof(got)), key, "report %d: %s", report, got);
	as_self(su);
	cr_assert_str_eq(last_audit(su), audit);
	PQfinish(su);
}

Test(dump_open, gives_the_blamed_party_its_key_and_writes_it_down)
{
	opens("secret-a", 1001, "key 1001",
	    "vendor 1|dump opened|report 1001|download");
}

Test(dump_open, gives_the_application_its_key)
{
	opens("secret-a", 1005, "key 1005",
	    "vendor 1|dump opened|report 1005|download");
}

Test(dump_open, gives_another_vendor_nothing)
{
	opens("secret-b", 1001, "", "vendor 2|dump refused|report 1001|download");
}

Test(dump_open, gives_a_party_on_the_stack_nothing)
{
	opens("secret-a", 1002, "", "vendor 1|dump refused|report 1002|download");
}

Test(dump_open, gives_no_purged_dump)
{
	opens("secret-a", 1003, "", "vendor 1|dump refused|report 1003|download");
}

Test(dump_open, gives_no_expired_dump)
{
	opens("secret-a", 1004, "", "vendor 1|dump refused|report 1004|download");
}

Test(dump_open, gives_nothing_that_is_not_there)
{
	opens("secret-a", 1006, "", "vendor 1|dump refused|report 1006|download");
	opens("secret-a", 99999, "", "vendor 1|dump refused|report 99999|download");
}

Test(dump_open, gives_a_stranger_nothing)
{
	PGconn *web = testdb("web");

	cr_assert_eq(
	    number(web, "SELECT count(*) FROM dump_open(1001, 'download')"), 0);
	present_session(web, "nonsense");
	cr_assert_eq(
	    number(web, "SELECT count(*) FROM dump_open(1001, 'download')"), 0);
	must(web, "ROLLBACK");
	PQfinish(web);
}

Test(dump_open, wants_a_purpose)
{
	PGconn *web = testdb("web");

	present_session(web, "secret-a");
	cr_assert_str_eq(
	    state_of(web, "SELECT * FROM dump_open(1001, '')"), "22023");
	must(web, "ROLLBACK");
	present_session(web, "secret-a");
	cr_assert_str_eq(
	    state_of(web, "SELECT * FROM dump_open(1001, NULL)"), "22023");
	PQfinish(web);
}

/* The key and the row stand or fall together: where no row can be written, as on
 * a replica or behind a savepoint that is undone, no key is given that lasts. */
Test(dump_open, gives_no_key_without_an_audit_row)
{
	PGconn *web = testdb("web"), *su = testdb("postgres");
	int64_t before = number(su, "SELECT max(seq) FROM countersign.audit");

	must(web, "BEGIN READ ONLY");
	must(web, "SELECT set_config('countersign.session', 'secret-a', true)");
	cr_assert_str_eq(
	    state_of(web, "SELECT * FROM dump_open(1001, 'download')"), "25006");
	must(web, "ROLLBACK");
	/* Until the commit nobody sees the row; after a rollback nobody ever does.
	 * That the bytes wait for the commit is the web module's part. */
	present_session(web, "secret-a");
	cr_assert_eq(
	    number(web, "SELECT count(*) FROM dump_open(1001, 'download')"), 1);
	must(web, "ROLLBACK");
	cr_assert_eq(number(su,
			 "SELECT count(*) FROM countersign.audit WHERE seq > 3 AND "
			 "action = 'dump opened'"),
	    0);
	cr_assert_geq(number(su, "SELECT max(seq) FROM countersign.audit"), before);
	/* A row that cannot be added is an error, and no key. */
	must(su, "BEGIN");
	must(su, "REVOKE INSERT ON countersign.audit FROM countersign_audit");
	as_web(su);
	present(su, "secret-a");
	assert_denied(su, "SELECT * FROM countersign.dump_open(1001, 'download')");
	must(su, "ROLLBACK");
	PQfinish(su);
	PQfinish(web);
}
