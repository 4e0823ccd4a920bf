/* fuzz: needs intake base; corpus: gzip bodies of the uploads */
/*
 * Foreign gzip within a small limit: never more comes out than was allowed, and
 * the answer does not depend on the room.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "intake/inflate.h"

#define LIMIT ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum intake_error e, again;
	struct buf out;
	size_t made;

	buf_init(&out, 2 * LIMIT);
	e = inflate_gzip(&out, bytes_of(data, len), LIMIT);
	made = out.len;
	if (e == INTAKE_OK && made > LIMIT)
		abort();
	/* Exactly enough is enough, one byte less is not. */
	if (e == INTAKE_OK) {
		buf_reset(&out);
		again = inflate_gzip(&out, bytes_of(data, len), made);
		if (again != INTAKE_OK || out.len != made)
			abort();
		buf_reset(&out);
		if (made > 0 &&
		    inflate_gzip(&out, bytes_of(data, len), made - 1) !=
			INTAKE_INFLATE_TOO_LARGE)
			abort();
	}
	buf_free(&out);
	return 0;
}
