/*
 * PE images to unwind with: which bytes of a module are code, and how a
 * function of x64 code gives back its stack frame.  Formats: Microsoft, "PE
 * Format" and "x64 exception handling" (UNWIND_INFO).
 */
#ifndef CRASH_IMAGE_H
#define CRASH_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct crash_images;
struct crash_module;
struct minidump_context;
struct minidump_memory;

/* An empty set; NULL without memory. */
struct crash_images *crash_images_new(void);
void crash_images_free(struct crash_images *); /* NULL is fine */
/* Adds a PE file.  The bytes are borrowed until the set is freed.  False if
 * they are no PE image or the set is full (CRASH_MAX_IMAGES). */
bool crash_images_add(struct crash_images *, struct bytes file);

enum image_answer {
	IMAGE_UNKNOWN = 0, /* no image of that module */
	IMAGE_NO,
	IMAGE_YES,
};

/* Is rva of the module in executable bytes, and behind a call?  An image
 * belongs to a module when timestamp and size agree: names do not count. */
enum image_answer crash_images_return_address(
    const struct crash_images *, const struct crash_module *, uint64_t rva);

/*
 * One frame up: *c holds the registers at rva of the module and becomes those
 * of its caller.  False, and *c undefined, without an image, when its unwind
 * data are damaged, or when the stack in the dump does not reach.
 */
bool crash_images_unwind(const struct crash_images *, const struct crash_module *,
    uint64_t rva, const struct minidump_memory *, struct minidump_context *c);

#endif
