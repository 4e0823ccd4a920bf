/*
 * base/json.h and jansson have functions of the same name; this file is on
 * the first one's side.
 */
#include "auth/challenge.h"
#include "base/buf.h"
#include "base/json.h"

void verdict_text(struct buf *, const struct signed_file *, const struct findings *,
    enum challenge_step);

void
verdict_text(struct buf *out, const struct signed_file *file,
    const struct findings *findings, enum challenge_step steps)
{
	struct json json;

	json_init(&json, out);
	challenge_verdict_json(&json, file, findings, steps);
}
