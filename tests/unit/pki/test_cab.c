/* pki/cab.c: the signature's reserve. */
#include <criterion/criterion.h>

#include "pki/cab.h"

#define SIGNATURE 0x60u
#define LEN	  0x80u

static uint8_t file[0x100];
static struct findings findings;
static struct cab cab;

static void
put16(size_t at, unsigned v)
{
	file[at] = (uint8_t)v;
	file[at + 1] = (uint8_t)(v >> 8);
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
	memset(file, 0, sizeof(file));
	memcpy(file, "MSCF", 4);
	put32(8, SIGNATURE);
	put16(30, 4);
	put16(36, 20);
	put32(40, 0x00100000);
	put32(44, SIGNATURE);
	put32(48, LEN - SIGNATURE);
}

static enum finding_code
parse(size_t len)
{
	bool ok;

	findings.num = 0;
	ok = cab_parse(&cab, &findings, bytes_of(file, len));
	cr_assert_eq(ok, finding_reason(&findings) == FINDING_OK);
	return finding_reason(&findings);
}

TestSuite(cab, .init = make);

Test(cab, digest_leaves_out_what_signing_writes)
{
	cr_assert_eq(parse(LEN), FINDING_OK);
	cr_assert_eq(cab.signature.p, file + SIGNATURE);
	cr_assert_eq(cab.signature.len, LEN - SIGNATURE);
	cr_assert_eq(cab.image[0].len, 4);
	cr_assert_eq(cab.image[1].p, file + 8);
	cr_assert_eq(cab.image[1].len, 28);
	cr_assert_eq(cab.image[2].p, file + 40);
	cr_assert_eq(cab.image[4].p, file + 60);
	cr_assert_eq(cab.image[4].len, SIGNATURE - 60);
}

Test(cab, without_a_reserve_it_is_unsigned)
{
	put16(30, 0);
	cr_assert_eq(parse(LEN), FINDING_OK);
	cr_assert_eq(cab.signature.len, 0);
	make();
	put16(36, 6144); /* a reserve for something else */
	cr_assert_eq(parse(LEN), FINDING_OK);
	cr_assert_eq(cab.signature.len, 0);
}

Test(cab, signature_elsewhere)
{
	put32(44, SIGNATURE + 1);
	put32(48, LEN - SIGNATURE - 1);
	cr_assert_eq(parse(LEN), FINDING_MALFORMED_CAB, "bytes before it");
	put32(8, 40);
	put32(44, 40);
	put32(48, LEN - 40);
	cr_assert_eq(parse(LEN), FINDING_MALFORMED_CAB, "within the header");
	make();
	cr_assert_eq(parse(LEN - 1), FINDING_TABLE_OUT_OF_RANGE);
	put32(48, 0);
	cr_assert_eq(parse(LEN), FINDING_TABLE_OUT_OF_RANGE);
	put32(48, UINT32_MAX);
	cr_assert_eq(parse(LEN), FINDING_TABLE_OUT_OF_RANGE);
}

Test(cab, only_zeros_of_an_alignment_may_follow)
{
	cr_assert_eq(parse(LEN + 7), FINDING_OK);
	cr_assert_eq(parse(LEN + 8), FINDING_TRAILING_DATA);
	file[LEN] = 1;
	cr_assert_eq(parse(LEN + 1), FINDING_TRAILING_DATA);
}

Test(cab, every_truncation_and_every_byte_is_survived)
{
	for (size_t len = 0; len <= LEN; len++)
		parse(len);
	for (size_t i = 0; i < LEN; i++)
		for (int v = 0; v < 256; v++) {
			make();
			file[i] = (uint8_t)v;
			parse(LEN);
		}
}
