/*
 * From a signed challenge to a session or a refusal, through the worker's
 * processes and the functions that the web role calls.
 */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/challenge.h"
#include "base/buf.h"
#include "base/text.h"
#include "tests/support/signing.h"
#include "tests/work/site.h"

struct visit {
	char id[17], presession[65], secret[65];
	struct challenge challenge;
	char attempt[24];
};

static void
hex_hash(char out[65], const char *text)
{
	uint8_t md[32];

	EVP_Digest(text, strlen(text), md, NULL, EVP_sha256(), NULL);
	text_hex(out, md, sizeof(md));
}

static void
random_hex(char *out, size_t bytes)
{
	uint8_t raw[32];

	RAND_bytes(raw, (int)bytes);
	text_hex(out, raw, bytes);
}

/* One value of a statement as the web role; "" for NULL. */
static void
ask(const struct site *s, char *out, size_t room, const char *sql)
{
	PGconn *web = pg_connect(&s->pg, "countersign_web");
	PGresult *r = PQexec(web, sql);

	cr_assert_eq(
	    PQresultStatus(r), PGRES_TUPLES_OK, "%s: %s", sql, PQerrorMessage(web));
	snprintf(out, room, "%s", PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	PQfinish(web);
}

static void
begin(const struct site *s, struct visit *v)
{
	uint8_t secret[CHALLENGE_SECRET_LEN], md[32];
	char sql[512], hash[65], pre[65], answer[64];
	struct buf cab;

	memset(v, 0, sizeof(*v));
	RAND_bytes(secret, sizeof(secret));
	challenge_code(v->challenge.code, secret);
	challenge_hash(md, v->challenge.code);
	text_hex(hash, md, sizeof(md));
	random_hex(v->id, 8);
	random_hex(v->presession, 32);
	random_hex(v->secret, 32);
	hex_hash(pre, v->presession);
	snprintf(v->challenge.host, sizeof(v->challenge.host), "portal.test");
	snprintf(sql, sizeof(sql),
	    "SELECT extract(epoch FROM countersign.challenge_start('%s', "
	    "'\\x%s', '\\x%s', 'portal.test', 600))::bigint",
	    v->id, hash, pre);
	ask(s, answer, sizeof(answer), sql);
	v->challenge.expires_at = strtoll(answer, NULL, 10);
	buf_init(&cab, 0);
	challenge_cabinet(&cab, &v->challenge);
	signing_write("challenge.cab", bytes_of(cab.data, cab.len));
	buf_free(&cab);
}

static void
sign(const struct visit *v, const char *signer)
{
	char options[256];

	snprintf(options, sizeof(options),
	    "-h sha256 -n 'countersign portal.test %s'", v->challenge.code);
	signing_sign("challenge.cab", "signed.cab", signer, NULL, options);
}

static void
hand_in(const struct site *s, struct visit *v, const char *file)
{
	struct bytes b = signing_read(file);
	size_t room = 2 * b.len + 512;
	char *sql = malloc(room), *hex = malloc(2 * b.len + 1);
	char pre[65], session[65];

	text_hex(hex, b.p, b.len);
	hex_hash(pre, v->presession);
	hex_hash(session, v->secret);
	snprintf(sql, room,
	    "SELECT attempt FROM countersign.attempt_put('%s', '\\x%s', "
	    "'\\x%s', '\\x%s')",
	    v->id, pre, session, hex);
	ask(s, v->attempt, sizeof(v->attempt), sql);
	free(sql);
	free(hex);
	cr_assert_neq(v->attempt[0], '\0');
}

/* The outcome: "accepted", or the reason of the refusal. */
static void
decided(const struct site *s, const struct visit *v, char *out, size_t room)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM countersign.attempt WHERE id = %s AND "
	    "state <> 'waiting'",
	    v->attempt);
	site_wait(s, sql, 1, 40);
	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM countersign.attempt WHERE id = %s AND "
	    "upload IS NULL AND session_hash IS NULL AND result IS NOT NULL",
	    v->attempt);
	cr_expect_eq(site_number(s, sql), 1);
	snprintf(sql, sizeof(sql),
	    "SELECT coalesce(reason, state) FROM countersign.attempt "
	    "WHERE id = %s",
	    v->attempt);
	PGresult *r = PQexec(s->conn, sql);
	snprintf(out, room, "%s", PQgetvalue(r, 0, 0));
	PQclear(r);
}

