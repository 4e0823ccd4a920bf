/*
 * Where a certificate says that its issuer's certificate can be fetched
 * (authority information access, RFC 5280 section 4.2.2.1), and what was
 * fetched there.  What is fetched is a hint (design, invariant 3): it goes
 * into a pool of candidates and becomes part of a chain only by verifying.
 */
#ifndef PKI_AIA_H
#define PKI_AIA_H

#include "base/bytes.h"
#include "pki/certificate.h"

/* URLs of one certificate that are followed (Chromium and Windows: 5). */
#define AIA_URLS_MAX	5
#define AIA_URL_MAX_LEN 1024
/* Bytes of one answer that are looked at (Windows: 100,000). */
#define AIA_FETCH_MAX_LEN 100000

/* The caIssuers URLs with scheme http, as they stand in the certificate (some
 * contain raw spaces).  Returns how many. */
size_t aia_issuer_urls(
    char out[AIA_URLS_MAX][AIA_URL_MAX_LEN], const struct certificate *);
/* Adds what was fetched from url to the pool: one DER certificate, a
 * certs-only CMS, or PEM.  Returns how many certificates were read. */
size_t aia_add(struct certificates *pool, struct bytes fetched,
    enum certificate_source, const char *url);

#endif
