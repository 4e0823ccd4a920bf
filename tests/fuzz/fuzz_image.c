/* fuzz: needs crash base; corpus: the PE files of the shared data (e2e/signed) */
/*
 * A PE image, and unwinding at each 64th address of it: no bytes of a file may
 * lead outside it.  The last 256 bytes are the stack.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crash/image.h"
#include "crash/minidump.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define STACK 256

/* The identity by which the image will be found again. */
static bool
identity(struct crash_module *m, struct bytes file)
{
	uint32_t pe;

	return bytes_u32(file, 60, &pe) &&
	    bytes_u32(file, (uint64_t)pe + 8, &m->timestamp) &&
	    bytes_u32(file, (uint64_t)pe + 24 + 56, &m->size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct crash_images *set = crash_images_new();
	struct crash_module m = {.name = "fuzz"};
	struct minidump_memory stack = {.base = 0x1000};
	struct minidump_context c;

	if (set == NULL)
		abort();
	if (len > STACK && identity(&m, bytes_of(data, len - STACK)) &&
	    crash_images_add(set, bytes_of(data, len - STACK))) {
		stack.data = bytes_of(data + len - STACK, STACK);
		for (uint32_t rva = 0; rva < 0x20000; rva += 64) {
			memset(&c, 0, sizeof(c));
			c.sp = 0x1000;
			(void)crash_images_return_address(set, &m, rva);
			(void)crash_images_unwind(set, &m, rva, &stack, &c);
		}
	}
	crash_images_free(set);
	return 0;
}
