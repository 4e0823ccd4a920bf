/*
 * Parsing a certificate once, and what is derived from it; see certificate.h.
 * Sets of certificates and PEM are in certificates.c.
 */
#include "pki/certificate.h"

#include <stdlib.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/instant.h"
#include "base/text.h"
#include "pki/name.h"

/* RFC 5280 section 4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ and nothing else.
 * OpenSSL's conversion also takes offsets, fractions and missing seconds; all
 * of them have another length. */
static bool
time_of(int64_t *out, const ASN1_TIME *t)
{
	struct tm tm;
	int type = ASN1_STRING_type(t);
	int len = ASN1_STRING_length(t);

	if (!((type == V_ASN1_UTCTIME && len == 13) ||
		(type == V_ASN1_GENERALIZEDTIME && len == 15)))
		return false;
	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*out = instant_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
	return true;
}

static char *
serial_of(const X509 *x)
{
	const ASN1_INTEGER *n = X509_get0_serialNumber(x);
	const uint8_t *p = ASN1_STRING_get0_data(n);
	size_t len = (size_t)ASN1_STRING_length(n);
	bool negative = ASN1_STRING_type(n) == V_ASN1_NEG_INTEGER;
	char *text;

	text = malloc(2 * len + 2);
	if (text == NULL)
		return NULL;
	text[0] = '-';
	text_hex(text + negative, p, len);
	return text;
}

/* RFC 5280 section 4.1: exactly one certificate, in the one encoding that DER
 * allows.  d2i_X509() also takes BER in the outer part and ignores what
 * follows; encoding it again shows both. */
static X509 *
parse_exactly(struct bytes der)
{
	const unsigned char *p = der.p;
	unsigned char *again = NULL;
	X509 *x = d2i_X509(NULL, &p, (long)der.len);
	int len;

	if (x == NULL)
		return NULL;
	len = i2d_X509(x, &again);
	if (len < 0 || !bytes_equal(bytes_of(again, (size_t)len), der)) {
		X509_free(x);
		x = NULL;
	}
	OPENSSL_free(again);
	return x;
}

static bool
hash_key(struct certificate *c)
{
	unsigned char *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c->x509), &spki);

	if (len <= 0)
		return false;
	SHA256(spki, (size_t)len, c->spki_sha256);
	OPENSSL_free(spki);
	return true;
}

/* Whatever is asked of the certificate later; false if any of it is missing. */
static bool
derive(struct certificate *c)
{
	const X509_NAME *subject = X509_get_subject_name(c->x509);
	const X509_NAME *issuer = X509_get_issuer_name(c->x509);

	SHA256(c->der, c->der_len, c->sha256);
	SHA1(c->der, c->der_len, c->sha1);
	if (!hash_key(c) ||
	    !time_of(&c->not_before, X509_get0_notBefore(c->x509)) ||
	    !time_of(&c->not_after, X509_get0_notAfter(c->x509)))
		return false;
	c->subject = name_text(subject);
	c->issuer = name_text(issuer);
	c->organisation = name_attribute_text(subject, NID_organizationName);
	c->common_name = name_attribute_text(subject, NID_commonName);
	if (c->common_name == NULL)
		c->common_name =
		    strdup(c->organisation != NULL ? c->organisation : "");
	c->serial = serial_of(c->x509);
	if (c->subject == NULL || c->issuer == NULL || c->common_name == NULL ||
	    c->serial == NULL)
		return false;
	c->is_ca = X509_check_ca(c->x509) == 1;
	c->self_issued = X509_NAME_cmp(subject, issuer) == 0;
	c->self_signed = c->self_issued && certificate_signed_by(c, c);
	return true;
}

struct certificate *
certificate_parse(struct bytes der)
{
	struct certificate *c;

	if (der.len == 0 || der.len > CERTIFICATE_MAX_LEN)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->refs = 1;
	c->der = malloc(der.len);
	if (c->der == NULL)
		goto refused;
	memcpy(c->der, der.p, der.len);
	c->der_len = der.len;
	c->x509 = parse_exactly(bytes_of(c->der, c->der_len));
	if (c->x509 == NULL || !derive(c))
		goto refused;
	ERR_clear_error();
	return c;
refused:
	ERR_clear_error();
	certificate_free(c);
	return NULL;
}

struct certificate *
certificate_ref(struct certificate *c)
{
	c->refs++;
	return c;
}

void
certificate_free(struct certificate *c)
{
	if (c == NULL || --c->refs > 0)
		return;
	X509_free(c->x509);
	free(c->der);
	free(c->subject);
	free(c->issuer);
	free(c->common_name);
	free(c->organisation);
	free(c->serial);
	free(c);
}

bool
certificate_same(const struct certificate *a, const struct certificate *b)
{
	return memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

bool
certificate_signed_by(
    const struct certificate *child, const struct certificate *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509);
	bool ok;

	/* X509_verify() also compares the two signature algorithms that a
	 * certificate names (RFC 5280 section 4.1.1.2). */
	ok = key != NULL &&
	    X509_NAME_cmp(X509_get_issuer_name(child->x509),
		X509_get_subject_name(issuer->x509)) == 0 &&
	    X509_verify(child->x509, key) == 1;
	ERR_clear_error();
	return ok;
}
