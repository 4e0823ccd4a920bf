/* pki/authenticode.c: files signed by the real osslsigncode. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "pki/authenticode.h"
#include "pki/crl.h"
#include "tests/support/signing.h"

#define NOW INT64_C(1780272000) /* 2026-06-01 */

static struct trust_store roots;
static struct crls crls;
static struct signature_options options = {.roots = &roots,
    .at = NOW,
    .capability = CAPABILITY_BINARIES,
    .sha1_with_timestamp = true};
static struct signed_file file;

static void
trust(const char *name, unsigned capabilities)
{
	signing_run("cp '%s' '%s'", signing_pki(name), signing_path("roots.pem"));
	cr_assert(trust_add_pem(&roots, signing_read("roots.pem"), capabilities));
}

static void
setup(void)
{
	if (!signing_possible())
		cr_skip("skipped: osslsigncode is not installed");
	trust_init(&roots);
	trust("roots.pem", CAPABILITY_BINARIES | CAPABILITY_REGISTRATION);
	trust("root-t.pem", CAPABILITY_TIMESTAMPING);
	signing_make_pe("a.dll", "--version 1.2.3.4 --pdb a.pdb");
}

TestSuite(authenticode, .init = setup);

static enum finding_code
examine_bytes(struct bytes b)
{
	signed_file_free(&file);
	authenticode_examine(&file, b, &options);
	cr_assert_eq(file.verdict == VERDICT_GENUINE,
	    signed_file_reason(&file) == FINDING_OK);
	return signed_file_reason(&file);
}

static enum finding_code
examine(const char *name)
{
	return examine_bytes(signing_read(name));
}

#define EXPECT(name, code)                                          \
	do {                                                        \
		enum finding_code seen = examine(name);             \
		cr_assert_eq(seen, code, "%s", finding_text(seen)); \
	} while (0)

/* Options for osslsigncode: a timestamp of this time, and more. */
static const char *
stamp(int64_t at, const char *more)
{
	static char out[200];

	snprintf(out, sizeof(out), "%s %s", signing_stamp(at), more);
	return out;
}

Test(authenticode, unsigned_file)
{
	EXPECT("a.dll", FINDING_NOT_SIGNED);
	cr_assert_eq(file.verdict, VERDICT_UNSIGNED);
}

Test(authenticode, genuine_file)
{
	signing_sign("a.dll", "s.dll", "ev", NULL, "-n 'A thing'");
	EXPECT("s.dll", FINDING_OK);
	cr_assert_eq(file.num_signatures, 1);
	cr_assert(file.signature[0].digest_matches && file.signature[0].intact);
	cr_assert_str_eq(file.signature[0].program_name, "A thing");
	cr_assert_eq(
	    file.signature[0].identities.item[0].kind, IDENTITY_REGISTRATION);
}

/* Invariant 5: what no check has passed yet is refused, and so is every file
 * that ends too early for one of them. */
Test(authenticode, a_verdict_starts_refused)
{
	struct signed_file nothing = {0};
	struct trust_store none;
	struct bytes whole, part;

	cr_assert_eq(nothing.verdict, VERDICT_REFUSED);
	signing_sign("a.dll", "s.dll", "ev", NULL, "");
	whole = signing_read("s.dll");
	for (size_t len = 0; len < whole.len; len += 13) {
		cr_assert(bytes_slice(whole, 0, len, &part));
		cr_assert_neq(examine_bytes(part), FINDING_OK, "%zu bytes", len);
	}
	cr_assert_eq(examine_bytes(whole), FINDING_OK);
	trust_init(&none);
	options.roots = &none;
	cr_assert_neq(examine_bytes(whole), FINDING_OK);
	signed_file_free(&file);
	trust_free(&none);
}

Test(authenticode, page_hashes_do_not_disturb)
{
	signing_sign("a.dll", "s.dll", "ov", NULL, "-ph");
	EXPECT("s.dll", FINDING_OK);
}

Test(authenticode, no_covered_byte_may_change)
{
	struct bytes b;
	uint8_t *p;

	signing_sign("a.dll", "s.dll", "ov", NULL, "");
	b = signing_read("s.dll");
	p = (uint8_t *)(uintptr_t)b.p;
	for (size_t i = 0; i < b.len; i += 61) {
		bool checksum = i >= 0xd8 && i < 0xdc;

		p[i] ^= 0x10;
		if (!checksum)
			cr_assert_neq(examine_bytes(b), FINDING_OK, "byte %zu", i);
		p[i] ^= 0x10;
	}
	p[0xd8] ^= 1; /* the header's checksum */
	cr_assert_eq(examine_bytes(b), FINDING_OK);
	p[0x600] ^= 1;
	cr_assert_eq(examine_bytes(b), FINDING_DIGEST_MISMATCH);
	cr_assert_eq(file.signature[0].identities.num, 0, "no identity from it");
	cr_assert_eq(file.signature[0].path.valid, true, "but the chain is shown");
}

