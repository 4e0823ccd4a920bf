/* pki/der.c: what strict means. */
#include <criterion/criterion.h>

#include "base/instant.h"
#include "pki/der.h"

#define IN(s) bytes_of(s, sizeof(s) - 1)

Test(der, reads_an_element_and_moves_on)
{
	struct bytes in = IN("\x02\x01\x05\x04\x02hi"), body;
	uint32_t v;

	cr_assert(der_take_uint(&in, &v));
	cr_assert_eq(v, 5);
	cr_assert(der_take(&in, DER_OCTET_STRING, &body));
	cr_assert(bytes_equal(body, IN("hi")));
	cr_assert_eq(in.len, 0);
}

Test(der, wrong_tag_leaves_the_input_alone)
{
	struct bytes in = IN("\x02\x01\x05"), body;

	cr_assert_not(der_take(&in, DER_SEQUENCE, &body));
	cr_assert_eq(in.len, 3);
	cr_assert_null(body.p);
	cr_assert(der_take_optional(&in, DER_SEQUENCE, &body));
	cr_assert_null(body.p);
	cr_assert(der_take_optional(&in, DER_INTEGER, &body));
	cr_assert_eq(body.len, 1);
}

Test(der, refuses_what_is_only_ber)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *what;
	} bad[] = {
	    {"", 0, "nothing"},
	    {"\x30", 1, "no length"},
	    {"\x30\x80\x00\x00", 4, "indefinite length"},
	    {"\x04\x81\x02hi", 5, "long form of a short length"},
	    {"\x04\x82\x00\x81", 4, "leading zero in the length"},
	    {"\x04\x85\x01\x00\x00\x00\x00", 7, "five bytes of length"},
	    {"\x1f\x81\x00\x00", 4, "long tag number"},
	    {"\x04\x03hi", 4, "one byte missing"},
	    {"\x04\x84\xff\xff\xff\xff", 6, "four gigabytes"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bytes in = bytes_of(bad[i].bytes, bad[i].len);
		struct der item;

		cr_assert_not(der_next(&in, &item), "%s", bad[i].what);
		cr_assert_eq(in.len, bad[i].len, "%s", bad[i].what);
	}
}

Test(der, integers_in_their_shortest_form)
{
	struct bytes in;
	uint32_t v;

	in = IN("\x02\x05\x00\xff\xff\xff\xff");
	cr_assert(der_take_uint(&in, &v));
	cr_assert_eq(v, UINT32_MAX);
	in = IN("\x02\x01\xff");
	cr_assert_not(der_take_uint(&in, &v), "negative");
	in = IN("\x02\x02\x00\x01");
	cr_assert_not(der_take_uint(&in, &v), "padded");
	in = IN("\x02\x05\x01\x00\x00\x00\x00");
	cr_assert_not(der_take_uint(&in, &v), "too large");
	in = IN("\x02\x00");
	cr_assert_not(der_take_uint(&in, &v), "empty");
}

static void
expect_time(struct bytes in, const char *text)
{
	char seen[INSTANT_TEXT_LEN] = "refused";
	int64_t t;

	if (der_take_time(&in, &t))
		instant_text(seen, t);
	cr_assert_str_eq(seen, text);
}

Test(der, times)
{
	expect_time(IN("\x17\x0d"
		       "491231235959Z"),
	    "2049-12-31T23:59:59Z");
	expect_time(IN("\x17\x0d"
		       "500101000000Z"),
	    "1950-01-01T00:00:00Z");
	expect_time(IN("\x18\x0f"
		       "20240229120000Z"),
	    "2024-02-29T12:00:00Z");
	expect_time(IN("\x18\x13"
		       "20240229120000.123Z"),
	    "2024-02-29T12:00:00Z");
	expect_time(IN("\x18\x0f"
		       "20230229120000Z"),
	    "refused");
	expect_time(IN("\x18\x0f"
		       "20231301120000Z"),
	    "refused");
	expect_time(IN("\x18\x10"
		       "20240229120000.Z"),
	    "refused");
	expect_time(IN("\x18\x0d"
		       "202402291200Z"),
	    "refused");
	expect_time(IN("\x18\x0e"
		       "20240229120000"),
	    "refused");
	expect_time(IN("\x18\x13"
		       "20240229120000+0100"),
	    "refused");
	expect_time(IN("\x04\x0f"
		       "20240229120000Z"),
	    "refused");
}
