/* A child's answer about a dump is a stranger's word. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "work/examined.h"

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define EXAMINATION                                                                \
	"{\"os\":\"windows\",\"os_version\":\"10.0.1\",\"arch\":\"amd64\","        \
	"\"main\":0,"                                                              \
	"\"time\":\"2026-05-01T00:00:00Z\",\"modules\":[{\"name\":\"Host.EXE\","   \
	"\"code_id\":\"67cffe8c14000\",\"debug_id\":\"aa1\",\"version\":\"4.2\"}," \
	"{\"name\":\"meter.dll\",\"code_id\":\"1\"},{\"name\":\"x.dll\",\"code_"   \
	"id\":\"2\"}],"                                                            \
	"\"unloaded\":[],\"label\":{\"type\":\"APPCRASH\",\"p\":[\"a\",\"b\","     \
	"\"c\",\"d\",\"e\","                                                       \
	"\"f\",\"g\",\"h\"]},\"frames\":[{\"module\":\"meter.dll\",\"index\":1,"   \
	"\"offset\":\"1\","                                                        \
	"\"trust\":\"context\"},{\"index\":2},{\"index\":99},{\"index\":-1},{"     \
	"\"index\":\"1\"}],"                                                       \
	"\"blame\":{\"index\":1,\"rule\":\"faulting\"},\"atom\":\"" HEX64          \
	"\",\"bucket\":{"                                                          \
	"\"key\":\"" HEX64                                                         \
	"\",\"title\":\"t\",\"class\":\"c\"},\"rules_version\":3}"

/* Frames the text, with len bytes behind it. */
static void
frame(struct buf *b, const char *json, size_t behind)
{
	size_t len = strlen(json);

	buf_init(b, 0);
	for (int i = 0; i < 4; i++)
		buf_putc(b, (char)(len >> 8 * i));
	buf_puts(b, json);
	for (size_t i = 0; i < behind; i++)
		buf_putc(b, 'x');
}

static bool
read_json(struct examined *e, const char *json, size_t behind, uint64_t body)
{
	static struct buf b; /* e borrows from it until the next call */

	buf_free(&b);
	frame(&b, json, behind);
	return examined_read(e, bytes_of(b.data, b.len), body);
}

static const char *
report(const char *dump)
{
	static char text[4096];

	snprintf(text, sizeof(text),
	    "{\"error\":null,\"client\":\"crashpad\",\"product\":null,"
	    "\"annotations\":{\"k\":\"v\"},\"dump\":%s,\"examination\":" EXAMINATION
	    "}",
	    dump);
	return text;
}

Test(examined, reads_a_report)
{
	struct examined e;

	cr_assert(read_json(&e, report("{\"offset\":10,\"len\":90}"), 0, 100));
	cr_expect_str_eq(e.error, "");
	cr_expect(e.in_body && e.offset == 10 && e.dump_len == 90);
	cr_expect_eq(e.num_parts, 3);
	cr_expect_eq(e.part[0].part, PART_BLAMED);
	cr_expect_str_eq(e.part[0].name, "meter.dll");
	cr_expect_eq(e.part[1].part, PART_APPLICATION);
	cr_expect_str_eq(e.part[1].name, "host.exe");
	cr_expect_str_eq(e.part[1].code_id, "67CFFE8C14000");
	cr_expect_eq(e.part[2].part, PART_ON_STACK);
	cr_expect_str_eq(e.part[2].name, "x.dll");
	cr_expect_str_eq(e.p[7], "h");
	cr_expect_eq(e.rules, 3);
	cr_expect_eq(e.time, 1777593600);
	examined_free(&e);
}

Test(examined, the_place_of_the_dump_lies_inside)
{
	struct examined e;

	cr_expect_not(read_json(&e, report("{\"offset\":11,\"len\":90}"), 0, 100));
	examined_free(&e);
	cr_expect_not(read_json(&e, report("{\"offset\":-1,\"len\":90}"), 0, 100));
	examined_free(&e);
	cr_expect_not(read_json(&e, report("{\"offset\":0,\"len\":0}"), 0, 100));
	examined_free(&e);
	cr_expect_not(read_json(
	    &e, report("{\"offset\":0,\"len\":9223372036854775807}"), 0, 100));
	examined_free(&e);
	cr_expect_not(read_json(
	    &e, report("{\"offset\":null,\"len\":5,\"framed\":true}"), 4, 9));
	examined_free(&e);
	cr_assert(read_json(
	    &e, report("{\"offset\":null,\"len\":5,\"framed\":true}"), 5, 9));
	cr_expect(!e.in_body && e.framed.len == 5);
	examined_free(&e);
}

Test(examined, what_is_no_answer)
{
	static const char *const bad[] = {"", "[]", "{", "{}", "{\"error\":\"\"}",
	    "{\"error\":null,\"dump\":{},\"examination\":{}}",
	    "{\"error\":null,\"examination\":7}",
	    "{\"error\":null,\"product\":\"\\u0000\"}"};
	struct examined e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_not(read_json(&e, bad[i], 0, 10), "%s", bad[i]);
		examined_free(&e);
	}
	cr_expect_not(examined_read(&e, bytes_of("\xff\xff\xff\xff{}", 6), 10));
	cr_expect_not(examined_read(&e, bytes_of("\x01", 1), 10));
	cr_assert(
	    read_json(&e, "{\"error\":\"not-a-dump\",\"detail\":\"x\"}", 0, 10));
	cr_expect_str_eq(e.error, "not-a-dump");
	examined_free(&e);
}
