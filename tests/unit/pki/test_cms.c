/* pki/cms.c, cms_verify.c, spc.c: with signatures of openssl's own making. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "pki/cms.h"
#include "pki/spc.h"
#include "tests/support/signing.h"

static struct certificates set;
static struct cms cms;
static size_t used;

/* openssl cms over five bytes, content included. */
static struct bytes
sign(const char *signer, const char *key, const char *options)
{
	char cert[64], key_name[64];
	struct bytes der;

	snprintf(cert, sizeof(cert), "%s.pem", signer);
	snprintf(key_name, sizeof(key_name), "%s.key", key != NULL ? key : signer);
	signing_write("content", bytes_of("hello", 5));
	signing_run(
	    "openssl cms -sign -nodetach -binary -outform DER -in '%s' -out '%s' "
	    "-signer '%s' -inkey '%s' %s",
	    signing_path("content"), signing_path("s.der"), signing_pki(cert),
	    signing_pki(key_name), options);
	der = signing_read("s.der");
	cr_assert(cms_parse(&cms, &used, der));
	cr_assert_eq(used, der.len);
	certificates_clear(&set);
	cr_assert_eq(cms_certificates(&set, &cms), 0);
	return der;
}

static enum finding_code
verify(void)
{
	struct certificate *signer;
	const char *why;

	return cms_verify(&signer, &why, &cms.signer, OID_DATA, cms.content, &set);
}

Test(cms, holds_with_each_scheme)
{
	sign("ov", NULL, "");
	cr_assert(bytes_equal(cms.content, bytes_of("hello", 5)));
	cr_assert(cms.in_octets);
	cr_assert_eq(cms.num_signers, 1);
	cr_assert_eq(verify(), FINDING_OK);
	sign("ov", NULL, "-md sha512");
	cr_assert_eq(verify(), FINDING_OK);
	sign("ov", NULL, "-keyopt rsa_padding_mode:pss");
	cr_assert_eq(verify(), FINDING_OK);
	sign("ov", NULL,
	    "-md sha384 -keyopt rsa_padding_mode:pss "
	    "-keyopt rsa_pss_saltlen:20");
	cr_assert_eq(verify(), FINDING_OK);
	sign("ov", NULL, "-keyid");
	cr_assert_not_null(cms.signer.key_id.p);
	cr_assert_eq(verify(), FINDING_OK);
	sign("future", NULL, ""); /* P-256 */
	cr_assert_eq(verify(), FINDING_OK);
}

Test(cms, signed_attributes_are_required)
{
	sign("ov", NULL, "-noattr");
	cr_assert_eq(verify(), FINDING_SIGNATURE_INVALID);
}

Test(cms, other_content_or_type)
{
	struct certificate *signer;
	const char *why;

	sign("ov", NULL, "");
	cr_assert_eq(cms_verify(&signer, &why, &cms.signer, OID_DATA,
			 bytes_of("hellO", 5), &set),
	    FINDING_SIGNATURE_INVALID);
	cr_assert_eq(
	    cms_verify(&signer, &why, &cms.signer, OID_TST_INFO, cms.content, &set),
	    FINDING_SIGNATURE_INVALID);
	cr_assert_not_null(signer, "it is named all the same");
}

Test(cms, signer_is_the_one_whose_key_verifies)
{
	struct certificate *signer, *other;
	const char *why;
	struct bytes pem;
	size_t offset = 0;
	bool bad;

	sign("ov", NULL, "");
	signing_run("cp '%s' '%s'", signing_pki("ev.pem"), signing_path("ev.pem"));
	pem = signing_read("ev.pem");
	other = certificate_next_pem(pem, &offset, &bad);
	cr_assert_not_null(other);
	certificates_clear(&set);
	certificates_add(&set, other, SOURCE_GIVEN, NULL);
	cr_assert_eq(
	    cms_verify(&signer, &why, &cms.signer, OID_DATA, cms.content, &set),
	    FINDING_SIGNER_NOT_FOUND);
	cr_assert_null(signer);
	cms_certificates(&set, &cms);
	cr_assert_eq(
	    cms_verify(&signer, &why, &cms.signer, OID_DATA, cms.content, &set),
	    FINDING_OK);
	cr_assert_str_eq(signer->organisation, "Alder Audio Ltd");
}

