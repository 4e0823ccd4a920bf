/*
 * MINIDUMP_EXCEPTION_STREAM and MINIDUMP_THREAD_LIST: what was raised, in
 * which thread, with which registers and on which stack.
 */
#include "crash/minidump.h"

#define THREAD_LEN	  48
#define THREAD_STACK	  24 /* MINIDUMP_MEMORY_DESCRIPTOR */
#define THREAD_CONTEXT	  40 /* MINIDUMP_LOCATION_DESCRIPTOR */
#define EXCEPTION_RECORD  8
#define EXCEPTION_CONTEXT 160

/* The MINIDUMP_THREAD with an id. */
static bool
find_thread(const struct minidump *md, uint32_t id, struct bytes *out)
{
	struct bytes list;
	uint32_t num, more, this_id;

	num = minidump_list(md->stream[MINIDUMP_THREADS], THREAD_LEN,
	    CRASH_MAX_THREADS, &list, &more);
	for (uint32_t i = 0; i < num; i++) {
		if (!bytes_slice(list, (uint64_t)i * THREAD_LEN, THREAD_LEN, out))
			break;
		if (bytes_u32(*out, 0, &this_id) && this_id == id)
			return true;
	}
	*out = bytes_of(NULL, 0);
	return false;
}

void
minidump_exception(
    const struct minidump *md, struct crash_report *r, struct minidump_context *out)
{
	struct bytes s = md->stream[MINIDUMP_EXCEPTION], rec, part, thread;
	struct crash_exception *e = &r->exception;
	uint32_t num;

	*out = (struct minidump_context){.valid = false};
	if (s.p == NULL || !bytes_u32(s, 0, &e->thread) ||
	    !bytes_slice(s, EXCEPTION_RECORD, 32, &rec))
		return;
	e->present = bytes_u32(rec, 0, &e->code) && bytes_u32(rec, 4, &e->flags) &&
	    bytes_u64(rec, 16, &e->address) && bytes_u32(rec, 24, &num);
	if (!e->present)
		return;
	if (r->arch == CRASH_ARCH_X86 || r->arch == CRASH_ARCH_ARM)
		e->address &= UINT32_MAX;
	for (uint32_t i = 0; i < num && i < CRASH_MAX_PARAMS; i++) {
		if (!bytes_u64(s, EXCEPTION_RECORD + 32 + 8 * i, &e->params[i]))
			break;
		e->num_params++;
	}
	/* The thread's own context is of the handler that wrote the dump. */
	if (minidump_location(md, s, EXCEPTION_CONTEXT, &part))
		minidump_context_read(out, part, r->arch);
	if (!out->valid && find_thread(md, e->thread, &thread) &&
	    minidump_location(md, thread, THREAD_CONTEXT, &part))
		minidump_context_read(out, part, r->arch);
}

bool
minidump_thread_stack(
    const struct minidump *md, uint32_t id, struct minidump_memory *out)
{
	struct bytes thread;

	*out = (struct minidump_memory){.base = 0};
	return find_thread(md, id, &thread) &&
	    bytes_u64(thread, THREAD_STACK, &out->base) &&
	    minidump_location(md, thread, THREAD_STACK + 8, &out->data);
}
