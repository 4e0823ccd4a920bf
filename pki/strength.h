/*
 * Are a certificate's key and the digest of its signature strong enough?
 */
#ifndef PKI_STRENGTH_H
#define PKI_STRENGTH_H

#include <stdbool.h>

#include "pki/certificate.h"
#include "pki/finding.h"

/* Bits; NIST SP 800-57 part 1, table 2: 112 bits of security, 128 for curves.
 * What conformance suites still use is let in by allow_weak only. */
#define STRENGTH_RSA_MIN      2048
#define STRENGTH_RSA_MIN_WEAK 1024
#define STRENGTH_EC_MIN	      256
#define STRENGTH_EC_MIN_WEAK  192

/* Appends what is wrong with the certificate's public key. */
void strength_check_key(
    struct findings *, const struct certificate *, int index, bool allow_weak);
/* Appends what is wrong with the digest of the certificate's own signature;
 * never to be asked of a root, whose self-signature proves nothing. */
void strength_check_digest(
    struct findings *, const struct certificate *, int index, bool allow_sha1);

#endif
