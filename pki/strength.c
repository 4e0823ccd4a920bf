/* Strength of keys and digests; see strength.h. */
#include "pki/strength.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

/* An even exponent, or 1, is no RSA. */
static bool
exponent_is_sane(const EVP_PKEY *key)
{
	BIGNUM *e = NULL;
	bool sane;

	sane = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
	    BN_is_odd(e) && !BN_is_one(e);
	BN_free(e);
	return sane;
}

/* A key with its own curve parameters can be made to match somebody else's
 * public key (CVE-2020-0601). */
static bool
curve_is_named(const EVP_PKEY *key)
{
	int explicit = 1;

	return EVP_PKEY_get_int_param(key,
		   OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
		   &explicit) == 1 &&
	    explicit == 0;
}

static void
check_size(
    struct findings *f, const EVP_PKEY *key, const char *kind, int least, int index)
{
	int bits = EVP_PKEY_get_bits(key);

	if (bits < least)
		finding_add(f, FINDING_WEAK_KEY, SEVERITY_ERROR, index,
		    "%s key of %d bits; at least %d are wanted", kind, bits, least);
}

void
strength_check_key(
    struct findings *f, const struct certificate *c, int index, bool allow_weak)
{
	const EVP_PKEY *key = X509_get0_pubkey(c->x509);

	if (key == NULL) {
		ERR_clear_error();
		finding_add(f, FINDING_MALFORMED_CERTIFICATE, SEVERITY_ERROR, index,
		    "its public key cannot be read");
		return;
	}
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		check_size(f, key, "RSA",
		    allow_weak ? STRENGTH_RSA_MIN_WEAK : STRENGTH_RSA_MIN, index);
		if (!exponent_is_sane(key))
			finding_add(f, FINDING_WEAK_KEY, SEVERITY_ERROR, index,
			    "RSA key with an even exponent, or 1");
		break;
	case EVP_PKEY_EC:
		check_size(f, key, "elliptic-curve",
		    allow_weak ? STRENGTH_EC_MIN_WEAK : STRENGTH_EC_MIN, index);
		if (!curve_is_named(key))
			finding_add(
			    f, FINDING_EXPLICIT_CURVE, SEVERITY_ERROR, index, NULL);
		break;
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		break;
	case EVP_PKEY_DSA:
		if (!allow_weak)
			finding_add(
			    f, FINDING_WEAK_KEY, SEVERITY_ERROR, index, "DSA key");
		break;
	default:
		finding_add(f, FINDING_WEAK_KEY, SEVERITY_ERROR, index,
		    "key of a kind that is not accepted: %s",
		    OBJ_nid2sn(EVP_PKEY_get_base_id(key)));
	}
	ERR_clear_error();
}

void
strength_check_digest(
    struct findings *f, const struct certificate *c, int index, bool allow_sha1)
{
	int digest = NID_undef;
	int bits = 0;

	if (X509_get_signature_info(c->x509, &digest, NULL, &bits, NULL) != 1) {
		ERR_clear_error();
		finding_add(f, FINDING_WEAK_DIGEST, SEVERITY_ERROR, index,
		    "its signature algorithm is not known");
		return;
	}
	switch (digest) {
	case NID_sha224:
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
	case NID_sha512_256:
	case NID_sha3_256:
	case NID_sha3_384:
	case NID_sha3_512:
		return;
	case NID_undef: /* Ed25519, Ed448: the digest is part of the scheme */
		if (bits >= 112)
			return;
		break;
	case NID_sha1:
		if (allow_sha1)
			return;
		break;
	}
	finding_add(f, FINDING_WEAK_DIGEST, SEVERITY_ERROR, index, "signed with %s",
	    OBJ_nid2sn(digest));
}
