/*
 * Invariant 6 as far as the inbox goes: what was put and committed is there and
 * counted once.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/db/testdb.h"

#define PUT(id)                                                             \
	"SELECT inbox_put('" id "', sha256('r'), 'text/plain', '', '', 1, " \
	"'\\x00', NULL)::int"
#define ID1 "0123456789abcdef"
#define ID2 "0123456789abcdee"

#define LEDGER                                                        \
	"SELECT coalesce(sum(n), 0)::bigint FROM countersign.ledger " \
	"WHERE outcome = 'acknowledged'"
#define QUEUED "SELECT count(*) FROM countersign.inbox"

static char name[64];
static PGconn *su, *web;

static void
setup(void)
{
	snprintf(name, sizeof(name), "inbox_%d", (int)getpid());
	testdb_make(name);
	su = testdb_in(name, "postgres");
	web = testdb_in(name, "web");
}

static void
teardown(void)
{
	PQfinish(web);
	PQfinish(su);
}

TestSuite(inbox, .init = setup, .fini = teardown);

Test(inbox, the_same_request_counts_once)
{
	must(web, "BEGIN");
	cr_assert_eq(number(web, PUT(ID1)), 1);
	cr_assert_eq(number(web, PUT(ID1)), 0);
	cr_assert_eq(number(web, "SELECT inbox_commit('kore 1')"), 1);
	must(web, "COMMIT");
	must(web, "BEGIN");
	cr_assert_eq(number(web, PUT(ID1)), 0);
	cr_assert_eq(number(web, "SELECT inbox_commit('kore 2')"), 0);
	must(web, "COMMIT");
	cr_assert_eq(number(su, QUEUED), 2);
	cr_assert_eq(number(su, LEDGER), 2);
}

Test(inbox, the_ledger_counts_what_is_queued)
{
	for (int i = 0; i < 3; i++) {
		char sql[256];

		must(web, "BEGIN");
		for (int j = 0; j < 5; j++) {
			snprintf(sql, sizeof(sql),
			    "SELECT inbox_put('request-%08d-%d', "
			    "sha256('r'), 'text/plain', '', '', 1, '\\x00', NULL)",
			    i, j);
			must(web, sql);
		}
		cr_assert_eq(number(web, "SELECT inbox_commit('kore 1')"), 5);
		/* counted, and not again */
		cr_assert_eq(number(web, "SELECT inbox_commit('kore 1')"), 0);
		must(web, "COMMIT");
	}
	cr_assert_eq(number(su, QUEUED), 16);
	cr_assert_eq(number(su, LEDGER), 16);
}

Test(inbox, what_was_rolled_back_is_not_counted)
{
	must(web, "BEGIN");
	must(web, PUT(ID1));
	must(web, "ROLLBACK");
	must(web, "BEGIN");
	must(web, PUT(ID2));
	must(web, "SAVEPOINT s");
	must(web, PUT(ID1));
	must(web, "ROLLBACK TO s");
	cr_assert_eq(number(web, "SELECT inbox_commit('kore 1')"), 1);
	must(web, "COMMIT");
	cr_assert_eq(number(su, QUEUED), 2);
	cr_assert_eq(number(su, LEDGER), 2);
}

Test(inbox, takes_a_body_or_a_spool_file)
{
	cr_assert_str_eq(state_of(web,
			     "SELECT inbox_put('" ID1 "', sha256('r'), 'x', '', "
			     "'', 1, NULL, NULL)"),
	    "23514");
	cr_assert_str_eq(state_of(web,
			     "SELECT inbox_put('" ID1 "', sha256('r'), 'x', '', "
			     "'', 1, '', '00112233445566778899aabbccddeeff')"),
	    "23514");
	cr_assert_str_eq(state_of(web,
			     "SELECT inbox_put('" ID1 "', sha256('r'), 'x', '', "
			     "'', 1, NULL, '../../etc/passwd')"),
	    "23514");
	cr_assert_str_eq(state_of(web,
			     "SELECT inbox_put('" ID1 "', sha256('r'), 'x', '', "
			     "'', 1, NULL, '00112233445566778899aabbccddeeff')"),
	    "00000");
}

Test(inbox, a_bad_request_id_is_refused)
{
	cr_assert_str_eq(state_of(web, PUT("short")), "23514");
}
