/*
 * Getting one address over http, for the fetcher (libcurl). The name is resolved
 * once, every address that it has must be public, and the connection goes to what
 * was checked: a name that answers differently the second time gains nothing.
 * Nothing of the answer is parsed but HTTP.
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>

struct buf;

/* Stable codes: "ok", "url-...", "not-resolved", "address-refused",
 * "not-connected", "timed-out", "too-large", "http-status", "too-many-redirects",
 * "empty". */
struct fetch_result {
	const char *code; /* static */
	long status;	  /* of HTTP, 0 if there was none */
	unsigned redirects;
};

/* hosts: the setting fetch.hosts, "NAME=ADDRESS:PORT ...", names that are taken
 * to a place of the operator's (a mirror, a test), whatever their address; ""
 * for none. True when body holds an answer of status 200. */
bool fetch_url(
    struct buf *body, struct fetch_result *, const char *url, const char *hosts);

#endif
