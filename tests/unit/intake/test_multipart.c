/* intake/multipart: boundaries, parts, limits, and what is malformed. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "intake/multipart.h"

static struct multipart m;

static enum intake_error
parse(const char *body, const char *boundary)
{
	return multipart_parse(
	    &m, bytes_of(body, strlen(body)), bytes_of(boundary, strlen(boundary)));
}

static bool
is(struct bytes b, const char *s)
{
	return b.p != NULL && bytes_equal(b, bytes_of(s, strlen(s)));
}

#define PART(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

Test(boundary, is_taken_from_the_type_in_every_form)
{
	static const struct {
		const char *type, *boundary;
	} good[] = {
	    {"multipart/form-data; boundary=abc", "abc"},
	    {"Multipart/Form-Data;BOUNDARY=abc", "abc"},
	    {"multipart/form-data; boundary=\"a b:c\"", "a b:c"},
	    {"multipart/form-data; charset=utf-8; boundary=a=b?/c ; x=y", "a=b?/c"},
	    {"multipart/form-data; "
	     "boundary=---MultipartBoundary-L9oFLVTNKz9qsXduDSF1U6Iy4ahrhuFO---",
		"---MultipartBoundary-L9oFLVTNKz9qsXduDSF1U6Iy4ahrhuFO---"},
	    {"multipart/form-data; boundary=a; boundary=b", "a"},
	    {"multipart/form-data; boundary=a;", "a"},
	};
	struct bytes b;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		cr_expect_eq(multipart_boundary(&b, good[i].type), INTAKE_OK, "%s",
		    good[i].type);
		cr_expect(is(b, good[i].boundary), "%s", good[i].type);
	}
}

Test(boundary, refusals)
{
	static const struct {
		const char *type;
		enum intake_error error;
	} bad[] = {
	    {NULL, INTAKE_NOT_MULTIPART},
	    {"", INTAKE_NOT_MULTIPART},
	    {"text/plain; boundary=a", INTAKE_NOT_MULTIPART},
	    {"multipart/form-datax; boundary=a", INTAKE_NOT_MULTIPART},
	    {"multipart/mixed; boundary=a", INTAKE_NOT_MULTIPART},
	    {"multipart/form-data", INTAKE_NO_BOUNDARY},
	    {"multipart/form-data; charset=a", INTAKE_NO_BOUNDARY},
	    {"multipart/form-data; boundary=", INTAKE_BAD_BOUNDARY},
	    {"multipart/form-data; boundary=\"\"", INTAKE_BAD_BOUNDARY},
	    {"multipart/form-data; boundary=\"abc", INTAKE_BAD_BOUNDARY},
	    {"multipart/form-data; boundary=\"abc \"", INTAKE_BAD_BOUNDARY},
	    {"multipart/form-data; boundary=a{b", INTAKE_BAD_BOUNDARY},
	    {"multipart/form-data; boundary=a\xc3\xa4", INTAKE_BAD_BOUNDARY},
	    {"multipart/form-data; boundary", INTAKE_BAD_BOUNDARY},
	    {"multipart/form-data; boundary="
	     "012345678901234567890123456789012345678901234567890123456789012345678"
	     "9"
	     "0",
		INTAKE_BAD_BOUNDARY},
	};
	struct bytes b;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(
		    multipart_boundary(&b, bad[i].type), bad[i].error, "%zu", i);
		cr_expect_eq(b.len, 0);
	}
}

Test(multipart, parts_are_views)
{
	const char *body = "--x\r\n" PART(
	    "a") "one\r\n--x\r\n"
		 "content-disposition: FORM-DATA; filename=\"C:\\d\\f.dmp\"; "
		 "name=file\r\nContent-Type:  application/octet-stream \r\n"
		 "X-Other: y\r\n\r\ntwo\r\n\r\n--x--\r\n";

	cr_assert_eq(parse(body, "x"), INTAKE_OK);
	cr_assert_eq(m.num_parts, 2);
	cr_assert(is(m.parts[0].name, "a"));
	cr_assert_null(m.parts[0].filename.p);
	cr_assert_null(m.parts[0].content_type.p);
	cr_assert(is(m.parts[0].data, "one"));
	cr_assert_eq((const char *)m.parts[0].data.p, strstr(body, "one"));
	cr_assert(is(m.parts[1].name, "file"));
	cr_assert(is(m.parts[1].filename, "C:\\d\\f.dmp"));
	cr_assert(is(m.parts[1].content_type, "application/octet-stream"));
	cr_assert(is(m.parts[1].data, "two\r\n"));
}

Test(multipart, preamble_epilogue_and_padding_are_ignored)
{
	cr_assert_eq(
	    parse("Hello\r\n--x \t\r\n" PART("a") "1\r\n--x--bye\r\n--x\r\n", "x"),
	    INTAKE_OK);
	cr_assert_eq(m.num_parts, 1);
	cr_assert(is(m.parts[0].data, "1"));
}

Test(multipart, what_only_begins_like_a_delimiter_is_content)
{
	cr_assert_eq(
	    parse("--xy\r\n--x\r\n" PART("a") "\r\n--xy\r\n --x\r\n--x-\r\n"
					      "--x--",
		"x"),
	    INTAKE_OK);
	cr_assert_eq(m.num_parts, 1);
	cr_assert(is(m.parts[0].data, "\r\n--xy\r\n --x\r\n--x-"));
}

Test(multipart, empty_values_and_missing_bodies)
{
	cr_assert_eq(
	    parse("--x\r\n" PART("a") "\r\n--x\r\n"
				      "Content-Disposition: form-data; name=b\r\n"
				      "\r\n--x--",
		"x"),
	    INTAKE_OK);
	cr_assert_eq(m.num_parts, 2);
	cr_assert(is(m.parts[0].data, ""));
	cr_assert(is(m.parts[1].name, "b"));
	cr_assert(is(m.parts[1].data, ""));
	cr_assert_eq(parse("--x--", "x"), INTAKE_OK);
	cr_assert_eq(m.num_parts, 0);
}

Test(multipart, quoted_names_keep_escaped_quotes)
{
	cr_assert_eq(parse("--x\r\nContent-Disposition: form-data; "
			   "name=\"a\\\"b;c\"; filename=\"\"\r\n\r\n--x--",
			 "x"),
	    INTAKE_OK);
	cr_assert(is(m.parts[0].name, "a\\\"b;c"));
	cr_assert(is(m.parts[0].filename, ""));
}

Test(multipart, malformed_bodies_have_their_codes)
{
	static const struct {
		const char *body;
		enum intake_error error;
	} bad[] = {
	    {"", INTAKE_BODY_EMPTY},
	    {"no boundary here", INTAKE_TRUNCATED},
	    {"--x", INTAKE_TRUNCATED},
	    {"--x\r\n", INTAKE_TRUNCATED},
	    {"--x\r\n" PART("a") "value", INTAKE_TRUNCATED},
	    {"--x\r\n" PART("a") "value\r\n--x", INTAKE_TRUNCATED},
	    {"--x\r\n" PART("a") "value\r\n--x-", INTAKE_TRUNCATED},
	    {"--x\r\n" PART("a") "value\r\n--x\r\n", INTAKE_TRUNCATED},
	    {"--x\r\n\r\nvalue\r\n--x--", INTAKE_PART_NO_NAME},
	    {"--x\r\n--x--", INTAKE_PART_NO_NAME},
	    {"--x\r\n" PART("") "value\r\n--x--", INTAKE_PART_NO_NAME},
	    {"--x\r\nContent-Type: a/b\r\n\r\nv\r\n--x--", INTAKE_PART_NO_NAME},
	    {"--x\r\nContent-Disposition: attachment; name=a\r\n\r\nv\r\n--x--",
		INTAKE_PART_NO_NAME},
	    {"--x\r\nContent-Disposition: form-data; name=\"a\r\n\r\nv\r\n--x--",
		INTAKE_PART_HEADER_BAD},
	    {"--x\r\nno header\r\n\r\nv\r\n--x--", INTAKE_PART_HEADER_BAD},
	    {"--x\r\n" PART("a") "1\r\n--x\r\n folded: b\r\n\r\nv\r\n--x--",
		INTAKE_PART_HEADER_BAD},
	    {"--x\r\nContent-Disposition: form-data; name=a\n\nv\r\n--x--",
		INTAKE_PART_HEADER_BAD},
	    {"--x\r\n" PART("a\x01") "v\r\n--x--", INTAKE_PART_HEADER_BAD},
	    {"--x\r\nContent-Disposition: form-data; name=a\r\n"
	     "Content-Disposition: form-data; name=b\r\n\r\nv\r\n--x--",
		INTAKE_PART_HEADER_BAD},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(parse(bad[i].body, "x"), bad[i].error, "%zu: %s", i,
		    intake_error_text(parse(bad[i].body, "x")));
}

Test(multipart, limits_hold)
{
	struct buf b;

	buf_init(&b, 0);
	for (int i = 0; i < INTAKE_MAX_PARTS; i++)
		buf_puts(&b, "--x\r\n" PART("a") "1\r\n");
	size_t len = b.len;
	buf_puts(&b, "--x--");
	cr_assert_eq(parse(buf_str(&b), "x"), INTAKE_OK);
	cr_assert_eq(m.num_parts, INTAKE_MAX_PARTS);
	b.len = len;
	buf_puts(&b, "--x\r\n" PART("a") "1\r\n--x--");
	cr_assert_eq(parse(buf_str(&b), "x"), INTAKE_TOO_MANY_PARTS);

	buf_reset(&b);
	buf_puts(&b, "--x\r\nX: ");
	for (size_t i = 0; i < INTAKE_MAX_PART_HEADER; i++)
		buf_putc(&b, 'y');
	buf_puts(&b, "\r\n" PART("a") "1\r\n--x--");
	cr_assert_eq(parse(buf_str(&b), "x"), INTAKE_PART_HEADER_TOO_LARGE);
	buf_free(&b);
}

Test(errors, each_has_a_code_a_sentence_and_a_status)
{
	for (int e = INTAKE_BODY_EMPTY; e <= INTAKE_NO_MEMORY; e++) {
		int status = intake_error_status((enum intake_error)e);

		cr_expect(status == 400 || status == 413 || status == 415 ||
		    status == 503);
		cr_expect_gt(
		    strlen(intake_error_sentence((enum intake_error)e)), 20);
		for (int f = INTAKE_OK; f < e; f++)
			cr_expect_str_neq(intake_error_text((enum intake_error)e),
			    intake_error_text((enum intake_error)f));
	}
	cr_assert_str_eq(
	    intake_error_text(INTAKE_NO_BOUNDARY), "multipart-no-boundary");
	cr_assert_str_eq(
	    intake_error_text(INTAKE_INFLATE_TOO_LARGE), "inflate-too-large");
}