Test(authenticode, appended_and_hidden_bytes)
{
	struct bytes b;
	uint8_t *longer;
	uint32_t table, len;

	signing_sign("a.dll", "s.dll", "ov", NULL, "");
	b = signing_read("s.dll");
	longer = calloc(1, b.len + 64);
	memcpy(longer, b.p, b.len);
	cr_assert_eq(
	    examine_bytes(bytes_of(longer, b.len + 8)), FINDING_TRAILING_DATA);
	/* the table and its entry say that the bytes are theirs */
	cr_assert(bytes_u32(b, 0x80 + 24 + 112 + 32, &table));
	cr_assert(bytes_u32(b, 0x80 + 24 + 112 + 36, &len));
	len += 64;
	memcpy(longer + 0x80 + 24 + 112 + 36, &len, 4);
	memcpy(longer + table, &len, 4);
	cr_assert_eq(
	    examine_bytes(bytes_of(longer, b.len + 64)), FINDING_HIDDEN_BYTES);
	free(longer);
}

Test(authenticode, expired_signer_without_a_timestamp)
{
	signing_sign("a.dll", "s.dll", "expired", NULL, "");
	EXPECT("s.dll", FINDING_EXPIRED_WITHOUT_TIMESTAMP);
	cr_assert_not(file.signature[0].path.valid);
	cr_assert_geq(file.signature[0].path.num, 2, "the chain is shown");
}

Test(authenticode, timestamp_rescues_an_expired_signer)
{
	signing_sign("a.dll", "s.dll", "ov", NULL, stamp(INT64_C(1735689600), ""));
	EXPECT("s.dll", FINDING_OK);
	cr_assert(file.signature[0].timestamp.valid);
	cr_assert_eq(file.signature[0].timestamp.kind, TIMESTAMP_RFC3161);
	cr_assert_eq(file.signature[0].timestamp.time, INT64_C(1735689600));
	options.at = INT64_C(2500000000); /* 2049: everything has expired */
	EXPECT("s.dll", FINDING_OK);
	options.ignore_timestamp = true; /* invariant 4: a person is judged now */
	EXPECT("s.dll", FINDING_EXPIRED);
}

Test(authenticode, timestamp_needs_a_root_that_may_stamp)
{
	trust_free(&roots);
	trust_init(&roots);
	trust("roots.pem", CAPABILITY_ALL);
	trust("root-t.pem", CAPABILITY_ALL & ~(unsigned)CAPABILITY_TIMESTAMPING);
	signing_sign("a.dll", "s.dll", "ov", NULL, stamp(INT64_C(1735689600), ""));
	EXPECT("s.dll", FINDING_OK);
	cr_assert_not(file.signature[0].timestamp.valid);
	cr_assert_eq(
	    file.signature[0].findings.item[0].code, FINDING_TIMESTAMP_UNTRUSTED);
	options.at = INT64_C(2500000000);
	EXPECT("s.dll", FINDING_EXPIRED_WITHOUT_TIMESTAMP);
}

