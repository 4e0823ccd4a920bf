/*
 * An answer as it is made: status, headers, body. Pure; server.c gives it to
 * kore. A value that would break a header line is left out as a whole.
 */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "web/limits.h"

struct response_header {
	const char *name; /* borrowed: a literal, lower case */
	char *value;	  /* owned */
};

struct response {
	int status;
	struct buf body;
	struct response_header header[WEB_MAX_HEADERS];
	size_t num_headers;
};

void response_init(struct response *);
void response_free(struct response *);
/* Back to nothing: for the error that replaces a half-made page. Cookies that
 * were set are dropped too. */
void response_clear(struct response *);
void response_header(struct response *, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Borrowed; NULL if it was not set. */
const char *response_header_get0(const struct response *, const char *name);
/* Headers that every answer carries, where the page has not set its own. */
void response_security(struct response *);
/* Content-Type and no-store, for what depends on who asks. */
void response_type(struct response *, const char *content_type);
/* "__Host-" cookie: Secure, HttpOnly, SameSite=Lax, Path=/. An empty value
 * takes the cookie away. */
void response_cookie(struct response *, const char *name, const char *value);
/* 303 to a path of ours. */
void response_redirect(struct response *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
