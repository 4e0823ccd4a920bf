/*
 * Does a SignerInfo hold?  OpenSSL does the arithmetic and nothing else: its
 * own CMS code accepts more than we do (content types, several signers,
 * missing attributes) and refuses Authenticode's bare content.
 */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "pki/cms.h"
#include "pki/der.h"

/* What the signature's AlgorithmIdentifier asks for. */
struct scheme {
	int key_type;		     /* EVP_PKEY_RSA or EVP_PKEY_EC */
	const struct digest *digest; /* NULL: the SignerInfo's */
	bool pss;
	const struct digest *mgf;
	uint32_t salt_len;
};

static const struct {
	enum oid oid;
	int key_type;
	enum oid digest;
} schemes[] = {
    {OID_RSA_ENCRYPTION, EVP_PKEY_RSA, OID_NONE},
    {OID_RSA_MD5, EVP_PKEY_RSA, OID_MD5},
    {OID_RSA_SHA1, EVP_PKEY_RSA, OID_SHA1},
    {OID_RSA_SHA256, EVP_PKEY_RSA, OID_SHA256},
    {OID_RSA_SHA384, EVP_PKEY_RSA, OID_SHA384},
    {OID_RSA_SHA512, EVP_PKEY_RSA, OID_SHA512},
    {OID_EC_PUBLIC_KEY, EVP_PKEY_EC, OID_NONE},
    {OID_ECDSA_SHA1, EVP_PKEY_EC, OID_SHA1},
    {OID_ECDSA_SHA256, EVP_PKEY_EC, OID_SHA256},
    {OID_ECDSA_SHA384, EVP_PKEY_EC, OID_SHA384},
    {OID_ECDSA_SHA512, EVP_PKEY_EC, OID_SHA512},
};

/* RSASSA-PSS-params, RFC 4055 section 3.1; every default is SHA-1's. */
static bool
read_pss(struct scheme *out, struct bytes algorithm)
{
	struct bytes params, field, oid;

	out->digest = out->mgf = digest_by_oid(OID_SHA1);
	out->salt_len = 20;
	if (!der_take(&algorithm, DER_SEQUENCE, &params) || algorithm.len != 0 ||
	    !der_take_optional(&params, DER_CONTEXT(0), &field))
		return false;
	if (field.p != NULL &&
	    (!digest_take(&field, &out->digest) || field.len != 0))
		return false;
	if (!der_take_optional(&params, DER_CONTEXT(1), &field))
		return false;
	if (field.p != NULL) {
		struct bytes mgf;

		if (!der_take(&field, DER_SEQUENCE, &mgf) || field.len != 0 ||
		    !der_take(&mgf, DER_OID, &oid) || !oid_is(oid, OID_MGF1) ||
		    !digest_take(&mgf, &out->mgf) || mgf.len != 0)
			return false;
	}
	if (!der_take_optional(&params, DER_CONTEXT(2), &field))
		return false;
	if (field.p != NULL &&
	    (!der_take_uint(&field, &out->salt_len) || out->salt_len > 512))
		return false;
	if (!der_take_optional(&params, DER_CONTEXT(3), &field))
		return false;
	return params.len == 0 && out->digest != NULL && out->mgf != NULL;
}

static bool
read_scheme(struct scheme *out, struct bytes algorithm)
{
	struct bytes oid;
	enum oid name;

	*out = (struct scheme){0};
	if (!der_take(&algorithm, DER_OID, &oid))
		return false;
	name = oid_find(oid);
	if (name == OID_RSA_PSS) {
		out->key_type = EVP_PKEY_RSA;
		out->pss = true;
		return read_pss(out, algorithm);
	}
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (schemes[i].oid == name) {
			out->key_type = schemes[i].key_type;
			out->digest = digest_by_oid(schemes[i].digest);
			return true;
		}
	return false;
}

