/*
 * The verdict on one signature.  Refused until the last check: each step adds
 * its findings, later steps are taken even when an earlier one refused (a
 * page shows the chain of a file that was changed, too), and only a signature
 * without any error is genuine.
 */
#include <string.h>

#include "pki/der.h"
#include "pki/signature.h"
#include "pki/timestamp.h"

static void
refuse(struct signature *sig, enum finding_code code, const char *why)
{
	if (why != NULL)
		finding_add(&sig->findings, code, SEVERITY_ERROR, -1, "%s", why);
	else
		finding_add(&sig->findings, code, SEVERITY_ERROR, -1, NULL);
}

static void
read_program_name(struct signature *sig, const struct cms_signer *signer)
{
	struct bytes opus;

	if (!cms_signed_attribute(&opus, signer, OID_SPC_SP_OPUS_INFO))
		return;
	if (!spc_program_name(sig->program_name, sizeof(sig->program_name), opus))
		finding_add(&sig->findings, FINDING_PROGRAM_NAME_MISSING,
		    SEVERITY_NOTE, -1, "it cannot be read");
}

size_t
signature_read(struct signature *sig, struct signature_parts *parts,
    struct bytes blob, enum oid wanted_kind)
{
	const struct digest *digest;
	struct bytes content, fields;
	size_t len, bad;

	*parts = (struct signature_parts){0};
	if (!cms_parse(&parts->cms, &len, blob)) {
		refuse(sig, FINDING_MALFORMED_CMS, "not a SignedData in DER");
		return 0;
	}
	/* Microsoft's tools put the bare structure, CMS libraries its octets */
	fields = content = parts->cms.content;
	if (parts->cms.in_octets &&
	    (!der_take(&content, DER_SEQUENCE, &fields) || content.len != 0))
		fields = bytes_of(NULL, 0);
	if (parts->cms.content_type != OID_SPC_INDIRECT_DATA ||
	    !spc_indirect_parse(&parts->indirect, fields) ||
	    parts->cms.num_signers == 0) {
		refuse(sig, FINDING_MALFORMED_CMS, "not an Authenticode signature");
		return 0;
	}
	parts->readable = true;
	digest = parts->indirect.digest;
	if (digest != NULL) {
		memcpy(sig->digest, digest->name, strlen(digest->name) + 1);
		sig->signed_digest_len = digest->len;
		memcpy(sig->signed_digest, parts->indirect.value.p, digest->len);
	}
	if (parts->indirect.kind != wanted_kind)
		refuse(sig, FINDING_MALFORMED_CMS,
		    "the signature was made for another kind of file");
	bad = cms_certificates(&sig->bag, &parts->cms);
	if (bad > 0)
		finding_add(&sig->findings, FINDING_MALFORMED_CERTIFICATE,
		    SEVERITY_WARNING, -1,
		    "%zu certificates of the signature cannot be read", bad);
	read_program_name(sig, &parts->cms.signer);
	return len;
}

/* The file's digest: named the same at all three places, and matching. */
static void
judge_digest(struct signature *sig, const struct signature_parts *parts,
    const uint8_t *image)
{
	const struct digest *digest = parts->indirect.digest;

	if (digest == NULL || parts->cms.signer.digest == NULL) {
		refuse(sig, FINDING_DIGEST_UNSUPPORTED, NULL);
		return;
	}
	sig->digest_matches =
	    image != NULL && memcmp(image, sig->signed_digest, digest->len) == 0;
	if (!sig->digest_matches)
		refuse(sig, FINDING_DIGEST_MISMATCH, digest->label);
	if (parts->cms.signer.digest != digest ||
	    !cms_digests_are(&parts->cms, digest))
		finding_add(&sig->findings, FINDING_DIGEST_DISAGREES,
		    SEVERITY_ERROR, -1, "%s for the file, %s for the signature",
		    digest->label, parts->cms.signer.digest->label);
}

/* After the chain: that a binary is expired or untrusted says more than that
 * nothing vouches for the age of its SHA-1. */
static void
judge_strength(struct signature *sig, const struct signature_options *options)
{
	const struct digest *digest = digest_by_name(sig->digest);

	if (digest == NULL || digest->strength == DIGEST_GOOD)
		return;
	if (digest->strength == DIGEST_WEAK && options->sha1_with_timestamp &&
	    !options->ignore_timestamp && sig->timestamp.valid)
		return;
	refuse(sig, FINDING_DIGEST_WEAK, digest->label);
}

