/*
 * Reading a request; see request.h.  Everything here takes strings that a
 * stranger wrote.
 */
#include "web/request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* One segment from *in up to "/" or the end, decoded to *out; false for what no
 * address of ours holds. Both pointers go on. */
static bool
segment_decode(const char **in, char **out, const char *end)
{
	const char *start = *out;
	int hi, lo, c;

	for (; **in != '\0' && **in != '/'; (*in)++) {
		c = (unsigned char)**in;
		if (c == '%') {
			hi = text_hex_value((*in)[1]);
			lo = hi < 0 ? -1 : text_hex_value((*in)[2]);
			if (lo < 0)
				return false;
			c = hi << 4 | lo;
			*in += 2;
		}
		if (c < 0x20 || c == 0x7f || c == '/' || c == '\\' ||
		    *out + 1 >= end)
			return false;
		*(*out)++ = (char)c;
	}
	*(*out)++ = '\0';
	if (*start == '\0' || strcmp(start, ".") == 0 || strcmp(start, "..") == 0)
		return false;
	return text_is_utf8(bytes_of(start, strlen(start)));
}

bool
target_parse(struct target *t, const char *path)
{
	char *out = t->text;
	const char *end = t->text + sizeof(t->text);

	t->num = 0;
	if (path == NULL || *path != '/')
		return false;
	path++;
	while (*path != '\0') {
		if (t->num == WEB_MAX_SEGMENTS)
			goto no;
		t->segment[t->num++] = out;
		if (!segment_decode(&path, &out, end))
			goto no;
		if (*path == '/' && *++path == '\0')
			goto no; /* a trailing slash */
	}
	return true;
no:
	t->num = 0;
	return false;
}

enum web_format
target_take_format(struct target *t)
{
	static const struct {
		const char *ending;
		enum web_format format;
	} known[] = {
	    {".json", FORMAT_JSON}, {".csv", FORMAT_CSV}, {".txt", FORMAT_TEXT}};
	size_t len, n;
	char *last;

	if (t->num == 0)
		return FORMAT_HTML;
	last = t->text + (t->segment[t->num - 1] - t->text);
	len = strlen(last);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		n = strlen(known[i].ending);
		if (len > n && strcmp(last + len - n, known[i].ending) == 0) {
			last[len - n] = '\0';
			return known[i].format;
		}
	}
	return FORMAT_HTML;
}

