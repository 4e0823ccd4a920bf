/*
 * One crash upload from a multipart body; see report.h.  Clients differ in the
 * names of the same few fields, that is all that they differ in here.
 */
#include "intake/report.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "intake/form.h"
#include "intake/inflate.h"
#include "intake/multipart.h"

const struct intake_limits intake_limits_small = {
    .max_body = INTAKE_SMALL_BODY,
    .max_inflated = INTAKE_MAX_INFLATED_SMALL,
};
const struct intake_limits intake_limits_large = {
    .max_body = INTAKE_MAX_BODY,
    .max_inflated = INTAKE_MAX_INFLATED,
};

static const char dump_part[] = "upload_file_minidump";

const char *
report_client_text(enum report_client client)
{
	switch (client) {
	case REPORT_CRASHPAD:
		return "crashpad";
	case REPORT_BREAKPAD:
		return "breakpad";
	case REPORT_OTHER:
		break;
	}
	return "other";
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	free(r->product);
	free(r->version);
	free(r->guid);
	free(r->channel);
	free(r->platform);
	for (size_t i = 0; i < r->num_annotations; i++) {
		free(r->annotations[i].name);
		free(r->annotations[i].value);
	}
	buf_free(&r->inflated_body);
	buf_free(&r->inflated_dump);
	memset(r, 0, sizeof(*r));
}

/* Owned UTF-8 without NUL; NULL without memory. */
static char *
clean(struct bytes in)
{
	struct buf b;

	buf_init(&b, 0);
	text_utf8(&b, in);
	return buf_take(&b, NULL);
}

/* The member that a field of this name belongs in; NULL if none. */
static char **
slot_of(struct report *r, const char *name)
{
	const struct {
		const char *name;
		char **slot;
	} known[] = {
	    {"prod", &r->product},
	    {"product", &r->product},
	    {"ProductName", &r->product},
	    {"ver", &r->version},
	    {"version", &r->version},
	    {"Version", &r->version},
	    {"guid", &r->guid},
	    {"client_id", &r->guid},
	    {"channel", &r->channel},
	    {"ReleaseChannel", &r->channel},
	    {"plat", &r->platform},
	    {"platform", &r->platform},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].slot;
	return NULL;
}

static bool
has_annotation(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->num_annotations; i++)
		if (strcmp(r->annotations[i].name, name) == 0)
			return true;
	return false;
}

/* Puts one field where it belongs; takes name and value. */
static void
place_field(struct report *r, char *name, char *value)
{
	char **slot = slot_of(r, name);

	if (slot != NULL && *slot == NULL && *value != '\0') {
		*slot = value;
		free(name);
		return;
	}
	if ((slot != NULL && (*value == '\0' || strcmp(*slot, value) == 0)) ||
	    has_annotation(r, name) || r->num_annotations == REPORT_MAX_FIELDS) {
		free(name);
		free(value);
		return;
	}
	r->annotations[r->num_annotations++] =
	    (struct report_field){.name = name, .value = value};
}

static enum intake_error
add_field(struct report *r, struct bytes name, struct bytes value, size_t *total)
{
	char *n, *v;

	*total += name.len + value.len;
	if (*total > INTAKE_MAX_FIELDS)
		return INTAKE_FIELDS_TOO_LARGE;
	n = clean(name);
	v = clean(value);
	if (n == NULL || v == NULL) {
		free(n);
		free(v);
		return INTAKE_NO_MEMORY;
	}
	place_field(r, n, v);
	return INTAKE_OK;
}

static enum intake_error
add_query(struct report *r, const char *query, size_t *total)
{
	enum intake_error e;
	struct form form;

	if (query == NULL)
		return INTAKE_OK;
	e = form_parse(&form, bytes_of(query, strlen(query)));
	for (size_t i = 0; e == INTAKE_OK && i < form.num_pairs; i++) {
		const struct form_pair *p = &form.pairs[i];

		e = add_field(r, bytes_of(p->name, strlen(p->name)),
		    bytes_of(p->value, strlen(p->value)), total);
	}
	form_free(&form);
	return e;
}

static bool
is_dump_name(struct bytes name)
{
	const size_t len = sizeof(dump_part) - 1;

	return name.len >= len && memcmp(name.p, dump_part, len) == 0 &&
	    (name.len == len || name.p[len] == '_');
}

/* The part with the dump: the one of the plain name, else the first of its
 * relatives (a browser sends those of its other processes beside its own). */