static bool
build(struct signature *sig, struct path *path, struct findings *findings,
    int64_t at, const struct signature_options *options)
{
	const struct path_request request = {.leaf = sig->signer,
	    .pool = &sig->pool,
	    .roots = options->roots,
	    .capability = options->capability,
	    .purpose = PURPOSE_CODE_SIGNING,
	    .at = at,
	    .allow_sha1 = options->sha1_with_timestamp &&
		!options->ignore_timestamp && sig->timestamp.valid};

	if (!path_build(path, findings, &request))
		return false;
	for (size_t i = 0; options->revoked != NULL && i + 1 < path->num; i++)
		if (options->revoked(options->context, path, i, at))
			finding_add(findings, FINDING_REVOKED, SEVERITY_ERROR,
			    (int)i, "%s", path->cert[i]->subject);
	return true;
}

static bool
is_about_time(enum finding_code code)
{
	return code == FINDING_OK || code == FINDING_EXPIRED ||
	    code == FINDING_NOT_YET_VALID;
}

/* A refused chain of an expired certificate without a timestamp: was it good
 * while it was valid?  Then time is all that is missing; else what was wrong
 * then is the better reason. */
static void
explain_expired(struct signature *sig, const struct signature_options *options)
{
	struct path then = {0};
	struct findings reasons = {0};

	build(sig, &then, &reasons, sig->signer->not_after, options);
	path_clear(&sig->path);
	sig->path = then;
	sig->path.valid = false;
	sig->path.root = NULL;
	sig->findings.num = sig->num_own_findings;
	if (is_about_time(finding_reason(&reasons)))
		finding_add(&sig->findings, FINDING_EXPIRED_WITHOUT_TIMESTAMP,
		    SEVERITY_ERROR, 0, "%s", sig->signer->subject);
	for (size_t i = 0; i < reasons.num && sig->findings.num < FINDINGS_MAX; i++)
		sig->findings.item[sig->findings.num++] = reasons.item[i];
}

static void
fill_pool(struct signature *sig, const struct signature_options *options)
{
	const struct certificates *more = options->intermediates;

	certificates_clear(&sig->pool);
	for (size_t i = 0; i < sig->bag.num; i++)
		certificates_add(
		    &sig->pool, sig->bag.item[i].cert, SOURCE_EMBEDDED, NULL);
	for (size_t i = 0; more != NULL && i < more->num; i++)
		certificates_add(&sig->pool, more->item[i].cert,
		    more->item[i].source, more->item[i].url);
}

void
signature_judge_chain(
    struct signature *sig, const struct signature_options *options)
{
	bool stamped = sig->timestamp.valid && !options->ignore_timestamp;

	sig->findings.num = sig->num_own_findings;
	sig->verdict = VERDICT_REFUSED;
	sig->identities.num = 0;
	path_clear(&sig->path);
	if (sig->signer == NULL)
		return;
	fill_pool(sig, options);
	if (options->before_chain != NULL)
		options->before_chain(options->context, &sig->pool);
	if (!build(sig, &sig->path, &sig->findings,
		stamped ? sig->timestamp.time : options->at, options) &&
	    !stamped && !options->ignore_timestamp &&
	    sig->signer->not_after < options->at)
		explain_expired(sig, options);
	judge_strength(sig, options);
	/* whoever put somebody's certificate beside a signature that it did
	 * not make gets nothing of that somebody's */
	if (sig->intact)
		identity_of(&sig->identities, &sig->path, sig->signer);
	if (sig->path.valid && finding_reason(&sig->findings) == FINDING_OK)
		sig->verdict = VERDICT_GENUINE;
}

void
signature_judge(struct signature *sig, const struct signature_parts *parts,
    const uint8_t *image, const struct signature_options *options)
{
	struct timestamp timestamp = {0};
	struct certificate *signer = NULL;
	enum finding_code code;
	const char *why;

	sig->num_own_findings = sig->findings.num;
	if (!parts->readable)
		return;
	if (parts->cms.num_signers != 1)
		refuse(sig, FINDING_SEVERAL_SIGNERS, "in one signature block");
	judge_digest(sig, parts, image);
	code = cms_verify(&signer, &why, &parts->cms.signer, OID_SPC_INDIRECT_DATA,
	    parts->cms.content, &sig->bag);
	if (code != FINDING_OK)
		refuse(sig, code, why);
	sig->intact = sig->digest_matches && code == FINDING_OK &&
	    finding_reason(&sig->findings) == FINDING_OK;
	if (signer != NULL)
		sig->signer = certificate_ref(signer);
	if (code == FINDING_OK)
		timestamp_judge(&timestamp, &sig->findings, &parts->cms.signer,
		    &sig->bag, options);
	sig->timestamp.kind = timestamp.kind;
	sig->timestamp.time = timestamp.time;
	sig->timestamp.valid = timestamp.valid;
	sig->num_own_findings = sig->findings.num;
	signature_judge_chain(sig, options);
}

void
signature_clear(struct signature *sig)
{
	path_clear(&sig->path);
	certificate_free(sig->signer);
	certificates_clear(&sig->bag);
	certificates_clear(&sig->pool);
}
