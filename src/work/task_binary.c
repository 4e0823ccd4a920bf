/*
 * A file for the catalogue, in the child: what it is, and who signed it.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "pki/authenticode.h"
#include "work/evidence.h"
#include "work/issuers.h"
#include "work/pe_identity.h"
#include "work/tasks.h"
#include "work/trust_blob.h"

enum { IN_NAME, IN_FILE, IN_ROOTS, IN_ISSUERS };

static void
identity_json(struct json *j, const struct pe_identity *id)
{
	struct buf b;

	buf_init(&b, 64);
	if (id->has_version)
		buf_printf(&b, "%u.%u.%u.%u", id->version[0], id->version[1],
		    id->version[2], id->version[3]);
	json_kv_int(j, "machine", id->machine);
	json_kv_string(j, "code_id", id->code_id);
	json_kv_string(j, "debug_id", id->debug_id);
	json_kv_string(j, "version", id->has_version ? buf_str(&b) : NULL);
	json_key(j, "stripped");
	json_hex(j, id->stripped, sizeof(id->stripped));
	buf_free(&b);
}

static void
signature_json(struct json *j, const struct signature *s)
{
	static const char *const kind[] = {
	    [TIMESTAMP_NONE] = NULL,
	    [TIMESTAMP_RFC3161] = "rfc3161",
	    [TIMESTAMP_PKCS9] = "pkcs9",
	};

	json_begin_object(j);
	json_kv_bool(j, "nested", s->nested);
	json_kv_string(
	    j, "verdict", s->verdict == VERDICT_GENUINE ? "genuine" : "refused");
	json_kv_string(j, "reason",
	    s->verdict == VERDICT_GENUINE
		? NULL
		: finding_text(finding_reason(&s->findings)));
	json_key(j, "signed_at");
	if (s->timestamp.kind != TIMESTAMP_NONE && s->timestamp.valid)
		json_int(j, s->timestamp.time);
	else
		json_none(j);
	json_kv_string(j, "timestamp", kind[s->timestamp.kind]);
	json_key(j, "signer");
	evidence_signer_json(j, s->signer);
	json_key(j, "identities");
	evidence_identities_json(j, &s->identities);
	json_end_object(j);
}

static void
file_json(struct buf *out, const char *name, bool is_pe,
    const struct pe_identity *id, const struct signed_file *f)
{
	struct json j;

	json_init(&j, out);
	json_begin_object(&j);
	json_kv_bool(&j, "pe", is_pe);
	if (is_pe) {
		identity_json(&j, id);
		json_key(&j, "signature");
		signed_file_json(&j, f, name);
		json_key(&j, "signatures");
		json_begin_array(&j);
		for (size_t i = 0; i < f->num_signatures; i++)
			signature_json(&j, &f->signature[i]);
		json_end_array(&j);
		json_key(&j, "wanted");
		evidence_wanted_json(&j, f);
		json_key(&j, "used");
		evidence_used_json(&j, f);
	}
	json_end_object(&j);
}

enum child_result
task_binary(const struct bytes *in, size_t num, struct buf *out)
{
	struct certificates intermediates = {0};
	struct signed_file file = {0};
	struct trust_store roots;
	struct pe_identity id;
	const char *s[2];
	bool is_pe;

	if (num != 4 || !task_strings(s, 2, in[IN_NAME]) ||
	    !trust_blob_read(&roots, in[IN_ROOTS]))
		return CHILD_RESULT_REFUSED;
	issuers_read(&intermediates, in[IN_ISSUERS]);
	is_pe = pe_identity_read(&id, in[IN_FILE]);
	if (is_pe) {
		struct signature_options o = {
		    .roots = &roots,
		    .intermediates = &intermediates,
		    .at = strtoll(s[1], NULL, 10),
		    .capability = CAPABILITY_BINARIES,
		    .sha1_with_timestamp = true,
		};

		authenticode_examine(&file, in[IN_FILE], &o);
	}
	file_json(out, s[0], is_pe, &id, &file);
	return buf_ok(out) ? CHILD_RESULT_OK : CHILD_RESULT_NO_MEMORY;
}
