/*
 * The digest algorithms that signatures name, and what each is still worth.
 */
#ifndef PKI_DIGEST_H
#define PKI_DIGEST_H

#include <stdbool.h>
#include <openssl/evp.h>

#include "base/bytes.h"
#include "pki/oid.h"

enum digest_strength {
	DIGEST_BROKEN, /* MD5: never */
	DIGEST_WEAK,   /* SHA-1: only where a timestamp vouches for its age */
	DIGEST_GOOD
};

struct digest {
	enum oid oid;
	const char *name;  /* "sha256", as reports write it */
	const char *label; /* "SHA-256", for people */
	size_t len;
	enum digest_strength strength;
	const EVP_MD *(*md)(void);
};

/* The longest of them in bytes. */
#define DIGEST_MAX_LEN 64

/* NULL for one that is not known. */
const struct digest *digest_by_oid(enum oid);
const struct digest *digest_by_name(const char *);
/* *in stands at an AlgorithmIdentifier (parameters absent or NULL) and is
 * moved behind it.  *out is NULL for an unknown algorithm; false for broken
 * DER. */
bool digest_take(struct bytes *in, const struct digest **out);
/* The digest of data into out; false when the library refuses. */
bool digest_of(
    uint8_t out[DIGEST_MAX_LEN], const struct digest *, struct bytes data);

#endif
