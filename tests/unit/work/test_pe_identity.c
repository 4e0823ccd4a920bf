/* The identity of a PE file, by files of tests/data/pe and by broken ones. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/support/signing.h"
#include "work/pe_identity.h"

static struct bytes
sample(void)
{
	signing_make_pe("a.dll",
	    "--timestamp 1741684364 --image-size 0x14000 "
	    "--version 1.2.3.4 --pdb a.pdb --guid "
	    "461E9036760803D673C83A2FCE4C7018 --age 1");
	return signing_read("a.dll");
}

Test(pe_identity, reads_what_dumps_name)
{
	struct pe_identity id;

	cr_assert(pe_identity_read(&id, sample()));
	cr_expect_str_eq(id.code_id, "67CFFE8C14000");
	cr_expect_str_eq(id.debug_id, "461E9036760803D673C83A2FCE4C70181");
	cr_expect(id.has_version);
	cr_expect(id.version[0] == 1 && id.version[1] == 2 && id.version[2] == 3 &&
	    id.version[3] == 4);
}

/* A signature changes the bytes and not the stripped digest. */
Test(pe_identity, stripped_digest_outlives_signing)
{
	struct pe_identity before, after;

	if (!signing_possible())
		return;
	cr_assert(pe_identity_read(&before, sample()));
	signing_sign("a.dll", "b.dll", "ov", NULL, "-h sha256");
	cr_assert(pe_identity_read(&after, signing_read("b.dll")));
	cr_expect_arr_eq(before.stripped, after.stripped, 32);
	cr_expect_str_eq(before.code_id, after.code_id);
}

/* Signing pads to eight bytes, and the digest covers the padding. */
Test(pe_identity, stripped_digest_pads_as_signing_does)
{
	struct pe_identity before, after;
	struct bytes file = sample();
	uint8_t *longer = malloc(file.len + 3);

	if (!signing_possible())
		return;
	memcpy(longer, file.p, file.len);
	memcpy(longer + file.len, "odd", 3);
	signing_write("a.dll", bytes_of(longer, file.len + 3));
	cr_assert(pe_identity_read(&before, bytes_of(longer, file.len + 3)));
	signing_sign("a.dll", "b.dll", "ov", NULL, "-h sha256");
	cr_assert(pe_identity_read(&after, signing_read("b.dll")));
	cr_expect_arr_eq(before.stripped, after.stripped, 32);
	free(longer);
}

/* Every truncation, and every byte of the headers set to 0xff, ends. */
Test(pe_identity, broken_files)
{
	struct bytes file = sample();
	struct pe_identity id;
	uint8_t *copy = malloc(file.len);

	cr_expect_not(pe_identity_read(&id, bytes_of("MZ", 2)));
	cr_expect_not(pe_identity_read(&id, bytes_of("", 0)));
	for (size_t len = 0; len < file.len; len += 7) {
		uint8_t *cut = malloc(len + 1);

		memcpy(cut, file.p, len);
		pe_identity_read(&id, bytes_of(cut, len));
		free(cut);
	}
	for (size_t i = 0; i < file.len; i++) {
		memcpy(copy, file.p, file.len);
		copy[i] = 0xff;
		pe_identity_read(&id, bytes_of(copy, file.len));
	}
	free(copy);
}
