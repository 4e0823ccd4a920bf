/*
 * Unwinding one function of an x64 image; between image.c and image_unwind.c.
 */
#ifndef CRASH_IMAGE_UNWIND_H
#define CRASH_IMAGE_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct minidump_context;
struct minidump_memory;

struct image {
	struct bytes file; /* borrowed */
	uint16_t machine;
	uint32_t timestamp;
	uint32_t size;		/* SizeOfImage */
	struct bytes sections;	/* IMAGE_SECTION_HEADERs */
	uint32_t functions_rva; /* RUNTIME_FUNCTIONs; 0 for none */
	uint32_t functions_len;
};

/* len bytes of the image at rva, and whether they are executable (may be
 * NULL); false if no section's file content holds all of them. */
bool image_at(const struct image *, uint64_t rva, uint64_t len, struct bytes *out,
    bool *out_executable);

/* See crash_images_unwind(). */
bool image_unwind(const struct image *, uint32_t rva,
    const struct minidump_memory *stack, struct minidump_context *);

#endif
