/*
 * Revocation lists (RFC 5280 section 5), as far as a list that was handed in
 * can say that a certificate is revoked.  Only a list signed by the issuer of
 * the certificate counts; a list that is past its nextUpdate still revokes.
 */
#ifndef PKI_CRL_H
#define PKI_CRL_H

#include <stdbool.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "pki/certificate.h"

/* Lists of one run, and bytes of one list: the largest real ones have some
 * 10 MB. */
#define CRLS_MAX    64
#define CRL_MAX_LEN ((size_t)64 << 20)

struct crls {
	size_t num;
	X509_CRL *crl[CRLS_MAX]; /* owned */
};

/* Adds a CRL in DER (no trailing bytes) or PEM; false if it is none, or the
 * set is full. */
bool crl_add(struct crls *, struct bytes);
void crl_clear(struct crls *);
/* Was the certificate revoked at the instant, or before it?  A revocation
 * with a reason that says nothing about the past of the key (superseded,
 * cessation, affiliation) counts from its date on, like every other: what was
 * signed before stays. */
bool crl_revoked(const struct crls *, const struct certificate *,
    const struct certificate *issuer, int64_t at);

#endif
