/*
 * Revoked or not, by the lists at hand.
 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/instant.h"
#include "pki/crl.h"

bool
crl_add(struct crls *set, struct bytes in)
{
	const unsigned char *p = in.p;
	X509_CRL *crl;
	BIO *bio;

	if (set->num == CRLS_MAX || in.len == 0 || in.len > CRL_MAX_LEN)
		return false;
	crl = d2i_X509_CRL(NULL, &p, (long)in.len);
	if (crl != NULL && p != in.p + in.len) {
		X509_CRL_free(crl);
		crl = NULL;
	} else if (crl == NULL) {
		bio = BIO_new_mem_buf(in.p, (int)in.len);
		crl = bio != NULL ? PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)
				  : NULL;
		BIO_free(bio);
	}
	ERR_clear_error();
	if (crl == NULL)
		return false;
	set->crl[set->num++] = crl;
	return true;
}

void
crl_clear(struct crls *set)
{
	for (size_t i = 0; i < set->num; i++)
		X509_CRL_free(set->crl[i]);
	set->num = 0;
}

/* Signed by this issuer, which may sign lists, and with nothing critical in
 * it that we do not understand? */
static bool
counts(X509_CRL *crl, const struct certificate *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509);
	bool ok;

	ok = X509_NAME_cmp(X509_CRL_get_issuer(crl),
		 X509_get_subject_name(issuer->x509)) == 0 &&
	    (X509_get_key_usage(issuer->x509) & KU_CRL_SIGN) != 0 && key != NULL &&
	    X509_CRL_verify(crl, key) == 1;
	ERR_clear_error();
	return ok;
}

/* invalidityDate (section 5.3.2) is when the key was probably lost; the
 * earlier of the two dates decides. */
static int64_t
revoked_since(const X509_REVOKED *entry)
{
	ASN1_GENERALIZEDTIME *invalid;
	struct tm tm;
	int64_t since = INT64_MIN;

	if (ASN1_TIME_to_tm(X509_REVOKED_get0_revocationDate(entry), &tm) == 1)
		since = instant_from_civil(tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	invalid = X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, NULL, NULL);
	if (invalid != NULL && ASN1_TIME_to_tm(invalid, &tm) == 1) {
		int64_t date = instant_from_civil(tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);

		since = date < since ? date : since;
	}
	ASN1_GENERALIZEDTIME_free(invalid);
	ERR_clear_error();
	return since;
}

bool
crl_revoked(const struct crls *set, const struct certificate *cert,
    const struct certificate *issuer, int64_t at)
{
	for (size_t i = 0; i < set->num; i++) {
		X509_REVOKED *entry = NULL;
		int found;

		if (X509_NAME_cmp(X509_CRL_get_issuer(set->crl[i]),
			X509_get_issuer_name(cert->x509)) != 0 ||
		    !counts(set->crl[i], issuer))
			continue;
		found = X509_CRL_get0_by_cert(set->crl[i], &entry, cert->x509);
		/* 2 is removeFromCRL: no longer on hold */
		if (found == 1 && revoked_since(entry) <= at)
			return true;
	}
	return false;
}
