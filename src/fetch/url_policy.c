/*
 * Reads an http address strictly; what is unusual is refused.
 */
#include "fetch/url_policy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *
url_refusal_text(enum url_refusal r)
{
	static const char *const text[] = {
	    [URL_OK] = "ok",
	    [URL_TOO_LONG] = "url-too-long",
	    [URL_NOT_HTTP] = "url-not-http",
	    [URL_CREDENTIALS] = "url-credentials",
	    [URL_BAD_HOST] = "url-bad-host",
	    [URL_BAD_PORT] = "url-bad-port",
	    [URL_BAD_CHARACTER] = "url-bad-character",
	};

	return text[r];
}

static bool
host_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '.';
}

/* At least two labels, none empty, none beginning or ending with a dash. A name
 * whose last label is a number is an IPv4 literal, in dotted form only: 0x7f.1
 * and 127.1 are none. */
static bool
host_check(const char *h)
{
	size_t len = strlen(h), label = 0, labels = 1;
	bool digits = true;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && h[i] != '.') {
			if (!host_letter(h[i]) || (h[i] == '-' && label == 0) ||
			    ++label > 63)
				return false;
			digits = digits && h[i] >= '0' && h[i] <= '9';
			continue;
		}
		if (label == 0 || h[i - 1] == '-')
			return false;
		if (i < len) {
			labels++;
			label = 0;
			digits = true;
		}
	}
	if (digits)
		return labels == 4 && strspn(h, "0123456789.") == len;
	return labels >= 2;
}

static bool
take_host(struct url *out, const char *p, size_t len)
{
	if (len == 0 || len > FETCH_MAX_HOST)
		return false;
	for (size_t i = 0; i < len; i++)
		out->host[i] =
		    (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] - 'A' + 'a' : p[i]);
	out->host[len] = '\0';
	return host_check(out->host);
}

static bool
take_port(struct url *out, const char *p, size_t len)
{
	out->port = 80;
	if (len == 0)
		return true;
	if (len == 2 && memcmp(p, "80", 2) == 0)
		return true;
	out->port = 443;
	return len == 3 && memcmp(p, "443", 3) == 0;
}

/* The path and query, spaces escaped, without the fragment. */
static bool
take_path(struct url *out, const char *p)
{
	size_t used;

	if (out->port == 80)
		used = (size_t)snprintf(
		    out->text, sizeof(out->text), "http://%s", out->host);
	else
		used = (size_t)snprintf(out->text, sizeof(out->text),
		    "http://%s:%u", out->host, out->port);
	if (*p != '/')
		out->text[used++] = '/';
	for (; *p != '\0' && *p != '#'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c > 0x7e || used + 4 > sizeof(out->text))
			return false;
		if (c == ' ') {
			memcpy(out->text + used, "%20", 3);
			used += 3;
		} else
			out->text[used++] = (char)c;
	}
	out->text[used] = '\0';
	return true;
}

enum url_refusal
url_check(struct url *out, const char *text)
{
	const char *authority, *end, *colon;

	memset(out, 0, sizeof(*out));
	if (strlen(text) > FETCH_MAX_URL)
		return URL_TOO_LONG;
	if (strncasecmp(text, "http://", 7) != 0)
		return URL_NOT_HTTP;
	authority = text + 7;
	end = authority + strcspn(authority, "/?#\\");
	if (*end == '\\')
		return URL_BAD_HOST;
	if (memchr(authority, '@', (size_t)(end - authority)) != NULL)
		return URL_CREDENTIALS;
	colon = memchr(authority, ':', (size_t)(end - authority));
	if (!take_host(out, authority,
		(size_t)((colon != NULL ? colon : end) - authority)))
		return URL_BAD_HOST;
	if (!take_port(out, colon != NULL ? colon + 1 : end,
		colon != NULL ? (size_t)(end - colon - 1) : 0))
		return URL_BAD_PORT;
	return take_path(out, end) ? URL_OK : URL_BAD_CHARACTER;
}
