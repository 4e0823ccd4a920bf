/* Strict verification of one path; see path_check.h. */
#include "pki/path_check.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/instant.h"
#include "pki/strength.h"

/* What is understood here or in path_purpose.c and policy.c. Alternative names
 * of the leaf matter to name constraints only: nobody here asks for a host. */
static const int understood[] = {
    NID_basic_constraints,
    NID_key_usage,
    NID_ext_key_usage,
    NID_name_constraints,
    NID_certificate_policies,
    NID_policy_mappings,
    NID_policy_constraints,
    NID_inhibit_any_policy,
    NID_subject_alt_name,
};

static bool
understands(int nid)
{
	for (size_t i = 0; i < sizeof(understood) / sizeof(understood[0]); i++)
		if (understood[i] == nid)
			return true;
	return false;
}

/* RFC 5280 section 4.2: no extension twice, none critical that is unknown. */
static void
check_extensions(struct findings *f, const struct certificate *c, int index)
{
	int num = X509_get_ext_count(c->x509);

	for (int i = 0; i < num; i++) {
		X509_EXTENSION *e = X509_get_ext(c->x509, i);
		ASN1_OBJECT *type = X509_EXTENSION_get_object(e);
		char oid[128];

		if (OBJ_obj2txt(oid, sizeof(oid), type, 1) <= 0)
			oid[0] = '\0';
		if (X509_get_ext_by_OBJ(c->x509, type, i) >= 0)
			finding_add(f, FINDING_MALFORMED_CERTIFICATE,
			    SEVERITY_ERROR, index, "extension %s is there twice",
			    oid);
		if (X509_EXTENSION_get_critical(e) &&
		    !understands(OBJ_obj2nid(type)))
			finding_add(f, FINDING_UNKNOWN_CRITICAL_EXTENSION,
			    SEVERITY_ERROR, index, "extension %s", oid);
	}
}

/* OpenSSL reads the known extensions at once and remembers that one of them
 * was unreadable, or contradicts the certificate's version. */
static void
check_form(struct findings *f, const struct certificate *c, int index)
{
	if ((X509_get_extension_flags(c->x509) &
		(EXFLAG_INVALID | EXFLAG_INVALID_POLICY)) != 0)
		finding_add(f, FINDING_MALFORMED_CERTIFICATE, SEVERITY_ERROR, index,
		    "one of its extensions cannot be read");
	/* section 4.1.2.4; with no name every certificate would fit the other */
	if (X509_NAME_entry_count(X509_get_issuer_name(c->x509)) == 0)
		finding_add(f, FINDING_MALFORMED_CERTIFICATE, SEVERITY_ERROR, index,
		    "its issuer has no name");
	check_extensions(f, c, index);
	ERR_clear_error();
}

/* Of the root too: RFC 5280 leaves that open, but an authority keeps a root's
 * key and revocation data safe only for as long as the root says, and Windows
 * judges it as well. */
static void
check_validity(
    struct findings *f, const struct certificate *c, int index, int64_t at)
{
	char from[INSTANT_TEXT_LEN], until[INSTANT_TEXT_LEN], now[INSTANT_TEXT_LEN];
	enum finding_code code;

	if (at >= c->not_before && at <= c->not_after)
		return;
	instant_text(from, c->not_before);
	instant_text(until, c->not_after);
	instant_text(now, at);
	code = at > c->not_after ? FINDING_EXPIRED : FINDING_NOT_YET_VALID;
	finding_add(f, code, SEVERITY_ERROR, index,
	    "valid from %s until %s, judged at %s", from, until, now);
}

/* A certificate that issues: RFC 5280 section 6.1.4 k to n.  below counts the
 * certificates under it that are neither the leaf nor self-issued. */