bool
cookie_get(char *out, size_t out_len, const char *header, const char *name)
{
	size_t name_len = strlen(name), len;
	bool found = false;
	const char *p = header;

	out[0] = '\0';
	if (header == NULL || strnlen(header, WEB_MAX_COOKIES) == WEB_MAX_COOKIES)
		return false;
	while (*p != '\0') {
		p += strspn(p, " \t;");
		len = strcspn(p, ";");
		if (len > name_len && strncmp(p, name, name_len) == 0 &&
		    p[name_len] == '=') {
			const char *value = p + name_len + 1;
			size_t n = len - name_len - 1;

			while (
			    n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
				n--;
			if (n >= out_len ||
			    (found &&
				(strlen(out) != n || memcmp(out, value, n) != 0))) {
				out[0] = '\0';
				return false;
			}
			memcpy(out, value, n);
			out[n] = '\0';
			found = true;
		}
		p += len;
	}
	return found;
}

bool
secret_valid(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

/* The q value of one element of an Accept list, in thousandths. */
static int
quality(const char *params, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++) {
		if (params[i] != ';')
			continue;
		while (i + 1 < len && params[i + 1] == ' ')
			i++;
		if (i + 3 < len && (params[i + 1] == 'q' || params[i + 1] == 'Q') &&
		    params[i + 2] == '=') {
			int q = params[i + 3] == '1' ? 1000 : 0, unit = 100;

			if (i + 4 < len && params[i + 4] == '.')
				for (i += 5;
				     i < len && isdigit((unsigned char)params[i]);
				     i++) {
					q += unit * (params[i] - '0');
					unit /= 10;
				}
			return q > 1000 ? 1000 : q;
		}
	}
	return 1000;
}

static bool
type_is(const char *p, size_t len, const char *type)
{
	return len == strlen(type) && strncasecmp(p, type, len) == 0;
}

enum web_format
accept_format(const char *accept)
{
	int html = 0, json = 0;
	const char *p = accept;
	size_t len, type_len;

	if (accept == NULL)
		return FORMAT_HTML;
	while (*p != '\0') {
		p += strspn(p, " \t,");
		len = strcspn(p, ",");
		type_len = strcspn(p, "; ,");
		if (type_is(p, type_len, "text/html") ||
		    type_is(p, type_len, "application/xhtml+xml"))
			html = quality(p, len) > html ? quality(p, len) : html;
		if (type_is(p, type_len, "application/json") ||
		    type_is(p, type_len, "application/problem+json"))
			json = quality(p, len) > json ? quality(p, len) : json;
		p += len;
	}
	return json > html ? FORMAT_JSON : FORMAT_HTML;
}

bool
origin_allowed(const char *fetch_site, const char *origin, const char *host)
{
	if (fetch_site != NULL && strcmp(fetch_site, "same-origin") != 0 &&
	    strcmp(fetch_site, "none") != 0)
		return false;
	if (origin == NULL)
		return true;
	return host != NULL && strncasecmp(origin, "https://", 8) == 0 &&
	    strcasecmp(origin + 8, host) == 0;
}

bool
number_parse(int64_t *out, const char *s)
{
	size_t len = strlen(s);

	*out = 0;
	if (len == 0 || len > 18 || strspn(s, "0123456789") != len || *s == '0')
		return false;
	for (size_t i = 0; i < len; i++)
		*out = *out * 10 + (s[i] - '0');
	return true;
}

/* Digits to a number, saturating; the position behind them. */
static const char *
digits(const char *p, uint64_t *out, bool *any)
{
	*out = 0;
	*any = false;
	for (; *p >= '0' && *p <= '9'; p++) {
		*any = true;
		*out = *out > (UINT64_MAX - 9) / 10
		    ? UINT64_MAX / 2
		    : *out * 10 + (uint64_t)(*p - '0');
	}
	return p;
}

enum range_kind
range_parse(struct range *out, const char *header, uint64_t size)
{
	uint64_t first, last;
	bool has_first, has_last;
	const char *p = header;

	*out = (struct range){0, size};
	if (header == NULL || strncasecmp(p, "bytes=", 6) != 0)
		return RANGE_NONE;
	p = digits(p + 6, &first, &has_first);
	if (*p++ != '-')
		return RANGE_NONE;
	p = digits(p, &last, &has_last);
	p += strspn(p, " \t");
	if (*p != '\0' || (!has_first && !has_last))
		return RANGE_NONE;
	if (!has_first) { /* the last so many bytes */
		if (last == 0 || size == 0)
			return RANGE_UNSATISFIABLE;
		last = last > size ? size : last;
		*out = (struct range){size - last, last};
		return RANGE_ONE;
	}
	if (has_last && last < first)
		return RANGE_NONE;
	if (first >= size)
		return RANGE_UNSATISFIABLE;
	if (!has_last || last >= size)
		last = size - 1;
	*out = (struct range){first, last - first + 1};
	return RANGE_ONE;
}

bool
etag_listed(const char *header, const char *etag, bool weak_ok)
{
	size_t len = strlen(etag), n;
	const char *p = header;
	bool weak;

	if (header == NULL)
		return false;
	while (*p != '\0') {
		p += strspn(p, " \t,");
		weak = strncmp(p, "W/", 2) == 0;
		if (weak)
			p += 2;
		n = strcspn(p, " \t,");
		if ((!weak || weak_ok) &&
		    ((n == len && strncmp(p, etag, len) == 0) ||
			(n == 1 && *p == '*' && weak_ok)))
			return true;
		p += n;
	}
	return false;
}
