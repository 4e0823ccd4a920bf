/*
 * From an upload to counts: each report once, whatever happens to the processes
 * (invariant 6).
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/signing.h"
#include "tests/work/site.h"

#define OUTCOME(what)                                                         \
	"SELECT coalesce(sum(n), 0) FROM countersign.ledger WHERE outcome = " \
	"'" what "'"
#define HITS(signer, part_text)                                                \
	"SELECT coalesce(sum(hits), 0) FROM countersign.signer_bucket b JOIN " \
	"countersign.signer s ON s.id = b.signer WHERE s.kind = '" signer      \
	"' AND b.part = '" part_text "'"

/* Every report is counted, and what the counts are made of adds up. */
static void
check_sums(const struct site *s)
{
	cr_expect_eq(site_number(s,
			 "SELECT sum(CASE outcome WHEN 'acknowledged' THEN n ELSE "
			 "-n END) - (SELECT count(*) FROM countersign.inbox) FROM "
			 "countersign.ledger"),
	    0);
	cr_expect_eq(
	    site_number(s,
		"SELECT count(*) FROM (SELECT signer, part, sum(hits) AS n "
		"FROM countersign.signer_bucket GROUP BY 1, 2) b FULL JOIN "
		"(SELECT signer, part, "
		"sum(hits) AS n FROM countersign.atom_day GROUP BY 1, 2) d "
		"USING (signer, part) "
		"WHERE b.n IS DISTINCT FROM d.n"),
	    0);
	cr_expect_eq(
	    site_number(s,
		"SELECT count(*) FROM (SELECT signer, part, count(*) AS n "
		"FROM countersign.report_party GROUP BY 1, 2) b FULL JOIN "
		"(SELECT signer, part, "
		"sum(hits) AS n FROM countersign.atom_day GROUP BY 1, 2) d "
		"USING (signer, part) "
		"WHERE b.n IS DISTINCT FROM d.n"),
	    0);
	cr_expect_eq(site_number(s, "SELECT count(*) FROM countersign.report"),
	    site_number(s, OUTCOME("processed")));
}

Test(reports, parties_and_duplicates, .timeout = 120)
{
	struct site s;

	if (!site_start(&s))
		return;
	site_catalogue();
	site_dump("a", "meter.dll", 0x1386, 1);
	site_dump("b", "meter.dll", 0x1386, 2);
	site_dump("c", "reverb.dll", 0x2000, 3);
	site_worker(&s);
	site_run(0, "import --wait '%s' '%s' '%s'", signing_path("a.dmp"),
	    signing_path("b.dmp"), signing_path("c.dmp"));
	site_run(0, "import --wait '%s'", signing_path("a.dmp"));
	cr_expect_eq(site_number(&s, OUTCOME("processed")), 3);
	cr_expect_eq(site_number(&s, OUTCOME("duplicate")), 1);
	cr_expect_eq(site_number(&s, HITS("registration", "blamed")), 2);
	cr_expect_eq(site_number(&s, HITS("key", "blamed")), 1);
	cr_expect_eq(site_number(&s, HITS("subscriber", "application")), 3);
	/* the duplicate's receipt leads to the first report */
	cr_expect_eq(
	    site_number(&s, "SELECT count(*) FROM countersign.receipt"), 4);
	cr_expect_eq(site_number(&s,
			 "SELECT count(DISTINCT report) FROM countersign.receipt"),
	    3);
	cr_expect_eq(site_number(&s, "SELECT count(*) FROM countersign.dump"), 3);
	cr_expect_eq(site_number(&s,
			 "SELECT count(*) FROM countersign.atom_facet_day "
			 "WHERE facet = 'version' AND value = '2.1.0.14'"),
	    1);
	check_sums(&s);
	site_stop(&s);
}

