/* pki/certificate, pki/certificates, pki/name: parsing, sets, PEM, names. */
#include <criterion/criterion.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/buf.h"
#include "material.h"
#include "pki/name.h"

Test(certificate, knows_its_parts)
{
	struct certificate *c = material_certificate(material_path("ev.pem"));

	cr_assert_str_eq(c->subject,
	    "CN=Birch Metering\\, Inc., O=Birch Metering\\, Inc., L=Portland, "
	    "ST=Oregon, C=US, serialNumber=5157550, businessCategory=Private "
	    "Organization, "
	    "jurisdictionST=Delaware, jurisdictionC=US");
	cr_assert_str_eq(
	    c->issuer, "CN=Grove Trust Code Signing CA A, O=Grove Trust, C=US");
	cr_assert_str_eq(c->common_name, "Birch Metering, Inc.");
	cr_assert_str_eq(c->organisation, "Birch Metering, Inc.");
	cr_assert_eq(c->not_before, 1704067200);
	cr_assert_eq(c->not_after, 2335219200);
	cr_assert_not(c->is_ca || c->self_issued || c->self_signed);
	certificate_free(c);
	c = material_certificate(material_path("root-a.pem"));
	cr_assert(c->is_ca && c->self_issued && c->self_signed);
	certificate_free(c);
}

Test(certificate, self_signed_means_by_its_own_key)
{
	struct made m = material_make(
	    &(struct spec){.subject = "liar", .code = true, .ruin = true});

	cr_assert(m.cert->self_issued);
	cr_assert_not(m.cert->self_signed);
}

Test(certificate, refuses_what_is_not_exactly_one)
{
	struct certificate *c = material_certificate(material_path("ov.pem"));
	uint8_t *copy = malloc(c->der_len + 1);

	memcpy(copy, c->der, c->der_len);
	copy[c->der_len] = 0;
	cr_assert_null(
	    certificate_parse(bytes_of(copy, c->der_len + 1)), "trailing byte");
	for (size_t len = 0; len < c->der_len; len++)
		cr_assert_null(
		    certificate_parse(bytes_of(copy, len)), "%zu bytes", len);
	cr_assert_null(certificate_parse(bytes_of(NULL, 0)));
	free(copy);
	certificate_free(c);
}

/* The outer SEQUENCE with a length in more bytes than it needs is BER. */
Test(certificate, refuses_an_outer_encoding_that_is_not_der)
{
	struct certificate *c = material_certificate(material_path("ov.pem"));
	uint8_t *ber = malloc(c->der_len + 1);
	struct certificate *again;

	cr_assert_eq(c->der[1], 0x82);
	ber[0] = 0x30;
	ber[1] = 0x83;
	ber[2] = 0;
	memcpy(ber + 3, c->der + 2, c->der_len - 2);
	cr_assert_null(certificate_parse(bytes_of(ber, c->der_len + 1)));
	again = certificate_parse(bytes_of(c->der, c->der_len));
	cr_assert(certificate_same(c, again));
	certificate_free(again);
	certificate_free(c);
	free(ber);
}

/* The same certificate with another text as the beginning of its validity. */
static struct certificate *
with_time(const struct made *m, const char *text)
{
	X509 *x = X509_dup(m->cert->x509);
	unsigned char *der = NULL;
	struct certificate *c;
	int len;

	ASN1_STRING_set(X509_getm_notBefore(x), text, -1);
	X509_sign(x, m->key, EVP_sha256());
	len = i2d_X509(x, &der);
	c = certificate_parse(bytes_of(der, (size_t)len));
	OPENSSL_free(der);
	X509_free(x);
	return c;
}

Test(certificate, refuses_times_that_der_does_not_allow)
{
	struct made m =
	    material_make(&(struct spec){.subject = "time", .code = true});
	struct certificate *c = with_time(&m, "240102030405Z");

	cr_assert_not_null(c);
	cr_assert_eq(c->not_before, 1704164645);
	certificate_free(c);
	cr_assert_null(with_time(&m, "2401020304Z"), "no seconds");
	cr_assert_null(with_time(&m, "240102030405+0100"), "an offset");
	cr_assert_null(with_time(&m, "241302030405Z"), "month 13");
	cr_assert_null(with_time(&m, "2401020304050"), "no Z");
}

Test(certificate, signed_by_needs_name_and_key)
{
	struct certificate *leaf =
	    material_certificate(material_path("ov-renewed.pem"));
	struct certificate *right = material_certificate(material_path("ca-a.pem"));
	struct certificate *cross =
	    material_certificate(material_path("ca-a-cross.pem"));
	struct certificate *wrong = material_certificate(material_path("ca-x.pem"));

	cr_assert(certificate_signed_by(leaf, right));
	cr_assert(certificate_signed_by(leaf, cross));
	cr_assert_not(certificate_signed_by(leaf, wrong),
	    "same name and key id, another key");
	cr_assert_not(certificate_signed_by(right, leaf));
}