/* What the web role sees of sql once the visitor's session is presented. */
static int64_t
as_vendor(const struct site *s, const struct visit *v, const char *sql)
{
	PGconn *web = pg_connect(&s->pg, "countersign_web");
	char present[160];
	PGresult *r;
	int64_t n;

	snprintf(present, sizeof(present),
	    "BEGIN; SELECT set_config('countersign.session', "
	    "'%s', true)",
	    v->secret);
	PQclear(PQexec(web, present));
	r = PQexec(web, sql);
	cr_assert_eq(PQresultStatus(r), PGRES_TUPLES_OK, "%s", PQerrorMessage(web));
	n = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	PQfinish(web);
	return n;
}

static void
sign_in(
    const struct site *s, struct visit *v, const char *signer, const char *expected)
{
	char outcome[64];

	begin(s, v);
	sign(v, signer);
	hand_in(s, v, "signed.cab");
	decided(s, v, outcome, sizeof(outcome));
	cr_expect_str_eq(outcome, expected, "%s: %s", signer, outcome);
}

Test(signin, two_vendors_see_their_own_and_no_more, .timeout = 180)
{
	static const char hits[] =
	    "SELECT coalesce(sum(hits), 0) FROM countersign.signer_bucket "
	    "WHERE part = 'blamed'";
	struct visit ev, ov, again;
	struct site s;

	if (!site_start(&s))
		return;
	site_catalogue();
	site_dump("a", "meter.dll", 0x1386, 1);
	site_dump("b", "meter.dll", 0x1390, 2);
	site_dump("c", "reverb.dll", 0x2000, 3);
	site_worker(&s);
	site_run(0, "import --wait '%s' '%s' '%s'", signing_path("a.dmp"),
	    signing_path("b.dmp"), signing_path("c.dmp"));
	sign_in(&s, &ev, "ev", "accepted");
	sign_in(&s, &ov, "ov", "accepted");
	cr_expect_eq(as_vendor(&s, &ev, hits), 2);
	cr_expect_eq(as_vendor(&s, &ov, hits), 1);
	/* dumps: each its own */
	cr_expect_eq(as_vendor(&s, &ev,
			 "SELECT count(*) FROM countersign.dump_open((SELECT "
			 "min(report) FROM countersign.report_party), 'test')"),
	    1);
	cr_expect_eq(site_number(&s, "SELECT count(*) FROM countersign.vendor"), 2);
	cr_expect_eq(
	    site_number(&s,
		"SELECT count(*) FROM countersign.vendor WHERE assurance = "
		"'registration' AND name = 'Birch Metering, Inc.'"),
	    1);
	cr_expect_eq(site_number(&s,
			 "SELECT count(*) FROM countersign.audit WHERE action = "
			 "'signed in'"),
	    2);
	/* another sign-in, and a renewed certificate with the same key: the same
	 * vendor; no second account */
	sign_in(&s, &again, "ev", "accepted");
	cr_expect_eq(as_vendor(&s, &again, hits), 2);
	cr_expect_eq(site_number(&s, "SELECT count(*) FROM countersign.vendor"), 2);
	site_run(0, "vendor list");
	site_stop(&s);
}

/* Invariant 2: the subject of the other vendor to the letter, its registration
 * number too, from an accepted authority: an account of its own, and no row. */
Test(signin, a_name_grants_nothing, .timeout = 120)
{
	static const char rows[] = "SELECT count(*) FROM countersign.signer_bucket";
	static const char parties[] =
	    "SELECT count(*) FROM countersign.report_party";
	struct visit ev, lookalike;
	struct site s;

	if (!site_start(&s))
		return;
	site_catalogue();
	site_dump("a", "meter.dll", 0x1386, 1);
	site_worker(&s);
	site_run(0, "import --wait '%s'", signing_path("a.dmp"));
	sign_in(&s, &ev, "ev", "accepted");
	sign_in(&s, &lookalike, "lookalike", "accepted");
	cr_expect_eq(as_vendor(&s, &ev, rows), 1);
	cr_expect_eq(as_vendor(&s, &lookalike, rows), 0);
	cr_expect_eq(as_vendor(&s, &lookalike, parties), 0);
	cr_expect_eq(
	    as_vendor(&s, &lookalike,
		"SELECT count(*) FROM countersign.vendor WHERE assurance = "
		"'registration'"),
	    0);
	site_stop(&s);
}

