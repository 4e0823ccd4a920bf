/*
 * multipart/form-data (RFC 7578, RFC 2046 section 5.1) over a body that lies
 * in memory or is mapped.  Everything in the result is a view of the body or of
 * the Content-Type value: nothing is allocated, nothing needs freeing.
 */
#ifndef INTAKE_MULTIPART_H
#define INTAKE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "intake/error.h"
#include "intake/limits.h"

/* One part, borrowed.  Absent headers are views with p == NULL; an empty value
 * that was there has p != NULL and len 0.  The bytes are the sender's: name and
 * filename may hold anything but CR and LF, a quoted one keeps its backslashes
 * (browsers write \" or %22; file names of Windows hold plain backslashes, so
 * nothing is unescaped). */
struct multipart_part {
	struct bytes name;	   /* always there, never empty */
	struct bytes filename;	   /* "" counts as a file too */
	struct bytes content_type; /* with its parameters */
	struct bytes encoding;	   /* Content-Encoding of this part */
	struct bytes data;
};

struct multipart {
	struct bytes boundary; /* without the two leading dashes */
	struct multipart_part parts[INTAKE_MAX_PARTS];
	size_t num_parts;
};

/* The boundary that a Content-Type value names, quoted or not (Crashpad's
 * begins and ends with dashes and is not quoted).  INTAKE_NOT_MULTIPART if the
 * type is not multipart/form-data, INTAKE_NO_BOUNDARY, INTAKE_BAD_BOUNDARY
 * (empty, too long, or a character that RFC 2046 does not allow). */
enum intake_error multipart_boundary(struct bytes *out, const char *content_type)
    __attribute__((warn_unused_result));

/* Splits body.  Text before the first delimiter and after the last is ignored,
 * as RFC 2046 asks.  On an error *out holds the parts that were complete. */
enum intake_error multipart_parse(struct multipart *out, struct bytes body,
    struct bytes boundary) __attribute__((warn_unused_result));

#endif
