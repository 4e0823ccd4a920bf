/*
 * Reading a request: target, cookies, preferences. Pure; kore's own parsers
 * drop or change what they do not like, so what the pages see is made here
 * from the raw strings.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "web/limits.h"

enum web_method { WEB_GET = 1, WEB_HEAD = 2, WEB_POST = 4, WEB_OTHER = 8 };

/* What the answer should be; a path's ending decides before the Accept header. */
enum web_format { FORMAT_HTML, FORMAT_JSON, FORMAT_CSV, FORMAT_TEXT };

/* A path, decoded and cut at its slashes. */
struct target {
	char text[WEB_MAX_PATH]; /* private: the segments' memory */
	const char *segment[WEB_MAX_SEGMENTS];
	size_t num;
};

/* RFC 3986: splits at "/", then decodes %XX. "/" has no segments. False for what
 * no address of ours looks like: not beginning with "/", an empty or dot
 * segment, an encoded slash or control character, not UTF-8, too long. */
bool target_parse(struct target *out, const char *path);
/* Takes ".json", ".csv" or ".txt" off the last segment and says which it was;
 * FORMAT_HTML if there was none. */
enum web_format target_take_format(struct target *);

/* The value of a cookie (RFC 6265 section 4.2.1) into out; false when absent,
 * given twice with different values, or longer than out_len - 1. */
bool cookie_get(char *out, size_t out_len, const char *header, const char *name);
/* A secret that we gave out: exactly 64 lower-case hex digits. */
bool secret_valid(const char *);

/* What an Accept header prefers among HTML and JSON (RFC 9110 section 12.5.1,
 * q values included); HTML when it is absent or wants neither. */
enum web_format accept_format(const char *accept);

/* Whether a POST came from a page of ours: Sec-Fetch-Site is same-origin or
 * none, or Origin is https://host; both absent (NULL) is a program. */
bool origin_allowed(const char *fetch_site, const char *origin, const char *host);

/* A positive decimal number of at most 18 digits, nothing else. */
bool number_parse(int64_t *out, const char *);

/* Range (RFC 9110 section 14): one range of an object of `size` bytes. */
enum range_kind { RANGE_NONE, RANGE_ONE, RANGE_UNSATISFIABLE };
struct range {
	uint64_t first, len;
};
/* RANGE_NONE, the whole object, for an absent header, another unit, bad syntax,
 * and for several ranges, which a server may decline. */
enum range_kind range_parse(struct range *out, const char *header, uint64_t size);

/* Whether an If-None-Match or If-Range list holds the strong tag (with quotes);
 * "*" does; weak tags count only if weak_ok. */
bool etag_listed(const char *header, const char *etag, bool weak_ok);

#endif