Test(cms, no_byte_of_the_signature_may_change)
{
	struct bytes der = sign("ov", NULL, "");
	uint8_t *p = (uint8_t *)(uintptr_t)der.p;
	size_t at = (size_t)(cms.signer.signature.p - der.p);
	size_t attrs = (size_t)(cms.signer.signed_attrs.p - der.p);

	for (size_t i = at; i < der.len; i += 17) {
		p[i] ^= 4;
		cr_assert_eq(verify(), FINDING_SIGNATURE_INVALID);
		p[i] ^= 4;
	}
	for (size_t i = attrs; i < attrs + cms.signer.signed_attrs.len; i++) {
		p[i] ^= 1;
		/* the tag itself is not signed: it is a SET in the digest */
		if (i > attrs)
			cr_assert_neq(verify(), FINDING_OK, "%zu", i - attrs);
		p[i] ^= 1;
	}
	cr_assert_eq(verify(), FINDING_OK);
}

Test(cms, two_signers_are_counted)
{
	char options[1024];

	snprintf(options, sizeof(options), "-signer '%s' -inkey '%s'",
	    signing_pki("ev.pem"), signing_pki("ev.key"));
	sign("ov", NULL, options);
	cr_assert_eq(cms.num_signers, 2);
}

Test(cms, every_truncation_is_refused)
{
	struct bytes der = sign("ov", NULL, "");
	struct cms cut;
	size_t len;

	for (size_t i = 0; i < der.len; i++)
		cr_assert_not(cms_parse(&cut, &len, bytes_of(der.p, i)));
}

Test(cms, streamed_ber_is_refused)
{
	struct bytes der;

	sign("ov", NULL, "");
	signing_run(
	    "openssl cms -sign -nodetach -binary -stream -outform DER -in '%s' "
	    "-out '%s' -signer '%s' -inkey '%s'",
	    signing_path("content"), signing_path("ber"), signing_pki("ov.pem"),
	    signing_pki("ov.key"));
	der = signing_read("ber");
	cr_assert_eq(der.p[1], 0x80);
	cr_assert_not(cms_parse(&cms, &used, der));
}

/* ---- SpcSpOpusInfo ----------------------------------------------------------- */

static const char *
name_of(const char *bytes, size_t len)
{
	static char out[16];

	return spc_program_name(out, sizeof(out), bytes_of(bytes, len)) ? out
									: NULL;
}

#define NAME(s) name_of(s, sizeof(s) - 1)

Test(spc, program_names)
{
	cr_assert_str_eq(NAME("\x30\x00"), "");
	cr_assert_str_eq(NAME("\x30\x07\xa0\x05\x81\x03"
			      "abc"),
	    "abc");
	cr_assert_str_eq(NAME("\x30\x08\xa0\x06\x80\x04\x00"
			      "a\x00"
			      "b"),
	    "ab");
	cr_assert_str_eq(NAME("\x30\x06\xa0\x04\x80\x02\x20\xac"), "\xe2\x82\xac");
	cr_assert_null(NAME("\x30\x07\xa0\x05\x80\x03\x00"
			    "a\x00"),
	    "odd");
	cr_assert_str_eq(NAME("\x30\x07\xa0\x05\x81\x03"
			      "a\0b"),
	    "a\xef\xbf\xbd"
	    "b");
	cr_assert_null(NAME("\x30\x08\xa0\x06\x80\x04\x00"
			    "a\0\0"),
	    "a NUL inside");
	cr_assert_null(NAME("\x30\x07\xa0\x05\x82\x03"
			    "abc"),
	    "another choice");
	cr_assert_null(NAME("\x30\x14\xa0\x12\x81\x10"
			    "0123456789abcdef"),
	    "too long");
	cr_assert_null(NAME("\x30\x07\xa0\x05\x81\x03"
			    "abc!"),
	    "trailing bytes");
}
