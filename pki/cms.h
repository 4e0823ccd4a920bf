/*
 * CMS SignedData (RFC 5652; PKCS#7 1.5 as Authenticode writes it) and the
 * verification of one SignerInfo.  Reading borrows: a struct cms points into
 * the bytes that it was read from.
 */
#ifndef PKI_CMS_H
#define PKI_CMS_H

#include "base/bytes.h"
#include "pki/certificate.h"
#include "pki/digest.h"
#include "pki/finding.h"

/* Attribute values of one type that are looked at. */
#define CMS_VALUES_MAX 16

struct cms_signer {
	struct bytes issuer; /* Name with its tag; empty if by key id */
	struct bytes serial; /* INTEGER with its tag */
	struct bytes key_id; /* subject key identifier; empty if by issuer */
	const struct digest *digest; /* NULL: unknown */
	struct bytes signed_attrs;   /* with tag and length; p NULL if none */
	struct bytes algorithm;	     /* content of the AlgorithmIdentifier */
	struct bytes signature;
	struct bytes unsigned_attrs; /* content; empty if none */
};

struct cms {
	struct bytes digests; /* content of digestAlgorithms */
	enum oid content_type;
	struct bytes content;	   /* what messageDigest covers */
	bool in_octets;		   /* CMS: content was in an OCTET STRING */
	struct bytes certificates; /* content of the SET; empty if none */
	size_t num_signers;
	struct cms_signer signer; /* the first */
};

/* The ContentInfo at the start of in.  *out_len is how many bytes it took;
 * what follows is the caller's to judge.  False if it is not one. */
bool cms_parse(struct cms *out, size_t *out_len, struct bytes in);
/* A SignerInfo with tag and length, as a countersignature has it. */
bool cms_signer_parse(struct cms_signer *out, struct bytes *in);
/* Adds the certificates to the set (SOURCE_EMBEDDED); returns how many could
 * not be read or did not fit. */
size_t cms_certificates(struct certificates *, const struct cms *);
/* Is every algorithm of digestAlgorithms this one? */
bool cms_digests_are(const struct cms *, const struct digest *);

/* The values of an attribute (each with tag and length) of an attribute
 * list's content; 0 if it is not there, or if the list is broken. */
size_t cms_attribute(
    struct bytes out_values[CMS_VALUES_MAX], struct bytes attributes, enum oid);
/* The single value of a signed attribute; false if absent, several, or twice. */
bool cms_signed_attribute(
    struct bytes *out_value, const struct cms_signer *, enum oid);

/* Verifies that the signed attributes name this content and its type, and
 * that the key of a certificate of the set signed them. *out_signer is the
 * certificate (borrowed from the set), also when the signature does not hold
 * and only one could be meant. FINDING_OK, or what refuses, with *out_why in
 * words (static). RFC 5652 section 5.6; signed attributes are required. */
enum finding_code cms_verify(struct certificate **out_signer, const char **out_why,
    const struct cms_signer *, enum oid content_type, struct bytes content,
    const struct certificates *);

#endif
