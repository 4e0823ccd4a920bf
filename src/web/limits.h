/*
 * What one request may be at most, and how long things may take.
 */
#ifndef WEB_LIMITS_H
#define WEB_LIMITS_H

#include <stddef.h>

/* Bytes of a path; kore itself refuses targets of 2,000. */
#define WEB_MAX_PATH 1024
/* Segments of a path: the deepest route has four. */
#define WEB_MAX_SEGMENTS 8
/* Bytes of a Cookie header that is looked at, and of one value that we gave
 * out (64 hex digits). */
#define WEB_MAX_COOKIES 8192
/* Response headers: ten of ours, and some of the page's. */
#define WEB_MAX_HEADERS 24
/* Bytes of one response made in memory: 10,000 rows of JSON are 4 MB. */
#define WEB_MAX_BODY ((size_t)64 << 20)
/* Rows of a list: a page is for reading, a file for programs. */
#define WEB_PAGE_ROWS  200
#define WEB_FILE_ROWS  10000
#define WEB_PAGE_DUMPS 100

/* Milliseconds. A page waits this long for the database; the web role's
 * statement_timeout is 10 s. */
#define WEB_DB_DEADLINE 12000
/* A browser's look at an attempt waits so long for the worker's word, then
 * becomes a page that refreshes itself. A program (JSON) is patient. */
#define WEB_ATTEMPT_WAIT      5000
#define WEB_ATTEMPT_WAIT_JSON 25000
/* Transactions that wait on one connection: at 1 ms each a second's worth. */
#define WEB_MAX_PENDING 1000
/* Uploads that wait for a commit: 20 s at 2,000 a second would be 40,000;
 * with 16 KB each this many are 64 MB. */
#define WEB_MAX_UPLOADS 4096

#endif
