/*
 * The stack walk; see stackwalk.h.  Everything that it reads is the dump's
 * copy of one stack, and every step moves the stack pointer upwards, so that
 * it ends however the stack was damaged.
 */
#include "crash/stackwalk.h"

#include "crash/image.h"

/* No process has code in its first page, no PE image in its header's. */
#define FIRST_CODE 0x1000
/* Pointer authentication bits of arm64 lie above. */
#define ARM64_ADDRESS ((UINT64_C(1) << 47) - 1)

struct walk {
	const struct minidump *md;
	struct crash_report *report;
	const struct crash_images *images;
	struct minidump_memory stack;
	unsigned word;		   /* bytes of a pointer */
	struct minidump_context c; /* of the frame found last */
};

/* The word of the stack at an address. */
static bool
get(const struct walk *w, uint64_t address, uint64_t *out)
{
	uint32_t v;

	*out = 0;
	if (address < w->stack.base)
		return false;
	if (w->word == 8)
		return bytes_u64(w->stack.data, address - w->stack.base, out);
	if (!bytes_u32(w->stack.data, address - w->stack.base, &v))
		return false;
	*out = v;
	return true;
}

static bool
on_stack(const struct walk *w, uint64_t address)
{
	return address >= w->stack.base &&
	    address - w->stack.base < w->stack.data.len;
}

static bool
has_link_register(const struct walk *w)
{
	return w->report->arch == CRASH_ARCH_ARM ||
	    w->report->arch == CRASH_ARCH_ARM64;
}

static uint64_t
strip(const struct walk *w, uint64_t pc)
{
	if (w->report->arch == CRASH_ARCH_ARM64)
		return pc & ARM64_ADDRESS;
	if (w->report->arch == CRASH_ARCH_ARM)
		return pc & ~UINT64_C(1);
	return pc;
}

/* The place of a return address: the call lies before it, and may be the last
 * instruction of its module. */
static struct crash_place
place_of_return(const struct walk *w, uint64_t address)
{
	struct crash_place p = crash_locate(w->report, address - 1);

	p.address = address;
	p.offset++;
	return p;
}

/* Could this word be a return address? */
static bool
plausible(const struct walk *w, uint64_t address)
{
	const struct crash_module *m;
	struct crash_place p;

	if (address < FIRST_CODE)
		return false;
	p = place_of_return(w, address);
	if (p.module < 0 ||
	    (w->report->os == CRASH_OS_WINDOWS && p.offset <= FIRST_CODE))
		return false;
	m = &w->report->modules[p.module];
	switch (crash_images_return_address(w->images, m, p.offset)) {
	case IMAGE_NO:
		return false;
	case IMAGE_YES:
		return true;
	case IMAGE_UNKNOWN:
		break;
	}
	return minidump_protection_at(w->md, address) != MINIDUMP_NOT_EXECUTABLE;
}

static void
push(struct walk *w, uint64_t pc, enum crash_trust trust)
{
	struct crash_report *r = w->report;
	struct crash_frame *f = &r->frames[r->num_frames];

	f->place =
	    r->num_frames == 0 ? crash_locate(r, pc) : place_of_return(w, pc);
	f->trust = trust;
	r->num_frames++;
}

/* Moves the context to the caller. */
static void
enter(struct walk *w, uint64_t pc, uint64_t sp, uint64_t fp, enum crash_trust trust)
{
	w->c.pc = pc;
	w->c.sp = sp;
	w->c.fp = fp;
	/* The saved registers are known only along unwind data. */
	if (trust != CRASH_TRUST_CFI) {
		w->c.reg[4] = sp;
		w->c.reg[5] = fp;
	}
	push(w, pc, trust);
}

/* The pc of frame 0 was outside every module: a call through a bad pointer,
 * most likely, and its return address is still in its place. */
static bool
step_bad_call(struct walk *w)
{
	const struct crash_place *p = &w->report->frames[0].place;
	uint64_t ra;

	if (w->report->num_frames != 1 || p->module >= 0)
		return false;
	if (has_link_register(w)) {
		ra = strip(w, w->c.lr);
		if (!plausible(w, ra))
			return false;
		enter(w, ra, w->c.sp, w->c.fp, CRASH_TRUST_SCAN);
		return true;
	}
	if (!get(w, w->c.sp, &ra) || !plausible(w, ra))
		return false;
	enter(w, ra, w->c.sp + w->word, w->c.fp, CRASH_TRUST_SCAN);
	return true;
}

