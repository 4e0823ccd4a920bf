/* pki/pe.c: places where bytes could hide, in an image made field by field. */
#include <criterion/criterion.h>

#include "pki/pe.h"

/* A PE32+ header at 0x40, one section at 0x200, a table at 0x400. */
#define PE	 0x40u
#define OPTIONAL (PE + 24)
#define CHECKSUM (OPTIONAL + 64)
#define SECURITY (OPTIONAL + 112 + 8 * 4)
#define SECTIONS (OPTIONAL + 240)
#define TABLE	 0x400u
#define LEN	 0x420u

static uint8_t image[0x800];
static struct findings findings;
static struct pe pe;

static void
put16(size_t at, unsigned v)
{
	image[at] = (uint8_t)v;
	image[at + 1] = (uint8_t)(v >> 8);
}

static void
put32(size_t at, uint32_t v)
{
	put16(at, v & 0xffff);
	put16(at + 2, v >> 16);
}

static void
make(void)
{
	memset(image, 0, sizeof(image));
	put16(0, 0x5a4d);
	put32(60, PE);
	put32(PE, 0x4550);
	put16(PE + 6, 1);
	put16(PE + 20, 240);
	put16(OPTIONAL, 0x20b);
	put32(OPTIONAL + 108, 16);
	put32(SECURITY, TABLE);
	put32(SECURITY + 4, 0x20);
	put32(SECTIONS + 16, 0x200);
	put32(SECTIONS + 20, 0x200);
	put32(TABLE, 0x20);
	put16(TABLE + 4, 0x0200);
	put16(TABLE + 6, 2);
}

static enum finding_code
parse(size_t len)
{
	bool ok;

	findings.num = 0;
	ok = pe_parse(&pe, &findings, bytes_of(image, len));
	cr_assert_eq(ok, finding_reason(&findings) == FINDING_OK);
	return finding_reason(&findings);
}

TestSuite(pe, .init = make);

Test(pe, digest_leaves_out_checksum_directory_and_table)
{
	cr_assert_eq(parse(LEN), FINDING_OK);
	cr_assert_eq(pe.num_entries, 1);
	cr_assert_eq(pe.entry[0].p, image + TABLE + 8);
	cr_assert_eq(pe.entry[0].len, 0x18);
	cr_assert_eq(pe.image[0].len, CHECKSUM);
	cr_assert_eq(pe.image[1].p, image + CHECKSUM + 4);
	cr_assert_eq(pe.image[1].len, SECURITY - CHECKSUM - 4);
	cr_assert_eq(pe.image[2].p, image + SECURITY + 8);
	cr_assert_eq(pe.image[2].len, TABLE - SECURITY - 8);
}

Test(pe, without_a_table_it_is_unsigned)
{
	put32(SECURITY, 0);
	put32(SECURITY + 4, 0);
	cr_assert_eq(parse(LEN), FINDING_OK);
	cr_assert_eq(pe.num_entries, 0);
	put32(SECURITY + 4, 8);
	cr_assert_eq(parse(LEN), FINDING_MALFORMED_PE);
}

Test(pe, bytes_after_the_table)
{
	cr_assert_eq(parse(LEN + 1), FINDING_TRAILING_DATA);
}

Test(pe, table_outside_the_file)
{
	cr_assert_eq(parse(LEN - 1), FINDING_TABLE_OUT_OF_RANGE);
	put32(SECURITY + 4, 0xfffffff8);
	cr_assert_eq(parse(LEN), FINDING_TABLE_OUT_OF_RANGE);
}

Test(pe, table_in_the_headers_or_off_its_alignment)
{
	put32(SECURITY, 0x100);
	put32(SECURITY + 4, LEN - 0x100);
	cr_assert_eq(parse(LEN), FINDING_MALFORMED_PE);
	put32(SECURITY, TABLE + 4);
	put32(SECURITY + 4, LEN - TABLE - 4);
	cr_assert_eq(parse(LEN), FINDING_MALFORMED_PE);
}

Test(pe, section_that_is_loaded_from_the_table)
{
	put32(SECTIONS + 16, 0x208);
	cr_assert_eq(parse(LEN), FINDING_MALFORMED_PE);
}

Test(pe, entries_that_do_not_fit)
{
	put32(TABLE, 0x21);
	cr_assert_eq(parse(LEN), FINDING_TABLE_OUT_OF_RANGE);
	put32(TABLE, 7);
	cr_assert_eq(parse(LEN), FINDING_TABLE_OUT_OF_RANGE);
	put32(TABLE, 0x10);
	cr_assert_eq(parse(LEN), FINDING_TABLE_OUT_OF_RANGE, "zeros are no entry");
}

Test(pe, two_entries_and_what_lies_between)
{
	put32(TABLE, 0xe);
	put32(TABLE + 16, 0x10);
	put16(TABLE + 20, 0x0200);
	put16(TABLE + 22, 2);
	cr_assert_eq(parse(LEN), FINDING_OK);
	cr_assert_eq(pe.num_entries, 2);
	cr_assert_eq(pe.entry[0].len, 6);
	image[TABLE + 15] = 1;
	cr_assert_eq(parse(LEN), FINDING_HIDDEN_BYTES);
}

Test(pe, entries_of_another_kind)
{
	put16(TABLE + 6, 1);
	cr_assert_eq(parse(LEN), FINDING_MALFORMED_PE);
	put16(TABLE + 6, 2);
	put16(TABLE + 4, 0x0100);
	cr_assert_eq(parse(LEN), FINDING_MALFORMED_PE);
}

Test(pe, every_truncation_and_every_byte_is_survived)
{
	for (size_t len = 0; len <= LEN; len++)
		parse(len);
	for (size_t i = 0; i < LEN; i++)
		for (int v = 0; v < 256; v += 51) {
			make();
			image[i] = (uint8_t)v;
			parse(LEN);
		}
}
