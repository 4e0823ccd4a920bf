/*
 * Reads captures of genuine crash clients as the edge and kore hand them on:
 * chunks are undone here, as nginx does it; the rest is intake_read().  What
 * came out is compared with uploads/manifest.json.
 */
#include <jansson.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "intake/inflate.h"
#include "intake/multipart.h"
#include "intake/report.h"

/* One capture, taken apart. */
struct request {
	char *content_type, *content_encoding, *query; /* owned or NULL */
	bool chunked;
	struct buf body;
};

static const char *capture;
static unsigned num_passed, num_failed;

static void
check(bool ok, const char *fmt, ...)
{
	va_list ap;

	if (ok) {
		num_passed++;
		return;
	}
	num_failed++;
	printf("FAIL %s: ", capture);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool
is_text(struct bytes b, const char *s)
{
	return s == NULL ? b.p == NULL : bytes_equal(b, bytes_of(s, strlen(s)));
}

static bool
has_sha256(struct bytes b, const char *hex)
{
	uint8_t digest[crypto_hash_sha256_BYTES];
	char got[2 * sizeof(digest) + 1];

	crypto_hash_sha256(digest, b.p, b.len);
	text_hex(got, digest, sizeof(digest));
	return hex != NULL && strcmp(got, hex) == 0;
}

static bool
read_file(struct buf *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	char piece[65536];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_append(out, piece, n);
	fclose(f);
	return buf_ok(out);
}

/* RFC 9112 section 7.1, for captures that are known to be well formed. */
static bool
dechunk(struct buf *out, struct bytes in)
{
	for (;;) {
		const uint8_t *eol = memmem(in.p, in.len, "\r\n", 2);
		struct bytes piece;
		unsigned long len;

		if (eol == NULL)
			return false;
		len = strtoul((const char *)in.p, NULL, 16);
		in = bytes_of(eol + 2, in.len - (size_t)(eol + 2 - in.p));
		if (!bytes_slice(in, 0, len + 2, &piece))
			return false;
		buf_append(out, piece.p, len);
		in = bytes_of(in.p + len + 2, in.len - len - 2);
		if (len == 0)
			return in.len == 0;
	}
}

/* Keeps the value of one header line if it is one that the edge hands on. */
static void
take_header(struct request *r, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t name_len;
	char *value;

	if (colon == NULL)
		return;
	name_len = (size_t)(colon - line);
	value = strndup(colon + 2, len - name_len - 2);
	if (name_len == 12 && strncasecmp(line, "Content-Type", 12) == 0) {
		r->content_type = value;
		return;
	}
	if (name_len == 16 && strncasecmp(line, "Content-Encoding", 16) == 0) {
		r->content_encoding = value;
		return;
	}
	if (name_len == 17 && strncasecmp(line, "Transfer-Encoding", 17) == 0)
		r->chunked = strcasecmp(value, "chunked") == 0;
	free(value);
}

static bool
take_apart(struct request *r, struct bytes raw)
{
	const char *p = (const char *)raw.p;
	const char *end = memmem(raw.p, raw.len, "\r\n\r\n", 4);
	const char *question, *space;
	struct bytes body;

	if (end == NULL)
		return false;
	question = memchr(p, '?', (size_t)(end - p));
	space = question != NULL ? strchr(question, ' ') : NULL;
	if (space != NULL && memchr(p, '\r', (size_t)(question - p)) == NULL)
		r->query = strndup(question + 1, (size_t)(space - question - 1));
	while (p < end) {
		const char *eol = memmem(p, (size_t)(end + 2 - p), "\r\n", 2);

		take_header(r, p, (size_t)(eol - p));
		p = eol + 2;
	}
	body = bytes_of(end + 4, raw.len - (size_t)(end + 4 - (const char *)raw.p));
	if (r->chunked)
		return dechunk(&r->body, body);
	buf_append(&r->body, body.p, body.len);
	return buf_ok(&r->body);
}

static void
compare_parts(const json_t *expected, struct bytes body, const char *content_type)
{
	const json_t *parts = json_object_get(expected, "parts"), *part;
	struct bytes boundary;
	struct multipart m;
	size_t i;

	check(multipart_boundary(&boundary, content_type) == INTAKE_OK &&
		is_text(boundary, text_of(expected, "boundary")),
	    "boundary");
	check(multipart_parse(&m, body, boundary) == INTAKE_OK, "parse");
	check(m.num_parts == json_array_size(parts), "%zu parts", m.num_parts);
	json_array_foreach(parts, i, part)
	{
		const struct multipart_part *p = &m.parts[i];

		if (i >= m.num_parts)
			break;
		check(is_text(p->name, text_of(part, "name")), "name of %zu", i);
		check(is_text(p->filename, text_of(part, "filename")),
		    "filename of %zu", i);
		check(is_text(p->content_type, text_of(part, "content_type")),
		    "content type of %zu", i);
		check((json_int_t)p->data.len ==
			json_integer_value(json_object_get(part, "size")),
		    "size of %zu", i);
		check(has_sha256(p->data, text_of(part, "sha256")), "sha256 of %zu",
		    i);
	}
}

static bool
is_value(const char *got, const char *expected)
{
	return got != NULL && expected != NULL && strcmp(got, expected) == 0;
}

/* The report against the parts that it was made of. */
static void
compare_report(const json_t *expected, const struct request *r)
{
	const json_t *part;
	struct report report;
	enum intake_error e;
	size_t i, num_files = 0;

	e = intake_read(&report, bytes_of(r->body.data, r->body.len),
	    r->content_type, r->content_encoding, r->query);
	check(e == INTAKE_OK, "%s", intake_error_text(e));
	if (e != INTAKE_OK)
		return;
	json_array_foreach(json_object_get(expected, "parts"), i, part)
	{
		const char *name = text_of(part, "name");
		const char *value = text_of(part, "value");

		if (strcmp(name, "prod") == 0)
			check(is_value(report.product, value), "product");
		else if (strcmp(name, "ver") == 0)
			check(is_value(report.version, value), "version");
		else if (strcmp(name, "guid") == 0)
			check(is_value(report.guid, value), "guid");
		else if (strcmp(name, "channel") == 0)
			check(is_value(report.channel, value), "channel");
		else if (strcmp(name, "plat") == 0)
			check(is_value(report.platform, value), "platform");
		else if (strcmp(name, "upload_file_minidump") == 0)
			check(has_sha256(report.dump, text_of(part, "sha256")),
			    "dump");
		else if (text_of(part, "filename") != NULL)
			num_files++;
	}
	check(report.num_attachments == num_files, "attachments");
	check(strncmp(capture, report_client_text(report.client),
		  strlen(report_client_text(report.client))) == 0,
	    "client %s", report_client_text(report.client));
	report_free(&report);
}

/* Every shorter body is refused with a reason; none is taken for whole. */
static void
check_truncations(const struct request *r)
{
	size_t num_taken = 0;

	for (size_t len = 0; len + 4 < r->body.len; len++) {
		struct report report;
		enum intake_error e =
		    intake_read(&report, bytes_of(r->body.data, len),
			r->content_type, r->content_encoding, r->query);

		if (e == INTAKE_OK)
			num_taken++;
		report_free(&report);
	}
	check(num_taken == 0, "%zu truncated bodies were taken", num_taken);
}

static void
run_capture(const char *data, const json_t *expected)
{
	struct request r = {0};
	struct bytes body;
	struct buf raw, plain;
	char path[1200];

	capture = text_of(expected, "file");
	buf_init(&raw, 0);
	buf_init(&plain, 0);
	buf_init(&r.body, 0);
	snprintf(path, sizeof(path), "%s/uploads/%s", data, capture);
	if (!read_file(&raw, path) ||
	    !take_apart(&r, bytes_of(raw.data, raw.len))) {
		check(false, "unreadable");
	} else {
		body = bytes_of(r.body.data, r.body.len);
		if (r.content_encoding != NULL) {
			check(inflate_gzip(&plain, body, INTAKE_MAX_INFLATED) ==
				INTAKE_OK,
			    "inflate");
			body = bytes_of(plain.data, plain.len);
		}
		check(has_sha256(body, text_of(expected, "decoded_body_sha256")),
		    "decoded body");
		compare_parts(expected, body, r.content_type);
		compare_report(expected, &r);
		check_truncations(&r);
	}
	free(r.content_type);
	free(r.content_encoding);
	free(r.query);
	buf_free(&r.body);
	buf_free(&raw);
	buf_free(&plain);
}

int
main(void)
{
	const char *data = getenv("COUNTERSIGN_DATA");
	json_t *manifest, *captures, *one;
	char path[1200];
	size_t i;

	if (data == NULL)
		data = "../shared/data";
	snprintf(path, sizeof(path), "%s/uploads/manifest.json", data);
	manifest = json_load_file(path, 0, NULL);
	if (manifest == NULL) {
		printf("skipped: there is no %s\n", path);
		return 0;
	}
	captures = json_object_get(manifest, "captures");
	check(json_array_size(captures) > 0, "no captures");
	json_array_foreach(captures, i, one) run_capture(data, one);
	json_decref(manifest);
	printf("uploads: %u passed, %u failed\n", num_passed, num_failed);
	return num_failed == 0 ? 0 : 1;
}
