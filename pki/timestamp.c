/*
 * Reading and judging timestamps.  A timestamp never refuses a signature: one
 * that does not hold is as if it were not there, and a warning says so.
 */
#include "pki/timestamp.h"

#include "pki/der.h"
#include "pki/path.h"

/* Bounds the work that one signature can cause. */
#define TIMESTAMPS_MAX 4

/* What both kinds come down to. */
struct claim {
	enum timestamp_kind kind;
	int64_t time;
	struct cms_signer signer;
	enum oid content_type;
	struct bytes content;
};

static void
warn(struct findings *findings, enum finding_code code, const char *why)
{
	finding_add(findings, code, SEVERITY_WARNING, -1, "%s", why);
}

/* TSTInfo, RFC 3161 section 2.4.2: does it stamp this signature, and when? */
static bool
read_tst_info(int64_t *out_time, const char **out_why, struct bytes info,
    struct bytes signature)
{
	struct bytes body, policy, imprint, serial, hashed;
	const struct digest *digest;
	uint8_t value[DIGEST_MAX_LEN];
	uint32_t version;

	*out_why = "the token's TSTInfo cannot be read";
	if (!der_take(&info, DER_SEQUENCE, &body) || info.len != 0 ||
	    !der_take_uint(&body, &version) || version != 1 ||
	    !der_take(&body, DER_OID, &policy) ||
	    !der_take(&body, DER_SEQUENCE, &imprint) ||
	    !digest_take(&imprint, &digest) ||
	    !der_take(&imprint, DER_OCTET_STRING, &hashed) || imprint.len != 0 ||
	    !der_take(&body, DER_INTEGER, &serial) ||
	    der_peek(body) != DER_GENERALIZED_TIME ||
	    !der_take_time(&body, out_time))
		return false;
	*out_why = "the token's digest is unknown or can be forged";
	if (digest == NULL || digest->strength == DIGEST_BROKEN)
		return false;
	*out_why = "the token stamps another signature";
	return digest_of(value, digest, signature) &&
	    bytes_equal(hashed, bytes_of(value, digest->len));
}

/* The ESSCertID(v2) of a token must be its signer's (RFC 3161 section 2.4.2,
 * RFC 5816); a token without one is accepted, as Windows does. */
static bool
ess_matches(const struct cms_signer *signer, const struct certificate *cert)
{
	const struct digest *digest = digest_by_oid(OID_SHA1);
	struct bytes value, body, list, id, hash;
	uint8_t own[DIGEST_MAX_LEN];

	if (cms_signed_attribute(&value, signer, OID_SIGNING_CERTIFICATE_V2))
		digest = digest_by_oid(OID_SHA256);
	else if (!cms_signed_attribute(&value, signer, OID_SIGNING_CERTIFICATE))
		return true;
	if (!der_take(&value, DER_SEQUENCE, &body) ||
	    !der_take(&body, DER_SEQUENCE, &list) ||
	    !der_take(&list, DER_SEQUENCE, &id))
		return false;
	if (der_peek(id) == DER_SEQUENCE && !digest_take(&id, &digest))
		return false;
	return digest != NULL && der_take(&id, DER_OCTET_STRING, &hash) &&
	    digest_of(own, digest, bytes_of(cert->der, cert->der_len)) &&
	    bytes_equal(hash, bytes_of(own, digest->len));
}

/* Does the claim's signature hold, and may its signer stamp? The set has the
 * certificates of the token and of the stamped signature. */
static bool
judge(const struct claim *claim, struct findings *findings,
    struct certificates *set, const struct signature_options *options)
{
	struct path_request request = {.pool = set,
	    .roots = options->roots,
	    .capability = CAPABILITY_TIMESTAMPING,
	    .purpose = PURPOSE_TIMESTAMPING,
	    .at = claim->time,
	    .allow_sha1 = true};
	struct findings reasons = {0};
	struct certificate *signer;
	struct path path = {0};
	const char *why;
	bool ok;

