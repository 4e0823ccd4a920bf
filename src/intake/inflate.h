/*
 * Gzip (RFC 1952) with bounds: how large the result may be, and how much it may
 * be blown up.
 */
#ifndef INTAKE_INFLATE_H
#define INTAKE_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "intake/error.h"

struct buf;

/* Whether it begins as a gzip member does. */
bool inflate_is_gzip(struct bytes);

/* Appends what `in` inflates to, all members of it, to out (whose own maximum
 * holds too).  At most max bytes come out; above INTAKE_RATIO_FREE at most
 * INTAKE_MAX_RATIO for each byte of in.  INTAKE_INFLATE_TOO_LARGE,
 * INTAKE_INFLATE_TRUNCATED, INTAKE_INFLATE_BAD (also: bytes behind the last
 * member that are no member, CRC or length wrong), INTAKE_NO_MEMORY; out then
 * holds a part and should be thrown away. */
enum intake_error inflate_gzip(struct buf *out, struct bytes in, size_t max)
    __attribute__((warn_unused_result));

#endif
