/* auth/challenge.c: what signs in, and every way in which something does not. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "auth/challenge.h"
#include "base/buf.h"
#include "base/instant.h"
#include "tests/support/signing.h"

#define NOW INT64_C(1780272000) /* 2026-06-01 */

static struct challenge ours = {
    .host = "portal.example:8443", .expires_at = NOW + CHALLENGE_LIFETIME};
static struct trust_store roots;
static struct signed_file file;
static struct findings findings;
static enum challenge_step steps;
static int64_t now = NOW;

/* buf.h's json.h and jansson name their functions alike, so the verdict is
 * taken as text here and read by jansson. */
extern void verdict_text(struct buf *, const struct signed_file *,
    const struct findings *, enum challenge_step);

static void
write_cabinet(const char *name, const struct challenge *c)
{
	struct buf cab;

	buf_init(&cab, 0);
	challenge_cabinet(&cab, c);
	cr_assert(buf_ok(&cab));
	signing_write(name, bytes_of(cab.data, cab.len));
	buf_free(&cab);
}

static void
setup(void)
{
	uint8_t secret[CHALLENGE_SECRET_LEN];

	for (unsigned i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)(i * 37);
	challenge_code(ours.code, secret);
	if (!signing_possible())
		cr_skip("skipped: osslsigncode is not installed");
	trust_init(&roots);
	signing_run(
	    "cp '%s' '%s'", signing_pki("roots.pem"), signing_path("roots.pem"));
	cr_assert(
	    trust_add_pem(&roots, signing_read("roots.pem"), CAPABILITY_SIGN_IN));
	write_cabinet("c.cab", &ours);
}

TestSuite(challenge, .init = setup);

static enum finding_code
judge_bytes(struct bytes upload, const struct challenge *c)
{
	bool ok;

	signed_file_free(&file);
	ok = challenge_verify(
	    &file, &findings, &steps, upload, c, &roots, NULL, now);
	cr_assert_eq(ok, finding_reason(&findings) == FINDING_OK);
	cr_assert_eq(ok, steps == STEP_NUM);
	return finding_reason(&findings);
}

static enum finding_code
judge(const char *name)
{
	return judge_bytes(signing_read(name), &ours);
}

/* osslsigncode with the program name that c asks for. */
static void
sign_as(const char *out, const char *signer, const char *key, const char *more)
{
	char options[2000];

	snprintf(options, sizeof(options), "-n 'countersign %s %s' %s", ours.host,
	    ours.code, more);
	signing_sign("c.cab", out, signer, key, options);
}

#define REFUSED(name, code, step)                                      \
	do {                                                           \
		enum finding_code seen = judge(name);                  \
		cr_assert_eq(seen, code, "%s", finding_text(seen));    \
		cr_assert_eq(steps, step, "failed at %d", (int)steps); \
	} while (0)

Test(challenge, code_is_base32_of_the_secret)
{
	uint8_t secret[CHALLENGE_SECRET_LEN];
	char code[CHALLENGE_CODE_LEN];

	memset(secret, 0xff, sizeof(secret));
	challenge_code(code, secret);
	cr_assert_str_eq(
	    code, "777777777777777777777777777777777777777777777777777q");
	memset(secret, 0, sizeof(secret));
	memcpy(secret, "foobar", 6);
	challenge_code(code, secret);
	/* RFC 4648 section 10: "foobar" is MZXW6YTBOI */
	cr_assert(strncmp(code, "mzxw6ytbo", 9) == 0, "%s", code);
	cr_assert(challenge_code_valid(code));
	code[3] = '1';
	cr_assert_not(challenge_code_valid(code));
	cr_assert_not(challenge_code_valid("abc"));
	cr_assert_not(challenge_code_valid(""));
}

