/*
 * An answer as it is made; see response.h.
 */
#include "web/response.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
response_init(struct response *r)
{
	*r = (struct response){.status = 200};
	buf_init(&r->body, WEB_MAX_BODY);
}

void
response_free(struct response *r)
{
	for (size_t i = 0; i < r->num_headers; i++)
		free(r->header[i].value);
	buf_free(&r->body);
	*r = (struct response){.status = 500};
}

void
response_clear(struct response *r)
{
	response_free(r);
	response_init(r);
}

static void
put_header(struct response *r, const char *name, char *value)
{
	if (value == NULL || r->num_headers == WEB_MAX_HEADERS) {
		free(value);
		r->body.failed = true;
		return;
	}
	if (value[strcspn(value, "\r\n")] != '\0') {
		free(value);
		return;
	}
	r->header[r->num_headers++] = (struct response_header){name, value};
}

void
response_header(struct response *r, const char *name, const char *fmt, ...)
{
	char *value = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&value, fmt, ap) < 0)
		value = NULL;
	va_end(ap);
	put_header(r, name, value);
}

const char *
response_header_get0(const struct response *r, const char *name)
{
	for (size_t i = 0; i < r->num_headers; i++)
		if (strcmp(r->header[i].name, name) == 0)
			return r->header[i].value;
	return NULL;
}

void
response_security(struct response *r)
{
	static const struct {
		const char *name, *value;
	} always[] = {
	    {"content-security-policy",
		"default-src 'none'; style-src 'self'; "
		"img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
		"base-uri 'none'; require-trusted-types-for 'script'"},
	    {"x-content-type-options", "nosniff"},
	    {"referrer-policy", "same-origin"},
	    {"cross-origin-opener-policy", "same-origin"},
	    {"cross-origin-resource-policy", "same-origin"},
	    {"permissions-policy",
		"accelerometer=(), camera=(), geolocation=(), "
		"gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"},
	    {"cache-control", "no-store"},
	};

	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		if (response_header_get0(r, always[i].name) == NULL)
			response_header(r, always[i].name, "%s", always[i].value);
}

void
response_type(struct response *r, const char *content_type)
{
	response_header(r, "content-type", "%s", content_type);
}

void
response_cookie(struct response *r, const char *name, const char *value)
{
	response_header(r, "set-cookie",
	    "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax%s", name, value,
	    *value == '\0' ? "; Max-Age=0" : "");
}

void
response_redirect(struct response *r, const char *fmt, ...)
{
	char *to = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&to, fmt, ap) < 0)
		to = NULL;
	va_end(ap);
	r->status = 303;
	put_header(r, "location", to);
}
