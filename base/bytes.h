/*
 * A borrowed run of bytes, and reading numbers out of it with every bound
 * checked.  Whatever reads a foreign file reads it through these: an offset
 * that a file names is never added to a pointer before it has been compared
 * with the length.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed: whoever made the view keeps the memory alive. */
struct bytes {
	const uint8_t *p;
	size_t len;
};

static inline struct bytes
bytes_of(const void *p, size_t len)
{
	return (struct bytes){.p = p, .len = len};
}

/* The part [off, off + len) of b in *out; false, and *out empty, if any of it
 * lies outside.  Never overflows, whatever off and len are. */
static inline bool
bytes_slice(struct bytes b, uint64_t off, uint64_t len, struct bytes *out)
{
	*out = bytes_of(NULL, 0);
	if (off > b.len || len > b.len - off)
		return false;
	*out = bytes_of(b.p + off, (size_t)len);
	return true;
}

static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Little-endian numbers at off; false, and *out zero, if outside. */
static inline bool
bytes_u16(struct bytes b, uint64_t off, uint16_t *out)
{
	struct bytes s;

	*out = 0;
	if (!bytes_slice(b, off, 2, &s))
		return false;
	*out = (uint16_t)(s.p[0] | s.p[1] << 8);
	return true;
}

static inline bool
bytes_u32(struct bytes b, uint64_t off, uint32_t *out)
{
	struct bytes s;

	*out = 0;
	if (!bytes_slice(b, off, 4, &s))
		return false;
	*out = (uint32_t)s.p[0] | (uint32_t)s.p[1] << 8 | (uint32_t)s.p[2] << 16 |
	    (uint32_t)s.p[3] << 24;
	return true;
}

static inline bool
bytes_u64(struct bytes b, uint64_t off, uint64_t *out)
{
	uint32_t lo, hi;

	*out = 0;
	if (!bytes_u32(b, off, &lo) || off > UINT64_MAX - 4 ||
	    !bytes_u32(b, off + 4, &hi))
		return false;
	*out = (uint64_t)hi << 32 | lo;
	return true;
}

#endif
