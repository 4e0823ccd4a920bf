/*
 * UNWIND_INFO of x64 ("x64 exception handling", Microsoft): what the prologue
 * of a function did, undone in reverse order from the point where it had got
 * to.  Registers are numbered as there: 4 is rsp, 5 is rbp.
 */
#include "crash/image_unwind.h"

#include "crash/minidump.h"

#define FUNCTION_LEN 12 /* RUNTIME_FUNCTION */
#define RSP	     4
#define FLAG_CHAINED 4
/* Chained entries of one function; compilers emit two or three. */
#define MAX_CHAIN 32

enum operation {
	PUSH_NONVOL = 0,
	ALLOC_LARGE = 1,
	ALLOC_SMALL = 2,
	SET_FPREG = 3,
	SAVE_NONVOL = 4,
	SAVE_NONVOL_FAR = 5,
	EPILOG = 6, /* version 2 */
	SPARE = 7,
	SAVE_XMM128 = 8,
	SAVE_XMM128_FAR = 9,
	PUSH_MACHFRAME = 10,
};

struct function {
	uint32_t begin, end, info; /* RVAs */
};

struct unwind {
	const struct minidump_memory *stack;
	struct minidump_context *c;
	bool machine_frame; /* pc and sp came from the hardware's frame */
	uint64_t frame;	    /* base of SAVE_NONVOL */
};

static bool
get(const struct unwind *u, uint64_t address, uint64_t *out)
{
	*out = 0;
	return address >= u->stack->base &&
	    bytes_u64(u->stack->data, address - u->stack->base, out);
}

static bool
read_function(const struct image *im, uint64_t rva, struct function *f)
{
	struct bytes b;

	return image_at(im, rva, FUNCTION_LEN, &b, NULL) &&
	    bytes_u32(b, 0, &f->begin) && bytes_u32(b, 4, &f->end) &&
	    bytes_u32(b, 8, &f->info);
}

/* The function that holds rva: the table is sorted. */
static bool
find_function(const struct image *im, uint32_t rva, struct function *out)
{
	uint32_t low = 0, high = im->functions_len / FUNCTION_LEN;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (!read_function(
			im, im->functions_rva + (uint64_t)mid * FUNCTION_LEN, out))
			return false;
		if (rva < out->begin)
			high = mid;
		else if (rva >= out->end)
			low = mid + 1;
		else
			return true;
	}
	return false;
}

/* 16-bit slots that an operation takes, itself included. */
static unsigned
slots(unsigned op, unsigned info)
{
	switch (op) {
	case ALLOC_LARGE:
		return info == 0 ? 2 : 3;
	case SAVE_NONVOL:
	case SAVE_XMM128:
		return 2;
	case SAVE_NONVOL_FAR:
	case SAVE_XMM128_FAR:
	case SPARE:
		return 3;
	default:
		return 1;
	}
}

static bool
machine_frame(struct unwind *u, unsigned info)
{
	uint64_t sp = u->c->reg[RSP] + (info != 0 ? 8 : 0);

	u->machine_frame = true;
	return get(u, sp, &u->c->pc) && get(u, sp + 24, &u->c->reg[RSP]);
}

/* Undoes one operation; `at` is its place in the codes. */
static bool
undo(struct unwind *u, struct bytes codes, size_t at, uint8_t frame_register,
    uint8_t frame_offset)
{
	uint64_t *reg = u->c->reg;
	unsigned op = codes.p[at + 1] & 15, info = codes.p[at + 1] >> 4;
	uint16_t short_arg;
	uint32_t long_arg;

	(void)bytes_u16(codes, at + 2, &short_arg);
	(void)bytes_u32(codes, at + 2, &long_arg);
	switch (op) {
	case PUSH_NONVOL:
		if (!get(u, reg[RSP], &reg[info]))
			return false;
		reg[RSP] += 8;
		return true;
	case ALLOC_LARGE:
		reg[RSP] += info == 0 ? 8 * (uint64_t)short_arg : long_arg;
		return true;
	case ALLOC_SMALL:
		reg[RSP] += 8 * info + 8;
		return true;
	case SET_FPREG:
		reg[RSP] = reg[frame_register] - 16 * (uint64_t)frame_offset;
		return true;
	case SAVE_NONVOL:
		return get(u, u->frame + 8 * (uint64_t)short_arg, &reg[info]);
	case SAVE_NONVOL_FAR:
		return get(u, u->frame + long_arg, &reg[info]);
	case PUSH_MACHFRAME:
		return machine_frame(u, info);
	default:
		return true; /* what saves no integer register */
	}
}

/* The base of the fixed part of the frame, to which saved registers are
 * relative: rsp, or the frame register once the prologue has set it. */
static void
set_frame(struct unwind *u, struct bytes codes, uint32_t into,
    uint8_t frame_register, uint8_t frame_offset)
{
	u->frame = u->c->reg[RSP];
	for (size_t at = 0; at + 1 < codes.len && frame_register != 0;) {
		unsigned op = codes.p[at + 1] & 15;

		if (op == SET_FPREG && codes.p[at] <= into)
			u->frame =
			    u->c->reg[frame_register] - 16 * (uint64_t)frame_offset;
		at += 2 * slots(op, codes.p[at + 1] >> 4);
	}
}

/* One UNWIND_INFO; *f becomes the chained function, or its info 0. */
static bool
undo_info(
    const struct image *im, struct unwind *u, struct function *f, uint32_t into)
{
	struct bytes head, codes;
	uint32_t info = f->info;
	unsigned num;

	if (!image_at(im, info, 4, &head, NULL) || (head.p[0] & 7) == 0 ||
	    (head.p[0] & 7) > 2)
		return false;
	num = head.p[2];
	if (num > 0 && !image_at(im, (uint64_t)info + 4, 2 * num, &codes, NULL))
		return false;
	if (num == 0)
		codes = bytes_of(NULL, 0);
	set_frame(u, codes, into, head.p[3] & 15, head.p[3] >> 4);
	for (size_t at = 0; at < codes.len;) {
		unsigned op = codes.p[at + 1] & 15;
		unsigned len = 2 * slots(op, codes.p[at + 1] >> 4);

		if (at + len > codes.len)
			return false;
		/* What the prologue had not done yet is not undone. */
		if (codes.p[at] <= into && op != EPILOG &&
		    !undo(u, codes, at, head.p[3] & 15, head.p[3] >> 4))
			return false;
		at += len;
	}
	if ((head.p[0] >> 3 & FLAG_CHAINED) == 0) {
		f->info = 0;
		return true;
	}
	return read_function(im, (uint64_t)info + 4 + 2 * ((num + 1u) & ~1u), f);
}

bool
image_unwind(const struct image *im, uint32_t rva,
    const struct minidump_memory *stack, struct minidump_context *c)
{
	struct unwind u = {.stack = stack, .c = c};
	struct function f;

	c->reg[RSP] = c->sp;
	if (im->functions_rva == 0)
		return false;
	if (find_function(im, rva, &f)) {
		uint32_t into = rva - f.begin;

		for (int i = 0; f.info != 0; i++, into = UINT32_MAX) {
			if (i == MAX_CHAIN || !undo_info(im, &u, &f, into))
				return false;
		}
	}
	/* No entry: a leaf function, whose return address is on top. */
	if (!u.machine_frame) {
		if (!get(&u, c->reg[RSP], &c->pc))
			return false;
		c->reg[RSP] += 8;
	}
	c->sp = c->reg[RSP];
	c->fp = c->reg[5];
	return true;
}
