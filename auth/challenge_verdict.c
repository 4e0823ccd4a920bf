/*
 * The judgement on a signed challenge as JSON, for the page that waits and
 * for whoever signs in with curl: what ticked off, with what was seen at each
 * step, and at the first that did not, why.
 */
#include <openssl/evp.h>

#include "auth/challenge.h"
#include "base/buf.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/text.h"
#include "pki/digest.h"

static const char *const step_text[STEP_NUM] = {
    [STEP_FILE] = "file",
    [STEP_DIGEST] = "digest",
    [STEP_CHALLENGE] = "challenge",
    [STEP_CHAIN] = "chain",
    [STEP_ROOT] = "root",
    [STEP_IDENTITY] = "identity",
};

/* "RSA 3072", "EC 256". */
static void
write_key(struct buf *out, const struct certificate *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert->x509);

	if (key == NULL)
		return;
	buf_printf(out, ", %s %d",
	    EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? "EC" : "RSA",
	    EVP_PKEY_get_bits(key));
}

/* Where the issuers came from. */
static void
write_sources(struct buf *out, const struct path *path)
{
	size_t embedded = 0;

	for (size_t i = 1; i < path->num; i++)
		embedded += path->source[i] == SOURCE_EMBEDDED;
	buf_printf(out, "%zu certificates", path->num);
	if (embedded > 0)
		buf_printf(out, ", %zu issuers found in the file", embedded);
	for (size_t i = 1; i < path->num; i++)
		if (path->url[i] != NULL) {
			buf_puts(out, ", issuer fetched from ");
			text_visible(
			    out, bytes_of(path->url[i], strlen(path->url[i])));
		}
}

/* What was seen at a step that is done. */
static void
write_seen(struct buf *out, enum challenge_step step, const struct signature *sig)
{
	const struct digest *digest = digest_by_name(sig->digest);

	switch (step) {
	case STEP_FILE:
		buf_puts(out,
		    "the cabinet that was issued, unchanged but for its "
		    "signature");
		break;
	case STEP_DIGEST:
		buf_puts(out, digest != NULL ? digest->label : "?");
		if (sig->signer != NULL)
			write_key(out, sig->signer);
		break;
	case STEP_CHALLENGE:
		text_visible(
		    out, bytes_of(sig->program_name, strlen(sig->program_name)));
		break;
	case STEP_CHAIN:
		write_sources(out, &sig->path);
		break;
	case STEP_ROOT:
		if (sig->path.num > 0)
			buf_puts(
			    out, sig->path.cert[sig->path.num - 1]->common_name);
		break;
	case STEP_IDENTITY:
		if (sig->identities.num > 0)
			buf_printf(out, "%s: %s",
			    identity_kind_text(sig->identities.item[0].kind),
			    sig->identities.item[0].display);
		break;
	case STEP_NUM:
		break;
	}
}

static void
write_steps(struct json *j, const struct signed_file *file,
    const struct findings *findings, enum challenge_step steps_done)
{
	struct buf detail;

	buf_init(&detail, 8192);
	json_begin_array(j);
	for (int i = 0; i < STEP_NUM; i++) {
		enum challenge_step step = (enum challenge_step)i;
		bool done = step < steps_done && file->num_signatures > 0;

		buf_reset(&detail);
		json_begin_object(j);
		json_kv_string(j, "step", step_text[step]);
		json_kv_string(j, "state",
		    done		     ? "done"
			: step == steps_done ? "failed"
					     : "pending");
		if (done)
			write_seen(&detail, step, &file->signature[0]);
		else if (step == steps_done)
			buf_puts(&detail, finding_seen(finding_reason(findings)));
		json_kv_string(
		    j, "detail", detail.len > 0 ? buf_str(&detail) : NULL);
		json_end_object(j);
	}
	json_end_array(j);
	buf_free(&detail);
}

static void
write_certificate(struct json *j, const struct certificate *cert)
{
	if (cert == NULL) {
		json_none(j);
		return;
	}
	json_begin_object(j);
	json_kv_string(j, "subject", cert->subject);
	json_kv_string(j, "issuer", cert->issuer);
	json_kv_string(j, "name", cert->common_name);
	json_kv_string(j, "organisation", cert->organisation);
	json_kv_string(j, "serial", cert->serial);
	json_key(j, "sha256");
	json_hex(j, cert->sha256, sizeof(cert->sha256));
	json_key(j, "spki_sha256");
	json_hex(j, cert->spki_sha256, sizeof(cert->spki_sha256));
	json_kv_instant(j, "not_before", cert->not_before);
	json_kv_instant(j, "not_after", cert->not_after);
	json_end_object(j);
}

void
challenge_verdict_json(struct json *j, const struct signed_file *file,
    const struct findings *findings, enum challenge_step steps_done)
{
	const struct signature *sig =
	    file->num_signatures > 0 ? &file->signature[0] : NULL;
	enum finding_code reason = finding_reason(findings);

	json_begin_object(j);
	json_kv_string(j, "verdict",
	    steps_done == STEP_NUM && reason == FINDING_OK ? "accepted"
							   : "refused");
	json_kv_string(j, "reason", finding_text(reason));
	json_key(j, "steps");
	write_steps(j, file, findings, steps_done);
	json_key(j, "certificate");
	write_certificate(j, sig != NULL ? sig->signer : NULL);
	json_kv_string(j, "program_name", sig != NULL ? sig->program_name : NULL);
	json_key(j, "signatures");
	signed_file_signatures_json(j, file);
	json_key(j, "findings");
	findings_json(j, findings);
	json_end_object(j);
}