static bool
step_cfi(struct walk *w)
{
	const struct crash_place *p =
	    &w->report->frames[w->report->num_frames - 1].place;
	struct minidump_context up = w->c;
	uint64_t rva;

	if (w->images == NULL || p->module < 0 || !w->c.has_nonvolatile)
		return false;
	/* Above frame 0 the pc is a return address: look at the call. */
	rva = p->offset - (w->report->num_frames > 1);
	if (!crash_images_unwind(
		w->images, &w->report->modules[p->module], rva, &w->stack, &up))
		return false;
	if (up.sp <= w->c.sp || up.pc < FIRST_CODE)
		return false;
	w->c = up;
	enter(w, up.pc, up.sp, up.fp, CRASH_TRUST_CFI);
	return true;
}

/* The compilers of x64 Windows use the register for anything: there, one link
 * that looks right is chance, and two are a chain. */
static bool
is_chain(const struct walk *w, uint64_t next)
{
	uint64_t ra;

	return w->report->os != CRASH_OS_WINDOWS ||
	    w->report->arch != CRASH_ARCH_AMD64 || next == 0 ||
	    (get(w, next + w->word, &ra) && (ra == 0 || plausible(w, ra)));
}

static bool
step_frame_pointer(struct walk *w)
{
	uint64_t fp = w->c.fp, next, ra;

	if (fp % w->word != 0 || fp < w->c.sp || !get(w, fp, &next) ||
	    !get(w, fp + w->word, &ra))
		return false;
	ra = strip(w, ra);
	if (ra < FIRST_CODE || (next != 0 && (next <= fp || !on_stack(w, next))))
		return false;
	/* On x86 the chain is the rule, and code that no module holds (jitted)
	 * keeps it.  Elsewhere the register may hold anything: the address has
	 * to be convincing. */
	if (!plausible(w, ra) && (w->report->arch != CRASH_ARCH_X86 || next == 0))
		return false;
	if (!is_chain(w, next))
		return false;
	enter(w, ra, fp + 2 * w->word, next, CRASH_TRUST_FRAME_POINTER);
	return true;
}

/* A leaf function on ARM has not stored its return address yet. */
static bool
step_link_register(struct walk *w)
{
	uint64_t ra = strip(w, w->c.lr);

	if (!has_link_register(w) || w->report->num_frames != 1 ||
	    !plausible(w, ra))
		return false;
	enter(w, ra, w->c.sp, w->c.fp, CRASH_TRUST_SCAN);
	return true;
}

static bool
step_scan(struct walk *w)
{
	uint64_t at = w->c.sp, end = at + CRASH_MAX_SCAN, v, fp;

	for (; at < end && get(w, at, &v); at += w->word) {
		v = strip(w, v);
		if (!plausible(w, v))
			continue;
		/* The word below may be the saved frame pointer, which would
		 * put the walk back on firm ground. */
		if (!get(w, at - w->word, &fp) || fp <= at || !on_stack(w, fp))
			fp = w->c.fp > at ? w->c.fp : 0;
		enter(w, v, at + w->word, fp, CRASH_TRUST_SCAN);
		return true;
	}
	return false;
}

/* The stack's memory: the thread's own, else any range that holds sp. */
static bool
find_stack(struct walk *w)
{
	if (minidump_thread_stack(w->md, w->report->exception.thread, &w->stack) &&
	    on_stack(w, w->c.sp))
		return true;
	if (minidump_memory_at(w->md, w->c.sp, &w->stack))
		return true;
	/* An overflown stack: sp lies just below what could be copied. */
	if (!minidump_thread_stack(w->md, w->report->exception.thread, &w->stack) ||
	    w->stack.base < w->c.sp)
		return false;
	w->c.sp = w->stack.base;
	return true;
}

void
stackwalk(const struct minidump *md, struct crash_report *r,
    const struct minidump_context *start, const struct crash_images *images)
{
	struct walk w = {.md = md, .report = r, .images = images, .c = *start};

	r->num_frames = 0;
	if (!start->valid)
		return;
	w.word = r->arch == CRASH_ARCH_X86 || r->arch == CRASH_ARCH_ARM ? 4 : 8;
	push(&w, strip(&w, start->pc), CRASH_TRUST_CONTEXT);
	if (!find_stack(&w)) {
		(void)step_link_register(&w);
		return;
	}
	w.c.sp &= ~(uint64_t)(w.word - 1);
	while (r->num_frames < CRASH_MAX_FRAMES) {
		if (!step_bad_call(&w) && !step_cfi(&w) &&
		    !step_frame_pointer(&w) && !step_link_register(&w) &&
		    !step_scan(&w))
			break;
	}
}
