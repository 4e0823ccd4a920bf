/* base/: views, buffers, text, JSON, instants. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/text.h"

Test(bytes, slice_refuses_what_lies_outside)
{
	struct bytes b = bytes_of("abcdef", 6), s;
	uint32_t v;

	cr_assert(bytes_slice(b, 6, 0, &s));
	cr_assert_not(bytes_slice(b, 7, 0, &s));
	cr_assert_not(bytes_slice(b, 2, UINT64_MAX, &s));
	cr_assert_not(bytes_slice(b, UINT64_MAX, 2, &s));
	cr_assert(bytes_u32(b, 2, &v));
	cr_assert_eq(v, 0x66656463);
	cr_assert_not(bytes_u32(b, 3, &v));
}

Test(buf, keeps_its_maximum_and_remembers)
{
	struct buf b;

	buf_init(&b, 8);
	buf_puts(&b, "12345678");
	cr_assert(buf_ok(&b));
	cr_assert_str_eq(buf_str(&b), "12345678");
	buf_putc(&b, '9');
	cr_assert_not(buf_ok(&b));
	cr_assert_str_eq(buf_str(&b), "");
	buf_free(&b);
}

Test(buf, printf_longer_than_its_stack)
{
	struct buf b;

	buf_init(&b, 0);
	buf_printf(&b, "%0600d", 7);
	cr_assert_eq(b.len, 600);
	cr_assert_eq(b.data[599], '7');
	buf_free(&b);
}

Test(text, base64_is_strict)
{
	struct buf b;

	buf_init(&b, 0);
	text_base64(&b, bytes_of("fooba", 5));
	cr_assert_str_eq(buf_str(&b), "Zm9vYmE=");
	buf_reset(&b);
	cr_assert(text_unbase64(&b, "Zm9vYg==", 8));
	cr_assert_str_eq(buf_str(&b), "foob");
	cr_assert_not(text_unbase64(&b, "Zm9vYh==", 8), "leftover bits");
	cr_assert_not(text_unbase64(&b, "Zm9v Yg=", 8));
	cr_assert_not(text_unbase64(&b, "Z=9vYg==", 8));
	buf_free(&b);
}

Test(text, what_misleads_is_shown_as_an_escape)
{
	struct buf b;

	buf_init(&b, 0);
	text_visible(&b,
	    bytes_of("a\xe2\x80\xae"
		     "b\n\xff",
		7));
	cr_assert_str_eq(buf_str(&b), "a\\u{202e}b\\u{000a}\\xff");
	buf_free(&b);
}

Test(json, output_is_json_whatever_comes_in)
{
	struct buf b;
	struct json j;

	buf_init(&b, 0);
	json_init(&j, &b);
	json_begin_object(&j);
	json_kv_string(&j, "a", "x\"\\\n\x01\xff");
	json_key(&j, "b");
	json_begin_array(&j);
	json_int(&j, -1);
	json_none(&j);
	json_hex_number(&j, 0x1f, 8);
	json_end_array(&j);
	json_kv_bool(&j, "c", true);
	json_kv_instant(&j, "d", 0);
	json_end_object(&j);
	cr_assert_str_eq(buf_str(&b),
	    "{\"a\":\"x\\\"\\\\\\n\\u0001\xef\xbf\xbd\","
	    "\"b\":[-1,null,\"0000001f\"],\"c\":true,\"d\":\"1970-01-01T00:00:"
	    "00Z\"}");
	buf_free(&b);
}

Test(instant, text_and_back)
{
	char text[INSTANT_TEXT_LEN];
	int64_t t;

	instant_text(text, 0);
	cr_assert_str_eq(text, "1970-01-01T00:00:00Z");
	cr_assert(instant_parse(&t, "2026-11-22T14:02:03Z"));
	cr_assert_eq(t, 1795356123);
	instant_text(text, t);
	cr_assert_str_eq(text, "2026-11-22T14:02:03Z");
	cr_assert(instant_parse(&t, "2000-02-29"));
	cr_assert_eq(t, 951782400);
	cr_assert(instant_parse(&t, "2000-02-29T01:00:00.5+01:00"));
	cr_assert_eq(t, 951782400);
	cr_assert_not(instant_parse(&t, "2001-02-29"));
	cr_assert_not(instant_parse(&t, "2026-11-22T14:02:03"));
}