static const struct multipart_part *
find_dump(const struct multipart *m)
{
	const struct multipart_part *found = NULL;

	for (size_t i = 0; i < m->num_parts; i++) {
		const struct multipart_part *p = &m->parts[i];

		if (!is_dump_name(p->name))
			continue;
		if (p->name.len == sizeof(dump_part) - 1)
			return p;
		if (found == NULL)
			found = p;
	}
	return found;
}

static enum intake_error
read_dump(struct report *r, const struct multipart_part *part,
    const struct intake_limits *limits)
{
	enum intake_error e;

	r->dump = part->data;
	/* No dump begins as gzip does, so the header need not say it. */
	if (inflate_is_gzip(r->dump)) {
		e = inflate_gzip(&r->inflated_dump, r->dump, limits->max_inflated);
		if (e != INTAKE_OK)
			return e;
		r->dump = bytes_of(r->inflated_dump.data, r->inflated_dump.len);
	}
	if (r->dump.len == 0)
		return INTAKE_DUMP_EMPTY;
	if (r->dump.len < 4 ||
	    (memcmp(r->dump.p, "MDMP", 4) != 0 &&
		memcmp(r->dump.p, "PAGE", 4) != 0))
		return INTAKE_NOT_A_DUMP;
	return INTAKE_OK;
}

/* Crashpad writes "---MultipartBoundary-"; libcurl, which Breakpad uses on
 * Linux, 24 dashes, and Breakpad on Windows 27. */
static enum report_client
client_of(struct bytes boundary)
{
	static const char crashpad[] = "---MultipartBoundary-";
	static const char dashes[] = "------------------------";

	if (boundary.len >= sizeof(crashpad) - 1 &&
	    memcmp(boundary.p, crashpad, sizeof(crashpad) - 1) == 0)
		return REPORT_CRASHPAD;
	if (boundary.len >= sizeof(dashes) - 1 &&
	    memcmp(boundary.p, dashes, sizeof(dashes) - 1) == 0)
		return REPORT_BREAKPAD;
	return REPORT_OTHER;
}

/* Undoes Content-Encoding (RFC 9110 section 8.4). */
static enum intake_error
decode_body(struct report *r, struct bytes *body, const char *encoding,
    const struct intake_limits *limits)
{
	enum intake_error e;

	if (encoding == NULL || *encoding == '\0' ||
	    strcasecmp(encoding, "identity") == 0)
		return INTAKE_OK;
	if (strcasecmp(encoding, "gzip") != 0 &&
	    strcasecmp(encoding, "x-gzip") != 0)
		return INTAKE_ENCODING_UNKNOWN;
	e = inflate_gzip(&r->inflated_body, *body, limits->max_inflated);
	*body = bytes_of(r->inflated_body.data, r->inflated_body.len);
	return e;
}

/* Everything that the parts say. */
static enum intake_error
read_parts(struct report *r, const struct multipart *m,
    const struct intake_limits *limits, size_t *total)
{
	const struct multipart_part *dump = find_dump(m);
	enum intake_error e;

	for (size_t i = 0; i < m->num_parts; i++) {
		const struct multipart_part *p = &m->parts[i];

		if (p == dump)
			continue;
		if (p->filename.p != NULL || is_dump_name(p->name)) {
			r->num_attachments++;
			continue;
		}
		e = add_field(r, p->name, p->data, total);
		if (e != INTAKE_OK)
			return e;
	}
	if (dump == NULL)
		return INTAKE_NO_DUMP;
	return read_dump(r, dump, limits);
}

enum intake_error
intake_read_limited(struct report *out, struct bytes body, const char *content_type,
    const char *content_encoding, const char *query,
    const struct intake_limits *limits)
{
	struct bytes boundary;
	struct multipart m;
	size_t total = 0;
	enum intake_error e;

	memset(out, 0, sizeof(*out));
	if (body.len == 0)
		return INTAKE_BODY_EMPTY;
	if (body.len > limits->max_body)
		return INTAKE_BODY_TOO_LARGE;
	e = multipart_boundary(&boundary, content_type);
	if (e == INTAKE_OK)
		e = decode_body(out, &body, content_encoding, limits);
	if (e == INTAKE_OK)
		e = multipart_parse(&m, body, boundary);
	if (e == INTAKE_OK)
		e = read_parts(out, &m, limits, &total);
	if (e == INTAKE_OK)
		e = add_query(out, query, &total);
	if (e == INTAKE_OK)
		out->client = client_of(boundary);
	else
		report_free(out);
	return e;
}

enum intake_error
intake_read(struct report *out, struct bytes body, const char *content_type,
    const char *content_encoding, const char *query)
{
	return intake_read_limited(
	    out, body, content_type, content_encoding, query, &intake_limits_large);
}
