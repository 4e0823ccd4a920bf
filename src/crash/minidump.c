/*
 * Header, directory and the small building blocks of a minidump: locations,
 * strings, counted lists.  See minidump.h.
 */
#include "crash/minidump.h"

#include "crash/limits.h"

#define SIGNATURE	    0x504d444d /* "MDMP" */
#define HEADER_LEN	    32
#define DIRECTORY_ENTRY_LEN 12

/* MINIDUMP_STREAM_TYPE of each slot. */
static const uint32_t stream_type[MINIDUMP_NUM_STREAMS] = {
    [MINIDUMP_THREADS] = 3,
    [MINIDUMP_MODULES] = 4,
    [MINIDUMP_MEMORY] = 5,
    [MINIDUMP_EXCEPTION] = 6,
    [MINIDUMP_SYSTEM] = 7,
    [MINIDUMP_MEMORY64] = 9,
    [MINIDUMP_UNLOADED] = 14,
    [MINIDUMP_MISC] = 15,
    [MINIDUMP_MEMORY_INFO] = 16,
};

bool
minidump_location(
    const struct minidump *md, struct bytes b, uint64_t off, struct bytes *out)
{
	uint32_t len, rva;

	*out = bytes_of(NULL, 0);
	if (!bytes_u32(b, off, &len) || !bytes_u32(b, off + 4, &rva))
		return false;
	if (len == 0 || rva == 0 || rva >= md->file.len)
		return false;
	if (len > md->file.len - rva)
		len = (uint32_t)(md->file.len - rva);
	return bytes_slice(md->file, rva, len, out);
}

bool
minidump_string(const struct minidump *md, uint32_t rva, struct bytes *out)
{
	uint32_t len;

	*out = bytes_of(NULL, 0);
	if (rva == 0 || !bytes_u32(md->file, rva, &len))
		return false;
	if (len > CRASH_MAX_PATH)
		len = CRASH_MAX_PATH;
	return bytes_slice(md->file, (uint64_t)rva + 4, len & ~1u, out);
}

uint32_t
minidump_list(struct bytes stream, size_t entry_len, uint32_t max,
    struct bytes *out, uint32_t *out_more)
{
	uint32_t count, fits;
	uint64_t head = 4;

	*out = bytes_of(NULL, 0);
	*out_more = 0;
	if (!bytes_u32(stream, 0, &count))
		return 0;
	if (stream.len == 8 + (uint64_t)count * entry_len)
		head = 8;
	if (stream.len < head)
		return 0;
	fits = (uint32_t)((stream.len - head) / entry_len);
	if (fits > max)
		fits = max;
	if (fits > count)
		fits = count;
	*out_more = count - fits;
	(void)bytes_slice(stream, head, (uint64_t)fits * entry_len, out);
	return fits;
}

/* One directory entry.  The first of a type that can be read counts. */
static void
take_entry(struct minidump *md, struct bytes entry, bool *module_list_outside)
{
	uint32_t type, len, rva;

	if (!bytes_u32(entry, 0, &type) || !bytes_u32(entry, 4, &len) ||
	    !bytes_u32(entry, 8, &rva) || type == 0)
		return;
	for (int i = 0; i < MINIDUMP_NUM_STREAMS; i++) {
		if (stream_type[i] != type || md->stream[i].p != NULL)
			continue;
		if (!minidump_location(md, entry, 4, &md->stream[i]) &&
		    i == MINIDUMP_MODULES && len != 0 && rva != 0)
			*module_list_outside = true;
		return;
	}
}

enum crash_error
minidump_open(struct minidump *md, struct bytes file)
{
	uint32_t signature, num, rva;
	struct bytes directory;
	bool outside = false, any = false;

	*md = (struct minidump){.file = file};
	if (!bytes_u32(file, 0, &signature) || signature != SIGNATURE)
		return CRASH_ENOTDUMP;
	if (file.len > CRASH_MAX_DUMP)
		return CRASH_ETOOLARGE;
	if (file.len < HEADER_LEN || !bytes_u32(file, 8, &num) ||
	    !bytes_u32(file, 12, &rva) || !bytes_u32(file, 20, &md->timestamp))
		return CRASH_ETRUNCATED;
	if (num > CRASH_MAX_STREAMS)
		num = CRASH_MAX_STREAMS;
	if (!bytes_slice(
		file, rva, (uint64_t)num * DIRECTORY_ENTRY_LEN, &directory))
		return CRASH_ETRUNCATED;

	for (uint32_t i = 0; i < num; i++) {
		struct bytes entry;

		(void)bytes_slice(directory, (uint64_t)i * DIRECTORY_ENTRY_LEN,
		    DIRECTORY_ENTRY_LEN, &entry);
		take_entry(md, entry, &outside);
	}
	if (outside && md->stream[MINIDUMP_MODULES].p == NULL)
		return CRASH_EMODULES;
	for (int i = 0; i < MINIDUMP_NUM_STREAMS; i++)
		any = any || md->stream[i].p != NULL;
	return any ? CRASH_OK : CRASH_EEMPTY;
}
