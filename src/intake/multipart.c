/*
 * multipart/form-data; see multipart.h.  A delimiter is CR LF "--" boundary at
 * the start of a line (the first one may stand at the start of the body),
 * followed by white space and CR LF, or by "--" if it is the last.  What merely
 * begins like one is content.
 */
#include "intake/multipart.h"

#include <string.h>
#include <strings.h>

/* What a boundary is, from what stands behind it: content, the start of a part,
 * the end of all. */
enum delimiter { DELIMITER_NONE, DELIMITER_PART, DELIMITER_LAST };

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* RFC 2045 section 5.1. */
static bool
is_token(uint8_t c)
{
	return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* RFC 2046 section 5.1.1, bchars. */
static bool
is_boundary_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') ||
	    (c != 0 && strchr("'()+_,-./:=? ", c) != NULL);
}

static bool
equals_nocase(struct bytes b, const char *s)
{
	return b.len == strlen(s) && strncasecmp((const char *)b.p, s, b.len) == 0;
}

static struct bytes
skip_blanks(struct bytes b)
{
	while (b.len > 0 && is_blank(*b.p))
		b = bytes_of(b.p + 1, b.len - 1);
	return b;
}

static struct bytes
take(struct bytes *b, size_t len)
{
	struct bytes head = bytes_of(b->p, len);

	*b = bytes_of(b->p + len, b->len - len);
	return head;
}

static struct bytes
take_token(struct bytes *b)
{
	size_t n = 0;

	while (n < b->len && is_token(b->p[n]))
		n++;
	return take(b, n);
}

/* The inside of a quoted string that b begins with; false if it does not end. */
static bool
take_quoted(struct bytes *b, struct bytes *out)
{
	size_t n;

	for (n = 1; n < b->len && b->p[n] != '"'; n++)
		if (b->p[n] == '\\' && n + 1 < b->len && b->p[n + 1] == '"')
			n++;
	if (n >= b->len)
		return false;
	*out = bytes_of(b->p + 1, n - 1);
	take(b, n + 1);
	return true;
}

/* The next "; key=value" of *rest.  False at the end, and with *bad set if what
 * is there is malformed. */
static bool
next_parameter(
    struct bytes *rest, struct bytes *key, struct bytes *value, bool *bad)
{
	*bad = false;
	do {
		*rest = skip_blanks(*rest);
		if (rest->len == 0)
			return false;
		if (*rest->p != ';') {
			*bad = true;
			return false;
		}
		take(rest, 1);
		*rest = skip_blanks(*rest);
	} while (rest->len > 0 && *rest->p == ';');
	if (rest->len == 0)
		return false; /* a lone ";" at the end hurts nobody */

	*key = take_token(rest);
	if (key->len == 0 || rest->len == 0 || *rest->p != '=') {
		*bad = true;
		return false;
	}
	take(rest, 1);
	if (rest->len > 0 && *rest->p == '"') {
		*bad = !take_quoted(rest, value);
		return !*bad;
	}
	/* Senders put characters into unquoted values that are no token, "/" and
	 * "=" and "?" in boundaries for one: take all up to the next ";". */
	size_t n = 0;
	while (n < rest->len && rest->p[n] != ';')
		n++;
	*value = take(rest, n);
	while (value->len > 0 && is_blank(value->p[value->len - 1]))
		value->len--;
	return true;
}

enum intake_error
multipart_boundary(struct bytes *out, const char *content_type)
{
	static const char type[] = "multipart/form-data";
	struct bytes rest, key, value;
	bool bad;

	*out = bytes_of(NULL, 0);
	if (content_type == NULL)
		return INTAKE_NOT_MULTIPART;
	rest = skip_blanks(bytes_of(content_type, strlen(content_type)));
	if (rest.len < sizeof(type) - 1 ||
	    !equals_nocase(bytes_of(rest.p, sizeof(type) - 1), type))
		return INTAKE_NOT_MULTIPART;
	take(&rest, sizeof(type) - 1);
	if (rest.len > 0 && !is_blank(*rest.p) && *rest.p != ';')
		return INTAKE_NOT_MULTIPART;

	while (next_parameter(&rest, &key, &value, &bad)) {
		if (!equals_nocase(key, "boundary"))
			continue;
		if (value.len == 0 || value.len > INTAKE_MAX_BOUNDARY ||
		    value.p[value.len - 1] == ' ')
			return INTAKE_BAD_BOUNDARY;
		for (size_t i = 0; i < value.len; i++)
			if (!is_boundary_char(value.p[i]))
				return INTAKE_BAD_BOUNDARY;
		*out = value;
		return INTAKE_OK;
	}
	return bad ? INTAKE_BAD_BOUNDARY : INTAKE_NO_BOUNDARY;
}

/* What `rest`, which stands behind a boundary, makes of it; *len is what the
 * line ending takes. */
static enum delimiter
delimiter_kind(struct bytes rest, size_t *len)
{
	struct bytes line;

	if (rest.len >= 2 && memcmp(rest.p, "--", 2) == 0) {
		*len = 2;
		return DELIMITER_LAST;
	}
	line = skip_blanks(rest);
	if (line.len >= 2 && memcmp(line.p, "\r\n", 2) == 0) {
		*len = (size_t)(line.p - rest.p) + 2;
		return DELIMITER_PART;
	}
	*len = 0;
	return DELIMITER_NONE;
}

/* Finds the next delimiter in body at or behind *pos.  *content_end is where the
 * content before it ends, *pos afterwards where that behind it begins.
 * DELIMITER_NONE if there is none. */
