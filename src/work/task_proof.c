/*
 * A signed challenge, in the child (design, section 5, "Signing in shows
 * intent").  The database knows the code by its hash only; the upload must
 * contain the code itself, in the cabinet's text and in the program name, so
 * it is looked for there and proven by the hash.
 */
#include <stdio.h>
#include <stdlib.h>

#include "auth/challenge.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "work/evidence.h"
#include "work/issuers.h"
#include "work/tasks.h"
#include "work/trust_blob.h"

enum { IN_CHALLENGE, IN_UPLOAD, IN_ROOTS, IN_ISSUERS };

static bool
is_code_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

static bool
take_code(char code[CHALLENGE_CODE_LEN], const uint8_t *p, const uint8_t hash[32])
{
	uint8_t found[32];

	memcpy(code, p, CHALLENGE_CODE_LEN - 1);
	code[CHALLENGE_CODE_LEN - 1] = '\0';
	challenge_hash(found, code);
	return memcmp(found, hash, sizeof(found)) == 0;
}

/* The code whose hash is given, out of the runs of exactly as many letters as
 * a code has.  Without one, a code that nobody was ever given. */
static void
find_code(
    char code[CHALLENGE_CODE_LEN], struct bytes upload, const uint8_t hash[32])
{
	size_t run = 0;

	for (size_t i = 0; i <= upload.len; i++) {
		if (i < upload.len && is_code_letter(upload.p[i])) {
			run++;
			continue;
		}
		if (run == CHALLENGE_CODE_LEN - 1 &&
		    take_code(code, upload.p + i - run, hash))
			return;
		run = 0;
	}
	memset(code, 'a', CHALLENGE_CODE_LEN - 1);
	code[CHALLENGE_CODE_LEN - 1] = '\0';
}

static void
verdict_json(struct buf *out, bool accepted, const struct signed_file *file,
    const struct findings *findings, enum challenge_step steps)
{
	static const struct identities none;
	const struct signature *s =
	    file->num_signatures > 0 ? &file->signature[0] : NULL;
	struct json j;

	json_init(&j, out);
	json_begin_object(&j);
	json_kv_bool(&j, "accepted", accepted);
	json_kv_string(
	    &j, "reason", accepted ? NULL : finding_text(finding_reason(findings)));
	json_key(&j, "result");
	challenge_verdict_json(&j, file, findings, steps);
	json_key(&j, "signer");
	evidence_signer_json(&j, s != NULL ? s->signer : NULL);
	json_key(&j, "identities");
	evidence_identities_json(
	    &j, accepted && s != NULL ? &s->identities : &none);
	json_key(&j, "wanted");
	if (finding_reason(findings) == FINDING_ISSUER_NOT_FOUND)
		evidence_wanted_json(&j, file);
	else {
		json_begin_array(&j);
		json_end_array(&j);
	}
	json_key(&j, "used");
	evidence_used_json(&j, file);
	json_end_object(&j);
}

enum child_result
task_proof(const struct bytes *in, size_t num, struct buf *out)
{
	struct certificates intermediates = {0};
	struct findings findings = {0};
	struct challenge challenge = {0};
	enum challenge_step steps = STEP_FILE;
	struct trust_store roots;
	struct signed_file file = {0};
	const char *s[4];
	uint8_t hash[32];
	bool accepted;

	if (num != 4 || !task_strings(s, 4, in[IN_CHALLENGE]) ||
	    !text_unhex(hash, sizeof(hash), s[1]) ||
	    !trust_blob_read(&roots, in[IN_ROOTS]))
		return CHILD_RESULT_REFUSED;
	issuers_read(&intermediates, in[IN_ISSUERS]);
	snprintf(challenge.host, sizeof(challenge.host), "%s", s[0]);
	challenge.expires_at = strtoll(s[2], NULL, 10);
	find_code(challenge.code, in[IN_UPLOAD], hash);
	accepted = challenge_verify(&file, &findings, &steps, in[IN_UPLOAD],
	    &challenge, &roots, &intermediates, strtoll(s[3], NULL, 10));
	verdict_json(out, accepted, &file, &findings, steps);
	return buf_ok(out) ? CHILD_RESULT_OK : CHILD_RESULT_NO_MEMORY;
}
