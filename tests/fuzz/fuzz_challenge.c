/* fuzz: needs auth pki base; corpus: signed challenges, see
 * tests/unit/auth/test_challenge.c */
/*
 * What is uploaded as the answer to a challenge. Nothing that a fuzzer finds
 * signs in: no root is accepted.
 */
#include <stdlib.h>

#include "auth/challenge_cabinet.h"
#include "base/buf.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[CHALLENGE_SECRET_LEN];
	struct challenge challenge = {
	    .host = "portal.example", .expires_at = 1780272600};
	enum challenge_step steps;
	struct trust_store roots;
	struct signed_file file;
	struct findings findings;
	struct buf signed_one, out;
	struct json json;

	trust_init(&roots);
	challenge_code(challenge.code, secret);
	/* half of the inputs are the signature behind our own cabinet */
	buf_init(&signed_one, 0);
	if (size > 1 && data[0] & 1) {
		data++;
		size--;
		challenge_cabinet_signed(&signed_one, &challenge, (uint32_t)size);
	}
	buf_append(&signed_one, data, size);
	if (challenge_verify(&file, &findings, &steps,
		bytes_of(signed_one.data, signed_one.len), &challenge, &roots, NULL,
		1780272000))
		abort();
	if (steps == STEP_NUM || finding_reason(&findings) == FINDING_OK)
		abort();
	buf_init(&out, 0);
	json_init(&json, &out);
	challenge_verdict_json(&json, &file, &findings, steps);
	buf_free(&out);
	buf_free(&signed_one);
	signed_file_free(&file);
	trust_free(&roots);
	return 0;
}
