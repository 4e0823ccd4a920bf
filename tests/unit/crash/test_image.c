/* Unwinding with the tables of a PE image that is made here: one section with
 * code and tables, one function
 *	100: push rbx; sub rsp, 20h   (5 bytes)
 *	105: ... call at 110..114
 *	130: ret
 * and a leaf function without an entry. */
#include <criterion/criterion.h>
#include <string.h>

#include "crash/image.h"
#include "crash/minidump.h"

#define SECTION 0x1000 /* RVA; at 0x400 of the file */
#define TABLE	0x1200 /* RVA of RUNTIME_FUNCTIONs */
#define INFO	0x1220 /* RVA of UNWIND_INFO */
#define STACK	0x9000

static uint8_t pe[0x1000];
static uint64_t stack_words[16];

static void
put(size_t at, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		pe[at + i] = (uint8_t)(v >> (8 * i));
}

static size_t
raw(uint32_t rva)
{
	return rva - SECTION + 0x400;
}

static void
make_pe(void)
{
	memset(pe, 0, sizeof(pe));
	put(0, 0x5a4d, 2);
	put(60, 0x80, 4);
	put(0x80, 0x4550, 4);
	put(0x84, 0x8664, 2);
	put(0x86, 1, 2);
	put(0x88, 0x1234, 4); /* timestamp */
	put(0x94, 112 + 16 * 8, 2);
	put(0x98, 0x20b, 2);
	put(0x98 + 56, 0x3000, 4); /* SizeOfImage */
	put(0x98 + 108, 16, 4);	   /* directories */
	put(0x98 + 112 + 24, TABLE, 4);
	put(0x98 + 112 + 28, 12, 4);
	put(0x188 + 8, 0x800, 4);
	put(0x188 + 12, SECTION, 4);
	put(0x188 + 16, 0x800, 4);
	put(0x188 + 20, 0x400, 4);
	put(0x188 + 36, 0x60000020, 4);
	put(raw(0x1110), 0xe8, 1);   /* call rel32 */
	put(raw(0x1120), 0x15ff, 2); /* call [rip+x] */
	put(raw(TABLE), 0x1100, 4);
	put(raw(TABLE) + 4, 0x1131, 4);
	put(raw(TABLE) + 8, INFO, 4);
	put(raw(INFO), 1, 1);				/* version 1 */
	put(raw(INFO) + 1, 5, 1);			/* prologue */
	put(raw(INFO) + 2, 2, 1);			/* codes */
	put(raw(INFO) + 4, 5 | (0x2 | 3 << 4) << 8, 2); /* alloc 20h */
	put(raw(INFO) + 6, 1 | (0x0 | 3 << 4) << 8, 2); /* push rbx */
}

static const struct crash_module module = {
    .name = "x", .timestamp = 0x1234, .size = 0x3000};

static bool
unwind(uint64_t rva, struct minidump_context *c)
{
	struct minidump_memory stack = {
	    .base = STACK, .data = bytes_of(stack_words, sizeof(stack_words))};
	struct crash_images *set = crash_images_new();
	bool ok;

	cr_assert_not_null(set);
	cr_assert(crash_images_add(set, bytes_of(pe, sizeof(pe))));
	memset(c, 0, sizeof(*c));
	c->sp = STACK;
	ok = crash_images_unwind(set, &module, rva, &stack, c);
	crash_images_free(set);
	return ok;
}

Test(image, prologue_body_and_leaf)
{
	struct minidump_context c;

	make_pe();
	for (int i = 0; i < 16; i++)
		stack_words[i] = 0x1000u + (unsigned)i;
	/* In the body all of it is undone: 20h bytes, rbx, return address. */
	cr_assert(unwind(0x1110, &c));
	cr_assert_eq(c.reg[3], 0x1004);
	cr_assert_eq(c.pc, 0x1005);
	cr_assert_eq(c.sp, STACK + 48);
	/* After the push alone, at its first byte nothing. */
	cr_assert(unwind(0x1101, &c));
	cr_assert_eq(c.reg[3], 0x1000);
	cr_assert_eq(c.pc, 0x1001);
	cr_assert(unwind(0x1100, &c));
	cr_assert_eq(c.pc, 0x1000);
	/* No entry: a leaf. */
	cr_assert(unwind(0x1140, &c));
	cr_assert_eq(c.pc, 0x1000);
	cr_assert_eq(c.sp, STACK + 8);
}

Test(image, damaged_tables_are_refused, .timeout = 2)
{
	struct minidump_context c;

	make_pe();
	put(raw(TABLE) + 8, 0x7fffffff, 4);
	cr_assert_not(unwind(0x1110, &c));
	make_pe();
	put(raw(INFO), 7, 1); /* version */
	cr_assert_not(unwind(0x1110, &c));
	make_pe();
	put(raw(INFO) + 6, 1 | 1 << 8, 2); /* ALLOC_LARGE, cut off */
	cr_assert_not(unwind(0x1110, &c));
	/* Chained to itself, and taking nothing off the stack. */
	make_pe();
	put(raw(INFO), 1 | 4 << 3, 1);
	put(raw(INFO) + 2, 0, 1);
	put(raw(INFO) + 4, 0x1100, 4);
	put(raw(INFO) + 8, 0x1131, 4);
	put(raw(INFO) + 12, INFO, 4);
	cr_assert_not(unwind(0x1110, &c));
}

Test(image, return_addresses_follow_calls)
{
	struct crash_images *set = crash_images_new();
	struct crash_module other = module;

	make_pe();
	cr_assert(crash_images_add(set, bytes_of(pe, sizeof(pe))));
	cr_assert_eq(crash_images_return_address(set, &module, 0x1115), IMAGE_YES);
	cr_assert_eq(crash_images_return_address(set, &module, 0x1126), IMAGE_YES);
	cr_assert_eq(crash_images_return_address(set, &module, 0x1116), IMAGE_NO);
	cr_assert_eq(crash_images_return_address(set, &module, 0x2115), IMAGE_NO);
	other.size++;
	cr_assert_eq(
	    crash_images_return_address(set, &other, 0x1115), IMAGE_UNKNOWN);
	/* The same bytes as data are nobody's return address. */
	put(0x188 + 36, 0x40000040, 4);
	cr_assert_eq(crash_images_return_address(set, &module, 0x1115), IMAGE_NO);
	crash_images_free(set);
}

Test(image, no_image)
{
	struct crash_images *set = crash_images_new();

	cr_assert_not(crash_images_add(set, bytes_of("MZ", 2)));
	cr_assert_not(crash_images_add(set, bytes_of(NULL, 0)));
	make_pe();
	cr_assert_not(crash_images_add(set, bytes_of(pe, 0x100)));
	crash_images_free(set);
	crash_images_free(NULL);
}