Test(challenge, cabinet_is_the_same_bytes_always)
{
	struct buf a, b;

	buf_init(&a, 0);
	buf_init(&b, 0);
	challenge_cabinet(&a, &ours);
	challenge_cabinet(&b, &ours);
	cr_assert(
	    buf_ok(&a) && a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
	cr_assert(memmem(a.data, a.len, "portal.example:8443", 19) != NULL);
	cr_assert(memmem(a.data, a.len, "2026-06-01T00:10:00Z (UTC)", 26) != NULL);
	buf_free(&a);
	buf_free(&b);
}

Test(challenge, rsa_signature_signs_in)
{
	sign_as("s.cab", "ov", NULL, "");
	cr_assert_eq(judge("s.cab"), FINDING_OK, "%s",
	    finding_text(finding_reason(&findings)));
	cr_assert_eq(file.signature[0].identities.item[0].kind, IDENTITY_KEY);
}

/* The test PKI has no such leaf that is valid; one is issued here, from now. */
Test(challenge, elliptic_curve_signature_signs_in)
{
	now = time(NULL) + 60;
	ours.expires_at = now + CHALLENGE_LIFETIME;
	write_cabinet("c.cab", &ours);
	signing_run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 "
		    "-nodes -keyout '%s' -out '%s' -days 2 -subj '/CN=Elm Effects' "
		    "-CA '%s' -CAkey '%s' -addext extendedKeyUsage=codeSigning "
		    "-addext basicConstraints=CA:FALSE "
		    "-addext keyUsage=critical,digitalSignature",
	    signing_path("ec.key"), signing_path("ec.pem"), signing_pki("ca-a.pem"),
	    signing_pki("ca-a.key"));
	signing_run(
	    "osslsigncode sign -certs '%s' -ac '%s' -key '%s' -h sha384 -in "
	    "'%s' -out '%s' -n 'countersign %s %s'",
	    signing_path("ec.pem"), signing_pki("ca-a.pem"), signing_path("ec.key"),
	    signing_path("c.cab"), signing_path("s.cab"), ours.host, ours.code);
	cr_assert_eq(judge("s.cab"), FINDING_OK, "%s %s",
	    finding_text(finding_reason(&findings)), findings.item[0].detail);
	cr_assert_str_eq(file.signature[0].digest, "sha384");
}

Test(challenge, timestamp_does_not_hurt)
{
	sign_as("s.cab", "ov", NULL, signing_stamp(0));
	cr_assert_eq(judge("s.cab"), FINDING_OK);
	cr_assert_eq(file.signature[0].timestamp.kind, TIMESTAMP_RFC3161);
}

Test(challenge, timestamp_rescues_no_expired_certificate)
{
	sign_as("s.cab", "expired", NULL, signing_stamp(1600000000));
	REFUSED("s.cab", FINDING_EXPIRED, STEP_CHAIN);
	cr_assert_eq(file.signature[0].timestamp.kind, TIMESTAMP_RFC3161);
}

Test(challenge, unsigned_is_not_signed)
{
	REFUSED("c.cab", FINDING_NOT_SIGNED, STEP_FILE);
}

/* Every byte outside the signature, one by one. */
Test(challenge, each_changed_byte_is_refused)
{
	struct bytes s;
	uint8_t *p;
	uint32_t end;

	sign_as("s.cab", "ov", NULL, "");
	s = signing_read("s.cab");
	p = (uint8_t *)(uintptr_t)s.p;
	cr_assert(bytes_u32(s, 8, &end));
	for (uint32_t i = 0; i < end; i++) {
		p[i] ^= 0x20;
		cr_assert_neq(judge_bytes(s, &ours), FINDING_OK, "byte %u", i);
		cr_assert_eq(steps, STEP_FILE, "byte %u", i);
		p[i] ^= 0x20;
	}
	p[end - 3] ^= 1;
	cr_assert_eq(judge_bytes(s, &ours), FINDING_CHALLENGE_ALTERED);
	p[end - 3] ^= 1;
	cr_assert_eq(judge_bytes(s, &ours), FINDING_OK);
}

Test(challenge, altered_before_signing)
{
	struct bytes c = signing_read("c.cab");

	((uint8_t *)(uintptr_t)c.p)[c.len - 3] ^= 1;
	signing_write("c.cab", c);
	sign_as("s.cab", "ov", NULL, "");
	REFUSED("s.cab", FINDING_CHALLENGE_ALTERED, STEP_FILE);
}

Test(challenge, issued_by_another_host)
{
	struct challenge other = ours;

	memcpy(other.host, "evil.example", 13);
	write_cabinet("c.cab", &other);
	sign_as("s.cab", "ov", NULL, "");
	REFUSED("s.cab", FINDING_CHALLENGE_FOREIGN, STEP_FILE);
}

