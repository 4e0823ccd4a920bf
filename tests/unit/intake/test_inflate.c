/* intake/inflate: all of it or a reason, and never more than was allowed. */
#include <criterion/criterion.h>
#include <string.h>

#include "gzip.h"
#include "intake/inflate.h"
#include "intake/limits.h"

static struct buf in, out;

static void
start(void)
{
	buf_init(&in, 0);
	buf_init(&out, 0);
}

static void
stop(void)
{
	buf_free(&in);
	buf_free(&out);
}

static enum intake_error
inflate_in(size_t max)
{
	buf_reset(&out);
	return inflate_gzip(&out, bytes_of(in.data, in.len), max);
}

TestSuite(inflate, .init = start, .fini = stop);

Test(inflate, members_follow_one_another)
{
	gzip(&in, bytes_of("hello ", 6));
	gzip(&in, bytes_of("", 0));
	gzip(&in, bytes_of("world", 5));
	cr_assert_eq(inflate_in(100), INTAKE_OK);
	cr_assert_str_eq(buf_str(&out), "hello world");
}

Test(inflate, appends_to_what_is_there)
{
	gzip(&in, bytes_of("b", 1));
	buf_puts(&out, "a");
	cr_assert_eq(inflate_gzip(&out, bytes_of(in.data, in.len), 1), INTAKE_OK);
	cr_assert_str_eq(buf_str(&out), "ab");
}

Test(inflate, absolute_limit_is_exact)
{
	gzip_zeros(&in, 200000);
	cr_assert_eq(inflate_in(200000), INTAKE_OK);
	cr_assert_eq(out.len, 200000);
	cr_assert_eq(inflate_in(199999), INTAKE_INFLATE_TOO_LARGE);
	buf_reset(&in);
	gzip(&in, bytes_of("", 0));
	cr_assert_eq(inflate_in(0), INTAKE_OK);
}

Test(inflate, bomb_is_refused_early)
{
	gzip_zeros(&in, (size_t)64 << 20);
	cr_assert_eq(inflate_in(INTAKE_MAX_INFLATED), INTAKE_INFLATE_TOO_LARGE);
	/* Stopped at the ratio, not at the end of 64 MiB. */
	cr_assert_leq(out.len, in.len * INTAKE_MAX_RATIO + 65536);
	buf_reset(&in);
	gzip_zeros(&in, INTAKE_RATIO_FREE);
	cr_assert_eq(inflate_in(INTAKE_MAX_INFLATED), INTAKE_OK);
}

Test(inflate, many_members_are_one_bomb)
{
	for (int i = 0; i < 16; i++)
		gzip_zeros(&in, (size_t)1 << 20);
	cr_assert_eq(inflate_in(INTAKE_MAX_INFLATED), INTAKE_INFLATE_TOO_LARGE);
}

Test(inflate, every_truncation_is_noticed)
{
	gzip(&in, bytes_of("some text, some text, some other text", 37));
	for (size_t len = in.len; len-- > 0;) {
		buf_reset(&out);
		cr_expect_eq(inflate_gzip(&out, bytes_of(in.data, len), 100),
		    INTAKE_INFLATE_TRUNCATED, "%zu", len);
	}
}

Test(inflate, damage_and_trailing_bytes_are_refused)
{
	gzip(&in, bytes_of("some text", 9));
	buf_puts(&in, "x");
	cr_assert_eq(inflate_in(100), INTAKE_INFLATE_BAD);
	in.len--;
	in.data[in.len - 5] ^= 1; /* CRC */
	cr_assert_eq(inflate_in(100), INTAKE_INFLATE_BAD);
	buf_reset(&in);
	buf_puts(&in, "plain text is no gzip");
	cr_assert_eq(inflate_in(100), INTAKE_INFLATE_BAD);
}
