/*
 * The layout of a cabinet, as far as its signature is concerned.  Nothing is
 * unpacked, and nothing behind the header is read but the signature.
 */
#include "pki/cab.h"

#define HEADER_LEN	36
#define FLAG_RESERVE	0x0004
#define RESERVE_OWN_LEN 16
/* Signing tools pad the signature to a multiple of eight. */
#define PADDING_MAX 7

static bool
malformed(struct findings *findings, const char *what)
{
	finding_add(
	    findings, FINDING_MALFORMED_CAB, SEVERITY_ERROR, -1, "%s", what);
	return false;
}

bool
cab_is(struct bytes file)
{
	return file.len >= 4 && memcmp(file.p, "MSCF", 4) == 0;
}

/* Behind the signature there may be the zeros of an alignment. */
static bool
check_end(struct findings *findings, struct bytes file, uint64_t end)
{
	for (uint64_t i = end; i < file.len; i++)
		if (i - end >= PADDING_MAX || file.p[i] != 0) {
			finding_add(findings, FINDING_TRAILING_DATA, SEVERITY_ERROR,
			    -1, "%llu bytes follow the signature",
			    (unsigned long long)(file.len - end));
			return false;
		}
	return true;
}

bool
cab_parse(struct cab *out, struct findings *findings, struct bytes file)
{
	uint32_t size, offset, len;
	uint16_t flags, reserve, foreign, own;

	*out = (struct cab){0};
	if (!bytes_u32(file, 8, &size) || !bytes_u16(file, 30, &flags) ||
	    file.len < HEADER_LEN)
		return malformed(findings, "the file ends within its header");
	if (!(flags & FLAG_RESERVE))
		return true;
	if (!bytes_u16(file, 36, &reserve))
		return malformed(findings, "the file ends within its header");
	/* a reserve that is not a signature's: somebody else's use of it */
	if (reserve < 4 || !bytes_u16(file, 40, &foreign) ||
	    !bytes_u16(file, 42, &own) || own != RESERVE_OWN_LEN ||
	    reserve != 4 + foreign + RESERVE_OWN_LEN)
		return true;
	if (!bytes_u32(file, 44 + (uint64_t)foreign, &offset) ||
	    !bytes_u32(file, 48 + (uint64_t)foreign, &len))
		return malformed(findings, "the file ends within its header");
	if (offset == 0 && len == 0)
		return true;
	if (!bytes_slice(file, offset, len, &out->signature) || len == 0) {
		finding_add(findings, FINDING_TABLE_OUT_OF_RANGE, SEVERITY_ERROR,
		    -1, "the signature is at %u with %u bytes, the file has %zu",
		    offset, len, file.len);
		return false;
	}
	if (offset != size || offset < HEADER_LEN + 4u + reserve)
		return malformed(findings,
		    "the signature does not stand right behind the cabinet");
	if (!check_end(findings, file, (uint64_t)offset + len))
		return false;
	/* without the header's checksum, the reserve's lengths and the
	 * signature's own place */
	out->num_images = 5;
	if (!bytes_slice(file, 0, 4, &out->image[0]) ||
	    !bytes_slice(file, 8, HEADER_LEN - 8, &out->image[1]) ||
	    !bytes_slice(file, 40, 2, &out->image[2]) ||
	    !bytes_slice(file, 44, foreign, &out->image[3]) ||
	    !bytes_slice(file, HEADER_LEN + 4u + reserve,
		offset - (HEADER_LEN + 4u + reserve), &out->image[4]))
		return malformed(findings, "the file ends within its header");
	return true;
}
