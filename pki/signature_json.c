/*
 * A signed file as JSON: the object of design section 7, whose shape is a
 * contract.
 */
#include "base/instant.h"
#include "base/json.h"
#include "pki/authenticode.h"

static const char *
verdict_text(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_GENUINE:
		return "genuine";
	case VERDICT_UNSIGNED:
		return "unsigned";
	case VERDICT_REFUSED:
		break;
	}
	return "refused";
}

static void
write_signer(struct json *j, const struct certificate *cert)
{
	if (cert == NULL) {
		json_none(j);
		return;
	}
	json_begin_object(j);
	json_kv_string(j, "subject", cert->subject);
	json_kv_string(j, "issuer", cert->issuer);
	json_kv_string(j, "serial", cert->serial);
	json_key(j, "sha256");
	json_hex(j, cert->sha256, sizeof(cert->sha256));
	json_key(j, "spki_sha256");
	json_hex(j, cert->spki_sha256, sizeof(cert->spki_sha256));
	json_end_object(j);
}

static void
write_timestamp(struct json *j, const struct signature *sig)
{
	char text[INSTANT_TEXT_LEN];

	if (sig->timestamp.kind == TIMESTAMP_NONE) {
		json_none(j);
		return;
	}
	instant_text(text, sig->timestamp.time);
	json_begin_object(j);
	json_kv_string(j, "kind",
	    sig->timestamp.kind == TIMESTAMP_RFC3161 ? "rfc3161" : "pkcs9");
	json_kv_string(j, "time", text);
	json_kv_bool(j, "valid", sig->timestamp.valid);
	json_end_object(j);
}

static void
write_chain(struct json *j, const struct path *path)
{
	json_begin_array(j);
	for (size_t i = 0; i < path->num; i++) {
		json_begin_object(j);
		json_kv_string(j, "subject", path->cert[i]->subject);
		json_key(j, "sha256");
		json_hex(j, path->cert[i]->sha256, sizeof(path->cert[i]->sha256));
		json_kv_string(
		    j, "source", certificate_source_text(path->source[i]));
		json_kv_string(j, "url", path->url[i]);
		json_end_object(j);
	}
	json_end_array(j);
}

static void
write_identities(struct json *j, const struct identities *identities)
{
	json_begin_array(j);
	for (size_t i = 0; i < identities->num; i++) {
		json_begin_object(j);
		json_kv_string(
		    j, "kind", identity_kind_text(identities->item[i].kind));
		json_kv_string(j, "value", identities->item[i].value);
		json_end_object(j);
	}
	json_end_array(j);
}

static void
write_signature(struct json *j, const struct signature *sig)
{
	json_begin_object(j);
	json_kv_int(j, "index", sig->index);
	json_kv_bool(j, "nested", sig->nested);
	json_kv_string(j, "digest", sig->digest[0] != '\0' ? sig->digest : NULL);
	json_kv_bool(j, "digest_matches", sig->digest_matches);
	json_key(j, "signer");
	write_signer(j, sig->signer);
	json_key(j, "timestamp");
	write_timestamp(j, sig);
	json_key(j, "chain");
	write_chain(j, &sig->path);
	json_key(j, "identities");
	write_identities(j, &sig->identities);
	json_kv_string(j, "verdict", verdict_text(sig->verdict));
	json_kv_string(j, "reason", finding_text(finding_reason(&sig->findings)));
	json_key(j, "findings");
	findings_json(j, &sig->findings);
	json_end_object(j);
}

void
signed_file_signatures_json(struct json *j, const struct signed_file *file)
{
	json_begin_array(j);
	for (size_t i = 0; i < file->num_signatures; i++)
		write_signature(j, &file->signature[i]);
	json_end_array(j);
}

void
signed_file_json(struct json *j, const struct signed_file *file, const char *name)
{
	json_begin_object(j);
	json_kv_string(j, "file", name);
	json_key(j, "sha256");
	json_hex(j, file->sha256, sizeof(file->sha256));
	json_key(j, "sha1");
	json_hex(j, file->sha1, sizeof(file->sha1));
	json_kv_string(j, "verdict", verdict_text(file->verdict));
	json_kv_string(j, "reason", finding_text(signed_file_reason(file)));
	json_key(j, "signatures");
	signed_file_signatures_json(j, file);
	json_end_object(j);
}
