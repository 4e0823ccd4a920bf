/*
 * The encoded forms.  They are compared as bytes: no text form is ever made
 * of a foreign one.
 */
#include "pki/oid.h"

#define PKCS	"\x2a\x86\x48\x86\xf7\x0d\x01"
#define MS	"\x2b\x06\x01\x04\x01\x82\x37"
#define NIST	"\x60\x86\x48\x01\x65\x03\x04\x02"
#define ANSI_EC "\x2a\x86\x48\xce\x3d"
#define OID(s)                                      \
	{                                           \
		(const uint8_t *)(s), sizeof(s) - 1 \
	}

static const struct bytes known[OID_NUM] = {
    [OID_DATA] = OID(PKCS "\x07\x01"),
    [OID_SIGNED_DATA] = OID(PKCS "\x07\x02"),
    [OID_CONTENT_TYPE] = OID(PKCS "\x09\x03"),
    [OID_MESSAGE_DIGEST] = OID(PKCS "\x09\x04"),
    [OID_SIGNING_TIME] = OID(PKCS "\x09\x05"),
    [OID_COUNTERSIGNATURE] = OID(PKCS "\x09\x06"),
    [OID_TST_INFO] = OID(PKCS "\x09\x10\x01\x04"),
    [OID_SIGNING_CERTIFICATE] = OID(PKCS "\x09\x10\x02\x0c"),
    [OID_SIGNING_CERTIFICATE_V2] = OID(PKCS "\x09\x10\x02\x2f"),
    [OID_SPC_INDIRECT_DATA] = OID(MS "\x02\x01\x04"),
    [OID_SPC_SP_OPUS_INFO] = OID(MS "\x02\x01\x0c"),
    [OID_SPC_PE_IMAGE_DATA] = OID(MS "\x02\x01\x0f"),
    [OID_SPC_CAB_DATA] = OID(MS "\x02\x01\x19"),
    [OID_SPC_NESTED_SIGNATURE] = OID(MS "\x02\x04\x01"),
    [OID_MS_RFC3161_COUNTERSIGN] = OID(MS "\x03\x03\x01"),
    [OID_MD5] = OID("\x2a\x86\x48\x86\xf7\x0d\x02\x05"),
    [OID_SHA1] = OID("\x2b\x0e\x03\x02\x1a"),
    [OID_SHA256] = OID(NIST "\x01"),
    [OID_SHA384] = OID(NIST "\x02"),
    [OID_SHA512] = OID(NIST "\x03"),
    [OID_RSA_ENCRYPTION] = OID(PKCS "\x01\x01"),
    [OID_RSA_MD5] = OID(PKCS "\x01\x04"),
    [OID_RSA_SHA1] = OID(PKCS "\x01\x05"),
    [OID_RSA_SHA256] = OID(PKCS "\x01\x0b"),
    [OID_RSA_SHA384] = OID(PKCS "\x01\x0c"),
    [OID_RSA_SHA512] = OID(PKCS "\x01\x0d"),
    [OID_RSA_PSS] = OID(PKCS "\x01\x0a"),
    [OID_MGF1] = OID(PKCS "\x01\x08"),
    [OID_EC_PUBLIC_KEY] = OID(ANSI_EC "\x02\x01"),
    [OID_ECDSA_SHA1] = OID(ANSI_EC "\x04\x01"),
    [OID_ECDSA_SHA256] = OID(ANSI_EC "\x04\x03\x02"),
    [OID_ECDSA_SHA384] = OID(ANSI_EC "\x04\x03\x03"),
    [OID_ECDSA_SHA512] = OID(ANSI_EC "\x04\x03\x04"),
};

bool
oid_is(struct bytes body, enum oid oid)
{
	return body.len > 0 && bytes_equal(body, known[oid]);
}

enum oid
oid_find(struct bytes body)
{
	for (int i = OID_NONE + 1; i < OID_NUM; i++)
		if (oid_is(body, (enum oid)i))
			return (enum oid)i;
	return OID_NONE;
}
