/*
 * The object identifiers that a signature is made of, by name.
 */
#ifndef PKI_OID_H
#define PKI_OID_H

#include <stdbool.h>

#include "base/bytes.h"

enum oid {
	OID_NONE,
	/* RFC 5652, RFC 2985 */
	OID_DATA,
	OID_SIGNED_DATA,
	OID_CONTENT_TYPE,
	OID_MESSAGE_DIGEST,
	OID_SIGNING_TIME,
	OID_COUNTERSIGNATURE,
	/* RFC 3161, RFC 5035 */
	OID_TST_INFO,
	OID_SIGNING_CERTIFICATE,
	OID_SIGNING_CERTIFICATE_V2,
	/* Microsoft's Authenticode */
	OID_SPC_INDIRECT_DATA,
	OID_SPC_SP_OPUS_INFO,
	OID_SPC_PE_IMAGE_DATA,
	OID_SPC_CAB_DATA,
	OID_SPC_NESTED_SIGNATURE,
	OID_MS_RFC3161_COUNTERSIGN,
	/* algorithms */
	OID_MD5,
	OID_SHA1,
	OID_SHA256,
	OID_SHA384,
	OID_SHA512,
	OID_RSA_ENCRYPTION,
	OID_RSA_MD5,
	OID_RSA_SHA1,
	OID_RSA_SHA256,
	OID_RSA_SHA384,
	OID_RSA_SHA512,
	OID_RSA_PSS,
	OID_MGF1,
	OID_EC_PUBLIC_KEY,
	OID_ECDSA_SHA1,
	OID_ECDSA_SHA256,
	OID_ECDSA_SHA384,
	OID_ECDSA_SHA512,
	OID_NUM
};

/* body: the content of an OBJECT IDENTIFIER. */
bool oid_is(struct bytes body, enum oid);
/* OID_NONE for one that is not listed. */
enum oid oid_find(struct bytes body);

#endif
