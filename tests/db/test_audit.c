/*
 * Invariant 8: no role updates or deletes an audit row, the rows are one chain,
 * and `audit verify` finds what was changed behind its back.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/audit.h"
#include "tests/db/testdb.h"

static void
verify_in(
    struct audit_report *out, const char *name, const struct audit_head *expected)
{
	char conninfo[256];
	const char *error;
	struct db *d;

	testdb_conninfo(conninfo, name, "operator");
	d = db_open(conninfo, "operator", &error);
	cr_assert_not_null(d, "%s", error);
	cr_assert_eq(audit_verify(d, out, expected), DB_OK, "%s", db_message(d));
	db_close(d);
}

Test(audit, is_final_for_every_role)
{
	static const char *const roles[] = {
	    "owner", "audit", "definer", "web", "worker", "operator", "fetcher"};
	PGconn *su = testdb("postgres");
	char sql[128];

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		static const char *const tries[] = {
		    "UPDATE countersign.audit SET actor = 'x'",
		    "DELETE FROM countersign.audit", "TRUNCATE countersign.audit"};

		for (size_t j = 0; j < 3; j++) {
			must(su, "BEGIN");
			snprintf(sql, sizeof(sql), "SET LOCAL ROLE countersign_%s",
			    roles[i]);
			must(su, sql);
			assert_denied(su, tries[j]);
			must(su, "ROLLBACK");
		}
	}
	/* Who could give himself the right meets the trigger. */
	for (int j = 0; j < 3; j++) {
		static const char *const tries[] = {
		    "UPDATE countersign.audit SET actor = 'x'",
		    "DELETE FROM countersign.audit", "TRUNCATE countersign.audit"};

		must(su, "BEGIN");
		must(su, "SET LOCAL ROLE countersign_audit");
		must(su, "GRANT ALL ON countersign.audit TO countersign_audit");
		assert_denied(su, tries[j]);
		must(su, "ROLLBACK");
		/* and so does the superuser */
		assert_denied(su, tries[j]);
	}
	PQfinish(su);
}

Test(audit, is_written_by_the_function_only)
{
	static const char *const roles[] = {
	    "definer", "web", "worker", "operator", "fetcher", "owner"};
	PGconn *su = testdb("postgres");
	char sql[128];

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		must(su, "BEGIN");
		snprintf(
		    sql, sizeof(sql), "SET LOCAL ROLE countersign_%s", roles[i]);
		must(su, sql);
		assert_denied(su,
		    "INSERT INTO countersign.audit VALUES (99, now(), 'x', "
		    "'x', 'x', NULL, '{}', '', '')");
		must(su, "ROLLBACK");
	}
	PQfinish(su);
}

Test(audit, chain_verifies)
{
	char name[64];
	struct audit_report rep;
	struct audit_head head;
	PGconn *worker;

	snprintf(name, sizeof(name), "audit_chain_%d", (int)getpid());
	testdb_make(name);
	worker = testdb_in(name, "worker");
	must(worker,
	    "SELECT audit_append('w\xc3\xb6rker', E'a\x1f|b', '', NULL, "
	    "'{\"z\": [1, 2.50, null], \"a\": \"\\u00e9\\n\"}')");
	/* More than one page. */
	must(worker,
	    "SELECT audit_append('worker', 'x', n::text, n, '{}') FROM "
	    "generate_series(1, 1200) AS n");
	PQfinish(worker);
	verify_in(&rep, name, NULL);
	cr_assert_eq(rep.verdict, AUDIT_WHOLE, "%s at %ld", audit_code(rep.verdict),
	    (long)rep.seq);
	cr_assert_eq(rep.num_rows, 1204);
	cr_assert_eq(rep.head.seq, 1204);
	head = rep.head;
	verify_in(&rep, name, &head);
	cr_assert_eq(rep.verdict, AUDIT_WHOLE);
	head.hash[0] ^= 1;
	verify_in(&rep, name, &head);
	cr_assert_eq(rep.verdict, AUDIT_OTHER);
	head.seq = 1205;
	verify_in(&rep, name, &head);
	cr_assert_eq(rep.verdict, AUDIT_SHORT);
}

