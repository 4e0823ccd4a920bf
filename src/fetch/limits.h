/*
 * What one fetch may cost. (Chromium takes 5 addresses a certificate, 10 s,
 * 64 KiB; the issuers of code-signing certificates are one to ten kilobytes.)
 */
#ifndef FETCH_LIMITS_H
#define FETCH_LIMITS_H

#include <stddef.h>

/* Bytes of an answer. */
#define FETCH_MAX_BODY ((size_t)64 << 10)
/* Seconds for all of it, redirects included. */
#define FETCH_SECONDS	    10
#define FETCH_MAX_REDIRECTS 2
/* Characters of an address, and of its host. */
#define FETCH_MAX_URL  1024
#define FETCH_MAX_HOST 253
/* Seconds until an address is asked again: after an answer, after none. */
#define FETCH_AGAIN	   3600
#define FETCH_AGAIN_FAILED 600

#endif