Test(certificate, numbers_have_no_leading_zero_byte)
{
	struct made m = material_make(&(struct spec){.subject = "n", .code = true});
	uint8_t *at =
	    memmem(m.cert->der, m.cert->der_len, "\xa0\x03\x02\x01\x02\x02", 6);
	struct certificate *c;

	cr_assert_not_null(at);
	cr_assert(at[6] >= 2);
	at[7] = 0x00;
	at[8] = 0x9c;
	c = certificate_parse(bytes_of(m.cert->der, m.cert->der_len));
	cr_assert_not_null(c);
	cr_assert_eq(strncmp(c->serial, "9c", 2), 0, "%s", c->serial);
	certificate_free(c);
}

Test(certificate, pem_is_read_block_by_block)
{
	struct bytes pem = material_read(material_path("ov.chain.pem"));
	struct certificate *c;
	size_t offset = 0, num = 0;
	bool bad;

	while ((c = certificate_next_pem(pem, &offset, &bad)) != NULL) {
		certificate_free(c);
		num++;
	}
	cr_assert_eq(num, 3);
	cr_assert_not(bad);
}

Test(certificate, broken_pem_is_said_to_be_broken)
{
	static const char *const broken[] = {
	    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\nMIIB\n",
	    "-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
	};
	size_t offset;
	bool bad;

	for (size_t i = 0; i < 4; i++) {
		offset = 0;
		cr_assert_null(certificate_next_pem(
		    bytes_of(broken[i], strlen(broken[i])), &offset, &bad));
		cr_assert(bad, "%zu", i);
	}
	offset = 0;
	cr_assert_null(certificate_next_pem(bytes_of("nothing", 7), &offset, &bad));
	cr_assert_not(bad);
}

Test(certificates, a_duplicate_is_not_added)
{
	static struct certificates set;
	struct certificate *a = material_certificate(material_path("ov.pem"));
	struct certificate *b = material_certificate(material_path("ov.pem"));

	cr_assert(certificates_add(&set, a, SOURCE_EMBEDDED, NULL));
	cr_assert(certificates_add(&set, b, SOURCE_AIA, "http://example.test/"));
	cr_assert_eq(set.num, 1);
	cr_assert_eq(set.item[0].source, SOURCE_EMBEDDED);
	cr_assert_eq(a->refs, 2);
	certificates_clear(&set);
	cr_assert_eq(a->refs, 1);
	certificate_free(a);
	certificate_free(b);
}

Test(certificates, a_full_set_says_so)
{
	static struct certificates set;
	struct certificate *c = material_certificate(material_path("ov.pem"));

	set.num = CERTIFICATES_MAX;
	for (size_t i = 0; i < CERTIFICATES_MAX; i++) {
		set.item[i].cert = calloc(1, sizeof(*c));
		set.item[i].cert->refs = 1;
	}
	cr_assert_not(certificates_add(&set, c, SOURCE_GIVEN, NULL));
	certificates_clear(&set);
	certificate_free(c);
}

Test(name, foreign_text_cannot_pretend)
{
	struct made m = material_make(&(struct spec){
	    .subject = "Good, O=Evil\xe2\x80\xae gnp.exe\n#", .code = true});

	cr_assert_str_eq(
	    m.cert->subject, "CN=Good\\, O=Evil\\u{202e} gnp.exe\\u{000a}#");
	m = material_make(&(struct spec){.subject = " x ", .code = true});
	cr_assert_str_eq(m.cert->subject, "CN=\\ x\\ ");
}

static const char *
normal(const char *text)
{
	static struct buf b;

	buf_free(&b);
	return name_normalise(&b, bytes_of(text, strlen(text))) ? buf_str(&b)
								: NULL;
}

Test(name, normal_form)
{
	cr_assert_str_eq(normal("  New    York "), "new york");
	cr_assert_str_eq(normal("New\xc2\xa0 York\xe3\x80\x80"), "new york");
	cr_assert_str_eq(
	    normal("\xef\xbc\xa1\xef\xbc\xa2\xef\xbd\x9a\xef\xbc\x91"), "abz1");
	cr_assert_str_eq(normal("M\xc3\x9cnchen"), "m\xc3\x9cnchen");
	cr_assert_str_eq(normal(""), "");
	cr_assert_null(normal("a\xe2\x80\x8b"
			      "b"),
	    "zero width");
	cr_assert_null(normal("a\xe2\x80\xae"
			      "b"),
	    "bidi override");
	cr_assert_null(normal("a\xff"), "no UTF-8");
	cr_assert_null(normal("a\x01"), "control");
}