Test(signin, refusals_have_their_reasons, .timeout = 240)
{
	struct visit v;
	struct site s;
	char outcome[64];

	if (!site_start(&s))
		return;
	site_worker(&s);
	sign_in(&s, &v, "self", "self-signed");
	sign_in(&s, &v, "expired", "expired");
	sign_in(&s, &v, "tls", "wrong-purpose");
	/* no program name: the code is found in the cabinet, the reason is exact */
	begin(&s, &v);
	signing_sign("challenge.cab", "signed.cab", "ev", NULL, "-h sha256");
	hand_in(&s, &v, "signed.cab");
	decided(&s, &v, outcome, sizeof(outcome));
	cr_expect_str_eq(outcome, "program-name-missing", "%s", outcome);
	/* another visitor's challenge, signed */
	begin(&s, &v);
	sign(&v, "ev");
	signing_run(
	    "cp '%s' '%s'", signing_path("signed.cab"), signing_path("other.cab"));
	begin(&s, &v);
	hand_in(&s, &v, "other.cab");
	decided(&s, &v, outcome, sizeof(outcome));
	cr_expect(strncmp(outcome, "challenge-", 10) == 0, "%s", outcome);
	/* not signed at all, and no cabinet */
	begin(&s, &v);
	hand_in(&s, &v, "challenge.cab");
	decided(&s, &v, outcome, sizeof(outcome));
	cr_expect_str_eq(outcome, "not-signed", "%s", outcome);
	begin(&s, &v);
	signing_write("garbage", bytes_of("hello, world", 12));
	hand_in(&s, &v, "garbage");
	decided(&s, &v, outcome, sizeof(outcome));
	cr_expect_str_neq(outcome, "accepted", "%s", outcome);
	cr_expect_eq(
	    site_number(&s, "SELECT count(*) FROM countersign.session"), 0);
	cr_expect_eq(site_number(&s, "SELECT count(*) FROM countersign.vendor"), 0);
	cr_expect_eq(site_number(&s,
			 "SELECT count(*) FROM countersign.audit WHERE action = "
			 "'sign-in refused'"),
	    7);
	site_stop(&s);
}

Test(signin, a_shared_signer_never_signs_in, .timeout = 120)
{
	struct visit v;
	struct site s;

	if (!site_start(&s))
		return;
	site_catalogue();
	site_sql(&s,
	    "INSERT INTO countersign.shared_signer (kind, value, reason, "
	    "version) SELECT "
	    "kind, value, 'test', 1 FROM countersign.signer WHERE kind = "
	    "'registration'");
	site_worker(&s);
	sign_in(&s, &v, "ev", "shared-signer");
	cr_expect_eq(
	    site_number(&s, "SELECT count(*) FROM countersign.session"), 0);
	cr_expect_eq(
	    site_number(&s, "SELECT count(*) FROM countersign.vendor_grant"), 0);
	site_stop(&s);
}

/* The leaf alone in the file: its issuers come through the fetcher. */
Test(signin, a_missing_issuer_is_fetched, .timeout = 120)
{
	struct visit v;
	struct site s;
	char options[256], outcome[64];

	if (!site_start(&s))
		return;
	if (system("command -v python3 > /dev/null") != 0) {
		cr_log_warn("skipped: python3, which serves the certificates, is "
			    "not installed");
		site_stop(&s);
		return;
	}
	signing_run(
	    "cd '%s' && { timeout 100 python3 -u -c 'import http.server as h, os\n"
	    "s = h.HTTPServer((\"127.0.0.1\", 0), h.SimpleHTTPRequestHandler)\n"
	    "open(\"%s\", \"w\").write(str(s.server_port))\n"
	    "[s.handle_request() for i in range(3)]' > /dev/null 2>&1 & echo $! > "
	    "'%s'; } ; "
	    "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; [ ! -s '%s' ] || break; "
	    "done",
	    signing_pki("aia"), signing_path("port"), signing_path("pid"),
	    signing_path("port"));
	snprintf(options, sizeof(options), "aia.example.test=127.0.0.1:%.*s",
	    (int)signing_read("port").len, (const char *)signing_read("port").p);
	site_set("fetch", "hosts", options);
	site_worker(&s);
	site_fetcher(&s);
	begin(&s, &v);
	signing_run("osslsigncode sign -certs '%s' -key '%s' -h sha256 -n "
		    "'countersign portal.test %s' -in '%s' -out '%s'",
	    signing_pki("ev.pem"), signing_pki("ev.key"), v.challenge.code,
	    signing_path("challenge.cab"), signing_path("leaf.cab"));
	hand_in(&s, &v, "leaf.cab");
	decided(&s, &v, outcome, sizeof(outcome));
	cr_expect_str_eq(outcome, "accepted", "%s", outcome);
	cr_expect_eq(site_number(&s,
			 "SELECT count(*) FROM countersign.issuer_fetch WHERE "
			 "verified_at IS NOT NULL"),
	    1);
	signing_run("kill \"$(cat '%s')\"", signing_path("pid"));
	site_stop(&s);
}
