/*
 * Where a cabinet's signature lies and what its digest covers ([MS-CAB]
 * section 2.1; the reserve of the header as Authenticode uses it).
 *
 * A signed cabinet has a reserve of 20 bytes in its header: a 16-bit length
 * of bytes of somebody else's (0), the 16-bit length of the signature's own
 * part (16), then offset and length of the signature, which stands behind the
 * cabinet, and eight bytes of filler.
 */
#ifndef PKI_CAB_H
#define PKI_CAB_H

#include "base/bytes.h"
#include "pki/finding.h"

/* What signing adds to the header of a cabinet that has no reserve. */
#define CAB_RESERVE_LEN 24

struct cab {
	struct bytes image[5]; /* what the digest covers, in file order */
	size_t num_images;
	struct bytes signature; /* padding included; empty if unsigned */
};

bool cab_is(struct bytes file);
/* Slices of file into *out.  False after a finding of severity error; an
 * unsigned cabinet is fine. */
bool cab_parse(struct cab *out, struct findings *, struct bytes file);

#endif