Test(challenge, issued_to_another_browser)
{
	struct challenge other = ours;

	other.code[0] = other.code[0] == 'a' ? 'b' : 'a';
	write_cabinet("c.cab", &other);
	sign_as("s.cab", "ov", NULL, "");
	REFUSED("s.cab", FINDING_CHALLENGE_FOREIGN, STEP_FILE);
	/* and a life prolonged by its holder */
	other = ours;
	other.expires_at += 3600;
	write_cabinet("c.cab", &other);
	sign_as("s.cab", "ov", NULL, "");
	REFUSED("s.cab", FINDING_CHALLENGE_ALTERED, STEP_FILE);
}

Test(challenge, expired_challenge)
{
	struct challenge old = ours;

	old.expires_at = NOW;
	write_cabinet("c.cab", &old);
	sign_as("s.cab", "ov", NULL, "");
	cr_assert_eq(
	    judge_bytes(signing_read("s.cab"), &old), FINDING_CHALLENGE_EXPIRED);
	cr_assert_eq(steps, STEP_CHALLENGE);
}

Test(challenge, program_name_shows_intent)
{
	signing_sign("c.cab", "s.cab", "ov", NULL, "");
	REFUSED("s.cab", FINDING_PROGRAM_NAME_MISSING, STEP_CHALLENGE);
	signing_sign(
	    "c.cab", "s.cab", "ov", NULL, "-n 'countersign portal.example x'");
	REFUSED("s.cab", FINDING_PROGRAM_NAME_WRONG, STEP_CHALLENGE);
}

Test(challenge, second_signature_is_refused)
{
	char options[1400];

	sign_as("s.cab", "ov", NULL, "");
	snprintf(options, sizeof(options), "-nest -n 'countersign %s %s'",
	    ours.host, ours.code);
	signing_sign("s.cab", "n.cab", "ev", NULL, options);
	REFUSED("n.cab", FINDING_SEVERAL_SIGNERS, STEP_DIGEST);
}

Test(challenge, sha1_is_refused)
{
	sign_as("s.cab", "ov", NULL, "-h sha1");
	REFUSED("s.cab", FINDING_DIGEST_WEAK, STEP_DIGEST);
}

Test(challenge, wrong_certificates)
{
	static const struct {
		const char *signer;
		enum finding_code code;
		enum challenge_step step;
	} wrong[] = {
	    {"tls", FINDING_WRONG_PURPOSE, STEP_CHAIN},
	    {"future", FINDING_NOT_YET_VALID, STEP_CHAIN},
	    {"expired", FINDING_EXPIRED, STEP_CHAIN},
	    {"self", FINDING_SELF_SIGNED, STEP_ROOT},
	    {"weak", FINDING_WEAK_KEY, STEP_CHAIN},
	    {"sha1", FINDING_WEAK_DIGEST, STEP_CHAIN},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		enum finding_code code;

		sign_as("s.cab", wrong[i].signer, NULL, "");
		code = judge("s.cab");
		cr_assert_eq(code, wrong[i].code, "%s: %s", wrong[i].signer,
		    finding_text(code));
		cr_assert_eq(
		    steps, wrong[i].step, "%s: %d", wrong[i].signer, (int)steps);
	}
	sign_as("s.cab", "unknown", NULL, "");
	cr_assert_neq(judge("s.cab"), FINDING_OK);
	cr_assert_geq(steps, STEP_CHAIN);
}

Test(challenge, root_for_binaries_signs_nobody_in)
{
	trust_free(&roots);
	trust_init(&roots);
	cr_assert(
	    trust_add_pem(&roots, signing_read("roots.pem"), CAPABILITY_BINARIES));
	sign_as("s.cab", "ov", NULL, "");
	REFUSED("s.cab", FINDING_ROOT_NOT_ACCEPTED, STEP_ROOT);
}

Test(challenge, signature_of_another_key_is_refused)
{
	struct bytes s;
	uint8_t *p;

	sign_as("s.cab", "ov", NULL, "");
	s = signing_read("s.cab");
	p = (uint8_t *)(uintptr_t)s.p;
	/* the signature's value stands last, but for padding of zeros */
	for (size_t i = s.len; i-- > 0;)
		if (p[i] != 0) {
			p[i] ^= 1;
			break;
		}
	cr_assert_eq(judge_bytes(s, &ours), FINDING_SIGNATURE_INVALID);
	cr_assert_eq(steps, STEP_DIGEST);
	cr_assert_eq(file.signature[0].identities.num, 0);
}

