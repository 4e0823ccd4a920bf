/*
 * A report as the JSON object of the design's section 7; report.h lists what
 * it adds.
 */
#include <stdio.h>

#include "base/instant.h"
#include "base/json.h"
#include "crash/report.h"

static void
kv_hex(struct json *j, const char *key, uint64_t v, int digits)
{
	json_key(j, key);
	json_hex_number(j, v, digits);
}

static void
kv_uint(struct json *j, const char *key, uint64_t v)
{
	json_key(j, key);
	json_uint(j, v);
}

static void
kv_index(struct json *j, const char *key, int index)
{
	json_key(j, key);
	if (index < 0)
		json_none(j);
	else
		json_int(j, index);
}

static void
kv_null(struct json *j, const char *key)
{
	json_key(j, key);
	json_none(j);
}

static void
kv_sha256(struct json *j, const char *key, const uint8_t *sha256)
{
	json_key(j, key);
	if (sha256 == NULL)
		json_none(j);
	else
		json_hex(j, sha256, 32);
}

static void
module(struct json *j, const struct crash_module *m)
{
	char version[32];

	(void)snprintf(version, sizeof(version), "%u.%u.%u.%u", m->version[0],
	    m->version[1], m->version[2], m->version[3]);
	json_begin_object(j);
	json_kv_string(j, "name", m->name);
	kv_hex(j, "base", m->base, 1);
	kv_uint(j, "size", m->size);
	kv_hex(j, "timestamp", m->timestamp, 8);
	kv_hex(j, "checksum", m->checksum, 1);
	json_kv_string(j, "version", m->has_version ? version : NULL);
	json_kv_string(j, "code_id", m->code_id);
	json_kv_string(j, "debug_id", m->debug_id);
	json_kv_string(j, "debug_file", m->debug_file);
	json_end_object(j);
}

static void
unloaded(struct json *j, const struct crash_unloaded *u)
{
	json_begin_object(j);
	json_kv_string(j, "name", u->name);
	kv_hex(j, "base", u->base, 1);
	kv_uint(j, "size", u->size);
	kv_hex(j, "timestamp", u->timestamp, 8);
	kv_hex(j, "checksum", u->checksum, 1);
	json_kv_string(j, "code_id", u->code_id);
	json_end_object(j);
}

static void
modules(struct json *j, const struct crash_report *r)
{
	json_key(j, "modules");
	json_begin_array(j);
	for (unsigned i = 0; i < r->num_modules; i++)
		module(j, &r->modules[i]);
	json_end_array(j);
	kv_uint(j, "modules_bad", r->num_modules_bad);
	kv_uint(j, "modules_omitted", r->num_modules_omitted);
	json_key(j, "unloaded");
	json_begin_array(j);
	for (unsigned i = 0; i < r->num_unloaded; i++)
		unloaded(j, &r->unloaded[i]);
	json_end_array(j);
}

static void
exception(struct json *j, const struct crash_exception *e)
{
	json_key(j, "exception");
	if (!e->present) {
		json_none(j);
		return;
	}
	json_begin_object(j);
	kv_hex(j, "code", e->code, 8);
	kv_hex(j, "address", e->address, 1);
	kv_uint(j, "thread", e->thread);
	kv_hex(j, "flags", e->flags, 1);
	json_key(j, "params");
	json_begin_array(j);
	for (unsigned i = 0; i < e->num_params; i++)
		json_hex_number(j, e->params[i], 1);
	json_end_array(j);
	json_end_object(j);
}

/* module, offset and index of a place; the object stays open. */
static void
place(struct json *j, const struct crash_report *r, const struct crash_place *p)
{
	char tmp[CRASH_PLACE_NAME_LEN];

	json_kv_string(j, "module", crash_place_name(r, p, tmp));
	kv_hex(j, "offset", p->offset, 1);
	kv_index(j, "index", p->module);
}

static void
faulting(struct json *j, const struct crash_report *r)
{
	json_key(j, "faulting");
	if (!r->has_faulting) {
		json_none(j);
		return;
	}
	json_begin_object(j);
	place(j, r, &r->faulting);
	json_end_object(j);
}

static void
label(struct json *j, const struct crash_label *l)
{
	json_key(j, "label");
	if (l->type == NULL) {
		json_none(j);
		return;
	}
	json_begin_object(j);
	json_kv_string(j, "type", l->type);
	json_key(j, "p");
	json_begin_array(j);
	for (int i = 0; i < 8; i++)
		json_text(j, l->p[i]);
	json_end_array(j);
	json_end_object(j);
}