Test(reports, only_the_first_dumps_are_kept, .timeout = 120)
{
	struct site s;
	char name[16];

	if (!site_start(&s))
		return;
	site_set("dumps", "keep_first", "2");
	/* side by side two processes may keep a few more */
	site_set("worker", "processes", "1");
	site_catalogue();
	for (unsigned i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "d%u", i);
		site_dump(name, "meter.dll", 0x1386, i);
	}
	site_worker(&s);
	site_run(0, "import --wait '%s'", signing_path("d0.dmp"));
	signing_run("mkdir '%s' && mv '%s'/../d[1-4].dmp '%s'",
	    signing_path("more"), signing_path("more"), signing_path("more"));
	site_run(0, "import --wait '%s'", signing_path("more"));
	cr_expect_eq(site_number(&s, OUTCOME("processed")), 5);
	cr_expect_eq(site_number(&s, "SELECT count(*) FROM countersign.dump"), 2);
	cr_expect_eq(
	    site_number(&s, "SELECT max(dumps) FROM countersign.signer_bucket"), 2);
	signing_run(
	    "[ $(find '%s/dumps' -type f | wc -l) = 2 ]", signing_path("var"));
	/* the dumps' time is up: object, key and size go, the counts stay */
	site_sql(&s,
	    "UPDATE countersign.dump SET kept_until = now() - interval '1 day'");
	site_worker_stop(&s);
	site_worker(&s);
	site_wait(&s,
	    "SELECT count(*) FROM countersign.dump WHERE purged_at IS NULL", 0, 20);
	cr_expect_eq(site_number(&s,
			 "SELECT count(*) FROM countersign.report_party "
			 "WHERE dump_size IS NOT NULL"),
	    0);
	cr_expect_eq(site_number(&s,
			 "SELECT max(octet_length(wrapped_key)) FROM "
			 "countersign.dump"),
	    0);
	signing_run(
	    "[ $(find '%s/dumps' -type f | wc -l) = 0 ]", signing_path("var"));
	cr_expect_eq(site_number(&s, HITS("registration", "blamed")), 5);
	site_stop(&s);
}

Test(reports, what_cannot_be_read_is_a_failure, .timeout = 120)
{
	struct site s;

	if (!site_start(&s))
		return;
	signing_write("zeros.dmp", bytes_of("\0\0\0\0\0\0\0\0", 8));
	site_dump("a", "meter.dll", 0x1386, 1);
	signing_run("head -c 100 '%s' > '%s'", signing_path("a.dmp"),
	    signing_path("cut.dmp"));
	site_worker(&s);
	site_run(1, "import --wait '%s' '%s'", signing_path("zeros.dmp"),
	    signing_path("cut.dmp"));
	cr_expect_eq(site_number(&s, OUTCOME("failed")), 2);
	cr_expect_eq(site_number(&s,
			 "SELECT count(*) FROM countersign.failure WHERE code IN "
			 "('not-a-dump', 'truncated', 'module-list-outside')"),
	    2);
	/* a body that was sealed with another key */
	site_sql(&s,
	    "SET ROLE countersign_worker; SELECT "
	    "countersign.inbox_put(repeat('a', 32), "
	    "sha256('x'), 'application/x-minidump', '', '', 100, "
	    "'\\x00112233', NULL); "
	    "SELECT countersign.inbox_commit('test'); RESET ROLE");
	site_wait(&s, OUTCOME("failed"), 3, 20);
	cr_expect_eq(site_number(&s, "SELECT count(*) FROM countersign.inbox"), 0);
	check_sums(&s);
	site_stop(&s);
}

/* A child that never ends is stopped, three times, and that is the end of it. */
Test(reports, a_dump_that_kills_its_child_ends, .timeout = 120)
{
	struct site s;

	if (!site_start(&s))
		return;
	site_set("worker", "child_timeout", "0");
	site_dump("a", "meter.dll", 0x1386, 1);
	site_worker(&s);
	site_run(1, "import --wait '%s'", signing_path("a.dmp"));
	cr_expect_eq(site_number(&s,
			 "SELECT count(*) FROM countersign.failure WHERE code = "
			 "'unprocessable'"),
	    1);
	check_sums(&s);
	site_stop(&s);
}

/* As if the worker had died with it in hand, again and again. */
Test(reports, an_upload_that_kills_its_worker_ends, .timeout = 120)
{
	struct site s;

	if (!site_start(&s))
		return;
	site_dump("a", "meter.dll", 0x1386, 1);
	site_run(0, "import '%s'", signing_path("a.dmp"));
	site_sql(&s, "UPDATE countersign.inbox SET tries = 10");
	site_worker(&s);
	site_wait(&s,
	    "SELECT count(*) FROM countersign.failure WHERE code = 'unprocessable'",
	    1, 20);
	check_sums(&s);
	site_stop(&s);
}

