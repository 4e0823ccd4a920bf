/*
 * Memory of the process: MINIDUMP_MEMORY_LIST, MINIDUMP_MEMORY64_LIST (the
 * data of all ranges lie one after another), and what
 * MINIDUMP_MEMORY_INFO_LIST says about pages.
 */
#include "crash/minidump.h"

#define RANGE_LEN	 16
#define INFO_LEN	 48
#define INFO_COMMITTED	 0x1000
#define INFO_EXECUTE_ANY 0xf0 /* PAGE_EXECUTE .. _WRITECOPY */

static bool
in_list(const struct minidump *md, uint64_t address, struct minidump_memory *out)
{
	struct bytes list;
	uint32_t num, more, len;

	num = minidump_list(
	    md->stream[MINIDUMP_MEMORY], RANGE_LEN, CRASH_MAX_RANGES, &list, &more);
	for (uint32_t i = 0; i < num; i++) {
		uint64_t at = (uint64_t)i * RANGE_LEN;

		if (!bytes_u64(list, at, &out->base) ||
		    !bytes_u32(list, at + 8, &len))
			return false;
		if (address < out->base || address - out->base >= len)
			continue;
		if (minidump_location(md, list, at + 8, &out->data) &&
		    address - out->base < out->data.len)
			return true;
	}
	return false;
}

static bool
in_list64(const struct minidump *md, uint64_t address, struct minidump_memory *out)
{
	struct bytes s = md->stream[MINIDUMP_MEMORY64];
	uint64_t num, rva, len;

	if (!bytes_u64(s, 0, &num) || !bytes_u64(s, 8, &rva))
		return false;
	if (num > CRASH_MAX_RANGES)
		num = CRASH_MAX_RANGES;
	for (uint64_t i = 0; i < num; i++, rva += len) {
		if (!bytes_u64(s, 16 + i * RANGE_LEN, &out->base) ||
		    !bytes_u64(s, 24 + i * RANGE_LEN, &len) || rva >= md->file.len)
			return false;
		if (len > md->file.len - rva)
			len = md->file.len - rva;
		if (address >= out->base && address - out->base < len)
			return bytes_slice(md->file, rva, len, &out->data);
	}
	return false;
}

bool
minidump_memory_at(
    const struct minidump *md, uint64_t address, struct minidump_memory *out)
{
	if (in_list(md, address, out) || in_list64(md, address, out))
		return true;
	*out = (struct minidump_memory){.base = 0};
	return false;
}

enum minidump_protection
minidump_protection_at(const struct minidump *md, uint64_t address)
{
	struct bytes s = md->stream[MINIDUMP_MEMORY_INFO];
	uint32_t head, len, state, protect;
	uint64_t num, base, size, low = 0, high, at;

	if (s.p == NULL || !bytes_u32(s, 0, &head) || !bytes_u32(s, 4, &len) ||
	    !bytes_u64(s, 8, &num) || len < INFO_LEN || s.len < head)
		return MINIDUMP_PROTECTION_UNKNOWN;
	high = (s.len - head) / len;
	if (high > num)
		high = num;
	while (high - low > 1) {
		uint64_t mid = low + (high - low) / 2;

		if (!bytes_u64(s, head + mid * len, &base))
			return MINIDUMP_PROTECTION_UNKNOWN;
		if (base <= address)
			low = mid;
		else
			high = mid;
	}
	at = head + low * len;
	if (!bytes_u64(s, at, &base) || !bytes_u64(s, at + 24, &size) ||
	    !bytes_u32(s, at + 32, &state) || !bytes_u32(s, at + 36, &protect) ||
	    address < base || address - base >= size)
		return MINIDUMP_PROTECTION_UNKNOWN;
	return state == INFO_COMMITTED && (protect & INFO_EXECUTE_ANY) != 0
	    ? MINIDUMP_EXECUTABLE
	    : MINIDUMP_NOT_EXECUTABLE;
}