static void
frames(struct json *j, const struct crash_report *r)
{
	json_key(j, "frames");
	json_begin_array(j);
	for (unsigned i = 0; i < r->num_frames; i++) {
		json_begin_object(j);
		place(j, r, &r->frames[i].place);
		json_kv_string(j, "trust", crash_trust_text(r->frames[i].trust));
		json_end_object(j);
	}
	json_end_array(j);
}

static void
blame(struct json *j, const struct crash_report *r)
{
	const struct crash_blame *b = &r->blame;

	json_key(j, "blame");
	if (b->rule == CRASH_BLAME_NONE) {
		json_none(j);
		return;
	}
	json_begin_object(j);
	json_kv_string(j, "module", b->module);
	kv_index(j, "index", b->place.module);
	kv_index(j, "unloaded_index", b->place.unloaded);
	json_kv_bool(j, "unloaded", b->place.unloaded >= 0);
	kv_index(j, "frame", b->frame);
	kv_hex(j, "offset", b->place.offset, 1);
	json_kv_string(j, "rule", crash_blame_rule_text(b->rule));
	json_key(j, "trail");
	json_begin_array(j);
	for (unsigned i = 0; i < b->num_trail; i++) {
		json_begin_object(j);
		kv_index(j, "frame", b->trail[i].frame);
		json_kv_string(j, "module", b->trail[i].module);
		json_kv_string(
		    j, "decision", crash_decision_text(b->trail[i].decision));
		json_end_object(j);
	}
	json_end_array(j);
	json_end_object(j);
}

static void
bucket(struct json *j, const struct crash_report *r)
{
	kv_sha256(j, "atom", r->atom);
	json_key(j, "bucket");
	json_begin_object(j);
	kv_sha256(j, "key", r->bucket.key);
	json_kv_string(j, "title", r->bucket.title);
	json_kv_string(j, "class", r->bucket.class_id);
	json_kv_string(j, "text", r->bucket.class_text);
	json_end_object(j);
	kv_uint(j, "rules_version", r->rules_version);
}

void
crash_report_json_with(struct json *j, const struct crash_report *r,
    const char *file, const uint8_t *sha256)
{
	char time[INSTANT_TEXT_LEN];

	json_begin_object(j);
	json_kv_string(j, "file", file);
	kv_sha256(j, "sha256", sha256);
	json_kv_string(j, "kind", r->kind);
	json_kv_string(j, "os", crash_os_text(r->os));
	json_kv_string(j, "os_version", r->os_version);
	json_kv_string(j, "os_build", r->os_build);
	json_kv_string(j, "arch", crash_arch_text(r->arch));
	instant_text(time, r->time);
	json_kv_string(j, "time", r->time == 0 ? NULL : time);
	kv_index(j, "main", r->main);
	modules(j, r);
	exception(j, &r->exception);
	faulting(j, r);
	label(j, &r->label);
	frames(j, r);
	blame(j, r);
	bucket(j, r);
	kv_null(j, "error");
	json_end_object(j);
}

void
crash_report_json(struct json *j, const struct crash_report *r, const char *file)
{
	crash_report_json_with(j, r, file, NULL);
}

void
crash_error_json(
    struct json *j, enum crash_error e, const char *file, const uint8_t *sha256)
{
	static const char *const absent[] = {
	    "kind", "os", "os_version", "os_build", "arch", "time", "main"};
	static const char *const absent_too[] = {"exception", "faulting", "label"};

	json_begin_object(j);
	json_kv_string(j, "file", file);
	kv_sha256(j, "sha256", sha256);
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		kv_null(j, absent[i]);
	json_key(j, "modules");
	json_begin_array(j);
	json_end_array(j);
	json_key(j, "unloaded");
	json_begin_array(j);
	json_end_array(j);
	for (size_t i = 0; i < sizeof(absent_too) / sizeof(absent_too[0]); i++)
		kv_null(j, absent_too[i]);
	json_key(j, "frames");
	json_begin_array(j);
	json_end_array(j);
	kv_null(j, "blame");
	kv_null(j, "atom");
	kv_null(j, "bucket");
	json_kv_string(j, "error", crash_error_text(e));
	json_end_object(j);
}
