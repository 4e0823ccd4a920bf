/* intake/report and intake/form: from the bytes of a request to a report. */
#include <criterion/criterion.h>
#include <string.h>

#include "gzip.h"
#include "intake/form.h"
#include "intake/report.h"

#define TYPE "multipart/form-data; boundary=x"
#define FIELD(name, value)                                                       \
	"--x\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value \
	"\r\n"
#define FILE_(name, value)                                    \
	"--x\r\nContent-Disposition: form-data; name=\"" name \
	"\"; filename=\"f\"\r\n\r\n" value "\r\n"
#define DUMP FILE_("upload_file_minidump", "MDMP....")
#define END  "--x--\r\n"

static struct report r;

static enum intake_error
read_with(const char *body, const char *query)
{
	return intake_read(&r, bytes_of(body, strlen(body)), TYPE, NULL, query);
}

static const char *
annotation(const char *name)
{
	for (size_t i = 0; i < r.num_annotations; i++)
		if (strcmp(r.annotations[i].name, name) == 0)
			return r.annotations[i].value;
	return NULL;
}

static void
stop(void)
{
	report_free(&r);
}

TestSuite(report, .fini = stop);

Test(report, fields_find_their_place)
{
	cr_assert_eq(
	    read_with(FIELD("prod", "App") FIELD("ver", "1.2")
			  FIELD("plat", "Linux") FIELD("channel", "beta")
			      FIELD("ptype", "browser") FILE_("log", "x") DUMP END,
		"guid=a-b&product=Other&extra=%41+b"),
	    INTAKE_OK);
	cr_assert_str_eq(r.product, "App");
	cr_assert_str_eq(r.version, "1.2");
	cr_assert_str_eq(r.platform, "Linux");
	cr_assert_str_eq(r.channel, "beta");
	cr_assert_str_eq(r.guid, "a-b");
	cr_assert_eq(r.num_attachments, 1);
	cr_assert_eq(r.num_annotations, 3);
	cr_assert_str_eq(annotation("ptype"), "browser");
	cr_assert_str_eq(annotation("extra"), "A b");
	/* A second opinion is not lost. */
	cr_assert_str_eq(annotation("product"), "Other");
	cr_assert_eq(r.dump.len, 8);
	cr_assert_eq(r.client, REPORT_OTHER);
}

Test(report, body_before_query_first_before_second_empty_is_nothing)
{
	cr_assert_eq(
	    read_with(FIELD("ver", "") FIELD("a", "1") FIELD("a", "2") DUMP END,
		"ver=9&a=3&prod=App&product=App"),
	    INTAKE_OK);
	cr_assert_str_eq(r.version, "9");
	cr_assert_str_eq(r.product, "App");
	cr_assert_null(r.guid);
	cr_assert_eq(r.num_annotations, 1);
	cr_assert_str_eq(annotation("a"), "1");
}

Test(report, foreign_text_becomes_utf8)
{
	static const char body[] = FIELD("prod", "A\xff\0B") DUMP END;

	cr_assert_eq(
	    intake_read(&r, bytes_of(body, sizeof(body) - 1), TYPE, NULL, NULL),
	    INTAKE_OK);
	cr_assert_str_eq(r.product,
	    "A\xef\xbf\xbd\xef\xbf\xbd"
	    "B");
}

Test(report, dump_is_recognised)
{
	cr_assert_eq(read_with(FILE_("upload_file_minidump", "PAGEDU64") END, NULL),
	    INTAKE_OK);
	report_free(&r);
	/* The plain name comes before its relatives, wherever it stands. */
	cr_assert_eq(read_with(FILE_("upload_file_minidump_browser", "MDMP1")
				   FILE_("upload_file_minidump", "MDMP22") END,
			 NULL),
	    INTAKE_OK);
	cr_assert_eq(r.dump.len, 6);
	cr_assert_eq(r.num_attachments, 1);
	report_free(&r);
	cr_assert_eq(
	    read_with(FILE_("upload_file_minidump_gpu", "MDMP1") END, NULL),
	    INTAKE_OK);
	cr_assert_eq(r.dump.len, 5);
	report_free(&r);
	/* curl -F 'upload_file_minidump=<file' sends no file name. */
	cr_assert_eq(
	    read_with(FIELD("upload_file_minidump", "MDMP1") END, NULL), INTAKE_OK);
	cr_assert_eq(r.num_annotations, 0);
}

Test(report, refusals_have_their_codes)
{
	cr_assert_eq(read_with(FIELD("prod", "A") END, NULL), INTAKE_NO_DUMP);
	cr_assert_eq(read_with(FILE_("upload_file_minidumpx", "MDMP") END, NULL),
	    INTAKE_NO_DUMP);
	cr_assert_eq(read_with(FILE_("upload_file_minidump", "") END, NULL),
	    INTAKE_DUMP_EMPTY);
	cr_assert_eq(read_with(FILE_("upload_file_minidump", "MDM") END, NULL),
	    INTAKE_NOT_A_DUMP);
	cr_assert_eq(read_with(FILE_("upload_file_minidump", "MZ..") END, NULL),
	    INTAKE_NOT_A_DUMP);
	cr_assert_eq(read_with("", NULL), INTAKE_BODY_EMPTY);
	cr_assert_eq(intake_read(&r, bytes_of("a=b", 3),
			 "application/x-www-form-urlencoded", NULL, NULL),
	    INTAKE_NOT_MULTIPART);
	cr_assert_eq(intake_read(&r, bytes_of("a", 1), TYPE, "br", NULL),
	    INTAKE_ENCODING_UNKNOWN);
	cr_assert_eq(intake_read(&r, bytes_of("abc", 3), TYPE, "gzip", NULL),
	    INTAKE_INFLATE_BAD);
	cr_assert_null(r.dump.p);
	cr_assert_eq(r.num_annotations, 0);
}

