/* Makes gzip members for the tests; see gzip.h. */
#include "gzip.h"

#include <criterion/criterion.h>
#include <string.h>
#include <zlib.h>

static void
begin(z_stream *z)
{
	memset(z, 0, sizeof(*z));
	cr_assert_eq(
	    deflateInit2(z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
	    Z_OK);
}

static void
feed(z_stream *z, struct buf *out, struct bytes in, int flush)
{
	uint8_t piece[4096];

	z->next_in = (Bytef *)(uintptr_t)in.p;
	z->avail_in = (uInt)in.len;
	do {
		z->next_out = piece;
		z->avail_out = sizeof(piece);
		deflate(z, flush);
		buf_append(out, piece, sizeof(piece) - z->avail_out);
	} while (z->avail_out == 0);
}

void
gzip(struct buf *out, struct bytes in)
{
	z_stream z;

	begin(&z);
	feed(&z, out, in, Z_FINISH);
	deflateEnd(&z);
}

void
gzip_zeros(struct buf *out, size_t len)
{
	static const uint8_t zeros[65536];
	z_stream z;

	begin(&z);
	for (; len > sizeof(zeros); len -= sizeof(zeros))
		feed(&z, out, bytes_of(zeros, sizeof(zeros)), Z_NO_FLUSH);
	feed(&z, out, bytes_of(zeros, len), Z_FINISH);
	deflateEnd(&z);
}
