/*
 * Reads TASK_DUMP's answer.
 */
#include "work/examined.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/text.h"
#include "crash/limits.h"

const char *
part_text(enum part p)
{
	static const char *const text[] = {
	    [PART_BLAMED] = "blamed",
	    [PART_APPLICATION] = "application",
	    [PART_ON_STACK] = "on_stack",
	};

	return text[p];
}

/* A string into its column, cut between characters; "" for anything else. */
static void
take(char *out, size_t room, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	size_t len = json_string_length(v);

	out[0] = '\0';
	if (len >= room) {
		len = room - 1;
		while (
		    len > 0 && ((uint8_t)json_string_value(v)[len] & 0xc0) == 0x80)
			len--;
	}
	if (len > 0)
		memcpy(out, json_string_value(v), len);
	out[len] = '\0';
}

static void
change_case(char *s, char from, char to)
{
	for (; *s != '\0'; s++)
		if (*s >= from && *s <= from + 25)
			*s = (char)(*s - from + to);
}

static bool
take_key(char out[65], const json_t *o, const char *key)
{
	uint8_t raw[32];

	take(out, 65, o, key);
	change_case(out, 'A', 'a');
	return text_unhex(raw, sizeof(raw), out);
}

/* ---- parts ----------------------------------------------------------------- */

static bool
have_part(const struct examined *e, const struct examined_part *p)
{
	for (size_t i = 0; i < e->num_parts; i++)
		if (strcmp(e->part[i].name, p->name) == 0 &&
		    strcmp(e->part[i].code_id, p->code_id) == 0)
			return true;
	return false;
}

/* The module at index of a list becomes a part, once; absent and wrong indices
 * make none. */
static void
add_part(
    struct examined *e, enum part part, const json_t *list, const json_t *index)
{
	struct examined_part p = {.part = part};
	json_int_t i = json_integer_value(index);
	const json_t *m;

	if (!json_is_integer(index) || i < 0 ||
	    (size_t)i >= json_array_size(list) ||
	    e->num_parts == EXAMINED_MAX_PARTS)
		return;
	m = json_array_get(list, (size_t)i);
	take(p.name, sizeof(p.name), m, "name");
	take(p.code_id, sizeof(p.code_id), m, "code_id");
	take(p.debug_id, sizeof(p.debug_id), m, "debug_id");
	take(p.version, sizeof(p.version), m, "version");
	change_case(p.name, 'A', 'a');
	change_case(p.code_id, 'a', 'A');
	change_case(p.debug_id, 'a', 'A');
	if (p.name[0] != '\0' && !have_part(e, &p))
		e->part[e->num_parts++] = p;
}

static void
read_parts(struct examined *e, const json_t *x)
{
	const json_t *modules = json_object_get(x, "modules");
	const json_t *blame = json_object_get(x, "blame");
	const json_t *frame;
	size_t i;

	add_part(e, PART_BLAMED, modules, json_object_get(blame, "index"));
	add_part(e, PART_BLAMED, json_object_get(x, "unloaded"),
	    json_object_get(blame, "unloaded_index"));
	add_part(e, PART_APPLICATION, modules, json_object_get(x, "main"));
	json_array_foreach(json_object_get(x, "frames"), i, frame)
	    add_part(e, PART_ON_STACK, modules, json_object_get(frame, "index"));
}

/* ---- what is kept as JSON --------------------------------------------------- */

static bool
on_a_frame(const json_t *x, size_t index)
{
	const json_t *frame;
	size_t i;

	json_array_foreach(json_object_get(x, "frames"), i,
	    frame) if (json_integer_value(json_object_get(frame, "index")) ==
		(json_int_t)index &&
	    json_is_integer(json_object_get(frame, "index"))) return true;
	return json_is_integer(json_object_get(x, "main")) &&
	    json_integer_value(json_object_get(x, "main")) == (json_int_t)index;
}

/* The examination as text. Too large a one keeps its shape and its indices, and
 * of the modules that nothing refers to only the name. */
static char *
examination_text(json_t *x)
{
	char *text = json_dumps(x, JSON_COMPACT);
	json_t *m;
	size_t i;

	if (text == NULL || strlen(text) <= EXAMINED_MAX_JSON)
		return text;
	free(text);
	json_array_foreach(json_object_get(x, "modules"), i, m)
	{
		json_t *name = json_object_get(m, "name");

		if (on_a_frame(x, i))
			continue;
		json_array_set_new(json_object_get(x, "modules"), i,
		    json_pack("{s:O?}", "name", name));
	}
	text = json_dumps(x, JSON_COMPACT);
	if (text == NULL || strlen(text) <= EXAMINED_MAX_JSON)
		return text;
	free(text);
	return strdup("{\"error\":\"too-large\"}");
}

static char *
annotations_text(const json_t *o)
{
	char *text = json_is_object(o) ? json_dumps(o, JSON_COMPACT) : NULL;

	if (text != NULL && strlen(text) <= EXAMINED_MAX_ANNOTATIONS)
		return text;
	free(text);
	return strdup("{}");
}