static enum delimiter
find_delimiter(
    struct bytes body, struct bytes boundary, size_t *pos, size_t *content_end)
{
	uint8_t needle[4 + INTAKE_MAX_BOUNDARY];
	size_t needle_len = 4 + boundary.len;
	size_t from = *pos, behind, tail;
	enum delimiter kind;
	const uint8_t *hit;

	memcpy(needle, "\r\n--", 4);
	memcpy(needle + 4, boundary.p, boundary.len);
	while (from <= body.len) {
		if (from == 0 && body.len >= needle_len - 2 &&
		    memcmp(body.p, needle + 2, needle_len - 2) == 0) {
			*content_end = 0;
			behind = needle_len - 2;
		} else {
			hit = memmem(
			    body.p + from, body.len - from, needle, needle_len);
			if (hit == NULL)
				return DELIMITER_NONE;
			*content_end = (size_t)(hit - body.p);
			behind = *content_end + needle_len;
		}
		kind = delimiter_kind(
		    bytes_of(body.p + behind, body.len - behind), &tail);
		if (kind != DELIMITER_NONE) {
			*pos = behind + tail;
			return kind;
		}
		from = *content_end + 1;
	}
	return DELIMITER_NONE;
}

/* Content-Disposition: RFC 7578 section 4.2. */
static enum intake_error
parse_disposition(struct multipart_part *part, struct bytes value)
{
	struct bytes key, v;
	bool bad;

	value = skip_blanks(value);
	if (!equals_nocase(take_token(&value), "form-data"))
		return INTAKE_PART_NO_NAME;
	while (next_parameter(&value, &key, &v, &bad)) {
		if (equals_nocase(key, "name") && part->name.p == NULL)
			part->name = v;
		else if (equals_nocase(key, "filename") && part->filename.p == NULL)
			part->filename = v;
	}
	return bad ? INTAKE_PART_HEADER_BAD : INTAKE_OK;
}

/* One header line, without its CR LF. */
static enum intake_error
parse_header(struct multipart_part *part, struct bytes line)
{
	struct bytes name;

	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] < ' ' && line.p[i] != '\t')
			return INTAKE_PART_HEADER_BAD;
	name = take_token(&line);
	if (name.len == 0 || line.len == 0 || *line.p != ':')
		return INTAKE_PART_HEADER_BAD;
	take(&line, 1);
	line = skip_blanks(line);
	while (line.len > 0 && is_blank(line.p[line.len - 1]))
		line.len--;

	if (equals_nocase(name, "Content-Disposition")) {
		if (part->name.p != NULL)
			return INTAKE_PART_HEADER_BAD;
		return parse_disposition(part, line);
	}
	if (equals_nocase(name, "Content-Type"))
		part->content_type = line;
	else if (equals_nocase(name, "Content-Encoding"))
		part->encoding = line;
	return INTAKE_OK;
}

/* Headers and data of the part that lies in `content`. */
static enum intake_error
parse_part(struct multipart_part *part, struct bytes content)
{
	struct bytes head = content;
	enum intake_error e;
	const uint8_t *end;

	memset(part, 0, sizeof(*part));
	if (head.len > INTAKE_MAX_PART_HEADER)
		head.len = INTAKE_MAX_PART_HEADER;
	/* A part may end behind its headers: RFC 2046, body-part. */
	while (head.p != content.p + content.len) {
		end = memmem(head.p, head.len, "\r\n", 2);
		if (end == NULL)
			return content.len > INTAKE_MAX_PART_HEADER
			    ? INTAKE_PART_HEADER_TOO_LARGE
			    : INTAKE_PART_HEADER_BAD;
		struct bytes line = take(&head, (size_t)(end - head.p));
		take(&head, 2);
		if (line.len == 0)
			break;
		e = parse_header(part, line);
		if (e != INTAKE_OK)
			return e;
	}
	if (part->name.len == 0)
		return INTAKE_PART_NO_NAME;
	size_t used = (size_t)(head.p - content.p);
	part->data = bytes_of(content.p + used, content.len - used);
	return INTAKE_OK;
}

enum intake_error
multipart_parse(struct multipart *out, struct bytes body, struct bytes boundary)
{
	struct multipart_part part;
	size_t pos = 0, begin, end;
	enum delimiter kind;
	enum intake_error e;

	out->num_parts = 0;
	out->boundary = boundary;
	if (boundary.len == 0 || boundary.len > INTAKE_MAX_BOUNDARY)
		return INTAKE_BAD_BOUNDARY;
	if (body.len == 0)
		return INTAKE_BODY_EMPTY;
	kind = find_delimiter(body, boundary, &pos, &end);
	while (kind == DELIMITER_PART) {
		/* The CR LF before the next delimiter may be the very one that ends
		 * this line or the headers, when the part is empty. */
		begin = pos;
		pos -= 2;
		kind = find_delimiter(body, boundary, &pos, &end);
		if (kind == DELIMITER_NONE)
			return INTAKE_TRUNCATED;
		if (end < begin)
			return INTAKE_PART_NO_NAME;
		if (out->num_parts == INTAKE_MAX_PARTS)
			return INTAKE_TOO_MANY_PARTS;
		e = parse_part(&part, bytes_of(body.p + begin, end - begin));
		if (e != INTAKE_OK)
			return e;
		out->parts[out->num_parts++] = part;
	}
	return kind == DELIMITER_LAST ? INTAKE_OK : INTAKE_TRUNCATED;
}