	if (claim->signer.digest != NULL &&
	    claim->signer.digest->strength == DIGEST_BROKEN) {
		warn(findings, FINDING_TIMESTAMP_INVALID, "it rests on MD5");
		return false;
	}
	if (cms_verify(&signer, &why, &claim->signer, claim->content_type,
		claim->content, set) != FINDING_OK) {
		warn(findings, FINDING_TIMESTAMP_INVALID, why);
		return false;
	}
	if (!ess_matches(&claim->signer, signer)) {
		warn(findings, FINDING_TIMESTAMP_INVALID,
		    "the token names another signer than it has");
		return false;
	}
	for (size_t i = 0;
	     options->intermediates != NULL && i < options->intermediates->num; i++)
		certificates_add(set, options->intermediates->item[i].cert,
		    options->intermediates->item[i].source,
		    options->intermediates->item[i].url);
	if (options->before_chain != NULL)
		options->before_chain(options->context, set);
	request.leaf = signer;
	ok = path_build(&path, &reasons, &request);
	for (size_t i = 0; ok && options->revoked != NULL && i + 1 < path.num; i++)
		if (options->revoked(options->context, &path, i, claim->time)) {
			finding_add(
			    &reasons, FINDING_REVOKED, SEVERITY_ERROR, -1, NULL);
			ok = false;
		}
	if (!ok)
		finding_add(findings, FINDING_TIMESTAMP_UNTRUSTED, SEVERITY_WARNING,
		    -1, "%s: %s", signer->common_name,
		    finding_seen(finding_reason(&reasons)));
	path_clear(&path);
	return ok;
}

static bool
token(struct timestamp *out, struct findings *findings, struct bytes value,
    const struct cms_signer *stamped, const struct certificates *bag,
    const struct signature_options *options)
{
	struct claim claim = {
	    .kind = TIMESTAMP_RFC3161, .content_type = OID_TST_INFO};
	struct certificates set = {0};
	const char *why = "the token cannot be read";
	struct cms cms;
	size_t len;
	bool ok;

	if (!cms_parse(&cms, &len, value) || len != value.len ||
	    cms.content_type != OID_TST_INFO || cms.num_signers != 1 ||
	    !read_tst_info(&claim.time, &why, cms.content, stamped->signature)) {
		warn(findings, FINDING_TIMESTAMP_INVALID, why);
		if (out->kind == TIMESTAMP_NONE && claim.time != 0)
			*out = (struct timestamp){claim.kind, claim.time, false};
		return false;
	}
	claim.signer = cms.signer;
	claim.content = cms.content;
	cms_certificates(&set, &cms);
	for (size_t i = 0; i < bag->num; i++)
		certificates_add(&set, bag->item[i].cert, SOURCE_EMBEDDED, NULL);
	ok = judge(&claim, findings, &set, options);
	certificates_clear(&set);
	if (ok || out->kind == TIMESTAMP_NONE)
		*out = (struct timestamp){claim.kind, claim.time, ok};
	return ok;
}

static bool
countersignature(struct timestamp *out, struct findings *findings,
    struct bytes value, const struct cms_signer *stamped,
    const struct certificates *bag, const struct signature_options *options)
{
	struct claim claim = {.kind = TIMESTAMP_PKCS9,
	    .content_type = OID_DATA,
	    .content = stamped->signature};
	struct certificates set = {0};
	struct bytes time;
	bool ok;

	if (!cms_signer_parse(&claim.signer, &value) || value.len != 0 ||
	    !cms_signed_attribute(&time, &claim.signer, OID_SIGNING_TIME) ||
	    !der_take_time(&time, &claim.time) || time.len != 0) {
		warn(findings, FINDING_TIMESTAMP_INVALID,
		    "the countersignature cannot be read");
		return false;
	}
	for (size_t i = 0; i < bag->num; i++)
		certificates_add(&set, bag->item[i].cert, SOURCE_EMBEDDED, NULL);
	ok = judge(&claim, findings, &set, options);
	certificates_clear(&set);
	if (ok || out->kind == TIMESTAMP_NONE)
		*out = (struct timestamp){claim.kind, claim.time, ok};
	return ok;
}

void
timestamp_judge(struct timestamp *out, struct findings *findings,
    const struct cms_signer *stamped, const struct certificates *bag,
    const struct signature_options *options)
{
	struct bytes value[CMS_VALUES_MAX];
	size_t num;

	*out = (struct timestamp){0};
	num = cms_attribute(
	    value, stamped->unsigned_attrs, OID_MS_RFC3161_COUNTERSIGN);
	for (size_t i = 0; i < num && i < TIMESTAMPS_MAX; i++)
		if (token(out, findings, value[i], stamped, bag, options))
			return;
	num = cms_attribute(value, stamped->unsigned_attrs, OID_COUNTERSIGNATURE);
	for (size_t i = 0; i < num && i < TIMESTAMPS_MAX; i++)
		if (countersignature(
			out, findings, value[i], stamped, bag, options))
			return;
}