/* signer_bucket.sample. */
static char *
sample_text(const json_t *x)
{
	const json_t *blame = json_object_get(x, "blame");
	json_t *frames = json_pack("[]"), *frame,
	       *sample; /* json_array() is base's */
	char *text;
	size_t i;

	json_array_foreach(json_object_get(x, "frames"), i,
	    frame) if (i < CRASH_MAX_FRAMES) json_array_append_new(frames,
	    json_pack("{s:O?,s:O?,s:O?}", "module",
		json_object_get(frame, "module"), "offset",
		json_object_get(frame, "offset"), "trust",
		json_object_get(frame, "trust")));
	sample = json_pack("{s:o,s:O?,s:O?,s:O?,s:O?,s:O?}", "frames", frames,
	    "trail", json_object_get(blame, "trail"), "rule",
	    json_object_get(blame, "rule"), "class_text",
	    json_object_get(json_object_get(x, "bucket"), "text"), "exception",
	    json_object_get(x, "exception"), "faulting",
	    json_object_get(x, "faulting"));
	text = sample == NULL ? NULL : json_dumps(sample, JSON_COMPACT);
	json_decref(sample);
	if (text != NULL && strlen(text) <= EXAMINED_MAX_ANNOTATIONS)
		return text;
	free(text);
	return strdup("{}");
}

/* ---- the frame -------------------------------------------------------------- */

static bool
read_label(struct examined *e, const json_t *x)
{
	const json_t *label = json_object_get(x, "label");
	const json_t *bucket = json_object_get(x, "bucket");
	const json_t *p = json_object_get(label, "p");

	take(e->label_type, sizeof(e->label_type), label, "type");
	if (e->label_type[0] == '\0')
		snprintf(e->label_type, sizeof(e->label_type), "none");
	for (size_t i = 0; i < 8; i++) {
		json_t *one = json_pack("{s:O?}", "p", json_array_get(p, i));

		take(e->p[i], sizeof(e->p[i]), one, "p");
		json_decref(one);
	}
	take(e->title, sizeof(e->title), bucket, "title");
	take(e->class, sizeof(e->class), bucket, "class");
	e->rules = (int)json_integer_value(json_object_get(x, "rules_version"));
	return e->rules >= 0 && take_key(e->atom, x, "atom") &&
	    take_key(e->bucket, bucket, "key");
}

static bool
read_place(
    struct examined *e, const json_t *dump, struct bytes behind, uint64_t body_len)
{
	const json_t *offset = json_object_get(dump, "offset");
	json_int_t len = json_integer_value(json_object_get(dump, "len"));

	if (len <= 0 || (uint64_t)len > CRASH_MAX_DUMP)
		return false;
	e->dump_len = (uint64_t)len;
	if (json_is_integer(offset)) {
		json_int_t at = json_integer_value(offset);

		e->in_body = true;
		e->offset = (uint64_t)at;
		return at >= 0 && (uint64_t)at <= body_len &&
		    e->dump_len <= body_len - (uint64_t)at;
	}
	if (!json_is_true(json_object_get(dump, "framed")))
		return true;
	e->framed = behind;
	return behind.len == e->dump_len;
}

static bool
read_report(struct examined *e, json_t *o, struct bytes behind, uint64_t body_len)
{
	json_t *x = json_object_get(o, "examination");
	char time[32];

	take(e->client, sizeof(e->client), o, "client");
	take(e->product, sizeof(e->product), o, "product");
	take(e->version, sizeof(e->version), o, "version");
	if (!json_is_object(x) || !read_label(e, x) ||
	    !read_place(e, json_object_get(o, "dump"), behind, body_len))
		return false;
	take(e->os, sizeof(e->os), x, "os");
	take(e->os_version, sizeof(e->os_version), x, "os_version");
	take(e->arch, sizeof(e->arch), x, "arch");
	take(time, sizeof(time), x, "time");
	if (time[0] != '\0' && !instant_parse(&e->time, time))
		e->time = 0;
	read_parts(e, x);
	e->sample = sample_text(x);
	e->annotations = annotations_text(json_object_get(o, "annotations"));
	e->examination = examination_text(x);
	return e->sample != NULL && e->annotations != NULL &&
	    e->examination != NULL;
}

bool
examined_read(struct examined *out, struct bytes answer, uint64_t body_len)
{
	struct bytes text, behind;
	json_t *o = NULL;
	uint32_t len;
	bool ok = false;

	memset(out, 0, sizeof(*out));
	if (!bytes_u32(answer, 0, &len) || !bytes_slice(answer, 4, len, &text) ||
	    !bytes_slice(answer, 4 + (uint64_t)len, answer.len - 4 - len, &behind))
		return false;
	o = json_loadb((const char *)text.p, text.len, 0, NULL);
	if (!json_is_object(o))
		goto out;
	if (json_is_string(json_object_get(o, "error"))) {
		take(out->error, sizeof(out->error), o, "error");
		take(out->detail, sizeof(out->detail), o, "detail");
		ok = out->error[0] != '\0';
	} else
		ok = read_report(out, o, behind, body_len);
out:
	json_decref(o);
	return ok;
}

void
examined_free(struct examined *e)
{
	free(e->annotations);
	free(e->examination);
	free(e->sample);
	e->annotations = e->examination = e->sample = NULL;
}
