/*
 * One crash upload, whoever sent it: Crashpad, Breakpad, or a person with curl.
 * Pure: the body, three strings of the request in; a struct report out.
 */
#ifndef INTAKE_REPORT_H
#define INTAKE_REPORT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "intake/error.h"
#include "intake/limits.h"

/* Which program sent it, guessed from the form of the boundary (nobody's rights
 * depend on it). */
enum report_client { REPORT_OTHER = 0, REPORT_CRASHPAD, REPORT_BREAKPAD };

/* "other", "crashpad", "breakpad". */
const char *report_client_text(enum report_client);

/* A field that has no place of its own.  Valid UTF-8 without NUL, otherwise the
 * sender's: escape it where it is shown. */
struct report_field {
	char *name;
	char *value;
};

#define REPORT_MAX_FIELDS (INTAKE_MAX_PARTS + INTAKE_MAX_QUERY_PAIRS)

struct report {
	/* Owned, UTF-8 without NUL; NULL if not sent.  A part of the body comes
	 * before a field of the query, the first before a later one. */
	char *product;	/* prod, product, ProductName */
	char *version;	/* ver, version, Version */
	char *guid;	/* guid, client_id: the installation, as it says itself */
	char *channel;	/* channel, ReleaseChannel */
	char *platform; /* plat, platform */

	/* Everything else, in the order of arrival, names unique. */
	struct report_field annotations[REPORT_MAX_FIELDS];
	size_t num_annotations;

	/* The first part upload_file_minidump...: begins with MDMP or PAGE.
	 * Borrowed from the body, or from what is kept inflated here. */
	struct bytes dump;
	size_t num_attachments; /* other parts with a file name */
	enum report_client client;

	struct buf inflated_body; /* private: what the views may point into */
	struct buf inflated_dump;
};

/* How much may come out of gzip: on the event loop, or in a child. */
struct intake_limits {
	size_t max_body;     /* bytes as they arrive */
	size_t max_inflated; /* bytes, body and dump each */
};
extern const struct intake_limits intake_limits_small; /* kore */
extern const struct intake_limits intake_limits_large; /* a worker's child */

/* Reads one upload.  content_encoding and query may be NULL (the query without
 * its "?").  `body` must outlive *out.  On an error *out is empty; else
 * report_free() it. */
enum intake_error intake_read(struct report *out, struct bytes body,
    const char *content_type, const char *content_encoding, const char *query)
    __attribute__((warn_unused_result));
/* The same within given limits; intake_read() takes intake_limits_large. */
enum intake_error intake_read_limited(struct report *out, struct bytes body,
    const char *content_type, const char *content_encoding, const char *query,
    const struct intake_limits *) __attribute__((warn_unused_result));
void report_free(struct report *);

#endif