/* The signed attributes are signed as a SET, and stored under [0]. */
static bool
key_verifies(EVP_PKEY *key, const struct scheme *scheme,
    const struct digest *digest, const struct cms_signer *signer)
{
	static const uint8_t set = DER_SET;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey = NULL;
	bool ok;

	ok = ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, &pkey, digest->md(), NULL, key) == 1;
	if (ok && scheme->pss)
		ok = EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) ==
			1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, (int)scheme->salt_len) ==
			1 &&
		    EVP_PKEY_CTX_set_rsa_mgf1_md(pkey, scheme->mgf->md()) == 1;
	ok = ok && EVP_DigestVerifyUpdate(ctx, &set, 1) == 1 &&
	    EVP_DigestVerifyUpdate(ctx, signer->signed_attrs.p + 1,
		signer->signed_attrs.len - 1) == 1 &&
	    EVP_DigestVerifyFinal(
		ctx, signer->signature.p, signer->signature.len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

/* Is this the certificate that the SignerInfo names? */
static bool
is_named(const struct cms_signer *signer, const struct certificate *cert)
{
	const unsigned char *p = signer->issuer.p, *q = signer->serial.p;
	const ASN1_OCTET_STRING *key_id;
	X509_NAME *name;
	ASN1_INTEGER *serial;
	bool same;

	if (signer->key_id.p != NULL) {
		key_id = X509_get0_subject_key_id(cert->x509);
		return key_id != NULL &&
		    bytes_equal(signer->key_id,
			bytes_of(ASN1_STRING_get0_data(key_id),
			    (size_t)ASN1_STRING_length(key_id)));
	}
	serial = d2i_ASN1_INTEGER(NULL, &q, (long)signer->serial.len);
	same = serial != NULL &&
	    ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(cert->x509)) == 0;
	ASN1_INTEGER_free(serial);
	if (same) {
		name = d2i_X509_NAME(NULL, &p, (long)signer->issuer.len);
		same = name != NULL &&
		    X509_NAME_cmp(name, X509_get_issuer_name(cert->x509)) == 0;
		X509_NAME_free(name);
	}
	ERR_clear_error();
	return same;
}

/* contentType and messageDigest, RFC 5652 sections 11.1 and 11.2. */
static enum finding_code
check_attributes(const char **out_why, const struct cms_signer *signer,
    enum oid content_type, struct bytes content)
{
	struct bytes value, body;
	uint8_t digest[DIGEST_MAX_LEN];

	*out_why = "no signed attributes";
	if (signer->signed_attrs.p == NULL)
		return FINDING_SIGNATURE_INVALID;
	*out_why = "the signed attributes do not name the content's type";
	if (!cms_signed_attribute(&value, signer, OID_CONTENT_TYPE) ||
	    !der_take(&value, DER_OID, &body) || !oid_is(body, content_type))
		return FINDING_SIGNATURE_INVALID;
	*out_why = "the signed attributes hold no digest of the content";
	if (!cms_signed_attribute(&value, signer, OID_MESSAGE_DIGEST) ||
	    !der_take(&value, DER_OCTET_STRING, &body))
		return FINDING_SIGNATURE_INVALID;
	*out_why = "the signed attributes belong to another content";
	if (!digest_of(digest, signer->digest, content) ||
	    !bytes_equal(body, bytes_of(digest, signer->digest->len)))
		return FINDING_SIGNATURE_INVALID;
	return FINDING_OK;
}

enum finding_code
cms_verify(struct certificate **out_signer, const char **out_why,
    const struct cms_signer *signer, enum oid content_type, struct bytes content,
    const struct certificates *set)
{
	struct scheme scheme;
	enum finding_code code;
	bool known;

	*out_signer = NULL;
	*out_why = "the digest algorithm is not known";
	if (signer->digest == NULL)
		return FINDING_DIGEST_UNSUPPORTED;
	code = check_attributes(out_why, signer, content_type, content);
	known = read_scheme(&scheme, signer->algorithm);
	if (code == FINDING_OK && !known)
		*out_why = "the signature algorithm is not known";
	/* another certificate may bear the same issuer and number: the one
	 * whose key verifies is meant */
	for (size_t i = 0; i < set->num; i++) {
		struct certificate *cert = set->item[i].cert;
		EVP_PKEY *key = X509_get0_pubkey(cert->x509);

		if (!is_named(signer, cert))
			continue;
		if (*out_signer == NULL)
			*out_signer = cert;
		if (code != FINDING_OK || !known || key == NULL ||
		    EVP_PKEY_get_base_id(key) != scheme.key_type)
			continue;
		*out_why = "the signature names two digests";
		if (scheme.digest != NULL && scheme.digest != signer->digest)
			return FINDING_SIGNATURE_INVALID;
		*out_why =
		    "the signature does not verify with the certificate's key";
		if (!key_verifies(key, &scheme, signer->digest, signer))
			continue;
		*out_signer = cert;
		*out_why = NULL;
		return FINDING_OK;
	}
	if (*out_signer == NULL) {
		*out_why =
		    "no certificate of the signature is the one that it names";
		return FINDING_SIGNER_NOT_FOUND;
	}
	return FINDING_SIGNATURE_INVALID;
}
