/* Gzip with bounds; see inflate.h. */
#include "intake/inflate.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "intake/limits.h"

/* Output is made in pieces of this size. */
#define PIECE ((size_t)64 << 10)

bool
inflate_is_gzip(struct bytes b)
{
	return b.len >= 3 && b.p[0] == 0x1f && b.p[1] == 0x8b &&
	    b.p[2] == Z_DEFLATED;
}

/* How many bytes may come out of in. */
static size_t
bound(struct bytes in, size_t max)
{
	size_t by_ratio = in.len > SIZE_MAX / INTAKE_MAX_RATIO
	    ? SIZE_MAX
	    : in.len * INTAKE_MAX_RATIO;

	if (by_ratio < INTAKE_RATIO_FREE)
		by_ratio = INTAKE_RATIO_FREE;
	return by_ratio < max ? by_ratio : max;
}

/* Inflates into one more piece of out, of which `room` bytes are left to go; one
 * byte too many is let through, so that the excess is noticed. */
static enum intake_error
step(z_stream *z, struct buf *out, struct bytes *in, size_t room, bool *done)
{
	size_t want = room < PIECE ? room + 1 : PIECE;
	uint8_t *p = buf_extend(out, want);
	int rc;

	if (p == NULL) {
		size_t max = out->max != 0 ? out->max : BUF_DEFAULT_MAX;
		return out->len + want > max ? INTAKE_INFLATE_TOO_LARGE
					     : INTAKE_NO_MEMORY;
	}
	z->next_in = (Bytef *)(uintptr_t)in->p;
	z->avail_in = in->len > UINT_MAX ? UINT_MAX : (uInt)in->len;
	z->next_out = p;
	z->avail_out = (uInt)want;
	rc = inflate(z, Z_NO_FLUSH);

	size_t used = (size_t)(z->next_in - in->p);
	size_t made = want - z->avail_out;
	out->len -= want - made;
	*in = bytes_of(in->p + used, in->len - used);
	*done = rc == Z_STREAM_END;
	if (made > room)
		return INTAKE_INFLATE_TOO_LARGE;
	switch (rc) {
	case Z_OK:
	case Z_STREAM_END:
		return INTAKE_OK;
	case Z_BUF_ERROR: /* no progress: there is room, so the input is out */
		return INTAKE_INFLATE_TRUNCATED;
	case Z_MEM_ERROR:
		return INTAKE_NO_MEMORY;
	default:
		return INTAKE_INFLATE_BAD;
	}
}

enum intake_error
inflate_gzip(struct buf *out, struct bytes in, size_t max)
{
	size_t limit = bound(in, max), start = out->len;
	enum intake_error e = INTAKE_OK;
	bool done = false;
	z_stream z;

	if (in.len == 0)
		return INTAKE_INFLATE_TRUNCATED;
	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return INTAKE_NO_MEMORY;
	for (;;) {
		e = step(&z, out, &in, limit - (out->len - start), &done);
		if (e != INTAKE_OK || (done && in.len == 0))
			break;
		/* RFC 1952 section 2.2: members follow one another. */
		if (done && (!inflate_is_gzip(in) || inflateReset(&z) != Z_OK)) {
			e = INTAKE_INFLATE_BAD;
			break;
		}
	}
	inflateEnd(&z);
	return e;
}