Test(report, refused_after_fields_were_read_is_empty)
{
	cr_assert_eq(
	    read_with(FIELD("prod", "A") FIELD("a", "b") DUMP END, "%"), INTAKE_OK);
	report_free(&r);
	cr_assert_eq(read_with(FIELD("prod", "A") FIELD("a", "b") END, NULL),
	    INTAKE_NO_DUMP);
	cr_assert_null(r.product);
	cr_assert_eq(r.num_annotations, 0);
}

Test(report, fields_are_limited_files_are_not)
{
	struct buf body;

	buf_init(&body, 0);
	buf_puts(&body, "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n");
	for (size_t i = 0; i < INTAKE_MAX_FIELDS; i++)
		buf_putc(&body, 'v');
	buf_puts(&body, "\r\n" DUMP END);
	cr_assert_eq(read_with(buf_str(&body), NULL), INTAKE_FIELDS_TOO_LARGE);
	buf_reset(&body);
	buf_puts(&body,
	    "--x\r\nContent-Disposition: form-data; name=a; filename=f"
	    "\r\n\r\n");
	for (size_t i = 0; i < INTAKE_MAX_FIELDS; i++)
		buf_putc(&body, 'v');
	buf_puts(&body, "\r\n" DUMP END);
	cr_assert_eq(read_with(buf_str(&body), NULL), INTAKE_OK);
	buf_free(&body);
}

Test(report, gzip_of_the_body_and_of_the_dump)
{
	struct buf dump, body, packed;

	buf_init(&dump, 0);
	buf_init(&body, 0);
	buf_init(&packed, 0);
	gzip(&dump, bytes_of("MDMPabc", 7));
	buf_puts(&body,
	    FIELD("prod", "A") "--x\r\nContent-Disposition: form-data; "
			       "name=upload_file_minidump; "
			       "filename=f\r\nContent-Encoding: gzip\r\n\r\n");
	buf_append(&body, dump.data, dump.len);
	buf_puts(&body, "\r\n" END);
	gzip(&packed, bytes_of(body.data, body.len));
	cr_assert_eq(
	    intake_read(&r, bytes_of(packed.data, packed.len), TYPE, "GZip", NULL),
	    INTAKE_OK);
	cr_assert(bytes_equal(r.dump, bytes_of("MDMPabc", 7)));
	cr_assert_str_eq(r.product, "A");
	buf_free(&dump);
	buf_free(&body);
	buf_free(&packed);
}

Test(report, small_limits_are_small)
{
	struct buf packed;

	buf_init(&packed, 0);
	gzip_zeros(&packed, INTAKE_MAX_INFLATED_SMALL + 1);
	/* Padded with members of nothing, so that the ratio is not what refuses. */
	while (packed.len < INTAKE_MAX_INFLATED_SMALL / INTAKE_MAX_RATIO + 100)
		gzip(&packed, bytes_of("", 0));
	cr_assert_eq(intake_read_limited(&r, bytes_of(packed.data, packed.len),
			 TYPE, "gzip", NULL, &intake_limits_small),
	    INTAKE_INFLATE_TOO_LARGE);
	cr_assert_eq(
	    intake_read(&r, bytes_of(packed.data, packed.len), TYPE, "gzip", NULL),
	    INTAKE_TRUNCATED);
	cr_assert_eq(intake_read_limited(&r, bytes_of("x", INTAKE_SMALL_BODY + 1),
			 TYPE, NULL, NULL, &intake_limits_small),
	    INTAKE_BODY_TOO_LARGE);
	buf_free(&packed);
}

Test(form, decodes)
{
	static const char in[] = "a=b=c&&e&=lost&%e4=%zz%4&a=2&sp=+%2B%00";
	struct form f;

	cr_assert_eq(form_parse(&f, bytes_of(in, sizeof(in) - 1)), INTAKE_OK);
	cr_assert_eq(f.num_pairs, 5);
	cr_assert_str_eq(form_get0(&f, "a"), "b=c");
	cr_assert_str_eq(form_get0(&f, "e"), "");
	cr_assert_str_eq(form_get0(&f, "\xef\xbf\xbd"), "%zz%4");
	cr_assert_str_eq(form_get0(&f, "sp"), " +\xef\xbf\xbd");
	cr_assert_null(form_get0(&f, "b"));
	form_free(&f);
}

Test(form, limits_hold)
{
	struct form f;
	struct buf b;

	buf_init(&b, 0);
	for (int i = 0; i < INTAKE_MAX_QUERY_PAIRS; i++)
		buf_puts(&b, "a=1&");
	cr_assert_eq(form_parse(&f, bytes_of(b.data, b.len)), INTAKE_OK);
	form_free(&f);
	buf_puts(&b, "a=1");
	cr_assert_eq(
	    form_parse(&f, bytes_of(b.data, b.len)), INTAKE_QUERY_TOO_LARGE);
	cr_assert_eq(f.num_pairs, 0);
	buf_reset(&b);
	while (b.len <= INTAKE_MAX_FIELDS)
		buf_putc(&b, 'a');
	cr_assert_eq(
	    form_parse(&f, bytes_of(b.data, b.len)), INTAKE_QUERY_TOO_LARGE);
	buf_free(&b);
}
