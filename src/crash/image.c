/*
 * PE images by timestamp and size, their sections and their table of
 * functions; see image.h.  What an unwind code does is in image_unwind.c.
 */
#include "crash/image.h"

#include <stdlib.h>

#include "crash/image_unwind.h"
#include "crash/limits.h"
#include "crash/report.h"

#define MACHINE_AMD64	    0x8664
#define MAGIC_PE32	    0x10b
#define MAGIC_PE32_PLUS	    0x20b
#define SECTION_LEN	    40
#define SECTION_EXECUTE	    0x20000000
#define DIRECTORY_EXCEPTION 3
#define MAX_SECTIONS	    96 /* what the loader of Windows takes */

struct crash_images {
	struct image image[CRASH_MAX_IMAGES];
	unsigned num;
};

struct crash_images *
crash_images_new(void)
{
	return calloc(1, sizeof(struct crash_images));
}

void
crash_images_free(struct crash_images *set)
{
	free(set);
}

/* Optional header: size of the image and the table of functions. */
static bool
optional_header(struct image *im, struct bytes opt)
{
	uint16_t magic;
	uint32_t num_directories;
	uint64_t directories;

	if (!bytes_u16(opt, 0, &magic) || !bytes_u32(opt, 56, &im->size) ||
	    (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS))
		return false;
	directories = magic == MAGIC_PE32 ? 96 : 112;
	if (!bytes_u32(opt, directories - 4, &num_directories))
		return false;
	if (num_directories > DIRECTORY_EXCEPTION) {
		(void)bytes_u32(
		    opt, directories + 8 * DIRECTORY_EXCEPTION, &im->functions_rva);
		(void)bytes_u32(opt, directories + 8 * DIRECTORY_EXCEPTION + 4,
		    &im->functions_len);
	}
	return true;
}

bool
crash_images_add(struct crash_images *set, struct bytes file)
{
	struct image *im = &set->image[set->num];
	uint16_t mz, num_sections, opt_len;
	uint32_t pe, signature;
	struct bytes header, opt;

	if (set->num == CRASH_MAX_IMAGES || file.len > CRASH_MAX_IMAGE)
		return false;
	*im = (struct image){.file = file};
	if (!bytes_u16(file, 0, &mz) || mz != 0x5a4d || !bytes_u32(file, 60, &pe) ||
	    !bytes_slice(file, pe, 24, &header) ||
	    !bytes_u32(header, 0, &signature) || signature != 0x4550 ||
	    !bytes_u16(header, 4, &im->machine) ||
	    !bytes_u16(header, 6, &num_sections) ||
	    !bytes_u32(header, 8, &im->timestamp) ||
	    !bytes_u16(header, 20, &opt_len) || num_sections > MAX_SECTIONS)
		return false;
	if (!bytes_slice(file, (uint64_t)pe + 24, opt_len, &opt) ||
	    !optional_header(im, opt) ||
	    !bytes_slice(file, (uint64_t)pe + 24 + opt_len,
		(uint64_t)num_sections * SECTION_LEN, &im->sections))
		return false;
	set->num++;
	return true;
}

static const struct image *
find(const struct crash_images *set, const struct crash_module *m)
{
	if (set == NULL)
		return NULL;
	for (unsigned i = 0; i < set->num; i++) {
		if (set->image[i].timestamp == m->timestamp &&
		    set->image[i].size == m->size)
			return &set->image[i];
	}
	return NULL;
}

bool
image_at(const struct image *im, uint64_t rva, uint64_t len, struct bytes *out,
    bool *out_executable)
{
	*out = bytes_of(NULL, 0);
	for (size_t at = 0; at < im->sections.len; at += SECTION_LEN) {
		uint32_t start, raw_len, raw, flags;

		if (!bytes_u32(im->sections, at + 12, &start) ||
		    !bytes_u32(im->sections, at + 16, &raw_len) ||
		    !bytes_u32(im->sections, at + 20, &raw) ||
		    !bytes_u32(im->sections, at + 36, &flags))
			return false;
		if (rva < start || rva - start >= raw_len ||
		    len > raw_len - (rva - start))
			continue;
		if (out_executable != NULL)
			*out_executable = (flags & SECTION_EXECUTE) != 0;
		return bytes_slice(im->file, raw + (rva - start), len, out);
	}
	return false;
}

/* Do these bytes end with a call?  E8 rel32, or FF /2 with each length of its
 * operand, a REX prefix or none. */
static bool
ends_with_call(struct bytes b)
{
	const uint8_t *end = b.p + b.len;

	if (b.len >= 5 && end[-5] == 0xe8)
		return true;
	for (size_t len = 2; len <= 7 && len <= b.len; len++) {
		uint8_t op = end[-(int)len], modrm = end[1 - (int)len];
		unsigned mod = modrm >> 6, rm = modrm & 7;
		size_t want = 2;

		if (op != 0xff || (modrm >> 3 & 7) != 2)
			continue;
		if (mod != 3 && rm == 4)
			want++;
		if (mod == 1)
			want++;
		else if (mod == 2 || (mod == 0 && rm == 5))
			want += 4;
		else if (mod == 0 && rm == 4 && len == 7)
			want += 4;
		if (want == len)
			return true;
	}
	return false;
}

enum image_answer
crash_images_return_address(
    const struct crash_images *set, const struct crash_module *m, uint64_t rva)
{
	const struct image *im = find(set, m);
	struct bytes before;
	bool executable = false;

	if (im == NULL)
		return IMAGE_UNKNOWN;
	if (rva < 7 || !image_at(im, rva - 7, 7, &before, &executable))
		return IMAGE_NO;
	return executable && ends_with_call(before) ? IMAGE_YES : IMAGE_NO;
}

bool
crash_images_unwind(const struct crash_images *set, const struct crash_module *m,
    uint64_t rva, const struct minidump_memory *stack, struct minidump_context *c)
{
	const struct image *im = find(set, m);

	if (im == NULL || im->machine != MACHINE_AMD64 || rva > UINT32_MAX)
		return false;
	return image_unwind(im, (uint32_t)rva, stack, c);
}
