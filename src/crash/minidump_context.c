/*
 * The registers that a stack walk needs, out of a CONTEXT record (winnt.h;
 * Breakpad's minidump_cpu_*.h for what other systems write in its place).
 */
#include "crash/minidump.h"

/* Where the registers lie in each record. */
struct layout {
	enum crash_arch arch;
	uint8_t width;
	uint16_t pc, sp, fp, lr;
};

static const struct layout layouts[] = {
    {CRASH_ARCH_X86, 4, 0xb8, 0xc4, 0xb4, 0},
    {CRASH_ARCH_AMD64, 8, 0xf8, 0x98, 0xa0, 0},
    /* r15, r13, r11, r14 */
    {CRASH_ARCH_ARM, 4, 64, 56, 48, 60},
    /* Both the record of Windows and Breakpad's older one: the flags take
     * eight bytes in either, then x0..x28, fp, lr, sp, pc. */
    {CRASH_ARCH_ARM64, 8, 264, 256, 240, 248},
};

/* r7 is the frame pointer on Apple's 32-bit ARM; no such dump is left that
 * would be worth the case. */

#define AMD64_RAX 0x78

static bool
get(struct bytes b, const struct layout *l, unsigned at, uint64_t *out)
{
	uint32_t v;

	if (l->width == 8)
		return bytes_u64(b, at, out);
	if (!bytes_u32(b, at, &v))
		return false;
	*out = v;
	return true;
}

void
minidump_context_read(
    struct minidump_context *out, struct bytes b, enum crash_arch arch)
{
	*out = (struct minidump_context){.valid = false};
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct layout *l = &layouts[i];

		if (l->arch != arch)
			continue;
		if (!get(b, l, l->pc, &out->pc) || !get(b, l, l->sp, &out->sp) ||
		    !get(b, l, l->fp, &out->fp))
			return;
		if (l->lr != 0 && !get(b, l, l->lr, &out->lr))
			return;
		out->valid = true;
	}
	if (!out->valid || arch != CRASH_ARCH_AMD64)
		return;
	/* rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8..r15: the order of the
	 * instruction encoding, which unwind data uses too. */
	for (unsigned i = 0; i < 16; i++)
		(void)bytes_u64(b, AMD64_RAX + 8 * i, &out->reg[i]);
	out->has_nonvolatile = true;
}
