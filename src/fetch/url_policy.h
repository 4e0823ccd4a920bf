/*
 * Which addresses of a certificate may be asked at all. A certificate is
 * whatever its maker wrote into it: http only, no credentials, ports 80 and 443,
 * a host name with a dot in it (design, invariant 9). Pure.
 */
#ifndef FETCH_URL_POLICY_H
#define FETCH_URL_POLICY_H

#include <stdbool.h>

#include "fetch/limits.h"

enum url_refusal {
	URL_OK = 0,
	URL_TOO_LONG,
	URL_NOT_HTTP,
	URL_CREDENTIALS,
	URL_BAD_HOST, /* empty, single label, or characters that no name has */
	URL_BAD_PORT,
	URL_BAD_CHARACTER /* a control character or a byte beyond ASCII */
};

struct url {
	char host[FETCH_MAX_HOST +
	    1]; /* lower case; an address literal in v4 form */
	unsigned port;
	/* The whole, ready to be sent: spaces of the path, which a quarter of
	 * real addresses have, as %20; no fragment. */
	char text[3 * FETCH_MAX_URL + 1];
};

enum url_refusal url_check(struct url *out, const char *text);
/* "url-not-http", ...; "ok" for URL_OK. */
const char *url_refusal_text(enum url_refusal);

#endif
