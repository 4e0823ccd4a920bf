/*
 * Purposes along a path: key usage and extended key usage (RFC 5280 sections
 * 4.2.1.3 and 4.2.1.12; RFC 3161 section 2.3).
 *
 * RFC 5280 does not say that a CA's extended key usage limits what it issues.
 * Windows, the browsers and the CA/Browser Forum all do, and so does this: an
 * issuer with the extension must list the purpose, or any purpose.
 */
#include "pki/path_check.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

static const struct {
	uint32_t bit;
	const char *text;
} purposes[] = {
    [PURPOSE_ANY] = {0, "anything"},
    [PURPOSE_CODE_SIGNING] = {XKU_CODE_SIGN, "code signing"},
    [PURPOSE_TIMESTAMPING] = {XKU_TIMESTAMP, "timestamps"},
    [PURPOSE_TLS_SERVER] = {XKU_SSL_SERVER, "TLS servers"},
    [PURPOSE_TLS_CLIENT] = {XKU_SSL_CLIENT, "TLS clients"},
};

static void
check_issuer(struct findings *f, enum purpose purpose, const struct certificate *c,
    int index)
{
	uint32_t usage;

	if ((X509_get_extension_flags(c->x509) & EXFLAG_XKUSAGE) == 0)
		return;
	usage = X509_get_extended_key_usage(c->x509);
	if ((usage & (purposes[purpose].bit | XKU_ANYEKU)) == 0)
		finding_add(f, FINDING_WRONG_PURPOSE, SEVERITY_ERROR, index,
		    "this authority may not issue for %s", purposes[purpose].text);
}

/* RFC 3161 section 2.3: the extension lists one purpose.  It should be critical
 * too, and in none of Microsoft's timestamp signers until 2021 it is; Windows
 * takes them, and what criticality guards against, a reader that ignores the
 * extension, is not us. */
static bool
only_timestamping(const struct certificate *c)
{
	EXTENDED_KEY_USAGE *eku =
	    X509_get_ext_d2i(c->x509, NID_ext_key_usage, NULL, NULL);
	bool only = eku != NULL && sk_ASN1_OBJECT_num(eku) == 1 &&
	    OBJ_obj2nid(sk_ASN1_OBJECT_value(eku, 0)) == NID_time_stamp;

	sk_ASN1_OBJECT_pop_free(eku, ASN1_OBJECT_free);
	ERR_clear_error();
	return only;
}

static void
check_leaf_usage(
    struct findings *f, enum purpose purpose, const struct certificate *c)
{
	uint32_t wanted = KU_DIGITAL_SIGNATURE;

	if ((X509_get_extension_flags(c->x509) & EXFLAG_KUSAGE) == 0)
		return;
	if (purpose == PURPOSE_TIMESTAMPING)
		wanted |= KU_NON_REPUDIATION;
	else if (purpose != PURPOSE_CODE_SIGNING)
		return;
	if ((X509_get_key_usage(c->x509) & wanted) == 0)
		finding_add(f, FINDING_KEY_USAGE, SEVERITY_ERROR, 0,
		    "the key usage does not include digital signature");
}

static void
check_leaf(struct findings *f, enum purpose purpose, const struct certificate *c)
{
	bool has = (X509_get_extension_flags(c->x509) & EXFLAG_XKUSAGE) != 0;
	uint32_t usage = has ? X509_get_extended_key_usage(c->x509) : 0;
	uint32_t bit = purposes[purpose].bit;
	bool tls = purpose == PURPOSE_TLS_SERVER || purpose == PURPOSE_TLS_CLIENT;

	/* for code and timestamps "any purpose" and silence do not do: such a
	 * certificate was not issued by the rules that make these safe */
	if (tls && (!has || (usage & XKU_ANYEKU) != 0))
		return;
	if ((usage & bit) == 0)
		finding_add(f, FINDING_WRONG_PURPOSE, SEVERITY_ERROR, 0,
		    "the extended key usage does not list %s",
		    purposes[purpose].text);
	else if (purpose == PURPOSE_TIMESTAMPING && !only_timestamping(c))
		finding_add(f, FINDING_WRONG_PURPOSE, SEVERITY_ERROR, 0,
		    "a timestamp signer's extended key usage must list "
		    "nothing else");
}

void
path_check_purpose(struct findings *f, const struct path_request *r,
    struct certificate *const *cert, size_t num)
{
	if (r->purpose == PURPOSE_ANY)
		return;
	check_leaf(f, r->purpose, cert[0]);
	check_leaf_usage(f, r->purpose, cert[0]);
	for (size_t i = 1; i < num; i++)
		check_issuer(f, r->purpose, cert[i], (int)i);
}
