/*
 * A small strict reader of DER (X.690): definite lengths in their shortest
 * form, low tag numbers, nothing read outside what was given.  It copies
 * nothing: what it hands out points into the bytes that it was given.
 *
 * A structure is read like this, each step false on a mismatch:
 *
 *	struct bytes in = ..., seq, oid;
 *	if (!der_take(&in, DER_SEQUENCE, &seq) || !der_take(&seq, DER_OID, &oid))
 */
#ifndef PKI_DER_H
#define PKI_DER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31
};
/* [n] constructed (explicit, or implicit of a structure), and [n] primitive. */
#define DER_CONTEXT(n)		 (0xa0 | (n))
#define DER_CONTEXT_PRIMITIVE(n) (0x80 | (n))

/* One element. */
struct der {
	uint8_t tag;
	struct bytes body;  /* its content */
	struct bytes whole; /* tag and length too */
};

/* The next element of *in, which is moved behind it.  False, and *in as it
 * was, at the end or when the element is not strict DER or not all there. */
bool der_next(struct bytes *in, struct der *out);
/* The same, but only an element with this tag; its content. */
bool der_take(struct bytes *in, uint8_t tag, struct bytes *out_body);
/* The same with tag and length: what a digest covers. */
bool der_take_whole(struct bytes *in, uint8_t tag, struct bytes *out_whole);
/* As der_take() if the next element has the tag; *out_body empty with p NULL
 * if there is none or another one.  False only for what is not DER. */
bool der_take_optional(struct bytes *in, uint8_t tag, struct bytes *out_body);
/* A small non-negative INTEGER. */
bool der_take_uint(struct bytes *in, uint32_t *out);
/* UTCTime (RFC 5280: 1950-2049) or GeneralizedTime, both with seconds and Z;
 * a fraction (RFC 3161) is dropped.  Seconds since 1970. */
bool der_take_time(struct bytes *in, int64_t *out);
/* The tag that comes next, 0 at the end. */
uint8_t der_peek(struct bytes in);

#endif
