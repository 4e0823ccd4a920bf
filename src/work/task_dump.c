/*
 * A crash upload, in the child: fields, dump, and what the dump means.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "crash/report.h"
#include "intake/report.h"
#include "work/limits.h"
#include "work/tasks.h"

/* What `countersign import` puts in: the body is the dump. */
static const char bare_type[] = "application/x-minidump";

enum { IN_REQUEST, IN_BODY, IN_RULES };

/* Room that the JSON and the frame leave for an inflated dump. */
#define FRAME_SPARE 4096

static enum intake_error
read_upload(struct report *out, const char **s, struct bytes body)
{
	if (strcmp(s[0], bare_type) != 0)
		return intake_read(out, body, s[0], s[1], s[2]);
	memset(out, 0, sizeof(*out));
	if (body.len == 0)
		return INTAKE_BODY_EMPTY;
	out->dump = body;
	return INTAKE_OK;
}

static void
fields_json(struct json *j, const struct report *r)
{
	json_kv_string(j, "client", report_client_text(r->client));
	json_kv_string(j, "product", r->product);
	json_kv_string(j, "version", r->version);
	json_kv_string(j, "guid", r->guid);
	json_kv_string(j, "channel", r->channel);
	json_kv_string(j, "platform", r->platform);
	json_key(j, "annotations");
	json_begin_object(j);
	for (size_t i = 0; i < r->num_annotations; i++)
		json_kv_string(j, r->annotations[i].name, r->annotations[i].value);
	json_end_object(j);
}

static bool
lies_in(struct bytes inner, struct bytes outer, size_t *offset)
{
	uintptr_t in = (uintptr_t)inner.p, out = (uintptr_t)outer.p;

	if (in < out || in > out + outer.len || inner.len > outer.len - (in - out))
		return false;
	*offset = in - out;
	return true;
}

static void
error_json(struct json *j, const char *code, const char *detail)
{
	json_begin_object(j);
	json_kv_string(j, "error", code);
	json_kv_string(j, "detail", detail);
	json_end_object(j);
}

static void
dump_json(struct json *j, const struct report *r, struct bytes body,
    const struct crash_report *c, bool *out_framed)
{
	size_t offset = 0;
	bool plain = lies_in(r->dump, body, &offset);

	*out_framed = false;
	json_begin_object(j);
	json_key(j, "error");
	json_none(j);
	fields_json(j, r);
	json_key(j, "examination");
	crash_report_json(j, c, NULL);
	json_key(j, "dump");
	json_begin_object(j);
	json_key(j, "offset");
	if (plain)
		json_uint(j, offset);
	else
		json_none(j);
	json_key(j, "len");
	json_uint(j, r->dump.len);
	if (!plain && r->dump.len < CHILD_MAX_RESULT &&
	    j->out->len + FRAME_SPARE < CHILD_MAX_RESULT - r->dump.len)
		*out_framed = true;
	json_kv_bool(j, "framed", *out_framed);
	json_end_object(j);
	json_end_object(j);
}

enum child_result
task_dump(const struct bytes *in, size_t num, struct buf *out)
{
	struct report report = {0};
	struct crash_report *crash = NULL;
	struct crash_rules *rules;
	const char *s[3], *why = NULL;
	enum intake_error e;
	enum child_result result = CHILD_RESULT_NO_MEMORY;
	enum crash_error ce;
	bool framed = false;
	struct json j;
	size_t len;

	if (num != 3 || !task_strings(s, 3, in[IN_REQUEST]) ||
	    (rules = crash_rules_parse(in[IN_RULES], &why)) == NULL)
		return CHILD_RESULT_REFUSED;
	if ((crash = calloc(1, sizeof(*crash))) == NULL)
		goto out;
	buf_append(out, "\0\0\0\0", 4);
	json_init(&j, out);
	if ((e = read_upload(&report, s, in[IN_BODY])) != INTAKE_OK) {
		if (e == INTAKE_NO_MEMORY)
			goto out;
		error_json(&j, intake_error_text(e), intake_error_sentence(e));
	} else if ((ce = crash_examine(crash, report.dump, rules)) != CRASH_OK) {
		if (ce == CRASH_ENOMEM)
			goto out;
		error_json(&j, crash_error_text(ce), crash_error_sentence(ce));
	} else
		dump_json(&j, &report, in[IN_BODY], crash, &framed);
	if (!buf_ok(out))
		goto out;
	len = out->len - 4;
	for (unsigned i = 0; i < 4; i++)
		out->data[i] = (uint8_t)(len >> 8 * i);
	if (framed)
		buf_append(out, report.dump.p, report.dump.len);
	if (buf_ok(out))
		result = CHILD_RESULT_OK;
out:
	if (crash != NULL)
		crash_report_free(crash);
	free(crash);
	crash_rules_free(rules);
	report_free(&report);
	return result;
}

enum child_result
task_extract(const struct bytes *in, size_t num, struct buf *out)
{
	struct report report = {0};
	struct bytes piece;
	const char *s[5];

	if (num != 2 || !task_strings(s, 5, in[IN_REQUEST]) ||
	    read_upload(&report, s, in[IN_BODY]) != INTAKE_OK ||
	    !bytes_slice(report.dump, strtoull(s[3], NULL, 10),
		strtoull(s[4], NULL, 10), &piece))
		return CHILD_RESULT_REFUSED;
	buf_append(out, piece.p, piece.len);
	return buf_ok(out) ? CHILD_RESULT_OK : CHILD_RESULT_NO_MEMORY;
}