/* A superuser with the trigger out of the way changes something. */
Test(audit, a_changed_byte_is_found)
{
	static const struct {
		const char *sql;
		enum audit_verdict verdict;
		int64_t seq;
	} changes[] = {
	    {"UPDATE countersign.audit SET actor = 'tesT' WHERE seq = 2",
		AUDIT_CHANGED, 2},
	    {"UPDATE countersign.audit SET object = 'x' WHERE seq = 3",
		AUDIT_CHANGED, 3},
	    {"UPDATE countersign.audit SET at = at + interval '1 us' WHERE seq = 1",
		AUDIT_CHANGED, 1},
	    {"UPDATE countersign.audit SET vendor = NULL WHERE seq = 1",
		AUDIT_CHANGED, 1},
	    {"UPDATE countersign.audit SET detail = '{\"n\": 2}' WHERE seq = 2",
		AUDIT_CHANGED, 2},
	    /* moved from one field to the next: same text in a row */
	    {"UPDATE countersign.audit SET actor = 'testseeded', action = '' WHERE "
	     "seq = 2",
		AUDIT_CHANGED, 2},
	    {"UPDATE countersign.audit SET hash = sha256('x') WHERE seq = 2",
		AUDIT_CHANGED, 2},
	    {"UPDATE countersign.audit SET prev = sha256('x') WHERE seq = 2",
		AUDIT_UNLINKED, 2},
	    {"DELETE FROM countersign.audit WHERE seq = 2", AUDIT_GAP, 3},
	    {"DELETE FROM countersign.audit WHERE seq = 1", AUDIT_GAP, 2},
	    /* rewritten with a right hash: the next row gives it away */
	    {"UPDATE countersign.audit SET actor = 'x', hash = "
	     "countersign.audit_hash("
	     "prev, seq, at, 'x', action, object, vendor, detail) WHERE seq = 2",
		AUDIT_UNLINKED, 3},
	};
	char name[64];
	struct audit_report rep;
	PGconn *su;

	snprintf(name, sizeof(name), "audit_byte_%d", (int)getpid());
	testdb_make(name);
	su = testdb_in(name, "postgres");
	must(su, "ALTER TABLE countersign.audit DISABLE TRIGGER audit_is_final");
	must(su, "CREATE TABLE public.kept AS SELECT * FROM countersign.audit");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		verify_in(&rep, name, NULL);
		cr_assert_eq(rep.verdict, AUDIT_WHOLE);
		must(su, changes[i].sql);
		verify_in(&rep, name, NULL);
		cr_expect(
		    rep.verdict == changes[i].verdict && rep.seq == changes[i].seq,
		    "%s: %s at %ld", changes[i].sql, audit_code(rep.verdict),
		    (long)rep.seq);
		must(su, "DELETE FROM countersign.audit");
		must(su, "INSERT INTO countersign.audit SELECT * FROM public.kept");
	}
	PQfinish(su);
}

#define WRITERS 4
#define EACH	50

static char crowd[64];

static void *
write_rows(void *arg)
{
	PGconn *conn = arg;

	for (int i = 0; i < EACH; i++)
		must(conn, "SELECT audit_append('worker', 'x', 'y', NULL, '{}')");
	return NULL;
}

Test(audit, four_writers_make_one_chain)
{
	pthread_t t[WRITERS];
	PGconn *conn[WRITERS];
	struct audit_report rep;

	snprintf(crowd, sizeof(crowd), "audit_crowd_%d", (int)getpid());
	testdb_make(crowd);
	for (int i = 0; i < WRITERS; i++)
		conn[i] = testdb_in(crowd, i % 2 == 0 ? "worker" : "operator");
	for (int i = 0; i < WRITERS; i++)
		cr_assert_eq(pthread_create(&t[i], NULL, write_rows, conn[i]), 0);
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(t[i], NULL);
		PQfinish(conn[i]);
	}
	verify_in(&rep, crowd, NULL);
	cr_assert_eq(rep.verdict, AUDIT_WHOLE);
	cr_assert_eq(rep.num_rows, 3 + WRITERS * EACH);
}

Test(audit, head_is_parsed)
{
	struct audit_head h;
	char text[] =
	    "12:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

	cr_assert(audit_parse_head(&h, text));
	cr_assert_eq(h.seq, 12);
	cr_assert_eq(h.hash[31], 0xff);
	cr_assert_not(audit_parse_head(&h, "12"));
	cr_assert_not(audit_parse_head(&h, "12:00"));
	cr_assert_not(audit_parse_head(&h, text + 2));
	text[0] = '-';
	cr_assert_not(audit_parse_head(&h, text));
}