static void
check_issuer(struct findings *f, const struct certificate *c, int index, long below,
    bool root)
{
	uint32_t flags = X509_get_extension_flags(c->x509);
	long limit = X509_get_pathlen(c->x509);
	/* Version 1 has no extensions: such a root is the operator's word alone. */
	bool v1_root = root && (flags & EXFLAG_V1) != 0 && c->self_signed;

	if ((flags & EXFLAG_CA) == 0 && !v1_root)
		finding_add(f, FINDING_BASIC_CONSTRAINTS, SEVERITY_ERROR, index,
		    "it is not a certificate authority's");
	if ((flags & EXFLAG_KUSAGE) != 0 &&
	    (X509_get_key_usage(c->x509) & KU_KEY_CERT_SIGN) == 0)
		finding_add(f, FINDING_KEY_USAGE, SEVERITY_ERROR, index,
		    "its key usage does not include certificate signing");
	if (limit >= 0 && below > limit)
		finding_add(f, FINDING_PATH_TOO_LONG, SEVERITY_ERROR, index,
		    "it allows %ld authorities below it, and there are %ld", limit,
		    below);
}

static void
check_issuers(struct findings *f, struct certificate *const *cert, size_t num)
{
	long below = 0;

	for (size_t i = 1; i < num; i++) {
		check_issuer(f, cert[i], (int)i, below, i + 1 == num);
		if (!cert[i]->self_issued)
			below++;
	}
}

/* What one issuer's constraints say about everything below it. */
static void
check_names_below(struct findings *f, const struct path_request *r,
    struct certificate *const *cert, size_t issuer)
{
	int critical;
	NAME_CONSTRAINTS *nc = X509_get_ext_d2i(
	    cert[issuer]->x509, NID_name_constraints, &critical, NULL);

	if (nc == NULL) {
		if (critical != -1)
			finding_add(f, FINDING_MALFORMED_CERTIFICATE,
			    SEVERITY_ERROR, (int)issuer,
			    "its name constraints cannot be read");
		return;
	}
	for (size_t i = issuer; i-- > 0;) {
		int result;

		/* RFC 5280 section 6.1.3 b: self-issued ones only as leaf */
		if (i > 0 && cert[i]->self_issued)
			continue;
		result = NAME_CONSTRAINTS_check(cert[i]->x509, nc);
		if (result == X509_V_OK && i == 0 &&
		    r->purpose == PURPOSE_TLS_SERVER)
			result = NAME_CONSTRAINTS_check_CN(cert[i]->x509, nc);
		if (result != X509_V_OK)
			finding_add(f, FINDING_NAME_CONSTRAINTS, SEVERITY_ERROR,
			    (int)i, "constraints of certificate %zu: %s", issuer,
			    X509_verify_cert_error_string(result));
	}
	NAME_CONSTRAINTS_free(nc);
}

static void
check_names(struct findings *f, const struct path_request *r,
    struct certificate *const *cert, size_t num)
{
	for (size_t i = num - 1; i > 0; i--)
		if (X509_get_ext_by_NID(cert[i]->x509, NID_name_constraints, -1) >=
		    0)
			check_names_below(f, r, cert, i);
	ERR_clear_error();
}

static void
check_policies(struct findings *f, struct policy_result *out,
    struct certificate *const *cert, size_t num)
{
	policy_evaluate(out, cert, num);
	if (out->malformed)
		finding_add(f, FINDING_MALFORMED_CERTIFICATE, SEVERITY_ERROR,
		    out->certificate, "its policies cannot be read");
	else if (out->refused)
		finding_add(f, FINDING_POLICY_REQUIRED, SEVERITY_ERROR,
		    out->certificate, NULL);
}

/* The order decides which reason is named first: what makes a certificate
 * unusable at all, then time and purpose, which people can mend, then the
 * rest. */
bool
path_check(struct findings *f, struct policy_result *out_policies,
    const struct path_request *r, struct certificate *const *cert, size_t num)
{
	size_t before = f->num;

	for (size_t i = 0; i < num; i++)
		check_form(f, cert[i], (int)i);
	for (size_t i = 0; i < num; i++)
		check_validity(f, cert[i], (int)i, r->at);
	path_check_purpose(f, r, cert, num);
	check_issuers(f, cert, num);
	check_names(f, r, cert, num);
	for (size_t i = 0; i < num; i++)
		strength_check_key(f, cert[i], (int)i, r->allow_weak);
	for (size_t i = 0; i + 1 < num; i++)
		strength_check_digest(
		    f, cert[i], (int)i, r->allow_sha1 || r->allow_weak);
	check_policies(f, out_policies, cert, num);
	/* a list that was full would hide what came last */
	return f->num == before && before < FINDINGS_MAX;
}
