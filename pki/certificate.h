/*
 * One certificate, parsed once (RFC 5280).  Immutable after parsing and
 * reference counted, so that a pool, a cache and a path can share it.
 */
#ifndef PKI_CERTIFICATE_H
#define PKI_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/x509.h>

#include "base/bytes.h"

/* Larger than any real one; a 10 MB "certificate" is not parsed. */
#define CERTIFICATE_MAX_LEN 65536

struct certificate {
	unsigned refs;
	X509 *x509;   /* owned */
	uint8_t *der; /* owned, exactly what was parsed */
	size_t der_len;
	uint8_t sha256[32]; /* of the DER */
	uint8_t sha1[20];
	uint8_t spki_sha256[32]; /* of the SubjectPublicKeyInfo */
	char *subject;		 /* owned; RFC 4514-like, one line, made visible */
	char *issuer;
	char *common_name;  /* CN, else O, else "" ; made visible */
	char *organisation; /* O or NULL */
	char *serial;	    /* lower-case hex, no leading zero byte */
	int64_t not_before, not_after;
	bool self_issued; /* names equal */
	bool self_signed; /* and its own key verifies it */
	bool is_ca;
};

/* A new certificate with one reference, or NULL when the bytes are not exactly
 * one DER certificate (trailing bytes refused) or a field of it is malformed. */
struct certificate *certificate_parse(struct bytes der);
/* The next certificate of a PEM text at *offset, which is moved behind it;
 * NULL at the end or for a broken block (*out_bad then true). */
struct certificate *certificate_next_pem(
    struct bytes pem, size_t *offset, bool *out_bad);
struct certificate *certificate_ref(struct certificate *);
void certificate_free(struct certificate *); /* drops one reference; NULL is fine */
bool certificate_same(const struct certificate *, const struct certificate *);
/* Does the issuer's key verify the child's signature (names equal too)? */
bool certificate_signed_by(
    const struct certificate *child, const struct certificate *issuer);

/* A set in insertion order without duplicates (by SHA-256), each with where
 * it came from. */
enum certificate_source {
	SOURCE_EMBEDDED,
	SOURCE_GIVEN,
	SOURCE_CACHE,
	SOURCE_AIA,
	SOURCE_ROOT
};
#define CERTIFICATES_MAX 256
struct certificates {
	size_t num;
	struct {
		struct certificate *cert; /* one reference held */
		enum certificate_source source;
		char *url; /* owned; where it was fetched, or NULL */
	} item[CERTIFICATES_MAX];
};
/* Takes a reference of its own; false when full. A duplicate is not added. */
bool certificates_add(struct certificates *, struct certificate *,
    enum certificate_source, const char *url);
void certificates_clear(struct certificates *);
const char *certificate_source_text(enum certificate_source);

#endif