Test(authenticode, timestamp_of_another_signature_does_not_count)
{
	struct bytes b;
	uint8_t *at;

	signing_sign("a.dll", "s.dll", "ov", NULL, stamp(INT64_C(1735689600), ""));
	b = signing_read("s.dll");
	/* a bit of the token's imprint: behind the TSTInfo's sha256 and NULL */
	at = memmem(
	    b.p, b.len, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04\xa0", 12);
	cr_assert_not_null(at);
	at = memmem(at, 200, "\x04\x20", 2);
	cr_assert_not_null(at);
	at[2] ^= 1;
	cr_assert_eq(examine_bytes(b), FINDING_OK);
	cr_assert_not(file.signature[0].timestamp.valid);
	cr_assert_eq(
	    file.signature[0].findings.item[0].code, FINDING_TIMESTAMP_INVALID);
}

Test(authenticode, sha1_only_with_a_timestamp_and_md5_never)
{
	signing_sign("a.dll", "s.dll", "ov", NULL, "-h sha1");
	EXPECT("s.dll", FINDING_DIGEST_WEAK);
	signing_sign(
	    "a.dll", "s.dll", "ov", NULL, stamp(INT64_C(1735689600), "-h sha1"));
	EXPECT("s.dll", FINDING_OK);
	options.sha1_with_timestamp = false;
	EXPECT("s.dll", FINDING_DIGEST_WEAK);
	options.sha1_with_timestamp = true;
	signing_sign(
	    "a.dll", "s.dll", "ov", NULL, stamp(INT64_C(1735689600), "-h md5"));
	EXPECT("s.dll", FINDING_DIGEST_WEAK);
	cr_assert(file.signature[0].digest_matches);
}

Test(authenticode, each_signature_is_judged_on_its_own)
{
	signing_sign("a.dll", "s.dll", "self", NULL, "");
	EXPECT("s.dll", FINDING_SELF_SIGNED);
	cr_assert_eq(file.signature[0].identities.num, 1, "its key, all the same");
	signing_sign("s.dll", "n.dll", "ov", NULL, "-nest");
	EXPECT("n.dll", FINDING_OK);
	cr_assert_eq(file.num_signatures, 2);
	cr_assert_eq(file.signature[0].verdict, VERDICT_REFUSED);
	cr_assert_eq(file.signature[1].verdict, VERDICT_GENUINE);
	cr_assert(file.signature[1].nested);
}

Test(authenticode, chain_is_completed_afterwards)
{
	struct certificates more = {0};
	struct bytes pem;
	struct certificate *c;
	size_t offset = 0;
	bool bad;

	signing_run("osslsigncode sign -certs '%s' -key '%s' -in '%s' -out '%s'",
	    signing_pki("ov.pem"), signing_pki("ov.key"), signing_path("a.dll"),
	    signing_path("s.dll"));
	EXPECT("s.dll", FINDING_ISSUER_NOT_FOUND);
	signing_run(
	    "cp '%s' '%s'", signing_pki("ov.chain.pem"), signing_path("chain"));
	pem = signing_read("chain");
	while ((c = certificate_next_pem(pem, &offset, &bad)) != NULL) {
		certificates_add(
		    &more, c, SOURCE_AIA, "http://aia.example.test/x.crt");
		certificate_free(c);
	}
	options.intermediates = &more;
	authenticode_judge_again(&file, &options);
	cr_assert_eq(signed_file_reason(&file), FINDING_OK);
	cr_assert_eq(file.signature[0].path.source[1], SOURCE_AIA);
	cr_assert_str_eq(
	    file.signature[0].path.url[1], "http://aia.example.test/x.crt");
	signed_file_free(&file);
	options.intermediates = NULL;
	certificates_clear(&more);
}

static bool
revoked(void *context, const struct path *path, size_t index, int64_t at)
{
	return crl_revoked(context, path->cert[index], path->cert[index + 1], at);
}

Test(authenticode, revocation_counts_from_its_date)
{
	signing_run(
	    "cp '%s' '%s'", signing_pki("ca-a.crl.pem"), signing_path("crl"));
	cr_assert(crl_add(&crls, signing_read("crl")));
	options.revoked = revoked;
	options.context = &crls;
	signing_sign("a.dll", "s.dll", "revoked", NULL, "");
	EXPECT("s.dll", FINDING_REVOKED);
	signing_sign(
	    "a.dll", "s.dll", "revoked", NULL, stamp(INT64_C(1735689600), ""));
	EXPECT("s.dll", FINDING_OK);
	signing_sign(
	    "a.dll", "s.dll", "revoked", NULL, stamp(INT64_C(1756684800), ""));
	EXPECT("s.dll", FINDING_REVOKED);
	signing_sign("a.dll", "s.dll", "ov", NULL, "");
	EXPECT("s.dll", FINDING_OK);
}

Test(authenticode, other_files)
{
	cr_assert_eq(examine_bytes(bytes_of("", 0)), FINDING_UNSUPPORTED_CONTAINER);
	cr_assert_eq(examine_bytes(bytes_of("PK\x03\x04", 4)),
	    FINDING_UNSUPPORTED_CONTAINER);
	cr_assert_eq(examine_bytes(bytes_of("MZ", 2)), FINDING_MALFORMED_PE);
	cr_assert_eq(examine_bytes(bytes_of("MSCF", 4)), FINDING_MALFORMED_CAB);
}