Test(challenge, not_a_challenge_at_all)
{
	static uint8_t junk[5 << 20];

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (uint8_t)(i * 7 + (i >> 8));
	cr_assert_eq(judge_bytes(bytes_of(junk, sizeof(junk)), &ours),
	    FINDING_UPLOAD_TOO_LARGE);
	cr_assert_eq(
	    judge_bytes(bytes_of(junk, 5000), &ours), FINDING_CHALLENGE_NOT_OURS);
	cr_assert_eq(judge_bytes(bytes_of(junk, 0), &ours), FINDING_UPLOAD_EMPTY);
	cr_assert_eq(
	    judge_bytes(bytes_of("MSCF", 4), &ours), FINDING_CHALLENGE_NOT_OURS);
	signing_make_pe("tool.exe", "");
	signing_sign("tool.exe", "signed.exe", "ov", NULL, "");
	REFUSED("signed.exe", FINDING_CHALLENGE_NOT_OURS, STEP_FILE);
}

Test(challenge, every_truncation_is_refused)
{
	struct bytes s;

	sign_as("s.cab", "ov", NULL, "");
	s = signing_read("s.cab");
	for (size_t len = 0; len < s.len; len += len < 3000 ? 1 : 97)
		cr_assert_neq(judge_bytes(bytes_of(s.p, len), &ours), FINDING_OK,
		    "%zu bytes", len);
}

Test(challenge, bytes_behind_the_signature_are_refused)
{
	struct bytes s;
	uint8_t *longer;

	sign_as("s.cab", "ov", NULL, "");
	s = signing_read("s.cab");
	longer = calloc(1, s.len + 16);
	memcpy(longer, s.p, s.len);
	cr_assert_eq(judge_bytes(bytes_of(longer, s.len + 4), &ours), FINDING_OK);
	cr_assert_eq(judge_bytes(bytes_of(longer, s.len + 16), &ours),
	    FINDING_TRAILING_DATA);
	longer[s.len] = 1;
	cr_assert_eq(
	    judge_bytes(bytes_of(longer, s.len + 1), &ours), FINDING_TRAILING_DATA);
	free(longer);
}

static json_t *
verdict(void)
{
	json_error_t error;
	struct buf out;
	json_t *v;

	buf_init(&out, 0);
	verdict_text(&out, &file, &findings, steps);
	v = json_loads(buf_str(&out), 0, &error);
	cr_assert_not_null(v, "%s: %s", error.text, buf_str(&out));
	buf_free(&out);
	return v;
}

static const char *
step(json_t *v, size_t i, const char *key)
{
	return json_string_value(
	    json_object_get(json_array_get(json_object_get(v, "steps"), i), key));
}

Test(challenge, verdict_tells_each_step)
{
	json_t *v;

	sign_as("s.cab", "ov", NULL, "");
	judge("s.cab");
	v = verdict();
	cr_assert_str_eq(
	    json_string_value(json_object_get(v, "verdict")), "accepted");
	for (size_t i = 0; i < STEP_NUM; i++)
		cr_assert_str_eq(step(v, i, "state"), "done");
	cr_assert(strncmp(step(v, 1, "detail"), "SHA-256, RSA ", 13) == 0, "%s",
	    step(v, 1, "detail"));
	json_decref(v);
	sign_as("s.cab", "tls", NULL, "");
	judge("s.cab");
	v = verdict();
	cr_assert_str_eq(
	    json_string_value(json_object_get(v, "reason")), "wrong-purpose");
	cr_assert_str_eq(step(v, 2, "state"), "done");
	cr_assert_str_eq(step(v, 3, "state"), "failed");
	cr_assert_str_eq(step(v, 4, "state"), "pending");
	cr_assert_str_eq(step(v, 3, "detail"), finding_seen(FINDING_WRONG_PURPOSE));
	json_decref(v);
	judge_bytes(bytes_of("x", 0), &ours);
	v = verdict();
	cr_assert_str_eq(step(v, 0, "state"), "failed");
	cr_assert_str_eq(step(v, 5, "state"), "pending");
	json_decref(v);
}
