/*
 * One table of digest algorithms, so that nothing else decides by itself
 * which is good enough.
 */
#include <string.h>
#include <openssl/err.h>

#include "pki/der.h"
#include "pki/digest.h"

static const struct digest table[] = {
    {OID_SHA256, "sha256", "SHA-256", 32, DIGEST_GOOD, EVP_sha256},
    {OID_SHA384, "sha384", "SHA-384", 48, DIGEST_GOOD, EVP_sha384},
    {OID_SHA512, "sha512", "SHA-512", 64, DIGEST_GOOD, EVP_sha512},
    {OID_SHA1, "sha1", "SHA-1", 20, DIGEST_WEAK, EVP_sha1},
    {OID_MD5, "md5", "MD5", 16, DIGEST_BROKEN, EVP_md5},
};

#define NUM (sizeof(table) / sizeof(table[0]))

const struct digest *
digest_by_oid(enum oid oid)
{
	for (size_t i = 0; i < NUM; i++)
		if (table[i].oid == oid)
			return &table[i];
	return NULL;
}

const struct digest *
digest_by_name(const char *name)
{
	for (size_t i = 0; i < NUM; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

bool
digest_take(struct bytes *in, const struct digest **out)
{
	struct bytes algorithm, oid, parameters;

	*out = NULL;
	if (!der_take(in, DER_SEQUENCE, &algorithm) ||
	    !der_take(&algorithm, DER_OID, &oid))
		return false;
	if (algorithm.len > 0 &&
	    (!der_take(&algorithm, DER_NULL, &parameters) || parameters.len != 0 ||
		algorithm.len != 0))
		return false;
	*out = digest_by_oid(oid_find(oid));
	return true;
}

bool
digest_of(
    uint8_t out[DIGEST_MAX_LEN], const struct digest *digest, struct bytes data)
{
	if (EVP_Digest(data.p, data.len, out, NULL, digest->md(), NULL) == 1)
		return true;
	ERR_clear_error();
	return false;
}