Test(reports, kill_9_of_every_process_loses_nothing, .timeout = 180)
{
	enum { NUM = 60 };
	struct site s;
	char name[16];
	pid_t pid;

	if (!site_start(&s))
		return;
	site_set("worker", "batch", "5");
	site_catalogue();
	signing_run("mkdir '%s'", signing_path("many"));
	for (unsigned i = 0; i < NUM; i++) {
		snprintf(name, sizeof(name), "many/%u", i);
		site_dump(name, i % 2 ? "meter.dll" : "reverb.dll",
		    0x1000 + i % 3 * 16, i);
	}
	site_run(0, "import '%s'", signing_path("many"));
	site_worker(&s);
	for (unsigned i = 0; i < 20 &&
	     site_number(&s,
		 "SELECT count(*) FROM "
		 "countersign.inbox") > 0;
	     i++) {
		if ((pid = site_process(&s)) > 0)
			kill(pid, SIGKILL);
		usleep(30000 + i * 5000);
	}
	/* and once the whole of it */
	kill(s.worker, SIGKILL);
	usleep(200000);
	site_worker(&s);
	site_wait(&s, "SELECT count(*) FROM countersign.inbox", 0, 60);
	cr_expect_eq(site_number(&s, OUTCOME("processed")), NUM);
	cr_expect_eq(site_number(&s, HITS("subscriber", "application")), NUM);
	check_sums(&s);
	site_stop(&s);
}

Test(reports, postgres_stops_and_starts, .timeout = 120)
{
	struct site s;

	if (!site_start(&s))
		return;
	site_catalogue();
	site_dump("a", "meter.dll", 0x1386, 1);
	site_dump("b", "meter.dll", 0x1386, 2);
	site_worker(&s);
	site_run(0, "import --wait '%s'", signing_path("a.dmp"));
	PQfinish(s.conn);
	cr_assert(pg_restart(&s.pg, "immediate"));
	s.conn = pg_connect(&s.pg, "postgres");
	site_run(0, "import --wait '%s'", signing_path("b.dmp"));
	cr_expect_eq(site_number(&s, OUTCOME("processed")), 2);
	check_sums(&s);
	site_stop(&s);
}

/* A large upload is a file: it is read in place, and goes after the commit. What
 * no row names is swept. */
Test(reports, spooled_uploads, .timeout = 120)
{
	struct site s;

	if (!site_start(&s))
		return;
	site_set("intake", "sweep", "1s");
	site_catalogue();
	site_dump("a", "meter.dll", 0x1386, 1);
	signing_run(
	    "mkdir -m 700 '%s/spool'; printf -- '--b\\r\\nContent-Disposition: "
	    "form-data; "
	    "name=\"prod\"\\r\\n\\r\\nSynth\\r\\n--b\\r\\nContent-Disposition: "
	    "form-data; "
	    "name=\"upload_file_minidump\"; filename=\"a.dmp\"\\r\\n\\r\\n' > "
	    "'%s'; "
	    "cat '%s' >> '%s'; printf '\\r\\n--b--\\r\\n' >> '%s'; gzip -k '%s'",
	    signing_path("var"), signing_path("body"), signing_path("a.dmp"),
	    signing_path("body"), signing_path("body"), signing_path("body"));
	signing_run("cp '%s.gz' '%s/spool/0123456789abcdef0123456789abcdef.body'; "
		    "chmod 600 '%s'/spool/*; touch "
		    "'%s/spool/ffffffffffffffffffffffffffffffff.body'",
	    signing_path("body"), signing_path("var"), signing_path("var"),
	    signing_path("var"));
	site_sql(&s,
	    "SET ROLE countersign_worker; SELECT "
	    "countersign.inbox_put(repeat('a', 32), "
	    "sha256('x'), 'multipart/form-data; boundary=b', 'gzip', '', "
	    "100000, NULL, "
	    "'0123456789abcdef0123456789abcdef'); SELECT "
	    "countersign.inbox_commit('test'); "
	    "RESET ROLE");
	site_worker(&s);
	site_wait(&s, OUTCOME("processed"), 1, 20);
	cr_expect_eq(site_number(&s,
			 "SELECT count(*) FROM countersign.report WHERE product = "
			 "'Synth'"),
	    1);
	/* not the sweep's doing: that comes once a minute */
	signing_run(
	    "sleep 0.5; [ ! -e '%s/spool/0123456789abcdef0123456789abcdef.body' ]",
	    signing_path("var"));
	sleep(2);
	site_worker_stop(&s);
	site_worker(&s);
	signing_run("for i in $(seq 100); do [ -n \"$(ls '%s/spool')\" ] || exit "
		    "0; sleep 0.1; "
		    "done; exit 1",
	    signing_path("var"));
	check_sums(&s);
	site_stop(&s);
}
